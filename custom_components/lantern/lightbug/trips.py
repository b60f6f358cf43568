"""The calendar of a tracker's journeys, read from its points when people look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.const import UnitOfLength
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..entity import LanternDescription, LanternEntity
from .client.journeys import Journey, find_journeys
from .client.models import Tracker
from .commands import async_get_history
from .coordinator import LightbugCoordinator

# A journey may begin before the range, and end after it.
_AROUND = timedelta(hours=24)
_SHORTEST = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class TripsDescription(LanternDescription[Tracker], CalendarEntityDescription):
    """Describes a calendar of journeys."""


class TripsCalendar(LanternEntity[TripsDescription, Tracker], CalendarEntity):
    """Reads the points of the range that is asked for."""

    @override
    def shown(self) -> None:
        """Show nothing of the model."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return None: a journey is one once it has ended."""
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the journeys that touch a range."""
        coordinator: LightbugCoordinator = self.coordinator  # type: ignore[assignment]  # of this vendor
        since, until = dt_util.as_utc(start_date), dt_util.as_utc(end_date)
        if since - _AROUND >= coordinator.now():
            return []
        async with coordinator.translate_errors():
            # A point without a place may be the one that says started, or stopped.
            history = await async_get_history(
                coordinator,
                self.device_id,
                since - _AROUND,
                until + _AROUND,
                places_only=False,
            )
        if history.truncated:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="lightbug_range_too_long"
            )
        state = coordinator.state_of(self.device_id)
        return [
            _event(hass, journey)
            for journey in find_journeys(map(state.filtered, history.ordered))
            if journey.start < until and journey.end > since
        ]


def _event(hass: HomeAssistant, journey: Journey) -> CalendarEvent:
    """Return a journey as a calendar shows it: from where to where, and how far."""
    units = hass.config.units
    distance = units.length(journey.distance, UnitOfLength.KILOMETERS)
    way = f"{distance:.1f} {units.length_unit}"
    minutes = round((journey.end - journey.start) / _MINUTE)
    places = dict.fromkeys(filter(None, (journey.start_address, journey.end_address)))
    return CalendarEvent(
        start=dt_util.as_local(journey.start),
        end=dt_util.as_local(max(journey.end, journey.start + _SHORTEST)),
        summary=" – ".join(places) or way,
        description=f"{way}, {minutes} min",
        location=journey.end_address,
        uid=journey.start.isoformat(),
    )

"""The calendar of a device's known treatments."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..entity import LanternDescription, LanternEntity
from .client.models import TreatmentDevice
from .client.treatment_log import TreatmentLog
from .events import TREATMENT
from .treatment_summary import treatments

_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class CalendarDescription(
    LanternDescription[TreatmentDevice], CalendarEntityDescription
):
    """Describes a calendar of treatments."""


class TreatmentCalendar(
    LanternEntity[CalendarDescription, TreatmentDevice], CalendarEntity
):
    """Serves uploaded and recorded treatments; nothing is asked for."""

    @override
    async def async_added_to_hass(self) -> None:
        """Load the words of the events; they are shown by the event loop."""
        await super().async_added_to_hass()
        await async_get_translations(
            self.hass, self.hass.config.language, "entity", [DOMAIN]
        )

    @override
    def shown(self) -> TreatmentLog | None:
        """Return what a new treatment changes."""
        return self.part.summary.last if self.part.summary else None

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the treatment that is going on by its log's times."""
        now = dt_util.utcnow()
        for log in reversed(self._treatments()):
            if _shown_end(log) <= now:
                break
            if log.start <= now:
                return self._event(log)
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the treatments that touch a range."""
        return [
            self._event(log)
            for log in self._treatments()
            if log.start < end_date and _shown_end(log) > start_date
        ]

    def _event(self, log: TreatmentLog) -> CalendarEvent:
        """Return a treatment as a calendar shows it, in the server's language."""
        config, event = self.hass.config, f"component.{DOMAIN}.entity.event.{TREATMENT}"
        texts = async_get_cached_translations(
            self.hass, config.language, "entity", DOMAIN
        )
        words = f"{event}.state_attributes"
        lines = []
        if log.ending is not None:
            ending = texts.get(f"{words}.ending.state.{log.ending_name}")
            lines.append(f"{texts.get(f'{words}.ending.name')}: {ending}")
        if log.intensity is not None:
            lines.append(f"{texts.get(f'{words}.intensity.name')}: {log.intensity}")
        if log.note:
            lines.append(log.note)
        return CalendarEvent(
            start=dt_util.as_local(log.start),
            end=dt_util.as_local(_shown_end(log)),
            summary=texts.get(f"{event}.name", "LUX"),
            description="\n".join(lines),
            uid=str(log.log_file_id or log.start.isoformat()),
        )

    def _treatments(self) -> tuple[TreatmentLog, ...]:
        coordinator: Any = self.coordinator
        return treatments(
            coordinator.treatments_of(self.device_id),
            coordinator.queue.devices.get(self.device_id),
        )


def _shown_end(log: TreatmentLog) -> datetime:
    """Return when a treatment ends in the calendar, which shows nothing without time."""
    return max(log.end, log.start + _SHORTEST)

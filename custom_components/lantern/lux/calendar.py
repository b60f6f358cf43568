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
from homeassistant.util import dt as dt_util

from ..entity import LanternDescription, LanternEntity
from .client.models import TreatmentDevice
from .client.treatment_log import TreatmentLog
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
    """Serves the treatments that Lantern knows; nothing is asked for."""

    @override
    def shown(self) -> TreatmentLog | None:
        """Return what a new treatment changes."""
        return self.part.diary.last if self.part.diary else None

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the treatment that is going on by its log's times."""
        now = dt_util.utcnow()
        for log in reversed(self._treatments()):
            if _shown_end(log) <= now:
                break
            if log.start <= now:
                return _event(log)
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the treatments that touch a range."""
        return [
            _event(log)
            for log in self._treatments()
            if log.start < end_date and _shown_end(log) > start_date
        ]

    def _treatments(self) -> tuple[TreatmentLog, ...]:
        coordinator: Any = self.coordinator
        return treatments(
            coordinator.treatments_of(self.device_id),
            coordinator.queue.devices.get(self.device_id),
        )


def _shown_end(log: TreatmentLog) -> datetime:
    """Return when a treatment ends in the calendar, which shows nothing without time."""
    return max(log.end, log.start + _SHORTEST)


def _event(log: TreatmentLog) -> CalendarEvent:
    """Return a treatment as a calendar shows it."""
    ending = log.ending_name.replace("_", " ")
    return CalendarEvent(
        start=dt_util.as_local(log.start),
        end=dt_util.as_local(_shown_end(log)),
        summary="Treatment",
        description=f"Ending: {ending}. Intensity: {log.intensity}.",
        uid=str(log.log_file_id),
    )

"""The events of treatments that Lantern carries."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from homeassistant.core import callback

from ..coordinator import LanternCoordinator
from .client.treatment_log import TreatmentLog

TREATMENT = "treatment"
STARTED = "started"
FINISHED = "finished"
LOG_RECEIVED = "log_received"

_STARTED = "started_treatments"
_RECENT = timedelta(days=1)


@callback
def tell(
    coordinator: LanternCoordinator[Any], device_id: str, logs: Iterable[TreatmentLog]
) -> None:
    """Fire the events of logs: a treatment began, or it is over."""
    for log in logs:
        start: dict[str, Any] = {
            "start": log.start.isoformat(),
            "intensity": log.intensity,
        }
        # What is late, or of no known time, is nothing to alarm anybody about now.
        if log.is_older_than(_RECENT):
            start["backfilled"] = True
        if log.is_clock_unset:
            start["clock_not_set"] = True
        if log.temporary:
            _started(coordinator, device_id, start)
            continue
        end = {"duration": log.duration, "ending": log.ending_name}
        number = {"log_file_id": log.log_file_id}
        coordinator.outbox.async_fire(
            device_id, TREATMENT, FINISHED, start | end | number
        )


@callback
def tell_received(
    coordinator: LanternCoordinator[Any], device_id: str, known: int, number: int
) -> None:
    """Fire the event of logs that LUX got: its number of logs grew."""
    growth = {"from": known, "to": number}
    coordinator.outbox.async_fire(device_id, TREATMENT, LOG_RECEIVED, growth)


def _started(
    coordinator: LanternCoordinator[Any], device_id: str, start: dict[str, Any]
) -> None:
    """Fire once that a treatment began: its temporary log repeats."""
    told = coordinator.store.section(_STARTED)
    if told.get(device_id) != start["start"]:
        told[device_id] = start["start"]
        coordinator.store.save()
        coordinator.outbox.async_fire(device_id, TREATMENT, STARTED, start)

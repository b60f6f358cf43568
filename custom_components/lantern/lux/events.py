"""The events of treatments."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ..coordinator import LanternCoordinator
from ..durable_events import DurableEvent
from .client.treatment_log import TreatmentLog

TREATMENT = "treatment"
STARTED = "started"
FINISHED = "finished"
LOG_RECEIVED = "log_received"

# Where version 1.0 stored the start of the last treatment that it fired an event of.
_OLD_STARTED = "started_treatments"
_RECENT = timedelta(days=1)


async def async_fire_logs(
    coordinator: LanternCoordinator[Any], device_id: str, logs: Iterable[TreatmentLog]
) -> bool:
    """Fire the events of logs, each once; return True if they are on disk."""
    events = map(_event, logs)
    return await coordinator.outbox.async_fire_durable(device_id, TREATMENT, *events)


def _event(log: TreatmentLog) -> DurableEvent:
    """Return the event of a log: a treatment began, or it is over."""
    start: dict[str, Any] = {
        "start": log.start.isoformat(),
        "intensity": log.intensity,
    }
    # Automations leave out what is late, or of a time that nobody knows.
    if log.is_older_than(_RECENT):
        start["backfilled"] = True
    if log.is_clock_unset:
        start["clock_not_set"] = True
    if log.temporary:
        event_id = _started_id(start["start"])
        return DurableEvent(event_id=event_id, event_type=STARTED, attributes=start)
    end = {
        "duration": log.duration,
        "ending": log.ending_name,
        "log_file_id": log.log_file_id,
    }
    return DurableEvent(
        event_id=f"{FINISHED}/{log.log_file_id}/{start['start']}",
        event_type=FINISHED,
        attributes=start | end,
    )


async def async_fire_received(
    coordinator: LanternCoordinator[Any],
    device_id: str,
    first: int,
    number: int,
    before: str | None,
) -> bool:
    """Fire the event of logs that LUX got: its number of logs grew.

    `before` is when it grew the last time: a device may count anew. Return True if
    the event is on disk.
    """
    event = DurableEvent(
        event_id=f"{LOG_RECEIVED}/{first}/{number}/{before}",
        event_type=LOG_RECEIVED,
        attributes={"from": first, "to": number},
    )
    return await coordinator.outbox.async_fire_durable(device_id, TREATMENT, event)


def _started_id(start: str) -> str:
    """Return the id of the event that a treatment began: its temporary log repeats."""
    return f"{STARTED}/{start}"


async def async_adopt_started(coordinator: LanternCoordinator[Any]) -> None:
    """Take over of which treatments version 1.0 fired events; raise StorageError."""
    section = coordinator.store.section(_OLD_STARTED)
    for device_id, start in section.items():
        if isinstance(start, str):
            await coordinator.outbox.async_adopt(
                device_id, TREATMENT, (), [_started_id(start)]
            )
    if section:
        section.clear()
        coordinator.store.async_delay_save()

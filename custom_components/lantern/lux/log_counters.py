"""The number of logs that LUX has of each device: when it grew, and by whose logs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from homeassistant.util import dt as dt_util

from ..storage import StorageError
from ..store import LanternStore
from ..transport import parsing
from ..transport.clock import ServiceClock
from .client.models import ReceivedSummary, TreatmentDevice
from .received_logs import ReceivedLogs, as_day
from .treatment_store import TreatmentStore
from .upload_queue import UploadQueue

_SEEN_LOGS = "seen_logs"
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class _Look(NamedTuple):
    """When the numbers were read, and the first and the last day that may be."""

    now: datetime
    first: date
    last: date


class LogCounters:
    """Remembers each device's last number over restarts.

    So logs that arrived while nobody looked are told once. The first number of all
    is only remembered.
    """

    def __init__(
        self,
        store: LanternStore,
        queue: UploadQueue,
        treatments: TreatmentStore,
        clock: ServiceClock,
        tell: Callable[[str, int, int, str | None], Awaitable[bool]],
    ) -> None:
        """Take what Lantern holds itself, and how growth by others is told."""
        self._store = store
        self._queue = queue
        self._treatments = treatments
        self._clock = clock
        self._tell = tell
        self._received = ReceivedLogs(store)
        self._looked: dict[str, datetime] = {}
        # Devices whose growth the disk did not take.
        self._uncounted: set[str] = set()

    def received(
        self, device_id: str, device: TreatmentDevice
    ) -> ReceivedSummary | None:
        """Return how many logs LUX received; None if it names no number now."""
        if device.last_log_file_id is None or device_id in self._uncounted:
            return None
        child, today = device.real_user_id, dt_util.now().date()
        return self._received.summary(device_id, child, today)

    async def compared(
        self, device_id: str, device: TreatmentDevice
    ) -> TreatmentDevice:
        """Return a device with when its number of logs last grew; tell of growth."""
        look = self._look()
        seen = self._store.section(_SEEN_LOGS)
        before = parsing.as_dict(seen.get(device_id))
        last_number, received = (
            parsing.as_int(before.get("number")),
            before.get("received"),
        )
        number, child = device.last_log_file_id, device.real_user_id
        unchanged = replace(device, last_log_received=parsing.as_datetime(received))
        if number is None:
            return unchanged
        if look is None:
            if last_number is not None and number != last_number:
                self._uncounted.add(device_id)
            return unchanged  # the next look counts it
        if last_number is not None and number != last_number:
            self._uncounted.add(device_id)
            change = self._grew if number > last_number else self._fell
            if not await change(device_id, device, last_number, before, look):
                return unchanged  # the next look finds the same
            received = look.now.isoformat() if number > last_number else received
        self._uncounted.discard(device_id)
        self._received.begin(device_id, look.last)
        self._looked[device_id] = look.now
        row = {
            "number": number,
            "received": received,
            "day": look.first.isoformat(),
            "child": child,
        }
        if row != before:
            seen[device_id] = row
            self._store.async_delay_save()
        return replace(device, last_log_received=parsing.as_datetime(received))

    async def _grew(
        self,
        device_id: str,
        device: TreatmentDevice,
        last_number: int,
        before: Mapping[str, Any],
        look: _Look,
    ) -> bool:
        """Count logs that LUX received; return False if the disk refused it."""
        number, child = device.last_log_file_id or 0, device.real_user_id
        foreign = number - last_number - self._held(device_id, last_number, number)
        children = _children(child, before)
        if foreign:
            try:
                await self._add_foreign(
                    device_id, children, foreign, device, before, look
                )
            except StorageError:
                return False
            received = before.get("received")
            if not await self._tell(device_id, last_number, number, received):
                return False
        if len(children) > 1 or look.first != look.last:
            self._mark_unknown(device_id, children, look)
            return True
        looked = self._looked.get(device_id)
        today = look.last
        is_late = looked is None or look.now - looked > _HOUR
        is_gap = is_late and _last_day(before, look) < today
        counts = (number - last_number, foreign)
        self._received.add(device_id, child, today, counts, is_gap=is_gap)
        return True

    async def _fell(
        self,
        device_id: str,
        device: TreatmentDevice,
        _: int,
        before: Mapping[str, Any],
        look: _Look,
    ) -> bool:
        """Mark the days unknown on which a device began to count anew.

        How many logs LUX received before and after that, the number does not say.
        """
        children = _children(device.real_user_id, before)
        try:
            await self._add_foreign(device_id, children, None, device, before, look)
            await self._treatments.async_count_anew(
                device_id, device.last_log_file_id or 0
            )
        except StorageError:
            return False
        self._mark_unknown(device_id, children, look)
        return True

    async def _add_foreign(
        self,
        device_id: str,
        children: Iterable[int | None],
        logs: int | None,
        device: TreatmentDevice,
        before: Mapping[str, Any],
        look: _Look,
    ) -> None:
        """Save that others uploaded so many logs since the last look; None: nobody knows."""
        for child in children:
            await self._treatments.async_add_foreign_logs(
                device_id,
                child,
                logs=logs,
                number=device.last_log_file_id,
                since=_last_day(before, look),
                now=look.now,
                today=look.last,
            )

    def _mark_unknown(
        self, device_id: str, children: Iterable[int | None], look: _Look
    ) -> None:
        for child in children:
            for day in {look.first, look.last}:
                self._received.mark_unknown(device_id, child, day)

    def _look(self) -> _Look | None:
        """Return the time of a look, None while nobody can tell which clock is wrong.

        Where Home Assistant's clock and LUX's name different days, it may be either.
        """
        if self._clock.is_doubted:
            return None
        ours, theirs = dt_util.utcnow(), self._clock.now()
        ahead = abs(self._clock.ahead)
        days = [dt_util.as_local(ours).date()]
        if ahead > _HOUR:
            days.append(dt_util.as_local(theirs).date())
        return _Look(theirs if ahead > _DAY else ours, min(days), max(days))

    def _held(self, device_id: str, last_number: int, number: int) -> int:
        """Return how many logs above one number, up to another, are Lantern's."""
        waiting = self._queue.devices.get(device_id)
        queued = [(number, number) for number in waiting.numbers] if waiting else []
        runs = sorted([*self._treatments.uploaded(device_id), *queued])
        held = 0
        for first, last in runs:
            lowest, highest = max(first, last_number + 1), min(last, number)
            if lowest <= highest:
                held += highest - lowest + 1
                last_number = highest
        return held


def _children(child: int | None, before: Mapping[str, Any]) -> set[int | None]:
    """Return whose a device may have been since the last look."""
    return {child, parsing.as_int(before["child"]) if "child" in before else child}


def _last_day(before: Mapping[str, Any], look: _Look) -> date:
    """Return the day of the last look."""
    return min(as_day(before.get("day")) or look.first, look.first)

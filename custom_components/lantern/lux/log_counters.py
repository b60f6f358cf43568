"""The number of logs that LUX has of each device: when it grew, and by whose logs."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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
        now = self._now()
        seen = self._store.section(_SEEN_LOGS)
        before = parsing.as_dict(seen.get(device_id))
        known, received = parsing.as_int(before.get("number")), before.get("received")
        number, child = device.last_log_file_id, device.real_user_id
        kept = replace(device, last_log_received=parsing.as_datetime(received))
        if number is None:
            return kept
        if now is None:
            if known is not None and number != known:
                self._uncounted.add(device_id)
            return kept  # the next look counts it
        today = dt_util.as_local(now).date()
        if known is not None and number < known:
            with suppress(StorageError):
                await self._treatments.async_count_anew(device_id, number)
            self._received.mark_unknown(device_id, child, today)
        if known is not None and number > known:
            self._uncounted.add(device_id)
            if not await self._grew(device_id, device, known, before, now):
                return kept  # the next look finds the same
            received = now.isoformat()
        self._uncounted.discard(device_id)
        self._received.begin(device_id, today)
        self._looked[device_id] = now
        row = {
            "number": number,
            "received": received,
            "day": today.isoformat(),
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
        known: int,
        before: Mapping[str, Any],
        now: datetime,
    ) -> bool:
        """Count logs that LUX received; return False if the disk refused it."""
        number, child = device.last_log_file_id or 0, device.real_user_id
        today = dt_util.as_local(now).date()
        foreign = number - known - self._held(device_id, known, number)
        since = as_day(before.get("day")) or today
        # Between two looks the device may have been another child's.
        children = {child}
        if "child" in before:
            children.add(parsing.as_int(before["child"]))
        if foreign:
            try:
                for one in children:
                    await self._treatments.async_add_foreign_logs(
                        device_id,
                        one,
                        logs=foreign,
                        number=number,
                        since=since,
                        now=now,
                        today=today,
                    )
            except StorageError:
                return False
            received = before.get("received")
            if not await self._tell(device_id, known, number, received):
                return False
        if len(children) > 1:
            for one in children:
                self._received.mark_unknown(device_id, one, today)
            return True
        looked = self._looked.get(device_id)
        is_gap = since < today and (looked is None or now - looked > _HOUR)
        counts = (number - known, foreign)
        self._received.add(device_id, child, today, counts, is_gap=is_gap)
        return True

    def _now(self) -> datetime | None:
        """Return the time; LUX's own where Home Assistant's clock has jumped.

        None while nobody can tell which of the two is wrong.
        """
        if self._clock.is_doubted:
            return None
        is_near = abs(self._clock.ahead) <= _HOUR
        return dt_util.utcnow() if is_near else self._clock.now()

    def _held(self, device_id: str, known: int, number: int) -> int:
        """Return how many logs above one number, up to another, are Lantern's."""
        waiting = self._queue.devices.get(device_id)
        queued = [(one, one) for one in waiting.numbers] if waiting else []
        runs = sorted([*self._treatments.uploaded(device_id), *queued])
        held = 0
        for first, last in runs:
            lowest, highest = max(first, known + 1), min(last, number)
            if lowest <= highest:
                held += highest - lowest + 1
                known = highest
        return held

"""The number of logs that LUX has of each device: when it grew, and by whose logs."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date

from homeassistant.util import dt as dt_util

from ..storage import StorageError
from ..store import LanternStore
from ..transport import parsing
from .client.models import TreatmentDevice
from .treatment_store import TreatmentStore
from .upload_queue import UploadQueue

_SEEN_LOGS = "seen_logs"


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
        tell: Callable[[str, int, int, str | None], Awaitable[bool]],
    ) -> None:
        """Take what Lantern holds itself, and how growth by others is told."""
        self._store = store
        self._queue = queue
        self._treatments = treatments
        self._tell = tell

    async def compared(
        self, device_id: str, device: TreatmentDevice
    ) -> TreatmentDevice:
        """Return a device with when its number of logs last grew; tell of growth."""
        now, today = dt_util.utcnow(), dt_util.now().date()
        seen = self._store.section(_SEEN_LOGS)
        before = parsing.as_dict(seen.get(device_id))
        known, received = parsing.as_int(before.get("number")), before.get("received")
        number = device.last_log_file_id
        kept = replace(device, last_log_received=parsing.as_datetime(received))
        if number is None:
            return kept
        child = device.real_user_id
        if known is not None and number < known:
            with suppress(StorageError):
                await self._treatments.counted_anew(device_id, number)
        if known is not None and number > known:
            if not self._holds(device_id, known, number):
                since = _day(before.get("day")) or today
                try:
                    await self._treatments.grown(device_id, child, since, now, today)
                except StorageError:
                    return kept  # the next look finds the same
                if not await self._tell(device_id, known, number, received):
                    return kept
            received = now.isoformat()
        row = {"number": number, "received": received, "day": today.isoformat()}
        if row != before:
            seen[device_id] = row
            self._store.save()
        return replace(device, last_log_received=parsing.as_datetime(received))

    def _holds(self, device_id: str, known: int, number: int) -> bool:
        """Return True if all logs above one number, up to another, are Lantern's."""
        start = known
        waiting = self._queue.devices.get(device_id)
        queued = [(one, one) for one in waiting.numbers] if waiting else []
        runs = sorted([*self._treatments.uploaded(device_id), *queued])
        held = 0
        for first, last in runs:
            lowest, highest = max(first, known + 1), min(last, number)
            if lowest <= highest:
                held += highest - lowest + 1
                known = highest
        return held == number - start


def _day(text: object) -> date | None:
    """Return a remembered day."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None

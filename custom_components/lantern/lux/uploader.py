"""Uploads the queued treatment logs to LUX: per device, in the order of their numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..background import BackgroundWork
from ..const import LOGGER
from ..coordinator import LanternCoordinator
from ..storage import StorageError
from ..transport import parsing
from ..transport.errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Unreachable,
)
from .client.api import LuxApi
from .client.errors import FOR_GOOD
from .client.treatment_log import TreatmentLog
from .device_queue import DeviceQueue
from .upload_queue import UploadQueue

_FIRST_WAIT = 30.0
_LONGEST_WAIT = 900.0
_BATCH = 50
"""So many logs go in one request; LUX names no limit."""


class Uploader:
    """Sends what waits, and tries again later after a failure.

    `lock` is held for one request with its answer, or for one poll: an answer that is
    older than an upload would look like a counter that falls.
    """

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        api: LuxApi,
        queue: UploadQueue,
        *,
        refresh_counters: Callable[[], Awaitable[None]],
        is_newest: Callable[[str, TreatmentLog], bool],
        save_uploaded: Callable[[str, Sequence[TreatmentLog]], Awaitable[None]],
        handle_finished: Callable[[], None],
    ) -> None:
        """Initialize with what reads counters and saves logs; nothing is sent yet."""
        self.lock = asyncio.Lock()
        self._hass = coordinator.hass
        self._entry = coordinator.config_entry
        self._api = api
        self._queue = queue
        self._refresh_counters = refresh_counters
        self._is_newest = is_newest
        self._save_uploaded = save_uploaded
        self._handle_finished = handle_finished
        self._task: asyncio.Task[None] | None = None
        self._work = BackgroundWork(self._hass, self._entry, "LUX uploader")
        self._is_requested = False
        self._failures = 0
        self._cancel_wait: CALLBACK_TYPE | None = None
        # Up to these numbers, logs go one by one: together they failed.
        self._single_until: dict[str, int] = {}
        # Up to these numbers, LUX said that it stored logs.
        self._promised: dict[str, int] = {}
        self._entry.async_on_unload(self._stop_waiting)

    @callback
    def async_start(self) -> None:
        """Send now; what is queued meanwhile is sent, too."""
        self._stop_waiting()
        self._is_requested = True
        if self._task is None or self._task.done():
            self._task = self._work.async_start(self._run)

    @callback
    def _stop_waiting(self) -> None:
        if self._cancel_wait is not None:
            self._cancel_wait()
            self._cancel_wait = None

    async def _run(self) -> None:
        self._is_requested = True
        has_failed = False
        try:
            while self._is_requested:
                self._is_requested = False
                has_failed = False
                for device_id in list(self._queue.devices):
                    has_failed |= not await self._send_device(device_id)
            if has_failed:
                self._wait_longer()
            else:
                self._failures = 0
        except AuthError as err:
            LOGGER.debug("Logs for LUX wait for a sign-in: %s", err)
            # The entry is loaded anew after that, and the logs go then.
            self._entry.async_start_reauth(self._hass)
        except RateLimited as err:
            LOGGER.debug("Logs for LUX wait: %s", err)
            self._wait(err.retry_after)
        except (TransportError, StorageError) as err:
            LOGGER.debug("Logs for LUX wait: %s", err)
            self._wait_longer()
        finally:
            self._handle_finished()

    def _wait_longer(self) -> None:
        self._wait(min(_FIRST_WAIT * 2**self._failures, _LONGEST_WAIT))
        self._failures = min(self._failures + 1, 10)

    def _wait(self, seconds: float) -> None:
        self._cancel_wait = async_call_later(self._hass, seconds, self._waited)

    @callback
    def _waited(self, _: datetime) -> None:
        self._cancel_wait = None
        self.async_start()

    async def _send_device(self, device_id: str) -> bool:
        """Send a device's logs; False if LUX did not take one that it may take later.

        The logs of other devices do not wait for that.
        """
        last_words = self._queue.last_words
        try:
            await self._send_all(device_id)
        except Refused as err:
            # LUX's own fault, or nothing that it said of the log: try again later.
            LOGGER.debug("LUX refused a log for now: %s", err)
            last_words[device_id] = parsing.as_name(err.text) or str(err.code)
            return False
        except (Unreachable, BadAnswer) as err:
            LOGGER.debug("A log was not sent: %s", err)
            return False
        last_words.pop(device_id, None)
        return True

    async def _send_all(self, device_id: str) -> None:
        """Send a device's logs in order, as far as they may go."""
        may_go_on = True
        while may_go_on:
            async with self.lock:
                may_go_on = await self._send_completed(device_id)
        for log in self._queue.devices[device_id].logs:
            if log.temporary:
                async with self.lock:
                    await self._send_temporary(device_id, log)

    async def _send_completed(self, device_id: str) -> bool:
        """Send the next completed logs in one request; False if none may go now."""
        waiting = self._queue.devices[device_id]
        if not waiting.numbers or waiting.blocked is not None:
            return False
        # The phone may have carried them, or our own last answer was lost.
        waiting = await self._refresh(device_id)
        self._check_promised(device_id, waiting)
        is_single = (waiting.counter or 0) < self._single_until.get(device_id, 0)
        logs = waiting.next_logs(1 if is_single else _BATCH)
        if not logs or not self._queue.is_counted(device_id):
            return False
        try:
            await self._upload(waiting, logs)
        except Refused as err:
            # The phone may have carried them since: then nobody needs to be asked.
            if logs[0] not in (await self._refresh(device_id)).current:
                return True
            if len(logs) > 1:
                self._single_until[device_id] = logs[-1].number
                return True
            if not isinstance(err, FOR_GOOD):
                raise
            await self._queue.async_block(device_id, logs[0], err)
            return False
        except Unreachable, BadAnswer:
            if len(logs) > 1:
                self._single_until[device_id] = logs[-1].number
            raise
        # They leave the queue once the counter says the same.
        self._promised[device_id] = logs[-1].number
        return True

    def _check_promised(self, device_id: str, waiting: DeviceQueue) -> None:
        """Raise BadAnswer if LUX lacks logs that it said it stored."""
        if not self._queue.is_counted(device_id):
            return
        promised = self._promised.pop(device_id, 0)
        if any(0 < number <= promised for number in waiting.numbers):
            self._single_until[device_id] = promised
            raise BadAnswer("device/devlog", "logs that are not stored")

    async def _send_temporary(self, device_id: str, log: TreatmentLog) -> None:
        """Send a temporary log while it is the newest of its device, or drop it."""
        await self._refresh_counters()
        waiting = self._queue.devices[device_id]
        if log not in waiting.logs:
            return  # replaced while it had its turn
        if not waiting.is_held(log) and self._is_newest(device_id, log):
            if device_id not in self._queue.listed:
                return
            try:
                await self._upload(waiting, [log])
            except FOR_GOOD as err:
                LOGGER.debug("LUX refused a temporary log: %s", err)
        await self._save_uploaded(device_id, [log])

    async def _refresh(self, device_id: str) -> DeviceQueue:
        """Read the counter, save the logs that the service turns out to have."""
        await self._refresh_counters()
        waiting = self._queue.devices[device_id]
        if self._queue.is_counted(device_id) and (arrived := waiting.arrived):
            await self._save_uploaded(device_id, arrived)
        return self._queue.devices[device_id]

    async def _upload(self, waiting: DeviceQueue, logs: Sequence[TreatmentLog]) -> None:
        """Send logs as the child's whose they are, which is the device's now."""
        await self._api.upload_logs(
            logs,
            device_id=waiting.id,
            unique_id=waiting.unique_id,
            time_zone=dt_util.get_default_time_zone(),
        )

"""Carries the queued treatment logs to LUX: per device, in order, one by one."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..background import BackgroundWork
from ..const import LOGGER
from ..coordinator import LanternConfigEntry
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
from .client.models import UsageLog
from .client.treatment_log import TreatmentLog
from .upload_queue import DeviceQueue, UploadQueue

_FIRST_WAIT = 30.0
_LONGEST_WAIT = 900.0


class Carrier(Protocol):
    """What the sender needs of an account's coordinator."""

    hass: HomeAssistant
    config_entry: LanternConfigEntry
    api: LuxApi
    queue: UploadQueue

    async def look(self) -> None:
        """Ask for the counters."""

    def listed(self, device_id: str) -> bool:
        """Return whether the service named a device the last time."""

    def is_newest(self, device_id: str, log: TreatmentLog) -> bool:
        """Return True if nothing newer is known than a temporary log."""

    async def carried(self, device_id: str, log: TreatmentLog, counter: int) -> None:
        """Keep a log that the service has."""


class Uploader:
    """Sends what waits, and tries again later after a failure.

    `turn` is held for one log, or for one poll: an answer that is older than an
    upload would look like a counter that falls.
    """

    def __init__(self, coordinator: Carrier, finished: Callable[[], None]) -> None:
        """Take the account's coordinator, and whom to tell after each run."""
        self.turn = asyncio.Lock()
        self._coordinator = coordinator
        self._finished = finished
        self._task: asyncio.Task[None] | None = None
        self._work = BackgroundWork(
            coordinator.hass, coordinator.config_entry, "LUX uploader"
        )
        self._again = False
        self._failures = 0
        self._cancel_wait: CALLBACK_TYPE | None = None
        coordinator.config_entry.async_on_unload(self._stop_waiting)

    @callback
    def kick(self, _: datetime | None = None) -> None:
        """Send now; what is queued meanwhile is sent, too."""
        self._stop_waiting()
        if self._task is not None and not self._task.done():
            self._again = True
            return
        self._task = self._work.async_start(self._run)

    @callback
    def _stop_waiting(self) -> None:
        if self._cancel_wait is not None:
            self._cancel_wait()
            self._cancel_wait = None

    async def _run(self) -> None:
        coordinator = self._coordinator
        self._again = True
        is_refused = False
        try:
            while self._again:
                self._again = False
                is_refused = False
                for device_id in list(coordinator.queue.devices):
                    is_refused |= not await self._send_device(device_id)
            if is_refused:
                self._wait_longer()
            else:
                self._failures = 0
        except AuthError as err:
            LOGGER.debug("Logs for LUX wait for a sign-in: %s", err)
            # The entry is loaded anew after that, and the logs go then.
            coordinator.config_entry.async_start_reauth(coordinator.hass)
        except RateLimited as err:
            LOGGER.debug("Logs for LUX wait: %s", err)
            self._wait(err.retry_after)
        except (TransportError, StorageError) as err:
            LOGGER.debug("Logs for LUX wait: %s", err)
            self._wait_longer()
        finally:
            self._finished()

    async def _send_device(self, device_id: str) -> bool:
        """Send a device's logs; False if LUX did not take one that it may take later.

        The logs of other devices do not wait for that.
        """
        last_words = self._coordinator.queue.last_words
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

    def _wait_longer(self) -> None:
        self._wait(min(_FIRST_WAIT * 2**self._failures, _LONGEST_WAIT))
        self._failures = min(self._failures + 1, 10)

    def _wait(self, seconds: float) -> None:
        self._cancel_wait = async_call_later(
            self._coordinator.hass, seconds, self._waited
        )

    @callback
    def _waited(self, now: datetime) -> None:
        self._cancel_wait = None
        self.kick()

    async def _send_all(self, device_id: str) -> None:
        """Send a device's logs in order, as far as they may go."""
        queue = self._coordinator.queue
        for log in queue.devices[device_id].logs:
            if log.temporary:
                continue
            async with self.turn:
                if not await self._send(device_id, log):
                    break  # what it waits for is missing before the next one, too
        for log in queue.devices[device_id].logs:
            if log.temporary:
                async with self.turn:
                    await self._send_temporary(device_id, log)

    async def _send(self, device_id: str, log: TreatmentLog) -> bool:
        """Send a completed log, unless the service has it; False if it has to wait."""
        coordinator = self._coordinator
        queue = coordinator.queue
        if queue.devices[device_id].is_held(log):
            return True  # the others do not wait for it
        if queue.devices[device_id].blocked is not None:
            return False
        # The phone may have carried it, or our own last answer was lost.
        if await self._has_arrived(device_id, log):
            return True
        waiting = queue.devices[device_id]
        if waiting.is_held(log) or log not in waiting.logs:
            return True  # the device is another child's now, or it was deleted
        number = log.log_file_id or 0
        if waiting.counter is None or not self._is_counted(device_id):
            return False
        if number > waiting.counter + 1 and number > waiting.anyway:
            return False
        try:
            await coordinator.api.upload_logs([_usage(waiting, log)])
        except Refused as err:
            # The phone may have carried it since: then nobody needs to be asked.
            if await self._has_arrived(device_id, log):
                return True
            if not isinstance(err, FOR_GOOD):
                raise
            await queue.block(device_id, log, err)
            return False
        await coordinator.carried(device_id, log, number)
        return True

    async def _send_temporary(self, device_id: str, log: TreatmentLog) -> None:
        """Send a temporary log while it is the newest that is known, or drop it."""
        coordinator = self._coordinator
        await coordinator.look()
        waiting = coordinator.queue.devices[device_id]
        if log not in waiting.logs:
            return  # replaced while it had its turn
        if not waiting.is_held(log) and coordinator.is_newest(device_id, log):
            if not coordinator.listed(device_id):
                return
            try:
                await coordinator.api.upload_logs([_usage(waiting, log)])
            except FOR_GOOD as err:
                LOGGER.debug("LUX refused a temporary log: %s", err)
        await coordinator.carried(device_id, log, 0)

    def _is_counted(self, device_id: str) -> bool:
        """Return True if LUX listed a device with a number that can be believed."""
        coordinator = self._coordinator
        is_listed = coordinator.listed(device_id)
        return is_listed and coordinator.queue.is_counted(device_id)

    async def _has_arrived(self, device_id: str, log: TreatmentLog) -> bool:
        """Read the counter; keep a log that the service turns out to have."""
        coordinator = self._coordinator
        await coordinator.look()
        waiting = coordinator.queue.devices[device_id]
        number, counter = log.log_file_id or 0, waiting.counter
        if counter is None or number > counter or not self._is_counted(device_id):
            return False
        if waiting.is_held(log):
            return False
        await coordinator.carried(device_id, log, counter)
        return True


def _usage(waiting: DeviceQueue, log: TreatmentLog) -> UsageLog:
    """Return a log as LUX takes it, in the local time of Home Assistant's zone."""
    return UsageLog(
        real_user_id=waiting.real_user_id,  # the log's own: it is not held
        device_id=waiting.id,
        unique_id=waiting.unique_id,
        start=dt_util.as_local(log.start),
        duration=log.duration,
        intensity=log.intensity,
        ending=log.ending,
        log_file_id=log.log_file_id,
    )

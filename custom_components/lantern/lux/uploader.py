"""Carries the queued treatment logs to LUX: per device, in order, one by one."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from ..coordinator import LanternConfigEntry
from ..storage import StorageError
from ..transport.errors import AuthError, RateLimited, Refused, TransportError
from .client.api import LuxApi
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
        """Tell whether the service named a device the last time."""

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
        entry = self._coordinator.config_entry
        self._task = entry.async_create_background_task(
            self._coordinator.hass, self._run(), "lantern lux sender"
        )

    @callback
    def _stop_waiting(self) -> None:
        if self._cancel_wait is not None:
            self._cancel_wait()
            self._cancel_wait = None

    async def _run(self) -> None:
        coordinator = self._coordinator
        self._again = True
        try:
            while self._again:
                self._again = False
                for device_id in list(coordinator.queue.devices):
                    await self._send_all(device_id)
            self._failures = 0
        except AuthError:
            # The entry is loaded anew after that, and the logs go then.
            coordinator.config_entry.async_start_reauth(coordinator.hass)
        except RateLimited as err:
            self._wait(err.retry_after)
        except TransportError, StorageError:
            self._wait(min(_FIRST_WAIT * 2**self._failures, _LONGEST_WAIT))
            self._failures = min(self._failures + 1, 10)
        finally:
            self._finished()

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
        devices = self._coordinator.queue.devices
        incomplete = False
        for log in devices[device_id].logs:
            if devices[device_id].blocked is not None:
                return
            if incomplete and not log.temporary:
                continue  # what it waits for is missing before this one, too
            async with self.turn:
                sent = await self._send(device_id, log)
            incomplete = incomplete or not sent
            devices = self._coordinator.queue.devices

    async def _send(self, device_id: str, log: TreatmentLog) -> bool:
        """Send one log, unless the service has it; False if it has to wait."""
        coordinator = self._coordinator
        number = log.log_file_id
        if number is not None:
            # The phone may have carried it, or our own last answer was lost.
            if await self._has_arrived(device_id, log):
                return True
            waiting = coordinator.queue.devices[device_id]
            if waiting.counter is None or not coordinator.listed(device_id):
                return False
            if number > waiting.counter + 1 and number > waiting.anyway:
                return False
        waiting = coordinator.queue.devices[device_id]
        if log not in waiting.logs:
            return True  # deleted while it had its turn
        try:
            await coordinator.api.upload_logs([_usage(waiting, log)])
        except Refused as err:
            # The phone may have carried it since: then nobody needs to be asked.
            if await self._has_arrived(device_id, log):
                return True
            await coordinator.queue.block(device_id, log, err.code)
            return False
        await coordinator.carried(device_id, log, number or 0)
        return True

    async def _has_arrived(self, device_id: str, log: TreatmentLog) -> bool:
        """Read the counter; keep a log that the service turns out to have."""
        if (number := log.log_file_id) is None:
            return False  # no counter tells of temporary logs
        coordinator = self._coordinator
        await coordinator.look()
        counter = coordinator.queue.devices[device_id].counter
        if counter is None or not coordinator.listed(device_id) or number > counter:
            return False
        await coordinator.carried(device_id, log, counter)
        return True


def _usage(waiting: DeviceQueue, log: TreatmentLog) -> UsageLog:
    """Return a log as LUX takes it, in the local time of Home Assistant's zone."""
    return UsageLog(
        real_user_id=waiting.real_user_id,
        device_id=waiting.id,
        unique_id=waiting.unique_id,
        start=dt_util.as_local(log.start),
        duration=log.duration,
        intensity=log.intensity,
        ending=log.ending,
        log_file_id=log.log_file_id,
    )

"""The treatment logs that wait for LUX: on disk before anything is promised.

One file per account. It outlives the entry: logs that wait when an entry is
removed go on waiting until the same account is added again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage import DurableStore, short_hash
from ..transport import parsing
from ..transport.errors import Refused
from .client.models import TreatmentDevice
from .client.treatment_log import TreatmentLog
from .device_queue import DeviceQueue, queue_from_dict

type Queues = Mapping[str, DeviceQueue]


class UploadQueue:
    """The queues of one account's devices."""

    def __init__(self, hass: HomeAssistant, account: str) -> None:
        """Name the account's file by the account's hash; `async_load` reads it."""
        self._store: DurableStore[Queues] = DurableStore(
            hass,
            f"lux_queue.{account}",
            {},
            lambda stored, reader: reader.read_dict(queue_from_dict, stored),
            lambda queues: {key: queue.as_dict() for key, queue in queues.items()},
        )
        self.async_load = self._store.async_load
        self.async_remove = self._store.async_remove
        # What LUX said last: the devices with all their ids, those without a number,
        # and those with a number that cannot be.
        self.listed: frozenset[str] = frozenset()
        self.unnumbered: set[str] = set()
        self.doubted: dict[str, int] = {}
        self.shared: dict[str, int] = {}
        self.last_words: dict[str, str] = {}
        self.warned: set[str] = set()

    def is_counted(self, device_id: str) -> bool:
        """Return True if LUX listed a device with a number that can be believed."""
        is_doubted = device_id in self.unnumbered or device_id in self.doubted
        return device_id in self.listed and not is_doubted

    def check_number(self, device_id: str, device: TreatmentDevice) -> TreatmentDevice:
        """Return a device, without a number of its last log that cannot be."""
        self.unnumbered.discard(device_id)
        self.doubted.pop(device_id, None)
        number, before = device.last_log_file_id, self.devices.get(device_id)
        if number is None:
            self.unnumbered.add(device_id)
        elif before and number > before.highest_believed(dt_util.utcnow()):
            self.doubted[device_id] = number
            return replace(device, last_log_file_id=None)
        return device

    @property
    def devices(self) -> Queues:
        """Return the queues by device id."""
        return self._store.value

    @property
    def unsent(self) -> int:
        """Return how many logs wait in all."""
        return sum(len(device.logs) for device in self.devices.values())

    async def async_put(self, device_id: str, logs: Iterable[TreatmentLog]) -> None:
        """Queue logs, all or none; they are on disk when this returns."""
        await self._async_change(device_id, lambda queue: queue.with_logs(logs))

    async def async_update(self, devices: Mapping[str, TreatmentDevice]) -> None:
        """Save what the service says of devices: their ids and counters."""
        self.listed = frozenset(
            device_id for device_id, row in devices.items() if row.ids
        )
        await self._store.async_update(lambda queues: _updated(queues, devices))

    async def async_drop_uploaded(
        self, device_id: str, logs: Sequence[TreatmentLog]
    ) -> None:
        """Drop logs that the service has, and that are saved elsewhere."""

        def drop(waiting: DeviceQueue) -> DeviceQueue:
            left = waiting.without(logs)
            # This growth says nothing of the phone.
            after = tuple(log.after(logs[-1]) for log in left.logs)
            return replace(left, logs=after)

        await self._async_change(device_id, drop)

    async def async_block(
        self, device_id: str, log: TreatmentLog, err: Refused
    ) -> None:
        """Save that the service refused a log of a device, and in which words."""
        words = parsing.as_name(err.text)
        await self._async_change(
            device_id,
            lambda queue: replace(queue, blocked=err.code, refused=log, words=words),
        )

    async def async_mark(
        self, device_id: str, logs: Iterable[TreatmentLog], **marks: Any
    ) -> None:
        """Save that a person holds on to logs, or that the outbox has their events."""
        wanted = set(logs)

        def mark(waiting: DeviceQueue) -> DeviceQueue:
            after = (
                replace(log, **marks) if log in wanted else log for log in waiting.logs
            )
            return replace(waiting, logs=tuple(after))

        await self._async_change(device_id, mark)

    async def async_send_again(self, device_id: str) -> None:
        """Let a refused log go again."""
        await self.async_delete(device_id, ())

    async def async_send_anyway(self, device_id: str) -> None:
        """Let go what waits now, in spite of missing numbers."""
        await self._async_change(
            device_id,
            lambda queue: replace(queue, anyway=max(queue.numbers, default=0)),
        )

    async def async_delete(self, device_id: str, logs: Iterable[TreatmentLog]) -> None:
        """Delete logs that were never sent: a person wants it so."""
        await self._async_change(device_id, lambda queue: queue.without(logs))

    async def _async_change(
        self, device_id: str, change: Callable[[DeviceQueue], DeviceQueue]
    ) -> None:
        def changed(queues: Queues) -> Queues:
            before = queues[device_id]
            after = change(before)
            return queues if after is before else {**queues, device_id: after}

        await self._store.async_update(changed)


def _updated(queues: Queues, devices: Mapping[str, TreatmentDevice]) -> Queues:
    """Return the queues with the devices' ids and counters; the same if none is new."""
    changed = dict(queues)
    for device_id, device in devices.items():
        if (ids := device.ids) is not None:
            before = queues.get(device_id) or DeviceQueue(*ids, None)
            changed[device_id] = before.with_device(device)
    is_same = all(queue is queues.get(key) for key, queue in changed.items())
    return queues if is_same else changed


_QUEUES: HassKey[dict[str, UploadQueue]] = HassKey(f"{DOMAIN}_lux_queues")


def get_queue(hass: HomeAssistant, account_id: str) -> UploadQueue:
    """Return an account's only queue; it must be loaded before it is used."""
    return get_queue_by_hash(hass, short_hash(account_id))


def get_queue_by_hash(hass: HomeAssistant, account: str) -> UploadQueue:
    """Return the queue of an account of which only the hash is known."""
    queues = hass.data.setdefault(_QUEUES, {})
    return queues.setdefault(account, UploadQueue(hass, account))

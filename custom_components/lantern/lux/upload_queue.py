"""The treatment logs that wait for LUX: on disk before anything is promised.

One file per account. It outlives the entry: logs that wait when an entry is
removed go on waiting until the same account is added again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage import DurableStore, RowReader, short_hash, unknown_keys
from .client.models import TreatmentDevice
from .client.treatment_log import TreatmentLog, whole

_KEYS = (
    *("id", "real_user_id", "unique_id", "counter"),
    *("logs", "blocked", "refused", "anyway"),
)


class LogRefused(Exception):
    """A log that the queue does not take; `reason` is a translation key."""

    def __init__(self, reason: str, log_file_id: int) -> None:
        """Keep why, and which."""
        super().__init__(reason)
        self.reason = reason
        self.log_file_id = log_file_id


class Trouble(StrEnum):
    """Why a device's logs wait for a person."""

    GAP = "queue_gap"
    BLOCKED = "queue_blocked"
    STUCK = "queue_stuck"


class Gap(NamedTuple):
    """The first and the last of the numbers that are missing: there may be many."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DeviceQueue:
    """One device's queue, the ids that LUX wants to be told, and its counter.

    Completed logs are in rising order of their numbers, before temporary ones: one
    that is completed would overwrite a temporary one at LUX. `blocked` is the status
    with which LUX refused the log `refused`; up to the number `anyway` a person let
    the logs go in spite of missing numbers.
    """

    id: int
    real_user_id: int
    unique_id: str
    counter: int | None
    logs: tuple[TreatmentLog, ...] = ()
    blocked: int | None = None
    refused: TreatmentLog | None = None
    anyway: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def numbers(self) -> list[int]:
        """Return the numbers of the completed logs, rising."""
        return [one.log_file_id for one in self.logs if one.log_file_id is not None]

    @property
    def gap(self) -> Gap | None:
        """Return the numbers that are missing before the next log, if any are."""
        if self.counter is None:
            return None
        ahead = next((one for one in self.numbers if one > self.counter), None)
        if ahead is None or ahead <= max(self.anyway, self.counter + 1):
            return None
        return Gap(self.counter + 1, ahead - 1)

    def put(self, logs: Iterable[TreatmentLog]) -> DeviceQueue:
        """Return the queue with more logs, each at its place; raise LogRefused."""
        by_number = {one.log_file_id: one for one in self.logs if not one.temporary}
        temporary = [one for one in self.logs if one.temporary]
        for log in logs:
            number = log.log_file_id
            if number is None:
                temporary.append(log)
                continue
            if self.counter is not None and number <= self.counter:
                raise LogRefused("already_stored", number)
            # Told twice, it is on disk already.
            if by_number.setdefault(number, log) != log:
                raise LogRefused("already_queued", number)
        completed = sorted(by_number.values(), key=lambda one: one.log_file_id or 0)
        after = (*completed, *temporary)
        return self if after == self.logs else replace(self, logs=after)

    def without(self, logs: Iterable[TreatmentLog]) -> DeviceQueue:
        """Return the queue without some logs; what was refused may go again."""
        left = list(self.logs)
        for log in logs:
            if log in left:  # a temporary log may wait twice: one goes
                left.remove(log)
        return replace(self, logs=tuple(left), blocked=None, refused=None)

    def plain(self) -> dict[str, Any]:
        """Return the queue as JSON has it."""
        return {
            **self.extra,
            "id": self.id,
            "real_user_id": self.real_user_id,
            "unique_id": self.unique_id,
            "counter": self.counter,
            "logs": [one.plain() for one in self.logs],
            "blocked": self.blocked,
            "refused": self.refused.plain() if self.refused else None,
            "anyway": self.anyway,
        }


type Queues = Mapping[str, DeviceQueue]


def _read(plain: Mapping[str, Any], reader: RowReader) -> Queues:
    return reader.read_dict(_read_one, plain)


def _read_one(plain: Mapping[str, Any], reader: RowReader, where: str) -> DeviceQueue:
    read = TreatmentLog.read
    counter, blocked, refused = map(plain.get, ("counter", "blocked", "refused"))
    refused = reader.read(read, refused, where) if refused else None
    if not isinstance(unique_id := plain["unique_id"], str):
        raise TypeError("no id")
    return DeviceQueue(
        id=whole(plain["id"]),
        real_user_id=whole(plain["real_user_id"]),
        unique_id=unique_id,
        counter=None if counter is None else whole(counter),
        logs=reader.read_list(read, plain["logs"], where),
        # Without the log that was refused, nothing is blocked.
        blocked=whole(blocked) if refused else None,
        refused=refused,
        anyway=whole(plain.get("anyway", 0)),
        extra=unknown_keys(plain, _KEYS),
    )


def _plain(queues: Queues) -> dict[str, Any]:
    return {device_id: one.plain() for device_id, one in queues.items()}


class UploadQueue:
    """The queues of one account's devices."""

    def __init__(self, hass: HomeAssistant, account: str) -> None:
        """Name the account's file by the account's hash; `load` reads it."""
        name = f"lux_queue.{account}"
        self._kept: DurableStore[Queues] = DurableStore(hass, name, {}, _read, _plain)
        self.load = self._kept.async_load
        self.remove = self._kept.async_remove

    @property
    def devices(self) -> Queues:
        """Return the queues by device id."""
        return self._kept.value

    @property
    def unsent(self) -> int:
        """Return how many logs wait in all."""
        return sum(len(one.logs) for one in self.devices.values())

    async def put(self, device_id: str, logs: Iterable[TreatmentLog]) -> None:
        """Queue logs, all or none; they are on disk when this returns."""
        await self._change(device_id, lambda one: one.put(logs))

    async def know(self, devices: Mapping[str, TreatmentDevice]) -> None:
        """Keep what the service says of devices: their ids and counters."""
        await self._kept.async_update(lambda queues: _known(queues, devices))

    async def done(self, device_id: str, log: TreatmentLog, counter: int) -> None:
        """Drop a log that the service has, and that is saved elsewhere."""

        def drop(waiting: DeviceQueue) -> DeviceQueue:
            known = max(waiting.counter or 0, counter)
            return replace(waiting.without([log]), counter=known or waiting.counter)

        await self._change(device_id, drop)

    async def block(self, device_id: str, log: TreatmentLog, code: int) -> None:
        """Keep that the service refused a log of a device."""
        await self._change(
            device_id, lambda one: replace(one, blocked=code, refused=log)
        )

    async def send_again(self, device_id: str) -> None:
        """Let a refused log be tried again."""
        await self._change(device_id, lambda one: one.without(()))

    async def send_anyway(self, device_id: str) -> None:
        """Let go what waits now, in spite of missing numbers."""

        def let_go(waiting: DeviceQueue) -> DeviceQueue:
            return replace(waiting, anyway=max(waiting.numbers, default=0))

        await self._change(device_id, let_go)

    async def delete(self, device_id: str, logs: Iterable[TreatmentLog]) -> None:
        """Delete logs that were never sent: a person wants it so."""
        await self._change(device_id, lambda one: one.without(logs))

    async def told(self, device_id: str) -> None:
        """Keep that the events of all of a device's logs were fired."""

        def all_told(waiting: DeviceQueue) -> DeviceQueue:
            return replace(waiting, logs=tuple(one.as_told() for one in waiting.logs))

        await self._change(device_id, all_told)

    async def _change(
        self, device_id: str, change: Callable[[DeviceQueue], DeviceQueue]
    ) -> None:
        def changed(queues: Queues) -> Queues:
            before = queues[device_id]
            after = change(before)
            return queues if after is before else {**queues, device_id: after}

        await self._kept.async_update(changed)


def _facts(waiting: DeviceQueue) -> dict[str, Any]:
    """Return what the service says of a device."""
    names = ("id", "real_user_id", "unique_id", "counter")
    return {name: getattr(waiting, name) for name in names}


def _known(queues: Queues, devices: Mapping[str, TreatmentDevice]) -> Queues:
    """Return the queues with the devices' ids and counters; the same if none is new."""
    changed = dict(queues)
    for device_id, device in devices.items():
        if device.id is None or device.real_user_id is None or not device.unique_id:
            continue
        before = queues.get(device_id)
        waiting = DeviceQueue(
            device.id, device.real_user_id, device.unique_id, device.last_log_file_id
        )
        if before is not None:
            waiting = replace(before, **_facts(waiting))
            number = before.refused.log_file_id if before.refused else None
            if number is not None and number <= (waiting.counter or 0):
                # The log that was refused got there another way.
                waiting = waiting.without(())
        changed[device_id] = waiting
    return queues if changed == queues else changed


_QUEUES: HassKey[dict[str, UploadQueue]] = HassKey(f"{DOMAIN}_lux_queues")


def queue_of(hass: HomeAssistant, account_id: str) -> UploadQueue:
    """Return an account's one queue; it is to be loaded before it is used."""
    return queue_named(hass, short_hash(account_id))


def queue_named(hass: HomeAssistant, account: str) -> UploadQueue:
    """Return the queue of an account of which only the hash is known."""
    queues = hass.data.setdefault(_QUEUES, {})
    return queues.setdefault(account, UploadQueue(hass, account))

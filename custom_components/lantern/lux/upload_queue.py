"""The treatment logs that wait for LUX: on disk before anything is promised.

One file per account. It outlives the entry: logs that wait when an entry is
removed go on waiting until the same account is added again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage import DurableStore, RowReader, short_hash, unknown_keys
from ..transport import parsing
from ..transport.errors import Refused
from .client.models import TreatmentDevice
from .client.treatment_log import TreatmentLog, maybe_whole, whole

_KEYS = (
    *("id", "real_user_id", "unique_id", "counter", "created"),
    *("logs", "blocked", "refused", "words", "anyway"),
)
_LARGEST_NUMBER = 2**63
# Ten thousand logs in a quarter of an hour nobody can have handed over.
_LARGEST_JUMP = 10_000
_FIRST_YEAR = datetime(2010, 1, 1, tzinfo=UTC)
LONGEST_TRUSTED = timedelta(days=1)


def is_clock_unset(log: TreatmentLog, created: datetime | None) -> bool:
    """Return True for a log whose times are those of a clock that was not set."""
    first = max(_FIRST_YEAR, created) if created else _FIRST_YEAR
    return log.start < first or timedelta(seconds=log.duration) > LONGEST_TRUSTED


class LogRefused(Exception):
    """A log that the queue does not take; `reason` is a translation key."""

    def __init__(self, reason: str, log_file_id: int) -> None:
        """Keep why, and which."""
        super().__init__(reason)
        self.reason = reason
        self.log_file_id = log_file_id


class Gap(NamedTuple):
    """The first and the last of the numbers that are missing: there may be many."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DeviceQueue:
    """One device's queue, the ids that LUX wants to be told, and its counter.

    Completed logs are in rising order of their numbers, before the temporary one: one
    that is completed would overwrite a temporary one at LUX. `blocked` is the status
    with which LUX refused the log `refused`, `words` what it said; up to the number
    `anyway` a person let the logs go in spite of missing numbers. `counter` is the
    last number that LUX said and that can be believed, `created` since when it knows
    the device. A log is sent as the child's it was made for, or not at all.
    """

    id: int
    real_user_id: int
    unique_id: str
    counter: int | None
    created: datetime | None = None
    logs: tuple[TreatmentLog, ...] = ()
    blocked: int | None = None
    refused: TreatmentLog | None = None
    words: str | None = None
    anyway: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def is_held(self, log: TreatmentLog) -> bool:
        """Return True for a log that is not sent: it is another child's."""
        return log.real_user_id != self.real_user_id or log.is_passed

    @property
    def held(self) -> tuple[TreatmentLog, ...]:
        """Return the logs that are not sent."""
        return tuple(one for one in self.logs if self.is_held(one))

    @property
    def current(self) -> tuple[TreatmentLog, ...]:
        """Return the logs of the device's child, which are sent."""
        return tuple(one for one in self.logs if not self.is_held(one))

    @property
    def numbers(self) -> list[int]:
        """Return the numbers of the completed logs that are sent, rising."""
        numbers = (one.log_file_id for one in self.current)
        return [one for one in numbers if one is not None]

    @property
    def arrived(self) -> tuple[TreatmentLog, ...]:
        """Return the completed logs that LUX has, by its counter."""
        counter = self.counter or 0
        return tuple(one for one in self.current if 0 < one.number <= counter)

    def next_logs(self, limit: int) -> tuple[TreatmentLog, ...]:
        """Return the completed logs that may go in one request: no number is missing."""
        if self.counter is None:
            return ()
        logs: list[TreatmentLog] = []
        last = self.counter
        for log in self.current:
            if log.number <= self.counter:
                continue
            if log.number != last + 1 and (logs or log.number > self.anyway):
                break
            logs.append(log)
            last = log.number
        return tuple(logs[:limit])

    @property
    def gap(self) -> Gap | None:
        """Return the numbers that are missing before the next log, if any are."""
        if self.counter is None:
            return None
        ahead = next((one for one in self.numbers if one > self.counter), None)
        if ahead is None or ahead <= max(self.anyway, self.counter + 1):
            return None
        return Gap(self.counter + 1, ahead - 1)

    def with_logs(self, logs: Iterable[TreatmentLog]) -> DeviceQueue:
        """Return the queue with more logs, each at its place; raise LogRefused."""
        completed = [one for one in self.logs if not one.temporary]
        current = {one.log_file_id: one for one in self.current}
        held = {one for one in completed if self.is_held(one)}
        temporary = [one for one in self.logs if one.temporary]
        for given in logs:
            log = replace(given, real_user_id=self.real_user_id)
            number = log.log_file_id
            if number is None:
                # LUX keeps one, and a later one says more.
                newer = [one for one in temporary if one.start > log.start]
                temporary = newer or [replace(log, counter=self.counter)]
                continue
            if self.counter is not None and number <= self.counter:
                raise LogRefused("already_stored", number)
            if log in held:
                continue  # the child's whose treatment it was
            before = current.setdefault(number, log)
            if before is log:
                completed.append(log)
            elif before != log:
                raise LogRefused("already_queued", number)
        completed.sort(key=lambda one: one.number)
        after = (*completed, *temporary)
        return self if after == self.logs else replace(self, logs=after)

    @property
    def highest(self) -> int:
        """Return the number that LUX's next one is measured by."""
        if self.counter is None:
            return max(self.numbers, default=0) if self.logs else _LARGEST_NUMBER
        return max(self.counter, self.anyway)

    def with_device(self, device: TreatmentDevice) -> DeviceQueue:
        """Return the queue with what LUX says of the device now."""
        if (ids := device.ids) is None:
            return self
        counter = device.last_log_file_id
        if counter is None:
            counter = self.counter
        after = replace(
            self,
            id=ids[0],
            real_user_id=ids[1],
            unique_id=ids[2],
            counter=counter,
            created=device.created or self.created,
            # A device that counts anew has other gaps.
            anyway=0 if (counter or 0) < (self.counter or 0) else self.anyway,
        )
        is_marked = any(after.is_unsure(one) for one in after.logs)
        if is_marked:
            passed = (
                replace(one, is_passed=True) if after.is_unsure(one) else one
                for one in after.logs
            )
            after = replace(after, logs=tuple(passed))
        if (refused := after.refused) is not None and (
            after.is_held(refused) or refused.number <= (counter or 0)
        ):
            # It got there another way, or is not sent any more.
            after = after.without(())
        return after if is_marked or after != self else self

    def is_unsure(self, log: TreatmentLog) -> bool:
        """Return True if LUX has a log of this number, and nobody knows whose."""
        number, counter = log.log_file_id, self.counter
        is_reached = number is not None and counter is not None and number <= counter
        return is_reached and not log.is_passed and self.is_held(log)

    def without(self, logs: Iterable[TreatmentLog]) -> DeviceQueue:
        """Return the queue without some logs; what was refused may go again."""
        gone = set(logs)
        after = tuple(one for one in self.logs if one not in gone)
        return replace(self, logs=after, blocked=None, refused=None, words=None)

    def as_dict(self) -> dict[str, Any]:
        """Return the queue as it is stored."""
        return {
            **self.extra,
            "id": self.id,
            "real_user_id": self.real_user_id,
            "unique_id": self.unique_id,
            "counter": self.counter,
            "created": self.created.isoformat() if self.created else None,
            "logs": [one.as_dict() for one in self.logs],
            "blocked": self.blocked,
            "refused": self.refused.as_dict() if self.refused else None,
            "words": self.words,
            "anyway": self.anyway,
        }


type Queues = Mapping[str, DeviceQueue]


def _queue_from_dict(
    plain: Mapping[str, Any], reader: RowReader, where: str
) -> DeviceQueue:
    words, child = plain.get("words"), whole(plain["real_user_id"])
    # What is odd here hides no log: LUX or a person says it again.
    counter, blocked, anyway = (
        reader.read(maybe_whole, plain.get(name), where)
        for name in ("counter", "blocked", "anyway")
    )
    refused = plain.get("refused")
    # A log of a file without children is the child's whose device it was by then.
    read = partial(TreatmentLog.from_dict, real_user_id=child, counter=counter)
    refused = reader.read(read, refused, where) if refused else None
    if not isinstance(unique_id := plain["unique_id"], str):
        raise TypeError("no id")
    return DeviceQueue(
        id=whole(plain["id"]),
        real_user_id=child,
        unique_id=unique_id,
        counter=counter,
        created=parsing.as_datetime(plain.get("created")),
        logs=reader.read_list(read, plain["logs"], where),
        # Without the log that was refused, or why, nothing is blocked.
        blocked=blocked if refused else None,
        refused=refused if blocked else None,
        words=words if isinstance(words, str) else None,
        anyway=anyway or 0,
        extra=unknown_keys(plain, _KEYS),
    )


class UploadQueue:
    """The queues of one account's devices."""

    def __init__(self, hass: HomeAssistant, account: str) -> None:
        """Name the account's file by the account's hash; `async_load` reads it."""
        self._store: DurableStore[Queues] = DurableStore(
            hass,
            f"lux_queue.{account}",
            {},
            lambda stored, reader: reader.read_dict(_queue_from_dict, stored),
            lambda queues: {key: one.as_dict() for key, one in queues.items()},
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
        elif before is not None and number > before.highest + _LARGEST_JUMP:
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
        return sum(len(one.logs) for one in self.devices.values())

    async def async_put(self, device_id: str, logs: Iterable[TreatmentLog]) -> None:
        """Queue logs, all or none; they are on disk when this returns."""
        await self._async_change(device_id, lambda one: one.with_logs(logs))

    async def async_update(self, devices: Mapping[str, TreatmentDevice]) -> None:
        """Save what the service says of devices: their ids and counters."""
        self.listed = frozenset(one for one, row in devices.items() if row.ids)
        await self._store.async_update(lambda queues: _updated(queues, devices))

    async def async_drop_uploaded(
        self, device_id: str, logs: Sequence[TreatmentLog], counter: int
    ) -> None:
        """Drop logs that the service has, and that are saved elsewhere."""

        def drop(waiting: DeviceQueue) -> DeviceQueue:
            left = waiting.without(logs)
            # This growth says nothing of the phone.
            after = tuple(one.after(logs[-1]) for one in left.logs)
            counted = max(waiting.counter or 0, counter) or waiting.counter
            return replace(left, logs=after, counter=counted)

        await self._async_change(device_id, drop)

    async def async_block(
        self, device_id: str, log: TreatmentLog, err: Refused
    ) -> None:
        """Save that the service refused a log of a device, and in which words."""
        words = parsing.as_name(err.text)
        await self._async_change(
            device_id,
            lambda one: replace(one, blocked=err.code, refused=log, words=words),
        )

    async def async_mark(
        self, device_id: str, logs: Iterable[TreatmentLog], **marks: Any
    ) -> None:
        """Save that a person holds on to logs, or that the outbox has their events."""
        wanted = set(logs)

        def mark(waiting: DeviceQueue) -> DeviceQueue:
            after = (
                replace(one, **marks) if one in wanted else one for one in waiting.logs
            )
            return replace(waiting, logs=tuple(after))

        await self._async_change(device_id, mark)

    async def async_send_again(self, device_id: str) -> None:
        """Let a refused log go again."""
        await self.async_delete(device_id, ())

    async def async_send_anyway(self, device_id: str) -> None:
        """Let go what waits now, in spite of missing numbers."""
        await self._async_change(
            device_id, lambda one: replace(one, anyway=max(one.numbers, default=0))
        )

    async def async_delete(self, device_id: str, logs: Iterable[TreatmentLog]) -> None:
        """Delete logs that were never sent: a person wants it so."""
        await self._async_change(device_id, lambda one: one.without(logs))

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
    is_same = all(one is queues.get(key) for key, one in changed.items())
    return queues if is_same else changed


_QUEUES: HassKey[dict[str, UploadQueue]] = HassKey(f"{DOMAIN}_lux_queues")


def get_queue(hass: HomeAssistant, account_id: str) -> UploadQueue:
    """Return an account's only queue; it must be loaded before it is used."""
    return get_queue_by_hash(hass, short_hash(account_id))


def get_queue_by_hash(hass: HomeAssistant, account: str) -> UploadQueue:
    """Return the queue of an account of which only the hash is known."""
    queues = hass.data.setdefault(_QUEUES, {})
    return queues.setdefault(account, UploadQueue(hass, account))

"""The treatment logs of one device that wait for LUX, and what LUX says of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from ..storage import RowReader, unknown_keys
from ..transport import parsing
from .client.models import TreatmentDevice
from .client.treatment_log import TreatmentLog, maybe_whole

_KEYS = (
    *("id", "real_user_id", "unique_id", "counter", "created"),
    *("logs", "blocked", "refused", "words", "anyway"),
)
_LARGEST_NUMBER = 2**63
# A phone may bring years of logs at once. Beyond a log that waits, though, there can
# only be those that the device has made since: one in half a minute, as LUX is told of
# a treatment after 30 s, and some that failed at once.
_LARGEST_JUMP = 10_000
_SHORTEST = timedelta(seconds=30)
_FAILED_AT_ONCE = 50
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
        return tuple(log for log in self.logs if self.is_held(log))

    @property
    def current(self) -> tuple[TreatmentLog, ...]:
        """Return the logs of the device's child, which are sent."""
        return tuple(log for log in self.logs if not self.is_held(log))

    @property
    def numbers(self) -> list[int]:
        """Return the numbers of the completed logs that are sent, rising."""
        numbers = (log.log_file_id for log in self.current)
        return [number for number in numbers if number is not None]

    @property
    def arrived(self) -> tuple[TreatmentLog, ...]:
        """Return the completed logs that LUX has, by its counter."""
        counter = self.counter or 0
        return tuple(log for log in self.current if 0 < log.number <= counter)

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
        ahead = next((number for number in self.numbers if number > self.counter), None)
        if ahead is None or ahead <= max(self.anyway, self.counter + 1):
            return None
        return Gap(self.counter + 1, ahead - 1)

    def with_logs(self, logs: Iterable[TreatmentLog]) -> DeviceQueue:
        """Return the queue with more logs, each at its place; raise LogRefused."""
        completed = [log for log in self.logs if not log.temporary]
        current = {log.log_file_id: log for log in self.current}
        held = {log for log in completed if self.is_held(log)}
        temporary = [log for log in self.logs if log.temporary]
        for given in logs:
            log = replace(given, real_user_id=self.real_user_id)
            number = log.log_file_id
            if number is None:
                # LUX keeps one, and a later one says more.
                newer = [other for other in temporary if other.start > log.start]
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
        completed.sort(key=lambda item: item.number)
        after = (*completed, *temporary)
        return self if after == self.logs else replace(self, logs=after)

    def highest_believed(self, now: datetime) -> int:
        """Return the highest number of a last log at LUX that can be true."""
        counter = self.counter
        if counter is None:
            counter = max(self.numbers, default=0) if self.logs else _LARGEST_NUMBER
        highest = max(counter, self.anyway) + _LARGEST_JUMP
        timed = [log for log in self.current if log.number and not log.is_clock_unset]
        if timed:
            age = max(now - timed[-1].start, timedelta())
            since = _FAILED_AT_ONCE + age // _SHORTEST
            highest = min(highest, timed[-1].number + since)
        return max(highest, self.counter or 0)

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
        is_marked = any(after.is_unsure(log) for log in after.logs)
        if is_marked:
            passed = (
                replace(log, is_passed=True) if after.is_unsure(log) else log
                for log in after.logs
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
        dropped = set(logs)
        after = tuple(log for log in self.logs if log not in dropped)
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
            "logs": [log.as_dict() for log in self.logs],
            "blocked": self.blocked,
            "refused": self.refused.as_dict() if self.refused else None,
            "words": self.words,
            "anyway": self.anyway,
        }


def queue_from_dict(
    plain: Mapping[str, Any], reader: RowReader, where: str
) -> DeviceQueue:
    """Return a stored queue, as far as it can be read."""
    # What is odd here hides no log: LUX or a person says it again, before one is sent.
    counter, blocked, anyway, child, device = (
        reader.read(maybe_whole, plain.get(name), where)
        for name in ("counter", "blocked", "anyway", "real_user_id", "id")
    )
    refused, words = plain.get("refused"), plain.get("words")
    unique_id = reader.read(_text, plain.get("unique_id"), where)
    # A log of a file without children is the child's whose device it was by then.
    read = partial(TreatmentLog.from_dict, real_user_id=child, counter=counter)
    refused = reader.read(read, refused, where) if refused else None
    logs = reader.read_list(read, plain["logs"], where)
    if child is None:
        children = [log.real_user_id for log in logs if log.real_user_id is not None]
        child = children[-1]
    return DeviceQueue(
        id=device or 0,
        real_user_id=child,
        unique_id=unique_id or where.removeprefix("lux:"),
        counter=counter,
        created=parsing.as_datetime(plain.get("created")),
        logs=logs,
        # Without the log that was refused, or why, nothing is blocked.
        blocked=blocked if refused else None,
        refused=refused if blocked else None,
        words=words if isinstance(words, str) else None,
        anyway=anyway or 0,
        extra=unknown_keys(plain, _KEYS),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")  # one way out
    return value

"""A treatment log: as LUX takes it, and as Lantern stores it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from enum import IntEnum
from typing import Any, Self

from ...transport import parsing

_KEYS = {
    *("start", "duration", "intensity", "ending", "log_file_id"),
    *("queued", "told", "real_user_id", "is_clock_unset", "counter"),
    *("is_passed", "is_held_on", "is_recorded", "note"),
}
# "The server will subtract 30 seconds before saving it" (Device page).
_TEMPORARY_SHIFT = timedelta(seconds=30)
_HOUR = timedelta(hours=1)
_LARGEST = 2**53
EARLIEST_YEAR = 1900
_LATEST_YEAR = 9900
LONGEST = 2**31 - 1
"""Times and seconds within these can be counted with, in any time zone."""


def whole(value: object) -> int:
    """Return a stored whole number; raise ValueError if it is none."""
    if type(value) is not int or not -1 < value <= _LARGEST:
        raise ValueError("no whole number")
    return value


def maybe_whole(value: object) -> int | None:
    """Return a stored whole number or None; raise ValueError if it is neither."""
    return None if value is None else whole(value)


def _countable(value: object) -> datetime:
    """Return a stored time; raise ValueError if nobody can count with it."""
    time = parsing.as_datetime(value)
    if time is None or not EARLIEST_YEAR <= time.year < _LATEST_YEAR:
        raise ValueError("no time")
    return time


class Ending(IntEnum):
    """How a treatment ended: `finish_flag`."""

    NORMAL = 1
    BUTTON = 2
    APP = 3
    FAULTY_CONTACTS = 4
    CHARGER = 5
    FACTORY = 6


@dataclass(frozen=True, slots=True)
class TreatmentLog:
    """One treatment: `start` in UTC, `duration` in seconds.

    Without ending and number it is temporary: the treatment was still going on.
    `queued` is when Lantern got it, `is_event_fired` whether the outbox has its event.
    `real_user_id` is the child whose treatment it is. With `is_clock_unset`, start or
    duration are what a device says whose clock was not set. `counter` is the number
    of the last log at LUX that a temporary log is newer than. With `is_passed`, LUX's
    number went past the log while the device was another child's; with `is_held_on`,
    a person wants to keep a log that cannot be sent. With `is_recorded`, a person
    wrote the treatment down: it has no number, LUX never gets it, and intensity and
    ending may be unknown; `note` is what the person wrote. `extra` is what another
    version of Lantern wrote into its row.
    """

    start: datetime
    duration: int
    intensity: int | None
    ending: Ending | None = None
    log_file_id: int | None = None
    queued: datetime | None = field(default=None, compare=False)
    is_event_fired: bool = field(default=False, compare=False)
    real_user_id: int | None = field(default=None, compare=False, repr=False)
    is_clock_unset: bool = field(default=False, compare=False)
    counter: int | None = field(default=None, compare=False)
    is_passed: bool = field(default=False, compare=False)
    is_held_on: bool = field(default=False, compare=False)
    is_recorded: bool = False
    note: str | None = field(default=None, compare=False, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def end(self) -> datetime:
        """Return when the treatment ended, as far as the log goes."""
        return self.start + timedelta(seconds=self.duration)

    @property
    def ending_name(self) -> str | None:
        """Return the ending's name, as sensors and events have it."""
        if self.ending is None:
            return "in_progress" if self.temporary else None
        return self.ending.name.lower()

    @property
    def temporary(self) -> bool:
        """Return True if the treatment was still going on."""
        return self.log_file_id is None and not self.is_recorded

    @property
    def hours(self) -> Iterator[tuple[datetime, float]]:
        """Yield the clock hours that a treatment covers, and its seconds in each."""
        hour = self.start.replace(minute=0, second=0, microsecond=0)
        while hour < self.end:
            covered = min(self.end, hour + _HOUR) - max(self.start, hour)
            yield hour, covered.total_seconds()
            hour += _HOUR

    def overlaps(self, other: TreatmentLog) -> bool:
        """Return True if both are of the same time: a child has one treatment at once."""
        is_same = self.start == other.start
        return is_same or (self.start < other.end and other.start < self.end)

    @property
    def number(self) -> int:
        """Return the device's number of the log; 0 for a temporary one."""
        return self.log_file_id or 0

    def body(self, device_id: int, unique_id: str, time_zone: tzinfo) -> dict[str, Any]:
        """Return one element of `log_arrays`: local time, no zone, whole seconds."""
        start = self.start.astimezone(time_zone)
        if self.temporary:
            start += _TEMPORARY_SHIFT
        body: dict[str, Any] = {
            "real_user_id": self.real_user_id,
            "device_id": device_id,
            "unique_id": unique_id,
            "detail_data": {
                "treatment_date": start.replace(microsecond=0, tzinfo=None).isoformat(),
                "finish_flag": self.ending,
                "last_intensity": self.intensity,
                "treatment_time": self.duration,
            },
        }
        if not self.temporary:
            body["log_file_id"] = self.log_file_id
        return body

    def as_dict(self) -> dict[str, Any]:
        """Return the log as it is stored; fields that few logs have are left out."""
        rare = {
            "is_clock_unset": self.is_clock_unset,
            "counter": self.counter,
            "is_passed": self.is_passed,
            "is_held_on": self.is_held_on,
            "is_recorded": self.is_recorded,
            "note": self.note,
        }
        return {
            **self.extra,
            "start": self.start.isoformat(),
            "duration": self.duration,
            "intensity": self.intensity,
            "ending": self.ending,
            "log_file_id": self.log_file_id,
            "queued": self.queued.isoformat() if self.queued else None,
            "told": self.is_event_fired,
            "real_user_id": self.real_user_id,
            **{k: v for k, v in rare.items() if v is not None and v is not False},
        }

    @classmethod
    def from_dict(
        cls,
        stored: Mapping[str, Any],
        *,
        may_be_recorded: bool = False,
        **defaults: Any,
    ) -> Self:
        """Return a stored log; raise ValueError if it is none.

        `defaults` are what older files lack. What was recorded is in no queue.
        """
        plain = defaults | {**stored}
        ending, queued = plain["ending"], plain.get("queued")
        number, is_fired = plain["log_file_id"], plain.get("told", False)
        duration = whole(plain["duration"])
        if duration > LONGEST or not isinstance(is_fired, bool):
            raise ValueError("no log")
        is_recorded, note = plain.get("is_recorded") is True, plain.get("note")
        if is_recorded and (number is not None or not may_be_recorded):
            raise ValueError("a log that nobody recorded")
        if not is_recorded and (ending is None) is not (number is None):
            raise ValueError("a log that is neither temporary nor completed")
        read_intensity = maybe_whole if is_recorded else whole
        return cls(
            start=_countable(plain["start"]),
            duration=duration,
            intensity=read_intensity(plain["intensity"]),
            ending=None if ending is None else Ending(whole(ending)),
            log_file_id=maybe_whole(number),
            queued=None if queued is None else _countable(queued),
            is_event_fired=is_fired,
            real_user_id=maybe_whole(plain.get("real_user_id")),
            is_clock_unset=plain.get("is_clock_unset") is True,
            counter=maybe_whole(plain.get("counter")),
            is_passed=plain.get("is_passed") is True,
            is_held_on=plain.get("is_held_on") is True,
            is_recorded=is_recorded,
            note=note if isinstance(note, str) else None,
            extra={key: plain[key] for key in plain.keys() - _KEYS},
        )

    def is_older_than(self, age: timedelta) -> bool:
        """Return True if the treatment was that long ago when Lantern got the log."""
        return self.queued is not None and self.queued - self.start > age

    def after(self, sent: TreatmentLog) -> Self:
        """Return the log once Lantern's other one is at LUX."""
        if self.counter is None or self.counter >= sent.number:
            return self
        return replace(self, counter=sent.number)

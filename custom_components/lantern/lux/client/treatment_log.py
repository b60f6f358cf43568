"""A treatment log as Lantern keeps it, and its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Self

from ...transport import parsing

_KEYS = {
    *("start", "duration", "intensity", "ending", "log_file_id"),
    *("queued", "told"),
}
_LARGEST = 2**53


def whole(value: object) -> int:
    """Return a stored whole number; raise ValueError if it is none."""
    if type(value) is not int or not -1 < value <= _LARGEST:
        raise ValueError("no whole number")
    return value


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
    `queued` is when Lantern got it, `told` whether its event was fired. `extra` is
    what another version of Lantern wrote into its row.
    """

    start: datetime
    duration: int
    intensity: int
    ending: Ending | None = None
    log_file_id: int | None = None
    queued: datetime | None = field(default=None, compare=False)
    told: bool = field(default=False, compare=False)
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def end(self) -> datetime:
        """Return when the treatment ended, as far as the log goes."""
        return self.start + timedelta(seconds=self.duration)

    @property
    def ending_name(self) -> str:
        """Return the ending's name, as sensors and events have it."""
        return self.ending.name.lower() if self.ending else "in_progress"

    @property
    def temporary(self) -> bool:
        """Tell whether the log waits for its end."""
        return self.log_file_id is None

    def plain(self) -> dict[str, Any]:
        """Return the log as JSON has it."""
        return {
            **self.extra,
            "start": self.start.isoformat(),
            "duration": self.duration,
            "intensity": self.intensity,
            "ending": self.ending,
            "log_file_id": self.log_file_id,
            "queued": self.queued.isoformat() if self.queued else None,
            "told": self.told,
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Self:
        """Return the log that `plain` wrote; raise ValueError if it is none."""
        ending, start = plain["ending"], parsing.as_datetime(plain["start"])
        number, told = plain["log_file_id"], plain.get("told", False)
        if start is None or not isinstance(told, bool):
            raise ValueError("no log")
        if (ending is None) is not (number is None):
            raise ValueError("a log that is neither temporary nor completed")
        return cls(
            start=start,
            duration=whole(plain["duration"]),
            intensity=whole(plain["intensity"]),
            ending=None if ending is None else Ending(whole(ending)),
            log_file_id=None if number is None else whole(number),
            queued=parsing.as_datetime(plain.get("queued")),
            told=told,
            extra={key: plain[key] for key in plain.keys() - _KEYS},
        )

    def as_told(self) -> Self:
        """Return the log, its event fired."""
        return replace(self, told=True)

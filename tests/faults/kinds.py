"""The bad days: what can be wrong with an answer, whatever was asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table: its name, and the simulator's fault (None: nobody listens).

    `once` hits a single request; `waits` names how long the service wants peace.
    """

    name: str
    fault: str | None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    once: bool = False
    waits: bool = False

    def __str__(self) -> str:
        """Return the name."""
        return self.name


def _status(code: int) -> Kind:
    return Kind(str(code), "status", {"status": code})


def _too_many(name: str, form: str) -> Kind:
    return Kind(f"429, {name}", "too_many", {"form": form}, waits=form != "none")


REFUSED = Kind("connection refused", None)
RESET = Kind("connection reset", "reset")
LOST = Kind("answer lost", "lost")
SILENCE = Kind("timeout", "silence")
DRIP = Kind("slow drip", "drip", {"seconds": 5})
ERROR = _status(500)
BUSY = _status(503)
LIMITS = (
    _too_many("`Retry-After` in seconds", "seconds"),
    _too_many("`Retry-After` as a date", "date"),
    _too_many("`X-Ratelimit-Reset`", "reset"),
    _too_many("`X-Ratelimit-Window`", "window"),
)
TOO_MANY = _too_many("no time named", "none")
ONCE_401 = Kind("401 once", "status", {"status": 401}, once=True)
ALWAYS_401 = Kind("401 for good", "status", {"status": 401})
FORBIDDEN = _status(403)
NOT_FOUND = _status(404)
TRUNCATED = Kind("truncated JSON", "truncated")
HTML = Kind("HTML with 200", "html")
EMPTY = Kind("empty body", "empty")
TYPES = Kind("wrong types", "wrong_types")
NULLS = Kind("nulls everywhere", "nulls")
FIELDS = Kind("unknown fields", "extra")
VALUES = Kind("unknown values", "unheard_of")
HUGE = Kind("200 MB body", "huge")
BOMB = Kind("gzip bomb, 200 MB", "bomb")
REDIRECT = Kind("redirect to another host", "redirect")
CHARSET = Kind("wrong charset", "charset")
DOUBLES = Kind("duplicate ids", "duplicates")

UNREACHABLE = (REFUSED, RESET, LOST, SILENCE, DRIP, ERROR, BUSY, TRUNCATED)
NONSENSE = (HTML, EMPTY, TYPES, NULLS, HUGE, BOMB, REDIRECT, CHARSET)
TRANSIENT = (*UNREACHABLE, *NONSENSE)
HARMLESS = (FIELDS, VALUES, DOUBLES)
NOT_ASKED = frozenset(
    {
        *(
            REFUSED,
            RESET,
            SILENCE,
            ERROR,
            BUSY,
            *LIMITS,
            TOO_MANY,
            ONCE_401,
            ALWAYS_401,
        ),
        *(FORBIDDEN, NOT_FOUND, HTML, EMPTY, HUGE, BOMB, REDIRECT),
    }
)
"""The service never hears of the request."""

KINDS = (
    *(REFUSED, RESET, LOST, SILENCE, DRIP, ERROR, BUSY, *LIMITS, TOO_MANY),
    *(ONCE_401, ALWAYS_401, FORBIDDEN, NOT_FOUND, TRUNCATED, HTML, EMPTY),
    *(TYPES, NULLS, FIELDS, VALUES, HUGE, BOMB, REDIRECT, CHARSET, DOUBLES),
)

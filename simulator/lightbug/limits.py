"""Rate limits: counting windows, their headers, and the pauses that 429 names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

LIMIT = "X-Ratelimit-Limit"
REMAINING = "X-Ratelimit-Remaining"
RESET = "X-Ratelimit-Reset"
WINDOW = "X-Ratelimit-Window"

# A request that was on its way when the 429 left has crossed it.
_CROSSING = 0.5
# `Date` and the reset are whole seconds: a pause may end that much early.
_EARLY = 1.0
# The documented windows are minutes long: a reset further off is no pause.
_LONGEST = 3600.0

type Form = Literal["application", "edge"]


@dataclass(slots=True)
class Window:
    """At most `limit` requests in `seconds`, counted from the window's first."""

    limit: int
    seconds: float = 300.0
    started: float = 0.0
    used: int = 0

    def take(self, now: float) -> bool:
        """Count a request; return whether it is within the limit."""
        if now >= self.started + self.seconds:
            self.started, self.used = now, 0
        self.used += 1
        return self.used <= self.limit

    def headers(self, form: Form) -> dict[str, str]:
        """Return the headers; an edge limit tells its length, not its end."""
        headers = {
            LIMIT: str(self.limit),
            REMAINING: str(max(0, self.limit - self.used)),
        }
        if form == "edge":
            return headers | {WINDOW: str(ceil(self.seconds))}
        return headers | {RESET: str(ceil(self.started + self.seconds))}


@dataclass(slots=True)
class _Pause:
    begun: float
    end: float
    asked: set[str] = field(default_factory=set)


class Pauses:
    """The pauses that 429 answers named, by the limit that was hit.

    An edge limit stands before everything, the others are for themselves.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._running: dict[str, _Pause] = {}

    def broken(self, limit: str, asked: str, now: float) -> bool:
        """Return whether a request disregards a pause.

        Requests that cross the 429 on their way do not; the same request once
        more has not crossed it, but followed it.
        """
        broken = False
        for name in (limit, "edge"):
            pause = self._running.get(name)
            if pause is None or now >= pause.end - _EARLY:
                continue
            crossed = now - pause.begun < _CROSSING and asked not in pause.asked
            pause.asked.add(asked)
            broken = broken or not crossed
        return broken

    def note(
        self, limit: str, asked: str, headers: Mapping[str, str], now: float
    ) -> None:
        """Take the pause from a 429's headers; nonsense, as no headers, names none."""
        try:
            if RESET in headers:
                end = float(headers[RESET])
            else:
                limit, end = "edge", now + float(headers[WINDOW])
        except KeyError, ValueError:
            return
        end = min(end, now + _LONGEST)
        pause = self._running.get(limit)
        if pause is None or now >= pause.end:
            pause = self._running[limit] = _Pause(now, end)
        pause.end = max(pause.end, end)
        pause.asked.add(asked)

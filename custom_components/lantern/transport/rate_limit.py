"""What a service says of its rate limits, and the pause that a 429 asks for."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from time import monotonic

from . import parsing
from .answers import AnswerLog
from .clock import ServiceClock, http_date

_LONGEST_NAMED = 86_400.0
_LONGEST_GUESS = 3600.0
_FIRST_GUESS = 60.0


def _named_waits(headers: Mapping[str, str], now: datetime) -> Iterator[float]:
    """Yield the seconds to wait that a 429 names.

    Forms: `Retry-After` in seconds or as a date, `X-Ratelimit-Reset` (epoch
    seconds), `X-Ratelimit-Window` (seconds). A date counts from the answer's own;
    from `now`, too, because that one can be wrong.
    """
    retry_after = headers.get("Retry-After", "")
    reset = parsing.as_float(headers.get("X-Ratelimit-Reset"))
    end: float | None = None
    if (seconds := parsing.as_float(retry_after)) is not None:
        yield seconds
    elif retry_after:
        date = http_date(retry_after)
        end = date.timestamp() if date else None
    elif reset is not None:
        end = reset
    elif (window := parsing.as_float(headers.get("X-Ratelimit-Window"))) is not None:
        yield window
    if end is not None:
        yield end - now.timestamp()
        if (date := http_date(headers.get("Date"))) is not None:
            yield end - date.timestamp()


class RateLimit:
    """One account's limits: kept beyond a set-up that failed.

    `left` and `limit` are requests in the service's running window, None until
    it names them. `retry_statuses` are the statuses that ask for a pause, `initial_backoff` its
    seconds where the service names none; it doubles up to `max_backoff`. `clock`
    is the time at the service, `answers` what its answers looked like.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.left: int | None = None
        self.limit: int | None = None
        self.retry_statuses = frozenset({429})
        self.initial_backoff = _FIRST_GUESS
        self.max_backoff = _LONGEST_GUESS
        self.clock = ServiceClock()
        self.answers = AnswerLog()
        self._until = 0.0
        self._guess: float | None = None

    @property
    def pause(self) -> float:
        """Return the seconds for which nothing may be sent."""
        return max(0.0, self._until - monotonic())

    @property
    def is_low(self) -> bool:
        """Return whether less than a tenth of the window is left."""
        return bool(
            self.limit is not None
            and self.left is not None
            and self.left * 10 < self.limit
        )

    def observe(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in an answer's time and limits; a busy service starts the pause."""
        self.clock.observe(headers)
        left = parsing.as_int(headers.get("X-Ratelimit-Remaining"))
        limit = parsing.as_int(headers.get("X-Ratelimit-Limit"))
        if left is not None and limit is not None:
            self.left, self.limit = left, limit
        if status not in self.retry_statuses:
            self._guess = None
            return
        named = [wait for wait in _named_waits(headers, self.clock.now()) if wait > 0]
        if named:
            wait = min(*named, _LONGEST_NAMED)
        else:
            wait = self.initial_backoff if self._guess is None else self._guess
            self._guess = min(wait * 2, self.max_backoff)
        self._until = max(self._until, monotonic() + wait)

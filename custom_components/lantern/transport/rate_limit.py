"""What a service says of its rate limits, and the pause that a 429 asks for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from . import parsing

_LONGEST = 3600.0
_FIRST_GUESS = 60.0


def service_time(headers: Mapping[str, str]) -> datetime:
    """Return the time at the service: the answer's `Date`, else our own, in UTC."""
    try:
        found = parsedate_to_datetime(headers.get("Date", ""))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except TypeError, ValueError, OverflowError:
        return datetime.now(UTC)


def _named_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that a 429 names, or None.

    Forms: `Retry-After` in seconds or as a date, `X-Ratelimit-Reset` (epoch
    seconds), `X-Ratelimit-Window` (seconds); dates count from the answer's own.
    """
    now = service_time(headers)
    retry_after = headers.get("Retry-After", "")
    if (seconds := parsing.as_float(retry_after)) is not None:
        return seconds
    if retry_after:
        return (service_time({"Date": retry_after}) - now).total_seconds()
    if (reset := parsing.as_float(headers.get("X-Ratelimit-Reset"))) is not None:
        return reset - now.timestamp()
    return parsing.as_float(headers.get("X-Ratelimit-Window"))


class RateLimit:
    """One account's limits: kept beyond a set-up that failed.

    `left` and `limit` are requests in the service's running window, None until
    it names them. `busy` are the statuses that ask for a pause, `first_guess` its
    seconds where the service names none; it doubles up to `longest_guess`.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.left: int | None = None
        self.limit: int | None = None
        self.retry_statuses = frozenset({429})
        self.initial_backoff = _FIRST_GUESS
        self.max_backoff = _LONGEST
        self._until = 0.0
        self._guess: float | None = None

    @property
    def pause(self) -> float:
        """Return the seconds for which nothing may be sent."""
        return max(0.0, self._until - monotonic())

    @property
    def is_low(self) -> bool:
        """Tell whether less than a tenth of the window is left."""
        return bool(
            self.limit is not None
            and self.left is not None
            and self.left * 10 < self.limit
        )

    def observe(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in an answer's limits; a busy service starts the pause."""
        left = parsing.as_int(headers.get("X-Ratelimit-Remaining"))
        limit = parsing.as_int(headers.get("X-Ratelimit-Limit"))
        if left is not None and limit is not None:
            self.left, self.limit = left, limit
        if status not in self.retry_statuses:
            self._guess = None
            return
        wait = _named_wait(headers)
        if wait is None or wait <= 0:
            wait = self.initial_backoff if self._guess is None else self._guess
            self._guess = min(wait * 2, self.max_backoff)
        self._until = max(self._until, monotonic() + min(wait, _LONGEST))

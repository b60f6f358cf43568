"""What a service says of its rate limits, and the pause that a 429 asks for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic

from . import fields

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
    if (seconds := fields.number(retry_after)) is not None:
        return seconds
    if retry_after:
        return (service_time({"Date": retry_after}) - now).total_seconds()
    if (reset := fields.number(headers.get("X-Ratelimit-Reset"))) is not None:
        return reset - now.timestamp()
    return fields.number(headers.get("X-Ratelimit-Window"))


class Limits:
    """One account's limits: kept beyond a set-up that failed.

    `left` and `limit` are requests in the service's running window, None until
    it names them. `busy` are the statuses that ask for a pause, `first_guess` its
    seconds where the service names none; it doubles up to `longest_guess`.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.left: int | None = None
        self.limit: int | None = None
        self.busy = frozenset({429})
        self.first_guess = _FIRST_GUESS
        self.longest_guess = _LONGEST
        self._until = 0.0
        self._guess: float | None = None

    @property
    def pause(self) -> float:
        """Return the seconds for which nothing may be sent."""
        return max(0.0, self._until - monotonic())

    @property
    def scarce(self) -> bool:
        """Tell whether less than a tenth of the window is left."""
        return bool(
            self.limit is not None
            and self.left is not None
            and self.left * 10 < self.limit
        )

    def observe(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in an answer's limits; a busy service starts the pause."""
        left = fields.integer(headers.get("X-Ratelimit-Remaining"))
        limit = fields.integer(headers.get("X-Ratelimit-Limit"))
        if left is not None and limit is not None:
            self.left, self.limit = left, limit
        if status not in self.busy:
            self._guess = None
            return
        wait = _named_wait(headers)
        if wait is None or wait <= 0:
            wait = self.first_guess if self._guess is None else self._guess
            self._guess = min(wait * 2, self.longest_guess)
        self._until = max(self._until, monotonic() + min(wait, _LONGEST))

"""The time at a service, as far as its answers' `Date` can be believed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_CREDIBLE = timedelta(days=1, minutes=1)
"""A clock that differs no more from ours is believed at once."""
_AGREE = timedelta(minutes=5)
_YEARS = range(2000, 2100)
"""Any other year is an unset clock, or a placeholder such as 31 Dec 9999."""


def http_date(text: str | None) -> datetime | None:
    """Return the time of an HTTP date in UTC, None if it is none."""
    try:
        time = parsedate_to_datetime(text or "")
        time = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except TypeError, ValueError, OverflowError:
        return None
    return time if time.year in _YEARS else None


class ServiceClock:
    """A service's clock; one wrong `Date` does not set it.

    A `Date` within a day of our time is believed. Another one is believed once
    two answers in a row agree on it: then it is our clock that is wrong, or the
    service's is for good.
    """

    def __init__(self) -> None:
        """Start with our own time."""
        self.ahead = timedelta()
        """How far the service's time is ahead of ours."""
        self._doubted: timedelta | None = None

    def now(self) -> datetime:
        """Return the time at the service, in UTC."""
        return datetime.now(UTC) + self.ahead

    @property
    def is_doubted(self) -> bool:
        """Return True if the last `Date` has yet to be confirmed by another."""
        doubted = self._doubted
        return doubted is not None and abs(doubted - self.ahead) > _AGREE

    def observe(self, headers: Mapping[str, str]) -> None:
        """Compare our time with an answer's `Date`."""
        date = http_date(headers.get("Date"))
        if date is None:
            return
        ahead = date - datetime.now(UTC)
        is_credible = abs(ahead) <= _CREDIBLE
        repeats = self._doubted is not None and abs(ahead - self._doubted) <= _AGREE
        if is_credible or repeats:
            self.ahead = ahead
        self._doubted = None if is_credible else ahead

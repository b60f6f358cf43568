"""A tracker's history: every fix of a range of time, once, from all pages."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...transport.errors import BadAnswer, RateLimited
from .models import Row, time_text
from .points import Clock, Point, parse_point
from .query import PAGE, next_page

MOST = 50_000
"""The most points that one call returns."""

MOST_REQUESTS = 100
"""The most requests that one call sends: an account has 2,000 in a window."""

type Ask = Callable[[str, tuple[str, str], int], Awaitable[list[Row]]]

# One answer holds 90 days at most.
_WINDOW = timedelta(days=90)


@dataclass(slots=True)
class History:
    """Points by time; `truncated` tells that there are more after the last one.

    Of points that hold a place alone, or of all if not `places_only`.
    """

    since: datetime
    until: datetime
    clock: Clock
    places_only: bool = True
    truncated: bool = False
    requests: int = 0
    _found: dict[object, tuple[datetime, Point]] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """Take a point that was taken within the range."""
        point = parse_point(row, vouched=self.places_only).dated(self.clock)
        if point.time is None or (self.places_only and point.fix is None):
            return
        if self.since <= point.time <= self.until:
            self._found[point.id or (point.time, point.fix)] = (point.time, point)

    def cut(self, last: datetime) -> None:
        """End with the last point that was read: what comes after it has gaps."""
        self.truncated = True
        self.until = min(self.until, last)

    @property
    def size(self) -> int:
        """Return how many points were found."""
        return len(self._found)

    @property
    def ordered(self) -> list[Point]:
        """Return the points in the order in which they were taken."""
        ordered = sorted(self._found.values(), key=lambda row: (row[0], row[1].id or 0))
        return [point for time, point in ordered if time <= self.until][:MOST]

    @property
    def points(self) -> list[dict[str, Any]]:
        """Return the points as JSON, in the order in which they were taken."""
        return [_shown(point) for point in self.ordered]


def _shown(point: Point) -> dict[str, Any]:
    fix, time = point.fix, point.time
    assert fix is not None
    assert time is not None
    return {
        "id": point.id,
        "time": time.isoformat(),
        "latitude": fix.latitude,
        "longitude": fix.longitude,
        "accuracy": fix.accuracy,
        "speed": fix.speed,
        "altitude": fix.altitude,
        "course": fix.course,
        "source": fix.source,
        "address": fix.address,
        "stale": point.stale,
    }


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield ranges that one answer can hold."""
    while since < until:
        end = min(since + _WINDOW, until)
        yield since, end
        since = end


async def read_history(
    ask: Ask,
    since: datetime,
    until: datetime,
    clock: Clock,
    *,
    places_only: bool = True,
) -> History:
    """Return the history; `ask` takes a time's name, a range of it, and a skip.

    By its own time, and by its arrival: a point whose tracker had no clock, or a
    wrong one, is found only by the latter. Ends, truncated, with `MOST` points or
    `MOST_REQUESTS`, and where the service wants no more requests for now.
    """
    if 2 * (until - since) > MOST_REQUESTS * _WINDOW and clock.first_seen is not None:
        # Nothing is skipped by that but requests.
        since = max(since, clock.first_seen)
    history = History(since, until, clock, places_only)
    for low, high in _windows(history.since, until):
        for by in ("timestamp", "created"):
            await _read_window(ask, by, (low, min(high, history.until)), history)
        if history.size > MOST:
            history.truncated = True
        if history.truncated:
            break
    return history


async def _read_window(
    ask: Ask, by: str, ends: tuple[datetime, datetime], history: History
) -> None:
    """Read the pages of one window."""
    start, (low, high) = ends[0], (time_text(end) for end in ends)
    # Those with a clock come in both orders: the second may not cut the first.
    most = MOST if by == "timestamp" else 2 * MOST
    skip = 0
    while True:
        if history.requests >= MOST_REQUESTS:
            history.cut(start)
            return
        history.requests += 1
        try:
            rows = await ask(by, (low, high), skip)
        except RateLimited:
            history.cut(start)
            if not history.ordered:
                raise
            return
        for row in rows:
            history.take(row)
        if len(rows) < PAGE:
            return
        if (following := next_page(rows, by, low, skip)) is None:
            raise BadAnswer("devices/points", "no time")
        low, time, skip = following
        if history.size > most:
            history.cut(time)
        if history.truncated and time >= history.until:
            return
        start = time

"""Journeys: from the point at which a tracker started to the one at which it stopped."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from .distance import Step, between, step_of
from .points import Point


class Journey(NamedTuple):
    """A journey that has ended: times in UTC, addresses as far as they are known."""

    start: datetime
    end: datetime
    start_address: str | None
    end_address: str | None
    distance: float
    """In km, along the fixes that count."""


class _Open:
    """A journey that has not ended yet."""

    def __init__(self, start: datetime) -> None:
        """Begin without a fix."""
        self._start = start
        self._addresses: list[str] = []
        self._last: Step | None = None
        self._distance = 0.0

    def take(self, point: Point) -> None:
        """Go on to a point."""
        if point.fix is not None and not point.stale and point.fix.address:
            self._addresses.append(point.fix.address)
        if (step := step_of(point)) is not None:
            self._distance += between(self._last, step)
            self._last = step

    def end(self, time: datetime) -> Journey:
        """Return the journey that ends at a time."""
        addresses = self._addresses
        first, last = (addresses[0], addresses[-1]) if addresses else (None, None)
        return Journey(self._start, time, first, last, self._distance)


def find_journeys(points: Iterable[Point]) -> Iterator[Journey]:
    """Yield the journeys of points in the order of time; the one under way is left out.

    One whose end was not reported ends with the last point before the next start.
    """
    journey: _Open | None = None
    last: datetime | None = None
    for point in points:
        if point.time is None or point.check_in:
            continue
        if point.has_started:
            if journey is not None and last is not None:
                yield journey.end(last)
            journey = _Open(point.time)
        if journey is not None:
            journey.take(point)
            if point.is_standing and not point.has_started:
                yield journey.end(point.time)
                journey = None
        last = point.time

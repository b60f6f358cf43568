"""How far a tracker went: along its fixes, by the day and by the hour."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any, NamedTuple

from ...transport import parsing
from .models import Row, as_epoch, place_of
from .points import Point

# What is less accurate counts a journey where there is none.
_MOST_ACCURACY = 100.0
_EARTH_RADIUS = 6371.0088
# Fixes that come late are put between those that were sent before them.
_KEPT_FIXES = 64
_KEPT_HOURS = timedelta(hours=48)


class Step(NamedTuple):
    """A fix that counts: when and where, and the id of its point."""

    time: datetime
    latitude: float
    longitude: float
    id: int | None


def step_of(point: Point) -> Step | None:
    """Return a point's fix if it counts: accurate, dated, and not repeated."""
    fix = point.fix
    if (
        fix is None
        or point.stale
        or fix.time is None
        or fix.latitude is None
        or fix.longitude is None
        or fix.accuracy is None
        or fix.accuracy >= _MOST_ACCURACY
    ):
        return None
    return Step(fix.time, fix.latitude, fix.longitude, point.id)


def kilometres(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the distance of two places in degrees along a great circle, in km."""
    low, high = radians(latitude), radians(other_latitude)
    north, east = high - low, radians(other_longitude - longitude)
    half = sin(north / 2) ** 2 + cos(low) * cos(high) * sin(east / 2) ** 2
    return 2 * _EARTH_RADIUS * asin(sqrt(min(1.0, half)))


def between(start: Step | None, end: Step | None) -> float:
    """Return the distance of two fixes in km, 0 without one of them."""
    if start is None or end is None:
        return 0.0
    return kilometres(start.latitude, start.longitude, end.latitude, end.longitude)


@dataclass(slots=True)
class DistanceState:
    """The way of one tracker in km: `today`, and in each hour (UTC).

    `before` is what it went before `first`, the first hour that is kept. `unsaved` is
    the first hour that statistics lack, `is_joined` says that their sum was compared.
    A day is Home Assistant's; its way may fall where a late fix moves some of it to
    the day before.
    """

    today: float = 0.0
    day: date | None = None
    hours: dict[datetime, float] = field(default_factory=dict)
    before: float = 0.0
    first: datetime | None = None
    unsaved: datetime | None = None
    is_joined: bool = False
    _steps: list[Step] = field(default_factory=list)

    @property
    def shown(self) -> float | None:
        """Return today's way to the metre, None of a tracker without a fix."""
        return round(self.today, 3) if self._steps else None

    def start_day(self, day: date) -> bool:
        """Begin a day; return False if it is under way."""
        if day == self.day:
            return False
        self.day, self.today = day, 0.0
        return True

    def take(self, point: Point, now: datetime) -> None:
        """Add the way to a point, or through it if it comes late; `now` is Home Assistant's."""
        step = step_of(point)
        if step is None or (step.id and any(step.id == s.id for s in self._steps)):
            return
        index = bisect_left(self._steps, step[:1])
        if index == 0 and self._steps:
            # Older than all that is kept: its way was counted, or cannot be told.
            return
        start = self._steps[index - 1] if index else None
        end = self._steps[index] if index < len(self._steps) else None
        self._steps.insert(index, step)
        del self._steps[:-_KEPT_FIXES]
        self._add(step.time, between(start, step), now)
        if start is not None and end is not None:
            # The way to the next fix was counted without this one.
            self._add(end.time, between(step, end) - between(start, end), now)

    def _add(self, time: datetime, way: float, now: datetime) -> None:
        if way == 0:
            return
        self.start_day(now.date())
        if time.astimezone(now.tzinfo).date() == self.day:
            self.today = max(0.0, self.today + way)
        hour = time.replace(minute=0, second=0, microsecond=0)
        if self.first is not None and hour < self.first:
            # Its row is not known any more: the sums of all later ones change.
            hour = min(self.hours, default=self.first)
            self.hours.setdefault(hour, 0.0)
            self.before += way
        else:
            self.hours[hour] = max(0.0, self.hours.get(hour, 0.0) + way)
        self.unsaved = min(self.unsaved or hour, hour)

    def rows(self, until: datetime) -> list[tuple[datetime, float, float]]:
        """Return the unsaved hours before `until`: their way, and the sum with it.

        A row is the same however often it is made.
        """
        total, rows = self.before, []
        for hour in sorted(self.hours):
            total += self.hours[hour]
            if self.unsaved is not None and self.unsaved <= hour < until:
                rows.append((hour, self.hours[hour], total))
        return rows

    def join(self, hour: datetime | None, total: float) -> None:
        """Go on from the last row of the statistics, if their sum is higher."""
        own = self.before + sum(
            way for at, way in self.hours.items() if hour is not None and at <= hour
        )
        self.before += max(0.0, total - own)
        self.is_joined = True

    def mark_saved(self, until: datetime) -> None:
        """Note that statistics have all hours before `until`; drop old hours."""
        self.unsaved = min((h for h in self.hours if h >= until), default=None)
        self.first = until - _KEPT_HOURS
        for hour in sorted(self.hours):
            if hour < self.first:
                self.before += self.hours.pop(hour)

    def as_dict(self) -> dict[str, Any]:
        """Return what must survive a restart, as JSON; nothing without a fix."""
        if not self._steps:
            return {}
        last = self._steps[-1]
        return {
            "day": None if self.day is None else self.day.isoformat(),
            "today": self.today,
            "before": self.before,
            "hours": {str(int(h.timestamp())): km for h, km in self.hours.items()},
            "last": [last.time.timestamp(), *last[1:]],
        }

    def restore(self, stored: Row) -> None:
        """Take what an earlier run stored, as far as it can be read."""
        day = parsing.as_str(stored.get("day"))
        today = _as_distance(stored.get("today"))
        try:
            self.day = None if day is None else date.fromisoformat(day)
            self.today = today
        except ValueError:
            self.day = None
        self.before = _as_distance(stored.get("before"))
        self.hours = _as_hours(parsing.as_dict(stored.get("hours")))
        self.unsaved = min(self.hours, default=None)
        last = stored.get("last")
        if isinstance(last, list) and len(last) == len(Step._fields):
            time, place = as_epoch(last[0]), place_of(*last[1:3])
            if time is not None and place is not None:
                self._steps = [Step(time, *place, parsing.as_int(last[3]))]


def _as_distance(value: object) -> float:
    """Return a stored distance, 0 of what cannot be one."""
    distance = parsing.as_float(value)
    return distance if distance is not None and 0 <= distance < 1e9 else 0.0


def _as_hours(stored: Mapping[str, Any]) -> dict[datetime, float]:
    """Return the stored hours that are full hours."""
    hours = {}
    for text, way in stored.items():
        time = as_epoch(parsing.as_int(text))
        if time is not None and time == time.replace(minute=0, second=0):
            hours[time.astimezone(UTC)] = _as_distance(way)
    return hours

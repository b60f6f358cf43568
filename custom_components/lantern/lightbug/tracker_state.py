"""The state of one tracker: everything that earlier polls left of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeGuard

from ..transport import parsing
from .client.devices import NO_ROW, TrackerRow, make_tracker
from .client.models import Tracker
from .client.points import Clock, Point, PositionState
from .client.readings import ReadingState

_NEVER = object()
# So many connections without a new point, and the summary may be hiding one.
_CONNECTIONS = 2
_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


def is_time(value: object) -> TypeGuard[float]:
    """Return True if a stored value is a time in seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < _LATEST


@dataclass(slots=True)
class TrackerState:
    """One tracker, by Lightbug's number and under its device id.

    `listed` and `summed` are its rows in the two APIs. `changed` is when its settings
    were last changed here, until the tracker has fetched them. `unread_since` is from
    when on its points have still to be read, because the summary cannot hold or does
    not show them; `is_open` says that the summary left something out of a new one.
    `is_outdated` says that the model has to be built anew.
    """

    number: int
    device_id: str
    listed: TrackerRow = NO_ROW
    summed: TrackerRow = NO_ROW
    position: PositionState = field(default_factory=PositionState)
    readings: ReadingState = field(default_factory=ReadingState)
    changed: datetime | None = None
    unread_since: datetime | None = None
    is_open: bool = False
    is_outdated: bool = True
    _connected: object = _NEVER
    _looked: datetime | None = None
    _points: tuple[Point, ...] | None = None
    _connections: int = 0
    _is_hiding: bool = False
    _model: Tracker | None = None

    # What must survive a restart -------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """Return what must survive a restart, as JSON."""
        stored: dict[str, Any] = {}
        if self.changed is not None:
            stored["changed"] = self.changed.timestamp()
        if self.position.has_safe_zone:
            stored["safe_zone"] = True
        return stored

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take what an earlier run stored, as far as it can be read."""
        if is_time(changed := stored.get("changed")):
            self.changed = datetime.fromtimestamp(changed, UTC)
        self.position.has_safe_zone = parsing.as_bool(stored.get("safe_zone")) is True

    # What a poll brings ----------------------------------------------------------

    def update_rows(self, listed: TrackerRow, summed: TrackerRow) -> bool:
        """Take both rows; return True if one of them is another than before."""
        if listed is self.listed and summed is self.summed:
            return False
        self.listed, self.summed = listed, summed
        self.is_outdated = True
        return True

    def update_connection(self) -> bool:
        """Take the last connection; return True if it is a new one."""
        before = self._connected
        self._connected = self.listed.last_connection or self.summed.last_connection
        is_new = before != self._connected
        self._connections += is_new
        return is_new

    def clock(self, now: datetime) -> Clock:
        """Return what is known of the tracker's time; `now` is the service's."""
        return Clock(now, self.listed.first_seen or self.summed.first_seen)

    def update_points(self, clock: Clock, most: int, since: datetime) -> list[Point]:
        """Take the summary's points, and return those with news, by time.

        The service may add to a point later. `most` is how many the summary holds;
        where there may be more, they are unread: since the last look, or after a
        start since `since`.
        """
        points, before = self.summed.points, self._points
        self.is_open = False
        if points == before:
            return []
        self._points = points
        earlier = {point.key: point for point in before or ()}
        news = self.take([p.dated(clock) for p in points if earlier.get(p.key) != p])
        if before is not None and all(point.key in earlier for point in points):
            return news
        self._connections, self._is_hiding = 0, False
        self.is_open = any(p.is_open for p in news if p.key not in earlier)
        if any(point.time is None and point.alerts for point in news):
            # An alert without a time; the point's own row says when it arrived.
            self._leave_unread(self._looked or since)
        oldest = points[-1] if points else None
        if oldest is not None and len(points) >= most > 1:
            if before is None:
                time = oldest.dated(clock).time
                if time is not None and time > since:
                    self._leave_unread(since)
            elif oldest.key not in earlier:
                self._leave_unread(self._looked or since)
        self._looked = clock.now
        return news

    def take(self, points: list[Point]) -> list[Point]:
        """Take points, and return them by their time; those without a time first."""
        ordered = sorted(points, key=lambda p: (p.time is not None, p.time, p.id or 0))
        for point in ordered:
            self.position.take(point)
        self.is_outdated = True
        return ordered

    def check_hidden(self, since: datetime) -> bool:
        """Note points that the summary may hide; return True if any are unread.

        It is sorted by the trackers' clocks: a point of one that was ahead stays the
        newest, and one that was rolled over hides its own. Where the tracker connects
        again and again, and nothing new is shown, what arrived last is asked for: at
        the second connection, then more and more rarely.
        """
        count = self._connections
        is_due = count >= _CONNECTIONS and not count & (count - 1)
        if is_due or (self._is_hiding and count):
            self._leave_unread(self._looked or since)
        return self.unread_since is not None

    def take_unread(self, points: list[Point], clock: Clock) -> list[Point]:
        """Take the points that arrived since; return them by time."""
        shown = {point.key for point in self._points or ()}
        if self._connections:
            self._is_hiding = any(point.key not in shown for point in points)
        self.unread_since, self._looked = None, clock.now
        return self.take([point.dated(clock) for point in points])

    def _leave_unread(self, since: datetime) -> None:
        self.unread_since = min(self.unread_since or since, since)

    # What is shown ---------------------------------------------------------------

    def model(self) -> Tracker:
        """Return the tracker's model: the same object as long as nothing changed."""
        if self._model is None or self.is_outdated:
            self._model = make_tracker(
                self.listed,
                self.summed,
                fix=self.position.fix,
                status=self.position.status,
                readings=self.readings.values,
                changed=self.changed,
            )
            self.is_outdated = False
        return self._model

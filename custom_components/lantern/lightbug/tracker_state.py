"""What earlier polls left of one tracker: only what is new is read again."""

from dataclasses import dataclass, field
from datetime import datetime

from .client.devices import NO_ROW, TrackerRow, tracker_of
from .client.models import Tracker
from .client.points import Clock, Point, PositionState
from .client.readings import ReadingState

_NEVER = object()
# So many connections without a new point, and the summary may be hiding one.
_PATIENCE = 2


@dataclass(slots=True)
class TrackerState:
    """One tracker, by Lightbug's number and under its device id.

    `listed` and `summed` are the rows that the two APIs have of it; `connected` is
    when it connected last. `unread_since` is from when on its points have still to
    be read, because the summary cannot hold or does not show them; `is_open` says that
    the summary left something out of a new one.
    """

    number: int
    device_id: str
    listed: TrackerRow = NO_ROW
    summed: TrackerRow = NO_ROW
    track: PositionState = field(default_factory=PositionState)
    sensed: ReadingState = field(default_factory=ReadingState)
    connected: object = _NEVER
    unread_since: datetime | None = None
    looked: datetime | None = None
    is_open: bool = False
    _points: tuple[Point, ...] | None = None
    _connections: int = 0
    _is_hiding: bool = False

    def hear(self, listed: TrackerRow, summed: TrackerRow) -> bool:
        """Take what was told; return whether anything of it was read anew."""
        if listed is self.listed and summed is self.summed:
            return False
        self.listed, self.summed = listed, summed
        return True

    def connected_anew(self) -> bool:
        """Return whether it connected since the last time that this was asked."""
        connected = self.listed.last_connection or self.summed.last_connection
        is_new = self.connected != connected
        self.connected = connected
        if is_new:
            self._connections += 1
        return bool(is_new)

    def clock(self, now: datetime) -> Clock:
        """Return what is known of the time while it is read; `now` is the service's."""
        return Clock(now, self.listed.first_seen or self.summed.first_seen)

    def look(self, clock: Clock, most: int, since: datetime) -> list[Point]:
        """Learn from the summary's points, and return those with news, by time.

        The service may tell more of a point later. `most` is how many the summary
        holds; where there may be more, they are unread: since the last look, or after
        a start since `since`.
        """
        points, before = self.summed.points, self._points
        self.is_open = False
        if points == before:
            return []
        self._points = points
        known = {point.key: point for point in before or ()}
        news = self.take([p.dated(clock) for p in points if known.get(p.key) != p])
        if before is not None and all(point.key in known for point in points):
            return news
        self._connections, self._is_hiding = 0, False
        self.is_open = any(one.is_open for one in news if one.key not in known)
        if any(point.time is None and point.alerts for point in news):
            # An alert without a time; the point's own row says when it arrived.
            self._leave_unread(self.looked or since)
        last = points[-1] if points else None
        if last is not None and len(points) >= most > 1:
            if before is None:
                time = last.dated(clock).time
                if time is not None and time > since:
                    self._leave_unread(since)
            elif last.key not in known:
                self._leave_unread(self.looked or since)
        self.looked = clock.now
        return news

    def take(self, points: list[Point]) -> list[Point]:
        """Learn from points, and return them by their time; those without one first."""
        ordered = sorted(
            points, key=lambda one: (one.time is not None, one.time, one.id or 0)
        )
        for point in ordered:
            self.track.take(point)
        return ordered

    def suspect(self, since: datetime) -> bool:
        """Return whether the summary may hide newer points; note them as unread.

        It is sorted by the trackers' clocks: a point of one that was ahead stays the
        newest, and one that was rolled over hides its own. Where the tracker connects
        again and again, and nothing new is shown, what arrived last is asked for: at
        the second connection, then more and more rarely.
        """
        count = self._connections
        is_due = count >= _PATIENCE and not count & (count - 1)
        if is_due or (self._is_hiding and count):
            self._leave_unread(self.looked or since)
        return self.unread_since is not None

    def take_unread(self, points: list[Point], clock: Clock) -> list[Point]:
        """Learn from the points that arrived since; return them by time."""
        shown = {point.key for point in self._points or ()}
        if self._connections:
            self._is_hiding = any(point.key not in shown for point in points)
        self.unread_since, self.looked = None, clock.now
        return self.take([point.dated(clock) for point in points])

    def _leave_unread(self, since: datetime) -> None:
        self.unread_since = min(self.unread_since or since, since)

    def tracker(self, changed: datetime | None) -> Tracker:
        """Return the tracker; `changed` is when we last changed its settings."""
        return tracker_of(
            self.listed,
            self.summed,
            fix=self.track.fix,
            status=self.track.status,
            readings=self.sensed.values,
            changed=changed,
        )

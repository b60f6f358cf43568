"""The state of each tracker: everything that earlier polls left of it."""

from collections.abc import Mapping, MutableMapping
from copy import replace
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from ..store import LanternStore
from ..transport import parsing
from .client.devices import NO_ROW, TrackerRow, make_tracker
from .client.distance import DistanceState
from .client.geofences import Geofence, names_around
from .client.models import MODES, Fix, Tracker, as_epoch
from .client.points import EVERY_FIX, Clock, FixFilter, Point, PositionState
from .client.readings import ReadingState
from .shared_trackers import DEVICE_PREFIX

_NEVER = object()
# So many connections without a new point, and the summary may be hiding one.
_CONNECTIONS = 2
# How old (s) a fix may be that is written besides the newest: one poll, and the time
# that it takes to arrive.
_TRAIL = timedelta(minutes=6)
# A tracker may be this late before it is overdue.
_LATE = timedelta(minutes=15)
_LONGEST_GAP = timedelta(days=30)
# What is longer (s) is no interval.
_LONGEST_INTERVAL = 1e9
_SECOND = timedelta(seconds=1)
_AWAKE, _ASLEEP = "awake", "sleep"
# Sections of earlier versions, and what they are now called in a tracker's row.
_MOVED = {"config": "changed", "safe_zones": "safe_zone"}


@dataclass(slots=True)
class TrackerState:
    """One tracker, by Lightbug's number and under its device id.

    `listed` and `summed` are its rows in the two APIs. `changed` is when its settings
    were last changed here, until the tracker has fetched them. `unread_since` is from
    when on its points have still to be read, because the summary cannot hold or does
    not show them; `is_open` says that the summary left something out of a new one.
    `is_outdated` says that the model has to be built anew. `fix_filter` says which
    places are shown, `geofences` are the account's, None if they are not needed.
    """

    number: int
    device_id: str
    fix_filter: FixFilter = EVERY_FIX
    listed: TrackerRow = NO_ROW
    summed: TrackerRow = NO_ROW
    position: PositionState = field(default_factory=PositionState)
    readings: ReadingState = field(default_factory=ReadingState)
    distance: DistanceState = field(default_factory=DistanceState)
    geofences: tuple[Geofence, ...] | None = None
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
    _new_fixes: list[Fix] = field(default_factory=list)
    _trail: tuple[Fix, ...] = ()
    _is_overdue: bool | None = None

    # What must survive a restart -------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """Return what must survive a restart, as JSON."""
        stored: dict[str, Any] = {}
        if self.changed is not None:
            stored["changed"] = self.changed.timestamp()
        if self.position.has_safe_zone:
            stored["safe_zone"] = True
        if self._looked is not None:
            stored["looked"] = self._looked.timestamp()
        if distance := self.distance.as_dict():
            stored["distance"] = distance
        return stored

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take what an earlier run stored, as far as it can be read."""
        self.changed = as_epoch(stored.get("changed"))
        self._looked = as_epoch(stored.get("looked"))
        self.position.has_safe_zone = parsing.as_bool(stored.get("safe_zone")) is True
        self.distance.restore(parsing.as_dict(stored.get("distance")))

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
        where there may be more, they are unread: since the last look, or since
        `since` if there was none.
        """
        points, before = self.summed.points, self._points
        self.is_open = False
        if points == before:
            return []
        self._points = points
        earlier = {point.key: point for point in before or ()}
        news = [p.dated(clock) for p in points if earlier.get(p.key) != p]
        news = self.take(self._without_uncovered(news, before, clock), clock)
        new = [point for point in news if point.key not in earlier]
        if before is not None and not new:
            return news
        self._connections, self._is_hiding = 0, False
        self.is_open = any(point.is_open for point in new)
        since = max(self._looked or since, clock.now - _LONGEST_GAP)
        if any(point.time is None and point.alerts for point in news):
            # An alert without a time; the point's own row says when it arrived.
            self._leave_unread(since)
        oldest = points[-1] if points else None
        if oldest is not None and len(points) >= most > 1:
            if before is None:
                time = oldest.dated(clock).time
                if time is not None and time > since:
                    self._leave_unread(since)
            elif any(oldest.key == point.key for point in new):
                self._leave_unread(since)
        self._looked = clock.now
        return news

    def _without_uncovered(
        self, news: list[Point], before: tuple[Point, ...] | None, clock: Clock
    ) -> list[Point]:
        """Return points without old ones that only a longer summary uncovers."""
        if not before or len(self.summed.points) <= len(before):
            return news
        times = [time for p in before if (time := p.dated(clock).time) is not None]
        first = min(times, default=None)
        return [p for p in news if first is None or p.time is None or p.time >= first]

    def take(self, points: list[Point], clock: Clock) -> list[Point]:
        """Take points, and return them by their time; those without a time first."""
        ordered = sorted(points, key=lambda p: (p.time is not None, p.time, p.id or 0))
        # The day is Home Assistant's, whatever the service's clock says.
        now = dt_util.now()
        for point in ordered:
            shown = self.filtered(point)
            self.position.take(shown)
            self.distance.take(shown, now)
            if shown.fix is not None and not shown.stale and not shown.check_in:
                self._new_fixes.append(shown.fix)
        self.is_outdated = True
        return ordered

    def filtered(self, point: Point) -> Point:
        """Return a point without its place, if that is not to be shown."""
        if point.fix is None or self.fix_filter.accepts(point.fix):
            return point
        return replace(point, fix=None)

    def recall(self, fix: Fix) -> bool:
        """Show the fix of an earlier run; return False if a newer one is shown."""
        if not self.fix_filter.accepts(fix) or not self.position.recall(fix):
            return False
        self.is_outdated = True
        return True

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
        return self.take([point.dated(clock) for point in points], clock)

    def _leave_unread(self, since: datetime) -> None:
        self.unread_since = min(self.unread_since or since, since)

    # What is shown ---------------------------------------------------------------

    @property
    def name(self) -> str | None:
        """Return the name that people gave the tracker."""
        return self.listed.name or self.summed.name

    @property
    def _mode(self) -> str | None:
        """Return the mode at the last connection."""
        mode = self.summed.mode if self.listed.mode is None else self.listed.mode
        return None if mode is None else MODES.get(mode)

    @property
    def _interval(self) -> int | None:
        """Return how often (s) the tracker connects in its mode."""
        settings = self.listed.settings or self.summed.settings
        if settings is None:
            return None
        interval, mode = None, self._mode
        if mode == _AWAKE:
            interval = settings.wake_interval
        elif mode == _ASLEEP:
            interval = settings.sleep_interval
        return interval if interval and 0 < interval <= _LONGEST_INTERVAL else None

    @property
    def awake_interval(self) -> int | None:
        """Return how often (s) a tracker sends that is awake and not overdue."""
        is_silent = self._is_overdue or self.listed.active is False
        return self._interval if self._mode == _AWAKE and not is_silent else None

    def update_time(self, now: datetime, today: date) -> None:
        """Take the time (UTC) and Home Assistant's day: what is shown depends on it."""
        if self.distance.start_day(today):
            self.is_outdated = True
        connected = self.listed.last_connection or self.summed.last_connection
        is_overdue = None
        interval = self._interval
        if connected and interval and self.listed.active is not False:
            is_overdue = now - connected > 2 * interval * _SECOND + _LATE
        if is_overdue != self._is_overdue:
            self._is_overdue, self.is_outdated = is_overdue, True

    def update_geofences(self, geofences: tuple[Geofence, ...] | None) -> None:
        """Take the account's geofences, None while nothing shows them."""
        if geofences is not self.geofences:
            self.geofences, self.is_outdated = geofences, True

    def model(self, now: datetime) -> Tracker:
        """Return the tracker's model: the same object as long as nothing changed."""
        if self._model is None or self.is_outdated:
            self._update_trail(now)
            self._model = self._make_model()
            self.is_outdated = False
        return self._model

    def _update_trail(self, now: datetime) -> None:
        """Take the fixes that came after the one that is shown and before the newest."""
        shown, newest = self._model and self._model.fix.time, self.position.fix.time
        if shown is not None and newest is not None and newest > shown:
            after = max(shown, now - _TRAIL)
            fixes = {f.time: f for f in self._new_fixes if f.time is not None}
            self._trail = tuple(fixes[t] for t in sorted(fixes) if after < t < newest)
        self._new_fixes.clear()

    def _make_model(self) -> Tracker:
        fix, status = self.position.fix, self.position.status
        if self._is_asleep:
            fix = fix._replace(speed=None, course=None)
            status = status._replace(moving=False, motion=False)
        if self._is_overdue:
            status = status._replace(moving=None, motion=None)
        tracker = make_tracker(
            self.listed,
            self.summed,
            fix=fix,
            status=status,
            readings=self.readings.values,
            changed=self.changed,
        )
        return tracker._replace(
            trail=self._trail,
            distance_today=self.distance.shown,
            distance_day=self.distance.day,
            overdue=self._is_overdue,
            geofences=names_around(self.geofences, fix, self.number),
        )

    @property
    def _is_asleep(self) -> bool:
        """Return True if it went to sleep after its newest point, or with it."""
        connected = self.listed.last_connection or self.summed.last_connection
        reported = self.position.reported_at
        return (
            self._mode == _ASLEEP
            and connected is not None
            and reported is not None
            and connected >= reported
        )


class TrackerStates:
    """Makes the state of each tracker, from what an earlier run stored."""

    def __init__(self, store: LanternStore, fix_filter: FixFilter) -> None:
        """Initialize without trackers; the store may still be loaded."""
        self._store = store
        self._fix_filter = fix_filter
        self._states: dict[int, TrackerState] = {}

    @property
    def _stored(self) -> MutableMapping[str, Any]:
        """Return what is on disk of each tracker, by its number."""
        return self._store.section("trackers")

    def get(self, number: int) -> TrackerState:
        """Return a tracker's state; a new one has what an earlier run stored."""
        if (state := self._states.get(number)) is None:
            state = TrackerState(number, f"{DEVICE_PREFIX}{number}", self._fix_filter)
            state.restore(parsing.as_dict(self._stored.get(str(number))))
            self._states[number] = state
        return state

    def remove(self, number: int) -> None:
        """Forget a tracker's state; what is stored of it stays."""
        self._states.pop(number, None)

    def save(self, state: TrackerState) -> None:
        """Store what must survive a restart, if it is something else than before."""
        own = str(state.number)
        if (stored := state.as_dict()) != self._stored.get(own, {}):
            self._stored[own] = stored
            self._store.async_delay_save()

    def move_sections(self) -> None:
        """Move what earlier versions stored in sections into the trackers' rows."""
        trackers = self._stored
        for section, name in _MOVED.items():
            moved = self._store.section(section)
            for number, value in moved.items():
                stored = parsing.as_dict(trackers.get(number))
                trackers[number] = {**stored, name: value}
            moved.clear()

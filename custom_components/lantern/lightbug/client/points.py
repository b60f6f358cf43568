"""A tracker's points: which of them may be believed, and what they say together."""

from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ...transport import parsing
from .models import (
    LONGEST_TEXT,
    NO_FIX,
    NO_STATUS,
    SOURCES,
    Fix,
    Row,
    Status,
    as_time,
    place_of,
    within,
)

# The bits of `sendReason`, and its one value that means "ignore all data".
_AWAKE = 1
_ASLEEP = 2
_OUTSIDE_SAFE_ZONE = 8
_MOTION = 16
_STARTED = 32
_STOPPED = 64
_STALE = 128
_CHECK_IN = 255

# The bits of `alertType` (v1's `datapoint`; the last one is the glossary's).
BITS = {
    1: "drop",
    2: "rotation",
    4: "jamming",
    8: "button",
    16: "generic",
    32: "ignition",
}

_CHARGING = 255
_BEST_CSQ = 31
_INVALID = "invalid"
_FASTEST = 10_000.0
_FURTHEST = 100_000.0
# "gsm accuracy can be about 1 km": what a fix by gsm has that tells none.
_GSM_ACCURACY = 1000.0
# No tracker keeps points for so long before it sends them: its clock is wrong.
_KEPT_AT_MOST = timedelta(days=365)
_CLOCK_TOLERANCE = timedelta(minutes=5)
# One of the two documents of `getDeviceSummary` leaves these out.
_DETAILS = frozenset({"altitude", "locationType", "averageCharge", "gsmSignal"})


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of the time at which a tracker's points and readings are read.

    `now` is the service's time, `first_seen` when the tracker first connected.
    """

    now: datetime
    first_seen: datetime | None = None

    def time_of(
        self, taken: datetime | None, created: datetime | None
    ) -> datetime | None:
        """Return when something was taken; its arrival where the tracker had no clock.

        Such a clock starts at 1970, was rolled over (1,024 weeks back) or is ahead:
        before the tracker's first connection, long before the arrival, after it.
        """
        # One `Date` may be wrong: what arrived by our own clock did arrive.
        now = max(self.now, datetime.now(UTC))
        arrived = None if created is None else min(created, now)
        latest = arrived or self.now + _CLOCK_TOLERANCE
        if taken is None or taken > latest:
            return arrived
        if arrived is not None and taken < arrived - _KEPT_AT_MOST:
            return arrived
        if self.first_seen is not None and taken < self.first_seen <= latest:
            return arrived
        return min(taken, arrived or self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixFilter:
    """Which places are shown: as accurate as wanted (m), and not by some sources."""

    max_accuracy: float | None = None
    ignored: frozenset[str] = frozenset()

    def accepts(self, fix: Fix) -> bool:
        """Return True if a place is to be shown; an unknown accuracy is accepted."""
        if fix.source in self.ignored:
            return False
        limit, accuracy = self.max_accuracy, fix.accuracy
        return limit is None or accuracy is None or accuracy <= limit


EVERY_FIX = FixFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point: `fix` is None where it holds no place that may be believed.

    `taken` is the tracker's time, `created` the arrival's; `time` is which of them
    counts, once the point is `dated`. `reason` is None where it is not told, `charging` is told only if
    `tells_charging`, as `signal` (dBm); `complete` says that another request would bring no more.
    """

    id: int | None
    taken: datetime | None
    created: datetime | None
    time: datetime | None = None
    reason: int | None
    fix: Fix | None
    charging: bool | None
    tells_charging: bool
    signal: int | None
    tells_signal: bool
    alerts: tuple[str, ...]
    complete: bool
    check_in: bool
    stale: bool

    @property
    def key(self) -> object:
        """Return what tells this point from the tracker's others."""
        return self.taken if self.id is None else self.id

    @property
    def is_open(self) -> bool:
        """Return whether another request would bring more: details, or its arrival."""
        return not self.check_in and (not self.complete or self.time is None)

    @property
    def has_started(self) -> bool:
        """Return whether the tracker started to move."""
        return self.reason is not None and bool(self.reason & _STARTED)

    @property
    def is_standing(self) -> bool:
        """Return whether the tracker stopped, or sleeps."""
        return self.reason is not None and bool(self.reason & (_STOPPED | _ASLEEP))

    def dated(self, clock: Clock) -> Point:
        """Return the point with the time at which it was taken."""
        time = clock.time_of(self.taken, self.created)
        fix = None if self.fix is None else replace(self.fix, time=time)
        return replace(self, time=time, fix=fix)

    def newer_than(self, other: Point | None) -> bool:
        """Return whether this point comes after another, or is the same point."""
        if other is None or (self.id is not None and self.id == other.id):
            return True
        if self.time is None:
            return False
        return other.time is None or self.time >= other.time


def parse_point(row: Row, *, vouched: bool = False) -> Point:
    """Return a point of the summary, or of `/devices/{id}/points`.

    `vouched` says that the service was asked for valid places only; elsewhere a
    place without a `locationType` is not assumed to be one.
    """
    reason = parsing.as_int(row.get("sendReason"))
    if reason is not None and not 0 <= reason <= _CHECK_IN:
        reason = None
    fix = None if reason == _CHECK_IN else _fix(row, vouched)
    charge = parsing.as_float(row.get("averageCharge"))
    return Point(
        id=parsing.as_int(row.get("id")),
        taken=as_time(row.get("timestamp")),
        created=as_time(row.get("created")),
        reason=reason,
        fix=fix,
        charging=None if charge is None else charge == _CHARGING,
        tells_charging="averageCharge" in row,
        signal=_signal(row.get("gsmSignal")),
        tells_signal="gsmSignal" in row,
        alerts=() if reason == _CHECK_IN else bits_of(row.get("alertType")),
        complete=row.keys() >= _DETAILS,
        check_in=reason == _CHECK_IN,
        stale=reason is not None and bool(reason & _STALE),
    )


def bits_of(value: object) -> tuple[str, ...]:
    """Return what an `alertType` says; a number or its digits."""
    bits = parsing.as_int(value) or 0
    if bits <= 0:
        return ()
    return tuple(kind for bit, kind in BITS.items() if bits & bit)


def _signal(value: object) -> int | None:
    """Return the dBm of a CSQ value (3GPP TS 27.007): 0 to 31, 99 is not known."""
    csq = parsing.as_int(value)
    return 2 * csq - 113 if csq is not None and 0 <= csq <= _BEST_CSQ else None


def _fix(row: Row, vouched: bool) -> Fix | None:
    """Return where the tracker was, or None where that cannot be believed."""
    source = (parsing.as_str(row.get("locationType")) or "").lower()
    if source == _INVALID or not (source or vouched):
        return None
    place = parsing.as_dict(row.get("location"))
    position = place_of(place.get("lat"), place.get("lng"))
    if position is None:
        return None
    latitude, longitude = position
    return Fix(
        latitude=latitude,
        longitude=longitude,
        accuracy=_accuracy(row.get("accuracy"), source),
        speed=within(row.get("speed"), 0, _FASTEST),
        altitude=within(row.get("altitude"), -_FURTHEST, _FURTHEST),
        course=within(row.get("course"), 0, 360),
        source=source if source in SOURCES else None,
        address=parsing.as_name(row.get("address"), LONGEST_TEXT),
    )


def _accuracy(value: object, source: str) -> float | None:
    """Return an accuracy in m; none is 0, which would be the best there is."""
    accuracy = within(value, 0, 1e8) or None
    return _GSM_ACCURACY if accuracy is None and source == "gsm" else accuracy


def _moving(reason: int, before: bool | None) -> bool | None:
    """Return whether a journey is under way: only its ends are told for sure.

    A tracker stays awake until it stood still for its `stopTimeout` (deviceConfig).
    """
    if reason & _STOPPED:
        return False
    if reason & _STARTED:
        return True
    if reason & _ASLEEP:
        return False
    return True if reason & _AWAKE and reason & _MOTION else before


_NOTHING = parse_point({})


@dataclass(slots=True)
class PositionState:
    """What the points of one tracker said so far.

    `has_safe_zone` is whether any was outside of one: a tracker without a safe zone is
    never inside.
    """

    has_safe_zone: bool = False
    fix: Fix = NO_FIX
    status: Status = NO_STATUS
    _located: Point | None = field(default=None, repr=False)
    _reported: Point | None = field(default=None, repr=False)

    @property
    def reported_at(self) -> datetime | None:
        """Return the time of the newest point."""
        return None if self._reported is None else self._reported.time

    def take(self, point: Point) -> None:
        """Take what is not older than what is shown from a point."""
        if point.check_in:
            return
        if point.reason is not None and point.reason & _OUTSIDE_SAFE_ZONE:
            self.has_safe_zone = True
        if point.newer_than(self._reported):
            self.status = self._status(point)
            self._reported = point
        fix = point.fix
        if fix is not None and point.newer_than(self._located):
            self._located = point
            if not point.stale:
                self.fix = fix
            elif (fix.latitude, fix.longitude) != (
                self.fix.latitude,
                self.fix.longitude,
            ):
                # Repeated, but not from a fix that was seen: its time is unknown.
                self.fix = replace(fix, time=None)
        self._end_journey()

    def _end_journey(self) -> None:
        """Forget speed and course of the last fix once a newer point says it stands."""
        located, reported = self._located, self._reported
        if (
            located is not None
            and reported is not None
            and reported.is_standing
            and reported.newer_than(located)
            and (reported.id is None or reported.id != located.id or located.stale)
        ):
            self.fix = replace(self.fix, speed=None, course=None)

    def recall(self, fix: Fix) -> bool:
        """Take the fix of an earlier run, unless a newer one is known."""
        current, time = self.fix, fix.time
        if (current.latitude, current.longitude) == (fix.latitude, fix.longitude):
            if current.time is None:
                # Only repeated since then: this is the fix that it repeats.
                self.fix = fix
                self._end_journey()
            return True
        if current.latitude is not None and (
            current.time is None or time is None or current.time >= time
        ):
            return False
        self.fix = fix
        self._located = replace(_NOTHING, time=time, fix=fix)
        self._end_journey()
        return True

    def _status(self, point: Point) -> Status:
        reason, before = point.reason, self.status
        charging = point.charging if point.tells_charging else before.charging
        signal = point.signal if point.tells_signal else before.signal
        if reason is None:
            return Status(charging=charging, signal=signal)
        outside = bool(reason & _OUTSIDE_SAFE_ZONE)
        return Status(
            moving=_moving(reason, before.moving),
            # What it noticed before it stopped.
            motion=bool(reason & _MOTION) and not reason & _STOPPED,
            outside_safe_zone=outside if self.has_safe_zone else None,
            charging=charging,
            stale=point.stale,
            signal=signal,
        )

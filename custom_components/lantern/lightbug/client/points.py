"""A tracker's points: which of them may be believed, and what they say together."""

from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...transport import parsing
from .models import NO_FIX, NO_STATUS, SOURCES, Fix, Row, Status, within

# The bits of `alertType` (v1's `datapoint`; the last one is the glossary's).
BITS = {
    1: "drop",
    2: "rotation",
    4: "jamming",
    8: "button",
    16: "generic",
    32: "ignition",
}
# The bits of `sendReason`, and its one value that means "ignore all data".
_AWAKE = 1
_ASLEEP = 2
_OUTSIDE_SAFE_ZONE = 8
_MOTION = 16
_STARTED = 32
_STOPPED = 64
_STALE = 128
_CHECK_IN = 255

_CHARGING = 255
_BEST_CSQ = 31
_INVALID = "invalid"
_FASTEST = 10_000.0
_FURTHEST = 100_000.0
# A device that had no time counts from 1970.
NO_CLOCK_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
# One of the two documents of `getDeviceSummary` leaves these out.
_DETAILS = frozenset({"altitude", "locationType", "averageCharge", "gsmSignal"})


def bits_of(value: object) -> tuple[str, ...]:
    """Return what an `alertType` says; a number or its digits."""
    found = parsing.as_int(value) or 0
    if found <= 0:
        return ()
    return tuple(kind for bit, kind in BITS.items() if found & bit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point: `fix` is None where it holds no place that may be believed.

    `reason` is None where it is not told, `charging` is told only if
    `tells_charging`, as `signal` (dBm); `complete` says that another request would bring no more.
    """

    id: int | None
    time: datetime | None
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

    def newer_than(self, other: Point | None) -> bool:
        """Tell whether this point comes after another, or is the same point."""
        if other is None or (self.id is not None and self.id == other.id):
            return True
        if self.time is None:
            return False
        return other.time is None or self.time >= other.time


def read_point(row: Row, *, vouched: bool = False) -> Point:
    """Return a point of the summary, or of `/devices/{id}/points`.

    `vouched` says that the service was asked for valid places only; elsewhere a
    place without a `locationType` is not assumed to be one.
    """
    reason = parsing.as_int(row.get("sendReason"))
    if reason is not None and not 0 <= reason <= _CHECK_IN:
        reason = None
    time = taken_at(row)
    fix = None if reason == _CHECK_IN else _fix(row, time, vouched)
    charge = parsing.as_float(row.get("averageCharge"))
    return Point(
        id=parsing.as_int(row.get("id")),
        time=time,
        reason=reason,
        fix=fix,
        charging=None if charge is None else charge == _CHARGING,
        tells_charging="averageCharge" in row,
        signal=_signal(row.get("gsmSignal")),
        tells_signal="gsmSignal" in row,
        alerts=() if reason == _CHECK_IN else bits_of(row.get("alertType")),
        complete=fix is not None and row.keys() >= _DETAILS,
        check_in=reason == _CHECK_IN,
        stale=reason is not None and bool(reason & _STALE),
    )


def _signal(value: object) -> int | None:
    """Return the dBm of a CSQ value (3GPP TS 27.007): 0 to 31, 99 is not known."""
    csq = parsing.as_int(value)
    return 2 * csq - 113 if csq is not None and 0 <= csq <= _BEST_CSQ else None


def taken_at(row: Row) -> datetime | None:
    """Return when a point or reading was taken: never before 2000, never after it arrived."""
    created = parsing.as_datetime(row.get("created"))
    taken = parsing.as_datetime(row.get("timestamp"))
    if taken is None or taken < NO_CLOCK_BEFORE:
        return created
    return taken if created is None else min(taken, created)


def _fix(row: Row, time: datetime | None, vouched: bool) -> Fix | None:
    """Return where the tracker was, or None where that cannot be believed."""
    source = (parsing.as_str(row.get("locationType")) or "").lower()
    if source == _INVALID or not (source or vouched):
        return None
    place = parsing.as_dict(row.get("location"))
    latitude = within(place.get("lat"), -90, 90)
    longitude = within(place.get("lng"), -180, 180)
    # 0/0 is what a tracker sends that does not know where it is.
    if latitude is None or longitude is None or not (latitude or longitude):
        return None
    return Fix(
        latitude=latitude,
        longitude=longitude,
        accuracy=within(row.get("accuracy"), 0, 1e8),
        speed=within(row.get("speed"), 0, _FASTEST),
        altitude=within(row.get("altitude"), -_FURTHEST, _FURTHEST),
        course=within(row.get("course"), 0, 360),
        source=source if source in SOURCES else None,
        address=parsing.as_str(row.get("address")),
        time=time,
    )


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


_NOTHING = read_point({})


@dataclass(slots=True)
class PositionState:
    """What the points of one tracker told so far; `newest` is the newest one's id.

    `clock` is whether that one told its time.
    """

    newest: int | None = None
    clock: bool = True
    fix: Fix = NO_FIX
    status: Status = NO_STATUS
    _located: Point | None = field(default=None, repr=False)
    _reported: Point | None = field(default=None, repr=False)

    def take(self, point: Point) -> None:
        """Learn from a point what is not older than what is known."""
        if point.check_in:
            return
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

    def recall(self, fix: Fix) -> bool:
        """Take the fix of an earlier run, unless a newer one is known."""
        known, time = self.fix, fix.time
        if (known.latitude, known.longitude) == (fix.latitude, fix.longitude):
            if known.time is None:
                # Only repeated since then: this is the fix that it repeats.
                self.fix = fix
            return True
        if known.latitude is not None and (
            known.time is None or time is None or known.time >= time
        ):
            return False
        self.fix = fix
        self._located = replace(_NOTHING, time=time, fix=fix)
        return True

    def _status(self, point: Point) -> Status:
        reason, before = point.reason, self.status
        charging = point.charging if point.tells_charging else before.charging
        signal = point.signal if point.tells_signal else before.signal
        if reason is None:
            return Status(charging=charging, signal=signal)
        return Status(
            moving=_moving(reason, before.moving),
            motion=bool(reason & _MOTION),
            outside_safe_zone=bool(reason & _OUTSIDE_SAFE_ZONE),
            charging=charging,
            stale=point.stale,
            signal=signal,
        )

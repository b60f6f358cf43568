"""What Lightbug says of a tracker.

Named tuples where other rooms have frozen dataclasses: a fleet can have thousands
that changed at once, and they are made and compared in half the time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeGuard

from ...transport import parsing
from ...transport.tokens import Token

type Row = Mapping[str, Any]

MODES = {0: "awake", 1: "sleep", 2: "available", 6: "flight"}
SOURCES = ("gps", "wifi", "gsm")


# A device that had no time counts from 1970, and Go's zero time is in the year 1.
NO_TIME_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
LONGEST_TEXT = 255
"""The longest address or message: what a state can hold."""
# What a tracker sends that does not know where it is: 0/0, or almost.
_NOWHERE = 0.01


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a login brings: a token, and whose it is."""

    user_id: int
    token: Token = field(repr=False)


class Fix(NamedTuple):
    """Where a tracker was: degrees, metres, km/h; `time` (UTC) is when it knew it.

    `time` is None for a place that the tracker only repeated.
    """

    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    speed: float | None = None
    altitude: float | None = None
    course: float | None = None
    source: str | None = None
    address: str | None = None
    time: datetime | None = None


def remember_fix(fix: Fix) -> dict[str, Any] | None:
    """Return a fix as JSON, None if there is none."""
    if fix.latitude is None:
        return None
    return fix._asdict() | {"time": None if fix.time is None else fix.time.isoformat()}


def recall_fix(stored: Row) -> Fix | None:
    """Return the fix that was remembered, None if it cannot be one."""
    place = place_of(stored.get("latitude"), stored.get("longitude"))
    if place is None:
        return None
    latitude, longitude = place
    return Fix(
        latitude=latitude,
        longitude=longitude,
        accuracy=parsing.as_float(stored.get("accuracy")),
        speed=parsing.as_float(stored.get("speed")),
        altitude=parsing.as_float(stored.get("altitude")),
        course=parsing.as_float(stored.get("course")),
        source=parsing.as_str(stored.get("source")),
        address=parsing.as_name(stored.get("address"), LONGEST_TEXT),
        time=as_time(stored.get("time")),
    )


class Status(NamedTuple):
    """What a tracker last said of itself; None where it said nothing.

    `stale` tells that its place is one it had before; `signal` is in dBm.
    """

    moving: bool | None = None
    motion: bool | None = None
    outside_safe_zone: bool | None = None
    charging: bool | None = None
    stale: bool | None = None
    signal: int | None = None


class Readings(NamedTuple):
    """What a tracker's own sensors measured last: °C, %, hPa, V, light, and mm."""

    temperature: float | None = None
    humidity: float | None = None
    pressure: float | None = None
    external_voltage: float | None = None
    charging_voltage: float | None = None
    light: float | None = None
    fill_distance: float | None = None
    tampered: bool | None = None


class Config(NamedTuple):
    """A tracker's settings as the service holds them: intervals in s.

    `pending` tells that the tracker has not fetched our last change yet.
    """

    wake_interval: int | None = None
    sleep_interval: int | None = None
    pending: bool | None = None


NO_FIX = Fix()
NO_STATUS = Status()
NO_READINGS = Readings()


_DIAGNOSTIC = (
    "type",
    "firmware",
    "tag",
    "battery",
    "battery_voltage",
    "mode",
    "active",
    "last_connection",
    "latitude",
    "longitude",
    "location_source",
    "status",
    "plan_expires",
    "readings",
)


class Tracker(NamedTuple):
    """A tracker or BLE tag: battery in per cent and V, times in UTC.

    `tag` tells that it has neither a modem nor a place of its own. `trail` are the
    fixes of the last minutes before `fix`, oldest first; `distance_today` is in km, of
    the day `distance_day`; `geofences` are those that hold the fix, by name.
    """

    name: str | None
    type: str | None
    serial: str | None
    firmware: str | None
    tag: bool
    battery: float | None
    battery_voltage: float | None
    mode: str | None
    active: bool | None
    last_connection: datetime | None
    plan_expires: datetime | None
    config: Config
    fix: Fix
    status: Status
    readings: Readings
    trail: tuple[Fix, ...] = ()
    distance_today: float | None = None
    distance_day: date | None = None
    overdue: bool | None = None
    geofences: tuple[str, ...] | None = None

    @property
    def diagnostic(self) -> tuple[str, ...]:
        """Return what diagnostics may tell."""
        return _DIAGNOSTIC

    @property
    def latitude(self) -> float | None:
        """Return the latitude of the newest fix in degrees."""
        return self.fix.latitude

    @property
    def longitude(self) -> float | None:
        """Return the longitude of the newest fix in degrees."""
        return self.fix.longitude

    @property
    def location_source(self) -> str | None:
        """Return how the newest fix was found."""
        return self.fix.source


def within(value: object, low: float, high: float) -> float | None:
    """Return a number that can be true, else None."""
    number = parsing.as_float(value)
    return number if number is not None and low <= number <= high else None


def as_time(value: object) -> datetime | None:
    """Return a time in UTC; nothing before 2000 is one."""
    time = parsing.as_datetime(value)
    return None if time is None or time < NO_TIME_BEFORE else time


def is_epoch(value: object) -> TypeGuard[float]:
    """Return True if a stored value is a time in seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value < _LATEST


def as_epoch(value: object) -> datetime | None:
    """Return the time (UTC) of stored seconds; nothing before 2000 is one."""
    if not is_epoch(value):
        return None
    time = datetime.fromtimestamp(value, UTC)
    return None if time < NO_TIME_BEFORE else time


def time_text(moment: datetime) -> str:
    """Return a time as Lightbug writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def place_of(latitude: object, longitude: object) -> tuple[float, float] | None:
    """Return a place in degrees, None if it cannot be one."""
    position = within(latitude, -90, 90), within(longitude, -180, 180)
    lat, lng = position
    if lat is None or lng is None:
        return None
    return None if max(abs(lat), abs(lng)) <= _NOWHERE else (lat, lng)

"""What Lightbug says of a tracker."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from ..transport import fields
from ..transport.tokens import Token

type Row = Mapping[str, Any]

MODES = {0: "awake", 1: "sleep", 2: "available", 6: "flight"}
SOURCES = ("gps", "wifi", "gsm")

# What is read of a tracker's row in either API, and of the objects in it.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "config": ("currentFW", "interval", "sleepInterval", "receivedAt"),
    "subscription": ("expires",),
}
_READ = (
    "name",
    "type",
    "serial",
    "imei",
    "batteryPct",
    "batteryVoltage",
    "currentMode",
    "active",
    "lastConnection",
    "expires",
    "latestPoints",
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a login brings: a token, and whose it is."""

    user_id: int
    token: Token = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
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
    return asdict(fix) | {"time": None if fix.time is None else fix.time.isoformat()}


def recall_fix(kept: Row) -> Fix | None:
    """Return the fix that was remembered, None if it cannot be one."""
    latitude = within(kept.get("latitude"), -90, 90)
    longitude = within(kept.get("longitude"), -180, 180)
    if latitude is None or longitude is None:
        return None
    return Fix(
        latitude=latitude,
        longitude=longitude,
        accuracy=fields.number(kept.get("accuracy")),
        speed=fields.number(kept.get("speed")),
        altitude=fields.number(kept.get("altitude")),
        course=fields.number(kept.get("course")),
        source=fields.text(kept.get("source")),
        address=fields.text(kept.get("address")),
        time=fields.moment(kept.get("time")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a tracker last said of itself; None where it said nothing.

    `stale` tells that its place is one it had before; `signal` is in dBm.
    """

    moving: bool | None = None
    motion: bool | None = None
    outside_safe_zone: bool | None = None
    charging: bool | None = None
    stale: bool | None = None
    signal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What a tracker's own sensors measured last: °C, %, hPa, V, and light."""

    temperature: float | None = None
    humidity: float | None = None
    pressure: float | None = None
    external_voltage: float | None = None
    light: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A tracker's settings as the service holds them: intervals in s.

    `pending` tells that the tracker has not fetched our last change yet.
    """

    wake_interval: int | None = None
    sleep_interval: int | None = None
    pending: bool | None = None


NO_FIX = Fix()
NO_STATUS = Status()
NO_READINGS = Readings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    """A tracker or BLE tag: battery in per cent and V, times in UTC.

    `tag` tells that it has neither a modem nor a place of its own.
    """

    diagnostic: ClassVar = (
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


def read_row(row: Row) -> tuple[int | None, Row]:
    """Return a tracker's id, and of its row what is read: the rest is not kept."""
    kept = {name: row[name] for name in _READ if name in row}
    for name, parts in _SHOWN.items():
        if found := fields.mapping(row.get(name)):
            kept[name] = {part: found[part] for part in parts if part in found}
    return fields.integer(row.get("id")), kept


def read_tracker(
    listed: Row,
    summed: Row,
    *,
    fix: Fix,
    status: Status,
    readings: Readings,
    changed: datetime | None = None,
) -> Tracker:
    """Return a tracker of `/v2/devices`' and `getDeviceSummary`'s rows of it.

    The rows are `read_row`'s. v2 leaves out what it does not have, so v1 may know more. `fix` and `status`
    are what the tracker's points told, `readings` what its sensors did;
    `changed` is when we last changed its settings.
    """

    def told(name: str) -> Any:
        value = listed.get(name)
        return summed.get(name) if value is None else value

    mode = fields.integer(told("currentMode"))
    return Tracker(
        name=fields.text(told("name")),
        type=fields.text(told("type")),
        serial=fields.text(told("serial")),
        firmware=_firmware(listed) or _firmware(summed),
        tag=not fields.text(told("imei")) and fix.latitude is None,
        battery=within(told("batteryPct"), 0, 100),
        battery_voltage=within(told("batteryVoltage"), 0, 100),
        mode=None if mode is None else MODES.get(mode),
        active=fields.flag(told("active")),
        last_connection=fields.moment(told("lastConnection")),
        plan_expires=_plan_expires(listed)
        or _plan_expires(summed)
        or fields.moment(told("expires")),
        config=read_config(fields.mapping(told("config")), changed),
        fix=fix,
        status=status,
        readings=readings,
    )


def read_config(row: Row, changed: datetime | None) -> Config:
    """Return the settings of a v1 or v2 `deviceConfig`."""
    received = fields.moment(row.get("receivedAt"))
    pending: bool | None = None
    if row and changed is None:
        pending = False
    elif changed is not None and received is not None:
        # The time at which the settings were last sent to the tracker.
        pending = received < changed
    return Config(
        wake_interval=fields.integer(row.get("interval")),
        sleep_interval=fields.integer(row.get("sleepInterval")),
        pending=pending,
    )


def _plan_expires(row: Row) -> datetime | None:
    return fields.moment(fields.mapping(row.get("subscription")).get("expires"))


def _firmware(row: Row) -> str | None:
    return fields.text(fields.mapping(row.get("config")).get("currentFW"))


def within(value: object, low: float, high: float) -> float | None:
    """Return a number that can be true, else None."""
    found = fields.number(value)
    return found if found is not None and low <= found <= high else None

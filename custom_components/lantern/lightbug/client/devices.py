"""A tracker's row in each of the two APIs, and the tracker that both make."""

from dataclasses import dataclass
from datetime import datetime
from sys import intern

from ...transport import parsing
from .models import MODES, Config, Fix, Readings, Row, Status, Tracker, as_time, within
from .points import Point, parse_point


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A tracker's settings: intervals in s, and when it received them last."""

    wake_interval: int | None
    sleep_interval: int | None
    received: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerRow:
    """What `/v2/devices` or `getDeviceSummary` says of a tracker; None is nothing.

    `points` are the newest ones, the first of them first; only the summary has them.
    """

    id: int | None = None
    owner: int | None = None
    name: str | None = None
    type: str | None = None
    serial: str | None = None
    firmware: str | None = None
    modem: bool = False
    battery: float | None = None
    battery_voltage: float | None = None
    mode: int | None = None
    active: bool | None = None
    first_seen: datetime | None = None
    last_connection: datetime | None = None
    plan_expires: datetime | None = None
    expires: datetime | None = None
    settings: Settings | None = None
    points: tuple[Point, ...] = ()


NO_ROW = TrackerRow()


def _interned(value: object) -> str | None:
    """Return a name: both APIs, and often many trackers, say the same."""
    name = parsing.as_name(value)
    return None if name is None else intern(name)


def parse_row(row: Row) -> TrackerRow:
    """Return a row of either API: the same fields, of which v2 leaves out the nulls."""
    config = parsing.as_dict(row.get("config"))
    plan = parsing.as_dict(row.get("subscription"))
    return TrackerRow(
        id=parsing.as_int(row.get("id")),
        owner=parsing.as_int(row.get("ownerId")),
        name=_interned(row.get("name")),
        type=_interned(row.get("type")),
        serial=_interned(row.get("serial")),
        firmware=_interned(config.get("currentFW")),
        modem=parsing.as_str(row.get("imei")) is not None,
        battery=within(row.get("batteryPct"), 0, 100),
        battery_voltage=within(row.get("batteryVoltage"), 0, 100),
        mode=parsing.as_int(row.get("currentMode")),
        active=parsing.as_bool(row.get("active")),
        first_seen=as_time(row.get("firstSeen")),
        last_connection=as_time(row.get("lastConnection")),
        plan_expires=as_time(plan.get("expires")),
        expires=as_time(row.get("expires")),
        settings=parse_settings(config),
        points=tuple(map(parse_point, parsing.iter_dicts(row.get("latestPoints")))),
    )


def parse_settings(config: Row) -> Settings | None:
    """Return the settings of a v1 or v2 `deviceConfig`, None of an empty one."""
    if not config:
        return None
    return Settings(
        wake_interval=parsing.as_int(config.get("interval")),
        sleep_interval=parsing.as_int(config.get("sleepInterval")),
        received=as_time(config.get("receivedAt")),
    )


def make_config(settings: Settings | None, changed: datetime | None) -> Config:
    """Return what is shown of settings; `changed` is when they were last changed here."""
    if settings is None:
        return Config()
    pending: bool | None = None
    if changed is None:
        pending = False
    elif settings.received is not None:
        # The time at which the settings were last sent to the tracker.
        pending = settings.received < changed
    return Config(
        wake_interval=settings.wake_interval,
        sleep_interval=settings.sleep_interval,
        pending=pending,
    )


def _first[ValueT](value: ValueT | None, fallback: ValueT | None) -> ValueT | None:
    return fallback if value is None else value


def make_tracker(
    listed: TrackerRow,
    summed: TrackerRow,
    *,
    fix: Fix,
    status: Status,
    readings: Readings,
    changed: datetime | None = None,
) -> Tracker:
    """Make a tracker's model of its two rows; where v2's says nothing, v1's may.

    `fix` and `status` are of the tracker's points, `readings` of its sensors;
    `changed` is when its settings were last changed here.
    """
    mode = _first(listed.mode, summed.mode)
    plan_expires = listed.plan_expires or summed.plan_expires
    return Tracker(
        name=listed.name or summed.name,
        type=listed.type or summed.type,
        serial=listed.serial or summed.serial,
        firmware=listed.firmware or summed.firmware,
        tag=not (listed.modem or summed.modem) and fix.latitude is None,
        battery=_first(listed.battery, summed.battery),
        battery_voltage=_first(listed.battery_voltage, summed.battery_voltage),
        mode=None if mode is None else MODES.get(mode),
        active=_first(listed.active, summed.active),
        last_connection=listed.last_connection or summed.last_connection,
        plan_expires=plan_expires or listed.expires or summed.expires,
        config=make_config(listed.settings or summed.settings, changed),
        fix=fix,
        status=status,
        readings=readings,
    )

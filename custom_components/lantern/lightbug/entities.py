"""The entities of a tracker; its sensors are in `sensor.py`."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import EntityCategory, Platform, UnitOfTime

from ..entity import (
    LanternBinarySensorDescription,
    LanternDescription,
    LanternEventDescription,
    LanternNumberDescription,
    LanternTrackerDescription,
    Position,
)
from .alerts import KINDS
from .client.models import Fix, Tracker, remember_fix
from .commands import async_set_config
from .coordinator import ALERT, LightbugCoordinator
from .sensor import SENSORS, of_reading, of_tracker
from .trips import TripsCalendar, TripsDescription

type SetsNumber = Callable[[LightbugCoordinator, str, Tracker, float], Awaitable[None]]


def _as_position(fix: Fix) -> Position | None:
    """Return where a fix is, if it is anywhere."""
    if fix.latitude is None or fix.longitude is None:
        return None
    return Position(fix.latitude, fix.longitude, fix.accuracy or 0)


TRACKERS = (
    LanternTrackerDescription(
        key="location",
        name=None,
        remember_fn=lambda tracker: remember_fix(tracker.fix),
        recall_fn=LightbugCoordinator.async_recall,
        trail_fn=lambda tracker: [*filter(None, map(_as_position, tracker.trail))],
        **of_tracker(lambda tracker: _as_position(tracker.fix)),
    ),
)

BINARY_SENSORS = (
    LanternBinarySensorDescription(
        key="moving",
        device_class=BinarySensorDeviceClass.MOVING,
        **of_tracker(lambda tracker: tracker.status.moving),
    ),
    LanternBinarySensorDescription(
        key="motion",
        device_class=BinarySensorDeviceClass.MOTION,
        **of_tracker(lambda tracker: tracker.status.motion),
    ),
    LanternBinarySensorDescription(
        key="outside_safe_zone",
        **of_tracker(lambda tracker: tracker.status.outside_safe_zone),
    ),
    LanternBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        **of_tracker(lambda tracker: tracker.status.charging),
    ),
    LanternBinarySensorDescription(
        key="position_stale",
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.status.stale),
    ),
    LanternBinarySensorDescription(
        key="config_pending",
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.config.pending),
    ),
    LanternBinarySensorDescription(
        key="active",
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.active),
    ),
    LanternBinarySensorDescription(
        key="overdue",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        device=Tracker,
        value_fn=lambda tracker: tracker.overdue,
        exists_fn=lambda tracker: not tracker.tag,
    ),
    LanternBinarySensorDescription(
        device_class=BinarySensorDeviceClass.TAMPER,
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_reading("tampered"),
    ),
)


def _sets(name: str) -> SetsNumber:
    """Return what changes one setting of a tracker."""

    async def set_config(
        coordinator: LightbugCoordinator, device_id: str, _: Tracker, value: float
    ) -> None:
        await async_set_config(coordinator, device_id, name, value)

    return set_config


def _interval(least: int, most: int) -> dict[str, Any]:
    """Return what the intervals have in common: seconds between two bounds."""
    return {
        "device_class": NumberDeviceClass.DURATION,
        "native_unit_of_measurement": UnitOfTime.SECONDS,
        "native_min_value": least,
        "native_max_value": most,
        "native_step": 1,
        "mode": NumberMode.BOX,
        "entity_category": EntityCategory.CONFIG,
    }


NUMBERS = (
    LanternNumberDescription(
        key="wake_interval",
        set_fn=_sets("interval"),
        **_interval(60, 86_400),
        **of_tracker(lambda tracker: tracker.config.wake_interval),
    ),
    LanternNumberDescription(
        key="sleep_interval",
        set_fn=_sets("sleepInterval"),
        **_interval(300, 604_800),
        **of_tracker(lambda tracker: tracker.config.sleep_interval),
    ),
)

EVENTS = (
    LanternEventDescription(
        key=ALERT,
        device=Tracker,
        event_types=KINDS,
        exists_fn=lambda tracker: not tracker.tag,
    ),
)

CALENDARS = (
    TripsDescription(
        key="trips",
        device=Tracker,
        entity=TripsCalendar,
        entity_registry_enabled_default=False,
        exists_fn=lambda tracker: not tracker.tag,
    ),
)

ENTITIES: Mapping[Platform, tuple[LanternDescription[Any], ...]] = {
    Platform.DEVICE_TRACKER: TRACKERS,
    Platform.SENSOR: SENSORS,
    Platform.BINARY_SENSOR: BINARY_SENSORS,
    Platform.CALENDAR: CALENDARS,
    Platform.EVENT: EVENTS,
    Platform.NUMBER: NUMBERS,
}

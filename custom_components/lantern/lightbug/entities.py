"""The entities of a Lightbug tracker."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    DEGREE,
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfLength,
    UnitOfSpeed,
)

from ..entity import (
    LanternBinarySensorDescription,
    LanternSensorDescription,
    LanternTrackerDescription,
    Position,
)
from .models import MODES, SOURCES, Tracker


def _has(value_fn: Callable[[Tracker], Any]) -> dict[str, Any]:
    """Return a value, and that a BLE tag has it only if there is data for it."""
    return {
        "device": Tracker,
        "value_fn": value_fn,
        "exists_fn": lambda tracker: not tracker.tag or value_fn(tracker) is not None,
    }


def _position(tracker: Tracker) -> Position | None:
    """Return the newest valid fix."""
    fix = tracker.fix
    if fix.latitude is None or fix.longitude is None:
        return None
    return Position(fix.latitude, fix.longitude, fix.accuracy or 0)


TRACKERS = (LanternTrackerDescription(key="location", name=None, **_has(_position)),)

SENSORS = (
    LanternSensorDescription(
        key="battery",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.battery),
    ),
    LanternSensorDescription(
        key="speed",
        device_class=SensorDeviceClass.SPEED,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfSpeed.KILOMETERS_PER_HOUR,
        suggested_display_precision=0,
        **_has(lambda tracker: tracker.fix.speed),
    ),
    LanternSensorDescription(
        key="altitude",
        device_class=SensorDeviceClass.DISTANCE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfLength.METERS,
        suggested_display_precision=0,
        **_has(lambda tracker: tracker.fix.altitude),
    ),
    LanternSensorDescription(
        key="course",
        state_class=SensorStateClass.MEASUREMENT_ANGLE,
        native_unit_of_measurement=DEGREE,
        suggested_display_precision=0,
        **_has(lambda tracker: tracker.fix.course),
    ),
    LanternSensorDescription(
        key="last_fix",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.fix.time),
    ),
    LanternSensorDescription(
        key="last_connection",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.last_connection),
    ),
    LanternSensorDescription(
        key="mode",
        device_class=SensorDeviceClass.ENUM,
        options=list(MODES.values()),
        **_has(lambda tracker: tracker.mode),
    ),
    LanternSensorDescription(
        key="location_source",
        device_class=SensorDeviceClass.ENUM,
        options=list(SOURCES),
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.location_source),
    ),
)

BINARY_SENSORS = (
    LanternBinarySensorDescription(
        key="moving",
        device_class=BinarySensorDeviceClass.MOVING,
        **_has(lambda tracker: tracker.status.moving),
    ),
    LanternBinarySensorDescription(
        key="motion",
        device_class=BinarySensorDeviceClass.MOTION,
        **_has(lambda tracker: tracker.status.motion),
    ),
    LanternBinarySensorDescription(
        key="outside_safe_zone",
        **_has(lambda tracker: tracker.status.outside_safe_zone),
    ),
    LanternBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        **_has(lambda tracker: tracker.status.charging),
    ),
    LanternBinarySensorDescription(
        key="active",
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.active),
    ),
)

ENTITIES = {
    Platform.DEVICE_TRACKER: TRACKERS,
    Platform.SENSOR: SENSORS,
    Platform.BINARY_SENSOR: BINARY_SENSORS,
}

"""The entities of a Lightbug tracker."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    DEGREE,
    MAX_LENGTH_STATE_STATE,
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    EntityCategory,
    Platform,
    UnitOfElectricPotential,
    UnitOfLength,
    UnitOfSpeed,
    UnitOfTime,
)

from ..entity import (
    LanternBinarySensorDescription,
    LanternDescription,
    LanternEventDescription,
    LanternNumberDescription,
    LanternSensorDescription,
    LanternTrackerDescription,
    Position,
)
from .alerts import KINDS
from .client.models import MODES, SOURCES, Tracker, remember_fix
from .coordinator import ALERT, LightbugCoordinator
from .measured import BINARY_READINGS, READINGS

type SetsNumber = Callable[[LightbugCoordinator, str, Tracker, float], Awaitable[None]]


def _has(value_fn: Callable[[Tracker], Any]) -> dict[str, Any]:
    """Return a value, and that a BLE tag has it only if there is data for it."""
    return {
        "device": Tracker,
        "value_fn": value_fn,
        "exists_fn": lambda tracker: not tracker.tag or value_fn(tracker) is not None,
    }


def _address(tracker: Tracker) -> str | None:
    """Return the newest fix's address as far as a state can hold it."""
    address = tracker.fix.address
    return None if address is None else address[:MAX_LENGTH_STATE_STATE]


def _position(tracker: Tracker) -> Position | None:
    """Return the newest valid fix."""
    fix = tracker.fix
    if fix.latitude is None or fix.longitude is None:
        return None
    return Position(fix.latitude, fix.longitude, fix.accuracy or 0)


TRACKERS = (
    LanternTrackerDescription(
        key="location",
        name=None,
        remember_fn=lambda tracker: remember_fix(tracker.fix),
        recall_fn=LightbugCoordinator.recall,
        **_has(_position),
    ),
)

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
    LanternSensorDescription(
        key="battery_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=2,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **_has(lambda tracker: tracker.battery_voltage),
    ),
    LanternSensorDescription(
        key="gsm_signal",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **_has(lambda tracker: tracker.status.signal),
    ),
    LanternSensorDescription(
        key="address",
        entity_registry_enabled_default=False,
        **_has(_address),
    ),
    LanternSensorDescription(
        key="plan_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **_has(lambda tracker: tracker.plan_expires),
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
        key="position_stale",
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.status.stale),
    ),
    LanternBinarySensorDescription(
        key="config_pending",
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.config.pending),
    ),
    LanternBinarySensorDescription(
        key="active",
        entity_category=EntityCategory.DIAGNOSTIC,
        **_has(lambda tracker: tracker.active),
    ),
)


def _sets(name: str) -> SetsNumber:
    """Return what changes one setting of a tracker."""

    async def set_config(
        coordinator: LightbugCoordinator, device_id: str, _: Tracker, value: float
    ) -> None:
        await coordinator.set_config(device_id, name, value)

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
        "entity_registry_enabled_default": False,
    }


NUMBERS = (
    LanternNumberDescription(
        key="wake_interval",
        set_fn=_sets("interval"),
        **_interval(60, 86_400),
        **_has(lambda tracker: tracker.config.wake_interval),
    ),
    LanternNumberDescription(
        key="sleep_interval",
        set_fn=_sets("sleepInterval"),
        **_interval(300, 604_800),
        **_has(lambda tracker: tracker.config.sleep_interval),
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

ENTITIES: Mapping[Platform, tuple[LanternDescription[Any], ...]] = {
    Platform.DEVICE_TRACKER: TRACKERS,
    Platform.SENSOR: (*SENSORS, *READINGS),
    Platform.BINARY_SENSOR: (*BINARY_SENSORS, *BINARY_READINGS),
    Platform.EVENT: EVENTS,
    Platform.NUMBER: NUMBERS,
}

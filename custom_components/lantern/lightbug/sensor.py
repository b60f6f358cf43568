"""The sensors of a tracker: what its points, its rows and its own sensors say."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import (
    DEGREE,
    MAX_LENGTH_STATE_STATE,
    PERCENTAGE,
    SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfLength,
    UnitOfPressure,
    UnitOfSpeed,
    UnitOfTemperature,
)
from homeassistant.util import dt as dt_util

from ..entity import LanternEntity, LanternSensorDescription
from .client.models import MODES, SOURCES, Tracker
from .coordinator import LightbugCoordinator

_NO_GEOFENCE = "none"
_RESERVED = (_NO_GEOFENCE, STATE_UNAVAILABLE, STATE_UNKNOWN)


def _geofences(tracker: Tracker) -> str | None:
    """Return the names of the geofences that hold a tracker, as far as a state can."""
    names = tracker.geofences
    if names is None:
        return None
    # A geofence may have any name, also one that says something else as a state.
    shown = [f'"{name}"' if name in _RESERVED else name for name in names]
    return (", ".join(shown) or _NO_GEOFENCE)[:MAX_LENGTH_STATE_STATE]


class GeofenceSensor(LanternEntity[LanternSensorDescription[Any], Any], SensorEntity):
    """Shows the geofences; they are read as long as such an entity is enabled."""

    @property
    @override
    def native_value(self) -> str | None:
        """Return the names."""
        return _geofences(self.part)

    @override
    async def async_added_to_hass(self) -> None:
        """Begin to use the geofences, and read them if nothing did before."""
        await super().async_added_to_hass()
        coordinator: LightbugCoordinator = self.coordinator  # type: ignore[assignment]  # of this vendor
        self.async_on_remove(coordinator.geofences.async_use())
        await coordinator.async_request_refresh()


class DistanceSensor(LanternEntity[LanternSensorDescription[Any], Any], SensorEntity):
    """Shows the distance of a day: a late fix may move some of it to the day before."""

    @property
    @override
    def native_value(self) -> float | None:
        """Return the distance in km."""
        distance: float | None = self.part.distance_today
        return distance

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when the day began."""
        day = self.part.distance_day
        return None if day is None else dt_util.start_of_local_day(day)

    @override
    def shown(self) -> Any:
        """Return the distance, and of which day it is."""
        return self.part.distance_today, self.part.distance_day


def of_tracker(value_fn: Callable[[Tracker], Any]) -> dict[str, Any]:
    """Return what reads a value; a BLE tag has it only if there is data for it."""
    return {
        "device": Tracker,
        "value_fn": value_fn,
        "exists_fn": lambda tracker: not tracker.tag or value_fn(tracker) is not None,
    }


def _address(tracker: Tracker) -> str | None:
    """Return the newest fix's address as far as a state can hold it."""
    address = tracker.fix.address
    return None if address is None else address[:MAX_LENGTH_STATE_STATE]


_POINTS_AND_ROWS = (
    LanternSensorDescription(
        key="battery",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.battery),
    ),
    LanternSensorDescription(
        key="speed",
        device_class=SensorDeviceClass.SPEED,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfSpeed.KILOMETERS_PER_HOUR,
        suggested_display_precision=0,
        **of_tracker(lambda tracker: tracker.fix.speed),
    ),
    LanternSensorDescription(
        key="altitude",
        device_class=SensorDeviceClass.DISTANCE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfLength.METERS,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        **of_tracker(lambda tracker: tracker.fix.altitude),
    ),
    LanternSensorDescription(
        key="course",
        state_class=SensorStateClass.MEASUREMENT_ANGLE,
        native_unit_of_measurement=DEGREE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        **of_tracker(lambda tracker: tracker.fix.course),
    ),
    LanternSensorDescription(
        key="last_fix",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.fix.time),
    ),
    LanternSensorDescription(
        key="last_connection",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.last_connection),
    ),
    LanternSensorDescription(
        key="mode",
        device_class=SensorDeviceClass.ENUM,
        options=list(MODES.values()),
        **of_tracker(lambda tracker: tracker.mode),
    ),
    LanternSensorDescription(
        key="location_source",
        device_class=SensorDeviceClass.ENUM,
        options=list(SOURCES),
        entity_category=EntityCategory.DIAGNOSTIC,
        **of_tracker(lambda tracker: tracker.location_source),
    ),
    LanternSensorDescription(
        key="battery_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=2,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **of_tracker(lambda tracker: tracker.battery_voltage),
    ),
    LanternSensorDescription(
        key="gsm_signal",
        device_class=SensorDeviceClass.SIGNAL_STRENGTH,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=SIGNAL_STRENGTH_DECIBELS_MILLIWATT,
        suggested_display_precision=0,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **of_tracker(lambda tracker: tracker.status.signal),
    ),
    LanternSensorDescription(
        key="address",
        entity_registry_enabled_default=False,
        **of_tracker(_address),
    ),
    LanternSensorDescription(
        key="plan_expires",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        **of_tracker(lambda tracker: tracker.plan_expires),
    ),
)


def of_reading(name: str) -> dict[str, Any]:
    """Return what reads a reading; only a tracker that sends it has it."""
    value: Callable[[Tracker], Any] = attrgetter(f"readings.{name}")
    return {
        "key": name,
        "device": Tracker,
        "value_fn": value,
        "exists_fn": lambda tracker: value(tracker) is not None,
    }


def _measurement(name: str) -> dict[str, Any]:
    """Return what reads a reading that is a number."""
    return {"state_class": SensorStateClass.MEASUREMENT, **of_reading(name)}


_COMPUTED = (
    LanternSensorDescription(
        key="distance_today",
        device_class=SensorDeviceClass.DISTANCE,
        entity=DistanceSensor,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfLength.KILOMETERS,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        **of_tracker(lambda tracker: tracker.distance_today),
    ),
    LanternSensorDescription(
        key="geofence",
        entity=GeofenceSensor,
        entity_registry_enabled_default=False,
        device=Tracker,
        value_fn=_geofences,
        exists_fn=lambda tracker: not tracker.tag,
    ),
)

_READINGS = (
    LanternSensorDescription(
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=1,
        **_measurement("temperature"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.HUMIDITY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        **_measurement("humidity"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.ATMOSPHERIC_PRESSURE,
        native_unit_of_measurement=UnitOfPressure.HPA,
        suggested_display_precision=0,
        **_measurement("pressure"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        **_measurement("external_voltage"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        entity_category=EntityCategory.DIAGNOSTIC,
        **_measurement("charging_voltage"),
    ),
    # Its unit is not documented.
    LanternSensorDescription(
        suggested_display_precision=0,
        **_measurement("light"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.MILLIMETERS,
        suggested_display_precision=0,
        **_measurement("fill_distance"),
    ),
)

SENSORS = (*_POINTS_AND_ROWS, *_COMPUTED, *_READINGS)

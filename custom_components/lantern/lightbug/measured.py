"""The entities of what a tracker's own sensors measure."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfLength,
    UnitOfPressure,
    UnitOfTemperature,
)

from ..entity import LanternBinarySensorDescription, LanternSensorDescription
from .client.models import Tracker


def _measured(name: str) -> dict[str, Any]:
    """Return a reading, and that only a tracker that sends it has it."""
    value: Callable[[Tracker], Any] = attrgetter(f"readings.{name}")
    return {
        "key": name,
        "device": Tracker,
        "value_fn": value,
        "exists_fn": lambda tracker: value(tracker) is not None,
    }


def _measurement(name: str) -> dict[str, Any]:
    """Return a reading that is a number."""
    return {"state_class": SensorStateClass.MEASUREMENT, **_measured(name)}


READINGS = (
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
        **_measurement("light"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.MILLIMETERS,
        suggested_display_precision=0,
        **_measurement("fill_distance"),
    ),
)

BINARY_READINGS = (
    LanternBinarySensorDescription(
        device_class=BinarySensorDeviceClass.TAMPER,
        entity_category=EntityCategory.DIAGNOSTIC,
        **_measured("tampered"),
    ),
)

"""The entities of what a tracker's own sensors measure."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    UnitOfElectricPotential,
    UnitOfPressure,
    UnitOfTemperature,
)

from ..entity import LanternSensorDescription
from .client.models import Tracker


def _measured(name: str) -> dict[str, Any]:
    """Return a reading, and that only a tracker that sends it has it."""
    value: Callable[[Tracker], float | None] = attrgetter(f"readings.{name}")
    return {
        "key": name,
        "device": Tracker,
        "state_class": SensorStateClass.MEASUREMENT,
        "value_fn": value,
        "exists_fn": lambda tracker: value(tracker) is not None,
    }


READINGS = (
    LanternSensorDescription(
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=1,
        **_measured("temperature"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.HUMIDITY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        **_measured("humidity"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.ATMOSPHERIC_PRESSURE,
        native_unit_of_measurement=UnitOfPressure.HPA,
        suggested_display_precision=0,
        **_measured("pressure"),
    ),
    LanternSensorDescription(
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        **_measured("external_voltage"),
    ),
    # Its unit is not documented.
    LanternSensorDescription(
        **_measured("light"),
    ),
)

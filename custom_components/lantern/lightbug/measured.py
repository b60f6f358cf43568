"""The entities of what a tracker's own sensors measure."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    UnitOfElectricPotential,
    UnitOfPressure,
    UnitOfTemperature,
)

from ..entity import LanternSensorDescription
from .models import Readings, Tracker


def _measured(value_fn: Callable[[Readings], float | None]) -> dict[str, Any]:
    """Return a reading, and that only a tracker that sends it has it."""

    def value(tracker: Tracker) -> float | None:
        return value_fn(tracker.readings)

    return {
        "device": Tracker,
        "state_class": SensorStateClass.MEASUREMENT,
        "value_fn": value,
        "exists_fn": lambda tracker: value(tracker) is not None,
    }


READINGS = (
    LanternSensorDescription(
        key="temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=1,
        **_measured(lambda readings: readings.temperature),
    ),
    LanternSensorDescription(
        key="humidity",
        device_class=SensorDeviceClass.HUMIDITY,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        **_measured(lambda readings: readings.humidity),
    ),
    LanternSensorDescription(
        key="pressure",
        device_class=SensorDeviceClass.ATMOSPHERIC_PRESSURE,
        native_unit_of_measurement=UnitOfPressure.HPA,
        suggested_display_precision=0,
        **_measured(lambda readings: readings.pressure),
    ),
    LanternSensorDescription(
        key="external_voltage",
        device_class=SensorDeviceClass.VOLTAGE,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        suggested_display_precision=1,
        **_measured(lambda readings: readings.external_voltage),
    ),
    # Its unit is not documented.
    LanternSensorDescription(
        key="light",
        **_measured(lambda readings: readings.light),
    ),
)

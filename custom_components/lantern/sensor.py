"""Sensors of all vendors."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import Platform
from homeassistant.helpers.typing import StateType

from .entity import LanternEntity, LanternSensorDescription
from .platform_setup import platform_setup

PARALLEL_UPDATES = 0


class LanternSensor(LanternEntity[LanternSensorDescription[Any], Any], SensorEntity):
    """Shows one value of a device."""

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value, in the description's unit."""
        return self.description.value_fn(self.device)


async_setup_entry = platform_setup(Platform.SENSOR, LanternSensor)

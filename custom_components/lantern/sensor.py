"""Sensors of all vendors."""

from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import Platform
from homeassistant.helpers.typing import StateType

from .entity import LanternEntity, LanternSensorDescription
from .entity_loader import make_setup_entry
from .transport.bounds import bounded_state

PARALLEL_UPDATES = 0


class LanternSensor(LanternEntity[LanternSensorDescription[Any], Any], SensorEntity):
    """Shows one value of a device."""

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value, in the description's unit."""
        return bounded_state(self.description.value_fn(self.part))


async_setup_entry = make_setup_entry(Platform.SENSOR, LanternSensor)

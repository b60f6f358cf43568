"""Binary sensors of all vendors."""

from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.const import Platform

from .entity import LanternBinarySensorDescription, LanternEntity
from .entity_loader import make_setup_entry

PARALLEL_UPDATES = 0


class LanternBinarySensor(
    LanternEntity[LanternBinarySensorDescription[Any], Any], BinarySensorEntity
):
    """Shows whether something is so at a device."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the device says."""
        return self.description.value_fn(self.part)


async_setup_entry = make_setup_entry(Platform.BINARY_SENSOR, LanternBinarySensor)

"""Sensor resources of no physical device: they hang on the bridge, by number."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.sensor import SensorEntity
from homeassistant.helpers.typing import StateType

from ..coordinator import LanternCoordinator
from ..entity import LanternDescription, LanternEntity
from .client.models.bridge import Bridge
from .client.models.sensor import DAYLIGHT, FLAG, MOTION, OPEN, Sensor

_FLAGS = frozenset({DAYLIGHT, FLAG, MOTION, OPEN})


def own_keys(*, flags: bool) -> Callable[[Bridge], list[str]]:
    """Return what gives the keys of those that tell yes or no, or of the others."""
    return lambda bridge: [
        f"sensor_{one.number}"
        for one in bridge.sensors
        if (one.kind in _FLAGS) is flags
    ]


class HueOwnSensor(LanternEntity[LanternDescription[Any], Bridge]):
    """What both platforms share: the resource behind a key, and its name."""

    sensor: Sensor

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        device_id: str,
        description: LanternDescription[Any],
        key: str,
    ) -> None:
        """Take the resource of a key."""
        super().__init__(coordinator, device_id, description, key)
        self._attr_translation_placeholders = {"name": self.sensor.metadata.name}

    def _find(self) -> Sensor | None:
        found = (
            one for one in self.device.sensors if self.key == f"sensor_{one.number}"
        )
        return next(found, None)

    @override
    def shown(self) -> Any:
        """Return what the resource tells, of the last that was known."""
        self.sensor = self._find() or self.sensor
        return self.sensor.value

    @property
    @override
    def available(self) -> bool:
        """Return whether the bridge still has the resource."""
        return super().available and self._find() is not None


class HueOwnFlag(HueOwnSensor, BinarySensorEntity):
    """A resource that tells yes or no."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what it tells."""
        value = self.sensor.value
        return None if value is None else bool(value)


class HueOwnValue(HueOwnSensor, SensorEntity):
    """A resource that tells a number."""

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return what it tells."""
        return self.sensor.value

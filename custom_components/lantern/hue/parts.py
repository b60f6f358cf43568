"""The parts of a Hue bridge, its devices and rooms that entities show."""

from typing import Any

from ..entity import Part
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group
from .client.models.light import Light
from .client.models.sensor import Sensor


def sensor_part(
    kind: str, owner: type[Device | Group] = Device
) -> Part[Device | Group, Sensor]:
    """Return the sensor of a kind that a device or a group has."""
    return Part(owner, lambda device, _: device.sensor(kind))


def numbered_part(prefix: str, *kinds: str) -> dict[str, Any]:
    """Return what describes the bridge's own parts of some kinds, each by its name."""

    def find_part(bridge: Bridge, key: str) -> Sensor | None:
        number = key.removeprefix(f"{prefix}_")
        return next((part for part in bridge.sensors if part.number == number), None)

    return {
        "device": Part(Bridge, find_part),
        "keys_fn": lambda bridge: [
            f"{prefix}_{part.number}" for part in bridge.sensors if part.kind in kinds
        ],
        "placeholders_fn": lambda part, _: {"name": part.metadata.name},
    }


def virtual_part(*kinds: str) -> dict[str, Any]:
    """Return what describes the sensors of applications, which no device has."""
    return {
        "key": "own_sensor",
        "entity_registry_enabled_default": False,
        **numbered_part("sensor", *kinds),
    }


def is_reachable(part: Light | Sensor) -> bool:
    """Return whether the bridge reaches a lamp or sensor, as far as it says."""
    return part.reachable is not False


def is_true(sensor: Sensor) -> bool | None:
    """Return a sensor's value; one that is switched off has none."""
    if sensor.value is None or sensor.enabled is False:
        return None
    return bool(sensor.value)

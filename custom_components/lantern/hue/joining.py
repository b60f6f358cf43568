"""Physical devices of the lamps and sensor resources that a bridge lists apart."""

from collections.abc import Iterable

from .accessories import Sensor
from .models import Device
from .resources import Light


def light_id(bridge_id: str, light: Light) -> str:
    """Return the id of the device that a lamp is part of."""
    if light.mac is not None:
        return f"hue:{light.mac}"
    return f"hue:{bridge_id}:light:{light.number}"


def join(
    bridge_id: str, lights: Iterable[Light], sensors: Iterable[Sensor]
) -> dict[str, Device]:
    """Return the physical devices by device id: what shares a MAC is one."""
    lamps: dict[str, list[Light]] = {}
    for light in lights:
        lamps.setdefault(light_id(bridge_id, light), []).append(light)
    parts: dict[str, list[Sensor]] = {}
    for sensor in sensors:
        if sensor.mac is None:
            continue
        parts.setdefault(f"hue:{sensor.mac}", []).append(sensor)
    for several in lamps.values():
        several.sort(key=lambda one: one.endpoint)
    for some in parts.values():
        # The main resource has the name that the owner gave.
        some.sort(key=lambda one: not one.primary)
    return {
        device_id: Device(
            tuple(lamps.get(device_id, ())), tuple(parts.get(device_id, ()))
        )
        for device_id in lamps | parts
    }

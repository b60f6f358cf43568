"""Physical devices of the lamps and sensor resources that a bridge lists apart."""

from collections.abc import Callable, Iterable, MutableMapping, Sequence

from .models.device import Device
from .models.light import Light
from .models.sensor import MOTION, OPEN, ROTARY, SWITCH, Sensor
from .v1_parser import zigbee

type LightKeys = Callable[[str, Sequence[Light]], tuple[str, ...]]
"""Returns the entity keys of a device's lamps, by device id."""

FIRST = "light"
# What a device with several resources is; it has the name that its owner gave.
_NAMED_BY = {MOTION: 0, SWITCH: 0, OPEN: 1, ROTARY: 1}


def light_id(bridge_id: str, light: Light) -> str:
    """Return the id of the device that a lamp is part of."""
    if light.mac is not None:
        return f"hue:{light.mac}"
    return f"hue:{bridge_id}:light:{light.number}"


def is_physical(device_id: str) -> bool:
    """Return True for the id of a light or accessory, not of a bridge or group."""
    kind, _, identity = device_id.partition(":")
    address = zigbee({"uniqueid": identity})[0]
    return kind == "hue" and (address is not None or ":light:" in identity)


def assign_keys(
    lamps: Sequence[Light],
    stored: MutableMapping[str, str],
    is_used: Callable[[str], bool],
) -> tuple[str, ...]:
    """Return the keys of a device's lamps; a key never moves to another endpoint.

    `stored` has the key of each endpoint there ever was, and gets the new ones;
    `is_used` returns True for a key that an entity got before keys were stored.
    """
    keys: dict[str, str] = {}
    for lamp in lamps:
        place, suffix = lamp.endpoint, f"_{lamp.endpoint}"
        # Two resources of different types may share one endpoint.
        own = f"{lamp.endpoint}/{lamp.number}"
        if own in stored or place in keys:
            place, suffix = own, f"{suffix}_{lamp.number}"
        if place not in stored:
            key = FIRST + suffix
            is_first = FIRST not in stored.values() and not is_used(key)
            stored[place] = FIRST if is_first else key
        keys[place] = stored[place]
    return tuple(keys.values())


def new_keys(_: str, lamps: Sequence[Light]) -> tuple[str, ...]:
    """Return the keys of a device's lamps when nothing is stored of it."""
    return assign_keys(lamps, {}, lambda _: False)


def join(
    bridge_id: str,
    lights: Iterable[Light],
    sensors: Iterable[Sensor],
    keys: LightKeys = new_keys,
) -> dict[str, Device]:
    """Return the physical devices by device id: what shares a MAC is one."""
    lamps: dict[str, list[Light]] = {}
    for light in lights:
        lamps.setdefault(light_id(bridge_id, light), []).append(light)
    parts: dict[str, list[Sensor]] = {}
    for sensor in sensors:
        if sensor.device_key is None:
            continue
        parts.setdefault(f"hue:{sensor.device_key}", []).append(sensor)
    for several in lamps.values():
        several.sort(key=lambda part: part.endpoint)
    for some in parts.values():
        some.sort(key=lambda part: (_NAMED_BY.get(part.kind, 2), not part.primary))
    return {
        device_id: Device(
            tuple(lamps.get(device_id, ())),
            tuple(parts.get(device_id, ())),
            keys(device_id, lamps[device_id]) if device_id in lamps else (),
        )
        for device_id in lamps | parts
    }

"""The v1 resources that a bridge's devices are made of: lamps and sensors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import re
from typing import Any

from ..transport import fields
from .lightstate import Abilities, LightState, read_abilities

MOTION = "motion"
TEMPERATURE = "temperature"
ILLUMINANCE = "illuminance"
OPEN = "open"
HUMIDITY = "humidity"
SWITCH = "switch"
ROTARY = "rotary"

_UNIQUE_ID = re.compile(
    r"(?P<mac>(?:[0-9a-f]{2}:){5,7}[0-9a-f]{2})(?:-(?P<endpoint>[0-9a-f]+).*)?"
)
_NO_UPDATE = frozenset({"noupdates", "notupdatable"})
_UPDATE = frozenset(
    {
        "transferring",
        "anyreadytoinstall",
        "allreadytoinstall",
        "readytoinstall",
        "installing",
    }
)
_BRIGHTEST = 65535


def updatable(state: object) -> bool | None:
    """Return whether firmware waits, by the name of an update state."""
    if state in _NO_UPDATE:
        return False
    return True if state in _UPDATE else None


@dataclass(frozen=True, slots=True)
class About:
    """What the owner and the maker call a lamp or an accessory."""

    name: str
    product: str | None
    model_id: str | None
    manufacturer: str | None
    sw_version: str | None


def _about(resource: Mapping[str, Any]) -> About | None:
    """Return what a resource is called; without a name it is none."""
    name = resource.get("name")
    if not isinstance(name, str):
        return None
    return About(
        name=name,
        product=fields.text(resource.get("productname")),
        model_id=fields.text(resource.get("modelid")),
        manufacturer=fields.text(resource.get("manufacturername")),
        sw_version=fields.text(resource.get("swversion")),
    )


def _zigbee(resource: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the Zigbee address and the endpoint that a `uniqueid` names."""
    unique_id = resource.get("uniqueid")
    if not isinstance(unique_id, str):
        return None, ""
    found = _UNIQUE_ID.fullmatch(unique_id.lower())
    return (found["mac"], found["endpoint"] or "") if found else (None, "")


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp: its v1 number, and the Zigbee address and endpoint it is at."""

    number: str
    mac: str | None
    endpoint: str
    about: About
    can: Abilities
    state: LightState
    reachable: bool | None
    update_available: bool | None


def read_light(number: str, light: Mapping[str, Any]) -> Light | None:
    """Return a lamp of `/lights`, None if it is no lamp."""
    if (about := _about(light)) is None:
        return None
    mac, endpoint = _zigbee(light)
    state = fields.mapping(light.get("state"))
    return Light(
        number=number,
        mac=mac,
        endpoint=endpoint,
        about=about,
        can=read_abilities(light),
        state=LightState.read(state),
        reachable=fields.flag(state.get("reachable")),
        update_available=updatable(fields.mapping(light.get("swupdate")).get("state")),
    )


def _hundredths(value: object) -> float | None:
    found = fields.number(value)
    return None if found is None else found / 100


def _lux(value: object) -> float | None:
    """Return lux of a light level, 10000·log10(lux)+1; 0 is darkness."""
    level = fields.number(value)
    if level is None or not 0 <= level <= _BRIGHTEST:
        return None
    return round(10 ** ((level - 1) / 10000), 2) if level else 0.0


def _nothing(_: object) -> None:
    """Show no value: what such a resource tells is an event."""


type Value = bool | float | None
# By resource type: what it is, and the part of its state that is shown, and how.
_KINDS: Mapping[str, tuple[str, str, Callable[[object], Value]]] = {
    "ZLLPresence": (MOTION, "presence", fields.flag),
    "CLIPPresence": (MOTION, "presence", fields.flag),
    "ZLLTemperature": (TEMPERATURE, "temperature", _hundredths),
    "CLIPTemperature": (TEMPERATURE, "temperature", _hundredths),
    "ZLLLightLevel": (ILLUMINANCE, "lightlevel", _lux),
    "CLIPLightLevel": (ILLUMINANCE, "lightlevel", _lux),
    "CLIPOpenClose": (OPEN, "open", fields.flag),
    "CLIPHumidity": (HUMIDITY, "humidity", _hundredths),
    "ZLLSwitch": (SWITCH, "buttonevent", _nothing),
    "ZLLRelativeRotary": (ROTARY, "rotaryevent", _nothing),
}


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor resource of an accessory: `value` in °C, lx, %, or true and false.

    `battery` is in percent; `has_battery` tells whether it says so at all.
    """

    number: str
    mac: str
    kind: str
    about: About
    primary: bool
    value: Value
    reachable: bool | None
    battery: int | None
    has_battery: bool


def _percent(value: object) -> int | None:
    found = fields.integer(value)
    return found if found is not None and 0 <= found <= 100 else None


def read_sensor(number: str, sensor: Mapping[str, Any]) -> Sensor | None:
    """Return a resource of `/sensors`, None if it is no accessory's that we know."""
    about = _about(sensor)
    mac, _ = _zigbee(sensor)
    kind = _KINDS.get(str(sensor.get("type")))
    if about is None or mac is None or kind is None:
        return None
    name, part, read = kind
    config = fields.mapping(sensor.get("config"))
    capabilities = fields.mapping(sensor.get("capabilities"))
    return Sensor(
        number=number,
        mac=mac,
        kind=name,
        about=about,
        primary=capabilities.get("primary") is True,
        value=read(fields.mapping(sensor.get("state")).get(part)),
        reachable=fields.flag(config.get("reachable")),
        battery=_percent(config.get("battery")),
        has_battery="battery" in config,
    )

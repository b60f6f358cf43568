"""Models of the resources of API v1: lights, groups, scenes and sensors."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
import re
from typing import Any

from ...transport import parsing
from .models.group import LIGHT_GROUP, ROOM, Group, Scene
from .models.light import COLORLOOP, Capabilities, Light, LightState, Metadata

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


def updatable(state: object) -> bool | None:
    """Return whether firmware waits, by the name of an update state."""
    name = parsing.as_str(state)
    if name in _NO_UPDATE:
        return False
    return True if name in _UPDATE else None


def read_metadata(resource: Mapping[str, Any]) -> Metadata | None:
    """Return what a resource is called; without a name it is none."""
    name = resource.get("name")
    if not isinstance(name, str):
        return None
    return Metadata(
        name=parsing.as_name(name) or "",
        product=parsing.as_name(resource.get("productname")),
        model_id=parsing.as_name(resource.get("modelid")),
        manufacturer=parsing.as_name(resource.get("manufacturername")),
        sw_version=parsing.as_name(resource.get("swversion")),
    )


def zigbee(resource: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the Zigbee address and the endpoint that a `uniqueid` names."""
    unique_id = resource.get("uniqueid")
    return parse_unique_id(unique_id) if isinstance(unique_id, str) else (None, "")


@lru_cache(4096)
def parse_unique_id(unique_id: str) -> tuple[str | None, str]:
    """Return the Zigbee address and the endpoint in a `uniqueid`."""
    match = _UNIQUE_ID.fullmatch(unique_id.lower())
    return (match["mac"], match["endpoint"] or "") if match else (None, "")


# Controllers of blinds, locks and repeaters are among the lamps of some bridges.
_NO_LAMPS = frozenset(
    {
        "configuration tool",
        "door lock",
        "door lock controller",
        "range extender",
        "warning device",
        "window covering controller",
        "window covering device",
    }
)


def _is_lamp(light: Mapping[str, Any]) -> bool:
    """Return True unless it is of a type that is none; unknown ones can be switched."""
    kind = (parsing.as_str(light.get("type")) or "").lower()
    if not kind or "light" in kind or "plug" in kind:
        return True
    return kind not in _NO_LAMPS and "on" in parsing.as_dict(light.get("state"))


def read_light(number: str, light: Mapping[str, Any]) -> Light | None:
    """Return a lamp of `/lights`, None if it is no lamp."""
    if (metadata := read_metadata(light)) is None or not _is_lamp(light):
        return None
    mac, endpoint = zigbee(light)
    state = parsing.as_dict(light.get("state"))
    return Light(
        number=number,
        mac=mac,
        endpoint=endpoint,
        metadata=metadata,
        can=read_capabilities(light),
        state=read_state(state),
        reachable=parsing.as_bool(state.get("reachable")),
        update_available=updatable(parsing.as_dict(light.get("swupdate")).get("state")),
    )


BRIGHTEST = 254
_USUAL_KELVIN = (1e6 / 500, 1e6 / 153)
# Some makers' lamps tell 0 or 65535.
_WIDEST_MIRED = (50, 1000)


def _brightness(value: object) -> float | None:
    """Return a brightness, 0 to 1; some lights go to 255."""
    level = _within(value, 0, BRIGHTEST + 1)
    return None if level is None else min(level, BRIGHTEST) / BRIGHTEST


def _within(value: object, low: int, high: int) -> int | None:
    """Return a whole number if it is within its range."""
    number = parsing.as_int(value)
    return number if number is not None and low <= number <= high else None


def read_state(state: Mapping[str, Any]) -> LightState:
    """Return the state in a v1 `state` or `action`."""
    mired = _within(state.get("ct"), 1, 65535)
    mode = parsing.as_str(state.get("colormode"))
    return LightState(
        on=parsing.as_bool(state.get("on")),
        brightness=_brightness(state.get("bri")),
        kelvin=None if mired is None else 1e6 / mired,
        xy=_xy(state.get("xy")),
        mode="color_temp" if mode == "ct" else mode and "xy",
        effect=parsing.as_str(state.get("effect")),
    )


def _xy(value: object) -> tuple[float, float] | None:
    """Return a colour's CIE coordinates."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = parsing.as_float(value[0]), parsing.as_float(value[1])
    if x is None or y is None or not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return x, y


_BY_TYPE = {
    "on/off light": Capabilities(),
    "on/off plug-in unit": Capabilities(),
    "dimmable light": Capabilities(dims=True),
    "dimmable plug-in unit": Capabilities(dims=True),
    "color temperature light": Capabilities(dims=True, kelvin=_USUAL_KELVIN),
    "color light": Capabilities(dims=True, colour=True),
    "extended color light": Capabilities(dims=True, colour=True, kelvin=_USUAL_KELVIN),
}


def read_capabilities(light: Mapping[str, Any]) -> Capabilities:
    """Return a light's capabilities, of its type; an unknown type's, of its state."""
    state = parsing.as_dict(light.get("state"))
    kind = parsing.as_str(light.get("type")) or ""
    base = _BY_TYPE.get(kind.lower()) or Capabilities(
        dims="bri" in state,
        kelvin=_USUAL_KELVIN if "ct" in state else None,
        colour="xy" in state,
    )
    control = parsing.as_dict(parsing.as_dict(light.get("capabilities")).get("control"))
    limits = parsing.as_dict(control.get("ct"))
    low = _within(limits.get("min"), *_WIDEST_MIRED)
    high = _within(limits.get("max"), *_WIDEST_MIRED)
    if base.kelvin and low and high and low < high:
        base = replace(base, kelvin=(1e6 / high, 1e6 / low))
    return replace(base, effects=(COLORLOOP,) if "effect" in state else ())


_GROUPS = frozenset({LIGHT_GROUP, ROOM, "Zone"})


def read_scene(scene_id: str, scene: Mapping[str, Any]) -> Scene | None:
    """Return a scene of `/scenes`; those that applications recycle are skipped."""
    name = scene.get("name")
    if not isinstance(name, str) or parsing.as_bool(scene.get("recycle")):
        return None
    return Scene(
        scene_id, parsing.as_name(name) or "", parsing.as_str(scene.get("group"))
    )


def read_group(
    number: str, group: Mapping[str, Any], lights: Mapping[str, Capabilities]
) -> Group | None:
    """Return a room, a zone or a group that people made, None for any other.

    `lights` is what each lamp can do, by its number.
    """
    name = group.get("name")
    kind = parsing.as_str(group.get("type"))
    if not isinstance(name, str) or kind not in _GROUPS:
        return None
    if kind == LIGHT_GROUP and parsing.as_bool(group.get("recycle")):
        return None
    numbers = _numbers(group.get("lights"))
    state = parsing.as_dict(group.get("state"))
    return Group(
        number=number,
        name=parsing.as_name(name) or "",
        kind=kind,
        lights=numbers,
        can=Capabilities.of_all(
            lights[number] for number in numbers if number in lights
        ),
        state=LightState(on=parsing.as_bool(state.get("any_on"))),
        members=_numbers(group.get("sensors")),
    )


def _numbers(members: object) -> tuple[str, ...]:
    """Return the v1 numbers in a list."""
    listed = members if isinstance(members, list) else []
    return tuple(dict.fromkeys(filter(None, map(parsing.as_str, listed))))

"""Models of the resources of API v2 (hue_v2 names the sections of the facts)."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...transport import parsing
from .models.group import ROOM, Group, Scene
from .models.light import COLORLOOP, PRESETS, Capabilities, Light, LightState, Metadata
from .models.sensor import CONNECTIONS

type Resource = Mapping[str, Any]

_USUAL_MIRED = (153, 500)
_NO_MIRED = (0, 65535)
NO_EFFECT = "no_effect"
EFFECTS = ("effects", "timed_effects")


def get_dict(resource: Resource, *path: str) -> Mapping[str, Any]:
    """Return the object at a path of features, empty if there is none."""
    for name in path:
        resource = parsing.as_dict(resource.get(name))
    return resource


def get_identity(resource: Resource) -> tuple[str, str] | None:
    """Return id and type of a resource; None unless both are plain texts."""
    given = resource.get("id"), resource.get("type")
    rid, kind = parsing.as_id(given[0]), parsing.as_id(given[1])
    return (rid, kind) if rid and kind and (rid, kind) == given else None


def iter_references(value: object, rtype: str | None = None) -> Iterator[str]:
    """Yield the ids in a list of references, of one type or of all."""
    for one in parsing.iter_dicts(value):
        rid = parsing.as_str(one.get("rid"))
        if rid and rtype in (None, one.get("rtype")):
            yield rid


def v1_number(resource: Resource, collection: str) -> str | None:
    """Return the number in `id_v1`, if it is of a collection; "" means none."""
    path = parsing.as_str(resource.get("id_v1")) or ""
    prefix = f"/{collection}/"
    return parsing.as_id(path[len(prefix) :]) if path.startswith(prefix) else None


def parse_metadata(device: Resource, own: object = None) -> Metadata:
    """Return the names of a device, or of a light that has `own` metadata."""
    product = get_dict(device, "product_data")
    named = (parsing.as_dict(own), get_dict(device, "metadata"))
    names = (one.get("name") for one in named)
    return Metadata(
        name=next((name for one in names if (name := parsing.as_name(one))), ""),
        product=parsing.as_name(product.get("product_name")),
        model_id=parsing.as_name(product.get("model_id")),
        manufacturer=parsing.as_name(product.get("manufacturer_name")),
        sw_version=parsing.as_name(product.get("software_version")),
        device=str(device["id"]) if device.get("type") == "device" else "",
    )


def is_reachable(connectivity: Resource | None, *, is_light: bool) -> bool | None:
    """Return whether a device is reached, None if the bridge does not say."""
    status = parsing.as_str((connectivity or {}).get("status"))
    if status is None:
        return None
    return status == "connected" or (
        status == "unidirectional_incoming" and not is_light
    )


def parse_connection(connectivity: Resource | None) -> str | None:
    """Return how a device is reached, None if the bridge does not say."""
    status = parsing.as_str((connectivity or {}).get("status"))
    return status if status in CONNECTIONS else None


def is_update_available(update: Resource | None) -> bool | None:
    """Return whether firmware waits for a device."""
    state = parsing.as_str((update or {}).get("state"))
    return None if state in (None, "unknown") else state != "no_update"


def _mired_range(schema: Resource) -> tuple[int, int]:
    """Return the range of a light's colour temperature; 0 and 65535 are no limits."""
    low = parsing.as_int(schema.get("mirek_minimum"))
    high = parsing.as_int(schema.get("mirek_maximum"))
    if low is None or high is None or low in _NO_MIRED or high in _NO_MIRED:
        return _USUAL_MIRED
    return (low, high) if 0 < low < high else _USUAL_MIRED


def parse_effects(values: object) -> tuple[str, ...]:
    """Return the names of the effects in a list."""
    given = values if isinstance(values, list) else ()
    names = (parsing.as_name(one) for one in given if isinstance(one, str))
    return tuple(name for name in names if name and name != NO_EFFECT)


def parse_effect(light: Resource) -> str | None:
    """Return the effect that runs; old firmware has a timed one under `effect`."""
    for name in EFFECTS:
        feature = get_dict(light, name)
        status = feature.get("status", feature.get("effect"))
        if status is not None and status != NO_EFFECT:
            return parsing.as_name(status)
    return None


def light_features(light: Resource) -> tuple[object, ...]:
    """Return what `parse_capabilities` reads; of it, events change little."""
    return (
        isinstance(light.get("dimming"), Mapping),
        isinstance(light.get("color"), Mapping),
        get_dict(light, "color_temperature").get("mirek_schema", _NO_MIRED)
        if isinstance(light.get("color_temperature"), Mapping)
        else None,
        *(get_dict(light, name).get("effect_values") for name in EFFECTS),
    )


def parse_capabilities(
    dims: bool, colour: bool, schema: object, *effects: object
) -> Capabilities:
    """Return what a light can do, by its features."""
    kelvin = None
    if schema is not None:
        low, high = _mired_range(parsing.as_dict(schema))
        kelvin = (1e6 / high, 1e6 / low)
    names = (name for values in effects for name in parse_effects(values))
    return Capabilities(
        dims=dims,
        kelvin=kelvin,
        colour=colour,
        effects=tuple(dict.fromkeys((*((COLORLOOP,) if colour else ()), *names))),
    )


def _parse_xy(value: Resource) -> tuple[float, float] | None:
    x, y = parsing.as_float(value.get("x")), parsing.as_float(value.get("y"))
    if x is None or y is None or not (0 <= x <= 1 and 0 <= y <= 1):
        return None
    return x, y


def parse_state(light: Resource, can: Capabilities, effect: str) -> LightState:
    """Return how a light is lit; `effect` is what runs unless it tells of another."""
    percent = parsing.as_float(get_dict(light, "dimming").get("brightness"))
    white = get_dict(light, "color_temperature")
    mired = parsing.as_int(white.get("mirek")) or 0
    xy = _parse_xy(get_dict(light, "color", "xy"))
    is_white = can.kelvin is not None and (
        not can.colour or (mired > 0 and white.get("mirek_valid") is not False)
    )
    return LightState(
        on=parsing.as_bool(get_dict(light, "on").get("on")),
        brightness=percent / 100
        if percent is not None and 0 <= percent <= 100
        else None,
        kelvin=1e6 / mired if 0 < mired < _NO_MIRED[1] else None,
        xy=xy,
        mode="color_temp" if is_white else "xy" if can.colour else None,
        effect=(parse_effect(light) or effect) if can.effects else None,
    )


def parse_light(
    light: Resource,
    number: str,
    metadata: Metadata,
    can: Capabilities,
    place: tuple[str | None, str],
    connectivity: Resource | None,
    update: Resource | None,
    effect: str,
    is_trusted: bool,
) -> Light:
    """Return a light; `place` is its Zigbee address and endpoint.

    Unless its connection `is_trusted`, it counts as reachable.
    """
    return Light(
        number=number,
        mac=place[0],
        endpoint=place[1],
        metadata=metadata,
        can=can,
        state=parse_state(light, can, effect),
        reachable=is_reachable(connectivity if is_trusted else None, is_light=True),
        update_available=is_update_available(update),
        resource_id=str(light["id"]),
        connection=parse_connection(connectivity),
        power_on=_parse_preset(light),
    )


def _parse_preset(light: Resource) -> str | None:
    """Return what a light does when it gets power."""
    preset = get_dict(light, "powerup").get("preset")
    if preset is None or preset in PRESETS:
        return preset
    return parsing.as_name(preset) if isinstance(preset, str) else None


def parse_group(
    group: Resource, number: str, lights: tuple[Light, ...], members: tuple[str, ...]
) -> Group:
    """Return a room or zone with its lights and the ids of its sensors."""
    services = group.get("services")
    return Group(
        number=number,
        name=parsing.as_name(get_dict(group, "metadata").get("name")) or "",
        kind=ROOM if group["type"] == "room" else "Zone",
        lights=tuple(one.number for one in lights),
        can=Capabilities.of_all(one.can for one in lights),
        state=LightState(),
        members=members,
        resource_id=next(iter_references(services, "grouped_light"), ""),
    )


_ACTIVE = {
    "active": True,
    "dynamic_palette": True,
    "static": True,
    "inactive": False,
}


def parse_scene(scene: Resource, scene_id: str, group: str | None) -> Scene | None:
    """Return a scene or smart scene of the room or zone with a number."""
    name = get_dict(scene, "metadata").get("name")
    if not isinstance(name, str):
        return None
    return Scene(
        scene_id,
        parsing.as_name(name) or "",
        group,
        str(scene["id"]),
        is_smart=scene["type"] == "smart_scene",
        is_active=_ACTIVE.get(
            str(scene.get("state", get_dict(scene, "status").get("active")))
        ),
        can_play=any(
            len(palette) > 1
            for name in ("color", "color_temperature")
            if isinstance(palette := get_dict(scene, "palette").get(name), list)
        ),
    )

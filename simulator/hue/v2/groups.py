"""Rooms, zones, the whole home and what is measured or lit in them, in API v2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.hue.answers import Json

from . import lights, sensors
from .json_data import reference

if TYPE_CHECKING:
    from .view import View

HOME = "/groups/0"
PLACES = {"Room": "room", "Zone": "zone"}
ONE_SEGMENT = {
    "configurable": False,
    "max_segments": 1,
    "segments": [{"start": 0, "length": 1}],
}
_ICONS = {"Living room": "living_room", "TV": "tv", "Upstairs": "upstairs"}


def kind_of(view: View, path: str) -> str:
    """Return room, zone or bridge_home; private_group where API v2 shows none."""
    if path == HOME:
        return "bridge_home"
    return PLACES.get(view.v1(path)["type"], "private_group")


def _icon(name: str) -> str:
    return name.lower().replace(" ", "_") or "other"


def lamps_of(view: View, path: str) -> list[str]:
    """Return the paths of a group's lamps."""
    return [f"/lights/{n}" for n in view.house.members(path.split("/")[2])]


def devices_in(view: View, path: str) -> list[str]:
    """Return the keys of a room's devices, those of its lamps first."""
    own = [f"{view.device_of[lamp]}#device" for lamp in lamps_of(view, path)]
    existing = set(view.devices())
    placed = [d for d in view.house.placed.get(path.split("/")[2], []) if d in existing]
    return list(dict.fromkeys([*own, *placed]))


def grouped_light(view: View, path: str, lamps: list[str], owner: Json) -> Json:
    """Return the light of a group: on where any is, as bright as the lit ones' mean."""
    states = [view.v1(lamp)["state"] for lamp in lamps]
    lit = [state["bri"] for state in states if state["on"] and "bri" in state]
    mean = sum(map(lights.brightness_of, lit)) / len(lit) if lit else 0.0
    features: Json = {
        "on": {"on": any(state["on"] for state in states)},
        "dimming": {"brightness": round(mean, 2)},
        "dimming_delta": {},
        "color_temperature": {},
        "color_temperature_delta": {},
        "color": {},
        "alert": {"action_values": ["breathe"]},
        "signaling": {"signal_values": list(lights.SIGNALS)},
        "dynamics": {},
    }
    id_v1 = path if path.startswith("/groups/") else None
    return view.resource(path, "grouped_light", features, owner, id_v1)


def _below(view: View, path: str) -> list[str]:
    """Return the keys of the devices that are below a group."""
    if path == HOME:
        return list(view.devices())
    if kind_of(view, path) == "zone":
        return view.house.placed.get(path.split("/")[2], [])
    return devices_in(view, path)


def _readings(view: View, devices: list[str], kind: str) -> list[Json]:
    """Return the sensors of a kind that these devices have."""
    resources = []
    for device in devices:
        key = device.partition("#")[0]
        for path in view.members.get(key, []):
            if sensors.MEASURES.get(view.v1(path)["type"]) == kind:
                measured = sensors.measures(view.v1(path))
                resources.append(view.resource(path, kind, measured))
    return resources


def grouped_measures(view: View, path: str, devices: list[str]) -> Iterator[Json]:
    """Return grouped motion and light level, where a group has such sensors."""
    owner = view.reference(path, _owner_kind(view, path))
    for kind, feature in (("motion", "motion"), ("light_level", "light")):
        reports = [
            reading[feature][f"{kind}_report"]
            for reading in _readings(view, devices, kind)
            if f"{kind}_report" in (reading.get(feature) or {})
        ]
        if reports:
            latest = max(report["changed"] for report in reports)
            values = [report[kind] for report in reports]
            value = (
                any(values) if kind == "motion" else round(sum(values) / len(values))
            )
            report = {"changed": latest, kind: value}
            features = {"enabled": True, feature: {f"{kind}_report": report}}
            yield view.resource(path, f"grouped_{kind}", features, owner)


def _owner_kind(view: View, path: str) -> str:
    return kind_of(view, path) if path.startswith("/groups/") else "service_group"


def group(view: View, path: str) -> Iterator[Json]:
    """Return a room or zone, or another group of v1, after its services."""
    kind = kind_of(view, path)
    if path != HOME and view.v1(path)["type"] == "Entertainment":
        yield _entertainment_area(view, path)
        return
    lamps = lamps_of(view, path)
    owner = view.reference(path, kind)
    services = [grouped_light(view, path, lamps, owner)] if lamps else []
    if kind != "private_group":
        services += grouped_measures(view, path, _below(view, path))
    yield from services
    if kind == "private_group":
        return
    children = _children(view, path, kind, lamps)
    named: Json = {}
    if path != HOME:
        stored = view.v1(path)
        icon = _icon(stored.get("class", "other"))
        named = {"metadata": {"name": stored["name"][:32], "archetype": icon}}
    listed = [reference(service["id"], service["type"]) for service in services]
    features = named | {"children": children, "services": listed}
    yield view.resource(path, kind, features, id_v1=path)


def _children(view: View, path: str, kind: str, lamps: list[str]) -> list[Json]:
    if kind == "zone":
        return [view.reference(lamp, "light") for lamp in lamps]
    if kind == "room":
        devices = devices_in(view, path)
        return [reference(view.ids.of_key(device), "device") for device in devices]
    rooms = [
        f"/groups/{n}" for n, g in view.house.groups.items() if g["type"] == "Room"
    ]
    placed = {device for room in rooms for device in devices_in(view, room)}
    free = [device for device in view.devices() if device not in placed]
    return [
        *(view.reference(room, "room") for room in rooms),
        view.reference("/bridge", "device"),
        *(reference(view.ids.of_key(device), "device") for device in free),
    ]


def _entertainment_area(view: View, path: str) -> Json:
    """Return an entertainment area; its v1 group has the places of the lamps."""
    stored = view.v1(path)
    places = stored.get("locations", {})
    lamps = [f"/lights/{n}" for n in stored["lights"] if n in view.house.lights]
    spots = {}
    for lamp in lamps:
        place = places.get(lamp.split("/")[2], [0.0, 0.0, 0.0])
        spots[lamp] = dict(zip("xyz", place, strict=True))
    active = stored.get("stream", {}).get("active", False)
    proxy = view.reference("/bridge", "entertainment")
    features = {
        "metadata": {"name": stored["name"]},
        "name": stored["name"],
        "configuration_type": "screen",
        "status": "active" if active else "inactive",
        "stream_proxy": {"mode": "auto", "node": proxy},
        "channels": [
            {
                "channel_id": number,
                "position": spot,
                "members": [
                    {"service": view.reference(lamp, "entertainment"), "index": 0}
                ],
            }
            for number, (lamp, spot) in enumerate(spots.items())
        ],
        "locations": {
            "service_locations": [
                {
                    "service": view.reference(lamp, "entertainment"),
                    "position": spot,
                    "positions": [spot],
                    "equalization_factor": 1.0,
                }
                for lamp, spot in spots.items()
            ]
        },
        "light_services": [view.reference(lamp, "light") for lamp in spots],
    }
    if active:
        features["active_streamer"] = reference(
            view.ids.of(path, "streamer"), "auth_v1"
        )
    return view.resource(path, "entertainment_configuration", features, id_v1=path)


def _lit(view: View, path: str, kind: str, lamps: list[str]) -> Json:
    """Return the light of a group, which is made once for each view."""
    if path not in view.lit:
        owner = view.reference(path, kind)
        view.lit[path] = grouped_light(view, path, lamps, owner)
    return view.lit[path]


def lit_around(view: View, lamp: str) -> Iterator[Json]:
    """Return the lights of the groups that a lamp is in, hidden ones too."""
    number = lamp.split("/")[2]
    for group_number in view.house.groups_of(number):
        path = f"/groups/{group_number}"
        if path == HOME or view.v1(path)["type"] != "Entertainment":
            yield _lit(view, path, kind_of(view, path), lamps_of(view, path))
    for identifier, stored in view.house.scenes.items():
        if "group" not in stored and number in stored["lights"]:
            if not stored.get("recycle"):
                lamps = [f"/lights/{light}" for light in stored["lights"]]
                yield _lit(view, f"/scenes/{identifier}", "private_group", lamps)


def measured_around(view: View, device: str) -> Iterator[Json]:
    """Return what is measured in the groups that a device is in."""
    groups = [n for n, devices in view.house.placed.items() if device in devices]
    for path in (*(f"/groups/{n}" for n in groups if n in view.house.groups), HOME):
        yield from grouped_measures(view, path, _below(view, path))
    yield from _service_groups(view)


def _service_groups(view: View) -> Iterator[Json]:
    """Return what is measured by the sensors that a person grouped by hand."""
    for key, stored in view.house.v2.items():
        if stored.get("type") == "service_group":
            path = key.partition("#")[0]
            devices = [f"{device}#device" for device in stored["devices"]]
            yield from grouped_measures(view, path, devices)


def everything(view: View) -> Iterator[Json]:
    """Return all groups, the whole home and what was grouped by hand."""
    for number in view.house.groups:
        yield from group(view, f"/groups/{number}")
    yield from group(view, HOME)
    yield from _service_groups(view)

"""A house: what a bridge has lamps, rooms, scenes and accessories for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import accessories as acc
from .answers import Json
from .lamps import KINDS, lamp, mac

OWNER = "x7Gq-made-up-key-of-the-phone-app-L0Rt2v"
_SKIPPED = ("reachable", "mode")


@dataclass(slots=True)
class House:
    """The bridge's resources by their number, in the v1 API's JSON.

    `groups` are held without `state` and `action`, which follow the lamps
    (see `group`); `scenes` with `lightstates`. `v2` is what only API v2 knows:
    resources by their key, and patches to those that v1 knows as well (see
    `v2.view`); `placed` are the keys of the devices in a group beside its lamps.
    """

    lights: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    sensors: dict[str, Json] = field(default_factory=dict)
    scenes: dict[str, Json] = field(default_factory=dict)
    v2: dict[str, Json] = field(default_factory=dict)
    placed: dict[str, list[str]] = field(default_factory=dict)

    def members(self, group: str) -> list[str]:
        """Return the lamps of a group; group 0 has all of them."""
        if group == "0":
            return list(self.lights)
        return [n for n in self.groups[group]["lights"] if n in self.lights]

    def groups_of(self, light: str) -> Iterator[str]:
        """Return the groups that a lamp is in, group 0 among them."""
        yield "0"
        yield from (n for n, group in self.groups.items() if light in group["lights"])

    def group(self, number: str) -> Json:
        """Return a group as the API shows it, with the state of its lamps."""
        if number == "0":
            shown: Json = {"name": "Group 0", "lights": list(self.lights)}
            shown |= {"sensors": [], "type": "LightGroup", "recycle": False}
        else:
            shown = dict(self.groups[number])
        states = [self.lights[member]["state"] for member in self.members(number)]
        on = [state["on"] for state in states]
        shown["state"] = {"all_on": bool(on) and all(on), "any_on": any(on)}
        shown["action"] = _action(states)
        return shown

    def scene(self, identifier: str) -> Json:
        """Return a scene as the list of scenes shows it."""
        scene = self.scenes[identifier]
        return {key: part for key, part in scene.items() if key != "lightstates"}

    def free_number(self, collection: str) -> str:
        """Return the number that the collection's next resource gets."""
        return str(max((int(n) for n in getattr(self, collection)), default=0) + 1)


def _action(states: list[Json]) -> Json:
    """Return the state of one lamp of a group, one that is on if there is one."""
    action: Json = {}
    for state in sorted(states, key=lambda state: not state["on"]):
        action = {k: v for k, v in state.items() if k not in _SKIPPED} | action
    return action or {"on": False, "alert": "none"}


def room(
    name: str, lights: list[str], room_class: str = "Living room", kind: str = "Room"
) -> Json:
    """Return a room or zone."""
    return {
        "name": name,
        "lights": lights,
        "sensors": [],
        "type": kind,
        "recycle": False,
        "class": room_class,
    }


def scene(name: str, group: str | None, states: dict[str, Json], **more: Any) -> Json:
    """Return a scene of a group, or of single lamps without one."""
    owned: Json = {"type": "LightScene"}
    if group is not None:
        owned = {"type": "GroupScene", "group": group}
    return {
        "name": name,
        **owned,
        "lights": list(states),
        "owner": OWNER,
        "recycle": False,
        "locked": False,
        "appdata": {"version": 1, "data": "Ab3xZ_r01_d01"},
        "picture": "",
        "image": "00000000-0000-4000-8000-00000000000a",
        "lastupdated": "2024-03-17T19:02:44",
        "version": 2,
        "lightstates": states,
    } | more


def _lights() -> dict[str, Json]:
    """Return a lamp of every type, one unreachable, two in one housing."""
    both = mac(8)
    return {
        "1": lamp("extended_color", "Reading lamp", f"{mac(1)}-0b", on=True, bri=144),
        "2": lamp("dimmable", "Ceiling", f"{mac(2)}-0b"),
        "3": lamp("color_temperature", "Floor lamp", f"{mac(3)}-0b", on=True, ct=400),
        "4": lamp("plug", "Aquarium", f"{mac(4)}-0b", on=True),
        "5": lamp("color", "Shelf", f"{mac(5)}-0b"),
        "6": lamp("narrow_color_temperature", "Night light", f"{mac(6)}-01"),
        "7": lamp("extended_color", "Balcony", f"{mac(7)}-0b", reachable=False),
        "8": lamp("dimmable", "Headboard", f"{both}-0b"),
        "9": lamp("dimmable", "Headboard low", f"{both}-0c"),
        "10": lamp("relay", "Porch", f"{mac(10)}-0b"),
    }


def _groups() -> dict[str, Json]:
    """Return two rooms, a zone and an entertainment area."""
    entertainment = room("Television", ["1", "5"], "TV", "Entertainment") | {
        "stream": {"proxymode": "auto", "proxynode": "/bridge", "active": False},
        "locations": {"1": [-0.5, 0.8, 0.0], "5": [0.5, 0.8, 0.0]},
    }
    return {
        "1": room("Living room", ["1", "2", "3", "4"]),
        "2": room("Bedroom", ["5", "6", "7", "8", "9"], "Bedroom"),
        "3": room("Downstairs", ["1", "3", "5"], "Downstairs", "Zone"),
        "4": entertainment,
    }


def _scenes() -> dict[str, Json]:
    """Return scenes of rooms, of a zone and of lamps, and one to be skipped."""
    off: Json = {"on": False}
    return {
        "Rlx4VaVgQzTWlgy": scene(
            "Relax",
            "1",
            {
                "1": {"on": True, "bri": 144, "ct": 447},
                "2": {"on": True, "bri": 56},
                "3": {"on": True, "bri": 144, "ct": 447},
                "4": off,
            },
        ),
        "Brt9kLmPq2XsWe1": scene(
            "Bright",
            "1",
            {
                "1": {"on": True, "bri": 254, "ct": 367},
                "2": {"on": True, "bri": 254},
                "3": {"on": True, "bri": 254, "ct": 367},
                "4": {"on": True},
            },
        ),
        "Ngt7yHgTr5Fc3vB": scene(
            "Nightlight", "2", {"5": off, "6": {"on": True, "bri": 1, "ct": 420}}
        ),
        "Sun2wEdFr6Tg8uJ": scene(
            "Sunset",
            "3",
            {
                "1": {"on": True, "bri": 200, "xy": [0.5614, 0.4058]},
                "5": {"on": True, "bri": 180, "xy": [0.6098, 0.3499]},
            },
        ),
        "Dim1qAzWs3Xe5Rc": scene(
            "All low", None, {"2": {"on": True, "bri": 1}, "9": {"on": True, "bri": 1}}
        ),
        "Rcy8iKoLp0Mj6Nh": scene(
            "Wake up start", None, {"2": {"on": True, "bri": 1}}, recycle=True
        ),
    }


def _sensors() -> dict[str, Json]:
    """Return an accessory of every type that the documents name."""
    door, station = mac(0xD0), mac(0xD1)
    sensors = [
        acc.daylight(),
        *acc.motion("Hall sensor", mac(0xA1)),
        *acc.dimmer("Bedroom switch", mac(0xA2)),
        *acc.tap("Kitchen tap", "00:00:00:00:00:4a:5b:6c"),
        *acc.tap_dial("Living room dial", mac(0xA3)),
        acc.clip(
            "CLIPOpenClose",
            "Front door",
            f"{door}-01-0500",
            {"open": False},
            battery=88,
        ),
        acc.clip(
            "CLIPHumidity", "Front door air", f"{door}-01-0405", {"humidity": 4520}
        ),
        acc.clip("CLIPGenericStatus", "Scene cycle", "scene-cycle", {"status": 0}),
        acc.clip("CLIPGenericFlag", "Holiday", "holiday", {"flag": False}),
        acc.clip(
            "CLIPTemperature", "Garden", f"{station}-01-0402", {"temperature": 1830}
        ),
        acc.clip(
            "CLIPLightLevel",
            "Garden light",
            f"{station}-01-0400",
            {"lightlevel": 38000, "dark": False, "daylight": True},
            tholddark=16000,
            tholdoffset=7000,
        ),
        acc.clip("CLIPPresence", "Garden gate", "garden-gate", {"presence": False}),
        acc.clip("CLIPSwitch", "Wall panel", "wall-panel", {"buttonevent": 1002}),
        acc.geofence("Phone", "L_02_made-up"),
    ]
    return {str(number): sensor for number, sensor in enumerate(sensors, start=1)}


def default_house() -> House:
    """Return the made-up household: every lamp and every accessory type."""
    return House(_lights(), _groups(), _sensors(), _scenes())


def generate(lamps: int, accessories: int = 0, room_size: int = 8) -> House:
    """Return a house of so many lamps in rooms of eight, with two scenes each."""
    house = House(sensors={"1": acc.daylight()})
    kinds = list(KINDS)
    for number in range(1, lamps + 1):
        kind = kinds[number % len(kinds)]
        house.lights[str(number)] = lamp(kind, f"Lamp {number}", f"{mac(number)}-0b")
    numbers = list(house.lights)
    for index, first in enumerate(range(0, lamps, room_size), start=1):
        lights = numbers[first : first + room_size]
        house.groups[str(index)] = room(f"Room {index}", lights)
        for name in ("Bright", "Off"):
            states = {light: {"on": name == "Bright"} for light in lights}
            house.scenes[f"{name}{index:010}"] = scene(name, str(index), states)
    makers = (acc.motion, acc.dimmer, acc.tap_dial)
    for number in range(accessories):
        make = makers[number % len(makers)]
        for sensor in make(f"Accessory {number + 1}", mac(0x10000 + number)):
            house.sensors[house.free_number("sensors")] = sensor
    return house

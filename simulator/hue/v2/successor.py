"""A Bridge Pro that took over the house of a square bridge."""

from copy import deepcopy
from typing import Any

from simulator.hue.answers import Json
from simulator.hue.bridge import HueBridge
from simulator.hue.house import House
from simulator.hue.items import Ids

MOVED = "2026-03-01T09:00:00.000Z"


def take_over(
    old: HueBridge, bridge_id: str = "c42996fffe0a0b0c", *, renumber: int = 0
) -> HueBridge:
    """Return a Pro with the keys, lamps and ids of a square bridge.

    Its v1 numbers are higher by `renumber`; the ids of API v2 stay. The old
    bridge goes on until it is told to `factory_reset`.
    """
    house = deepcopy(old.house)
    aliases: dict[str, str] = {}
    if renumber:
        house, aliases = _renumbered(house, renumber)
    new = HueBridge(old.clock, model="BSB003", bridge_id=bridge_id, house=house)
    new.whitelist = deepcopy(old.whitelist)
    new.reports = deepcopy(old.reports)
    new.ids = Ids(old.ids.bridge, aliases)
    new.config["name"] = old.config["name"]
    if old.bridge_id is not None:
        new.config["replacesbridgeid"] = old.bridge_id.upper()
        new.origin = {"origin": old.bridge_id, "time": MOVED}
    return new


def _renumbered(house: House, by: int) -> tuple[House, dict[str, str]]:
    """Return a house with other v1 numbers, and the old path of each new one."""
    moved = {
        f"/{collection}/{number}": f"/{collection}/{int(number) + by}"
        for collection in ("lights", "groups", "sensors")
        for number in getattr(house, collection)
    }

    def number(collection: str, old: str) -> str:
        return moved.get(f"/{collection}/{old}", f"//{old}").split("/")[2]

    def held(collection: str) -> Json:
        resources: Json = getattr(house, collection)
        return {number(collection, n): resource for n, resource in resources.items()}

    for group in house.groups.values():
        group["lights"] = [number("lights", light) for light in group["lights"]]
        if "locations" in group:
            places = group["locations"].items()
            group["locations"] = {number("lights", n): spot for n, spot in places}
    for scene in house.scenes.values():
        scene["lights"] = [number("lights", light) for light in scene["lights"]]
        states = scene["lightstates"].items()
        scene["lightstates"] = {number("lights", n): state for n, state in states}
        if scene.get("group", "0") != "0":
            scene["group"] = number("groups", scene["group"])
    placed = {number("groups", n): keys for n, keys in house.placed.items()}
    made = House(held("lights"), held("groups"), held("sensors"), house.scenes)
    made.v2 = _with_paths(house.v2, moved)
    made.placed = _with_paths(placed, moved)
    return made, {new: old for old, new in moved.items()}


def _with_paths(value: Any, moved: dict[str, str]) -> Any:
    """Return JSON data with the new paths in its keys and references."""
    if isinstance(value, dict):
        return {_key(k, moved): _with_paths(v, moved) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_paths(item, moved) for item in value]
    return _key(value, moved) if isinstance(value, str) else value


def _key(text: str, moved: dict[str, str]) -> str:
    path, hash_, kind = text.partition("#")
    return f"{moved.get(path, path)}#{kind}" if hash_ else text

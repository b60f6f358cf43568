"""Scenes as API v2 shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from simulator.hue.answers import Json
from simulator.hue.house import House

from . import groups, lights

if TYPE_CHECKING:
    from .view import View


def _palette(states: list[Json]) -> Json:
    """Return the colours that the scene plays when it is dynamic."""
    dimmed = [state for state in map(lights.action, states) if "dimming" in state]
    whites = [action for action in dimmed if "color_temperature" in action][:1]
    return {
        "color": [
            {"color": action["color"], "dimming": action["dimming"]}
            for action in dimmed
            if "color" in action
        ][:9],
        "dimming": [],
        "color_temperature": [
            {
                "color_temperature": white["color_temperature"],
                "dimming": white["dimming"],
            }
            for white in whites
        ],
        "effects": [],
        "effects_v2": [],
    }


def place_of(view: View, identifier: str) -> str | None:
    """Return the path of the group that a scene belongs to; None if it is gone."""
    stored = view.house.scenes[identifier]
    number = stored.get("group")
    if number is None:
        return f"/scenes/{identifier}"  # one of single lamps: a group that nobody sees
    gone = number != "0" and number not in view.house.groups
    return None if gone else f"/groups/{number}"


def scene(view: View, path: str) -> Iterator[Json]:
    """Return a scene; those that an application will remove are not shown."""
    identifier = path.split("/")[2]
    stored = view.house.scenes[identifier]
    place = place_of(view, identifier)
    if stored.get("recycle") or place is None:
        return
    hidden = place == path
    states = {
        f"/lights/{n}": state
        for n, state in stored["lightstates"].items()
        if n in view.house.lights
    }
    kind = "private_group" if hidden else groups.kind_of(view, place)
    features: Json = {
        "metadata": {"name": stored["name"][:32]},
        "group": view.reference(place, kind),
        "actions": [
            {"target": view.reference(lamp, "light"), "action": lights.action(state)}
            for lamp, state in states.items()
        ],
        "palette": _palette(list(states.values())),
        "speed": 0.5,
        "auto_dynamic": False,
        "recall": {},
        "status": {"active": "inactive"},
    }
    yield view.resource(path, "scene", features, id_v1=path)
    if hidden and states:
        owner = view.reference(path, "private_group")
        yield groups.grouped_light(view, path, list(states), owner)


def active(house: House) -> list[str]:
    """Return the ids of the scenes that their lamps show."""
    return [
        identifier
        for identifier in house.scenes
        if house.v2.get(f"/scenes/{identifier}#scene", {})
        .get("status", {})
        .get("active", "inactive")
        != "inactive"
    ]


def settle(
    house: House, changed: set[str], recalled: str | None, now: datetime
) -> None:
    """Keep which scene is active: the recalled one, else none whose lamps changed.

    `changed` are the numbers of the lamps that were changed.
    """
    place = house.scenes[recalled].get("group") if recalled is not None else None
    for identifier in active(house):
        stored = house.scenes[identifier]
        rival = recalled is not None and stored.get("group") == place
        touched = recalled is None and changed & stored["lightstates"].keys()
        if identifier != recalled and (rival or touched):
            house.v2[f"/scenes/{identifier}#scene"]["status"]["active"] = "inactive"
    if recalled is not None:
        patch = house.v2.setdefault(f"/scenes/{recalled}#scene", {})
        when = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"
        patch["status"] = {"active": "static", "last_recall": when}

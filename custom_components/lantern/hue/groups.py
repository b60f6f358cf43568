"""Rooms, zones and all lamps together, and the scenes that they have (API v1)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

from ..transport import parsing
from .lightstate import Abilities, LightState
from .resources import Light

ROOM = "Room"
ALL_LIGHTS = "0"
_GROUPS = frozenset({ROOM, "Zone"})


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene by its id; `group` is the room or zone it belongs to, if any."""

    scene_id: str
    name: str
    group: str | None


def read_scene(scene_id: str, scene: Mapping[str, Any]) -> Scene | None:
    """Return a scene of `/scenes`; those that applications recycle are skipped."""
    name = scene.get("name")
    if not isinstance(name, str) or scene.get("recycle") is True:
        return None
    group = scene.get("group")
    return Scene(scene_id, name, group if isinstance(group, str) else None)


@dataclass(frozen=True, slots=True)
class Group:
    """A room or zone: `lights` are v1 numbers, `state.on` when one of them is on."""

    diagnostic: ClassVar = ("kind", "size", "look")

    number: str
    name: str
    kind: str
    lights: tuple[str, ...]
    can: Abilities
    state: LightState
    scenes: tuple[Scene, ...] = ()

    @property
    def size(self) -> int:
        """Return how many lamps it has."""
        return len(self.lights)

    @property
    def look(self) -> dict[str, Any]:
        """Return what it does, for diagnostics."""
        return asdict(self.state)

    def with_on(self, on: bool) -> Group:
        """Return the group once its lamps are known to be on or off."""
        return replace(self, state=replace(self.state, on=on))

    def after(self, changes: Mapping[str, Any]) -> Group:
        """Return the group once the bridge confirmed changes for all its lamps."""
        return replace(self, state=self.state.after(changes, self.can))


def read_group(
    number: str, group: Mapping[str, Any], lights: Mapping[str, Abilities]
) -> Group | None:
    """Return a room or zone of `/groups`, None if it is neither.

    `lights` is what each lamp can do, by its number.
    """
    name, members = group.get("name"), group.get("lights")
    kind = parsing.as_str(group.get("type"))
    if not isinstance(name, str) or kind not in _GROUPS:
        return None
    found = members if isinstance(members, list) else []
    numbers = tuple(one for one in found if isinstance(one, str))
    told = parsing.as_dict(group.get("state"))
    state = LightState.read(parsing.as_dict(group.get("action")))
    return Group(
        number=number,
        name=name,
        kind=kind,
        lights=numbers,
        can=Abilities.of_all(lights[one] for one in numbers if one in lights),
        state=replace(state, on=parsing.as_bool(told.get("any_on"))),
    )


def all_lights(lights: Iterable[Light]) -> Group:
    """Return group 0, which `/groups` does not have: on when a lamp is on."""
    lamps = tuple(lights)
    told = [one.state.on for one in lamps]
    on = True if True in told else None if None in told else False
    return Group(
        number=ALL_LIGHTS,
        name="",
        kind="LightGroup",
        lights=tuple(one.number for one in lamps),
        can=Abilities.of_all(one.can for one in lamps),
        state=LightState(on=on if told else None),
    )

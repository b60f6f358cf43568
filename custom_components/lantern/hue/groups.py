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
    if not isinstance(name, str) or parsing.as_bool(scene.get("recycle")):
        return None
    return Scene(
        scene_id, parsing.as_name(name) or "", parsing.as_str(scene.get("group"))
    )


@dataclass(frozen=True, slots=True)
class Group:
    """A room or zone: `lights` and `sensors` are v1 numbers.

    `state.on` when one of its lamps is on.
    """

    diagnostic: ClassVar = ("kind", "size", "look")

    number: str
    name: str
    kind: str
    lights: tuple[str, ...]
    can: Abilities
    state: LightState
    scenes: tuple[Scene, ...] = ()
    sensors: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Return how many lamps it has."""
        return len(self.lights)

    @property
    def look(self) -> dict[str, Any]:
        """Return what it does, for diagnostics."""
        return asdict(self.state)

    def with_lamps(self, lights: Mapping[str, Light], on: bool | None = None) -> Group:
        """Return the group as its lamps are; `on` where it is known better."""
        lit = [
            lights[one].state
            for one in self.lights
            if one in lights and lights[one].is_lit
        ]
        on = self.state.on if on is None else on
        return replace(self, state=LightState.mean(lit, on))


def read_group(
    number: str, group: Mapping[str, Any], lights: Mapping[str, Abilities]
) -> Group | None:
    """Return a room or zone of `/groups`, None if it is neither.

    `lights` is what each lamp can do, by its number.
    """
    name = group.get("name")
    kind = parsing.as_str(group.get("type"))
    if not isinstance(name, str) or kind not in _GROUPS:
        return None
    numbers = _numbers(group.get("lights"))
    state = parsing.as_dict(group.get("state"))
    return Group(
        number=number,
        name=parsing.as_name(name) or "",
        kind=kind,
        lights=numbers,
        can=Abilities.of_all(lights[one] for one in numbers if one in lights),
        state=LightState(on=parsing.as_bool(state.get("any_on"))),
        sensors=_numbers(group.get("sensors")),
    )


def _numbers(members: object) -> tuple[str, ...]:
    """Return the v1 numbers in a list."""
    found = members if isinstance(members, list) else []
    return tuple(dict.fromkeys(filter(None, map(parsing.as_str, found))))


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
    ).with_lamps({one.number: one for one in lamps})

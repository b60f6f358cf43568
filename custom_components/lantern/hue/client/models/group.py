"""Rooms, zones and all lights together, and the scenes that they have."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

from .light import Capabilities, Light, LightState
from .sensor import Sensor, SensorOwner

ROOM = "Room"
LIGHT_GROUP = "LightGroup"
ALL_LIGHTS = "0"


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene by its id; `group` is the room or zone it belongs to, if any.

    One that `is_smart` follows the hours of the day; one that `can_play` has colours
    to move through.
    """

    scene_id: str
    name: str
    group: str | None
    resource_id: str = field(default="", compare=False)
    is_smart: bool = False
    is_active: bool | None = None
    can_play: bool = False


@dataclass(frozen=True, slots=True)
class Group(SensorOwner):
    """A room or zone: `lights` and `members` are v1 numbers or resource ids.

    `state.on` when one of its lights is on; `scenes` by their ids. `members` are the sensors in it, `sensors`
    what several of them measure together.
    """

    diagnostic: ClassVar = ("kind", "size", "look")

    number: str
    name: str
    kind: str
    lights: tuple[str, ...]
    can: Capabilities
    state: LightState
    scenes: Mapping[str, Scene] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    resource_id: str = field(default="", compare=False)

    @property
    def size(self) -> int:
        """Return how many lights it has."""
        return len(self.lights)

    @property
    def look(self) -> dict[str, Any]:
        """Return what it does, for diagnostics."""
        return asdict(self.state)

    def at(self, resource_id: str) -> Group:
        """Return the group with the id that API v2 commands it by."""
        return replace(self, resource_id=resource_id)

    def with_scene(self, scene: Scene) -> Group:
        """Return the group with a scene that was read anew."""
        if scene.scene_id not in self.scenes:
            return self
        return replace(self, scenes={**self.scenes, scene.scene_id: scene})

    def with_lights(self, lights: Mapping[str, Light], on: bool | None = None) -> Group:
        """Return the group as its lights are; `on` where it is known better."""
        lit = [
            lights[one].state
            for one in self.lights
            if one in lights and lights[one].is_lit
        ]
        on = self.state.on if on is None else on
        return replace(self, state=LightState.mean(lit, on))


def all_lights(lights: Iterable[Light]) -> Group:
    """Return group 0, which `/groups` does not have: on when a light is on."""
    lights = tuple(lights)
    told = [one.state.on for one in lights]
    on = True if True in told else None if None in told else False
    return Group(
        number=ALL_LIGHTS,
        name="",
        kind=LIGHT_GROUP,
        lights=tuple(one.number for one in lights),
        can=Capabilities.of_all(one.can for one in lights),
        state=LightState(on=on if told else None),
    ).with_lights({one.number: one for one in lights})

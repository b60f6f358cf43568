"""What a bridge has, and what an event of it changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .device import Device
from .group import Group, Scene
from .light import Light
from .sensor import Sensor


@dataclass(frozen=True, slots=True)
class House:
    """What a bridge has; `devices` and `groups` by device id.

    `sensors` are those of no physical device; `scenes` those that API v2 lists,
    which API v1 has under `v1_scene_ids`. V2 knows the bridge's own device as
    `bridge_resource`.
    """

    devices: Mapping[str, Device]
    groups: Mapping[str, Group]
    sensors: tuple[Sensor, ...]
    all_lights: Group
    scenes: tuple[Scene, ...] = ()
    v1_scene_ids: frozenset[str] = frozenset()
    bridge_resource: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A press or turn, by device id and the key of its event entity."""

    device_id: str
    key: str
    type: str
    attributes: Mapping[str, Any]


@dataclass(slots=True)
class Changes:
    """What a message of the event stream changed.

    `needs_read` when something came, went or was arranged anew.
    """

    parts: list[Light | Sensor | Scene] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    needs_read: bool = False

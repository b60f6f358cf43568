"""The models of a bridge by device id, each scene with its room."""

from dataclasses import replace

from .client.models.bridge import Bridge
from .client.models.group import LIGHT_GROUP, Scene
from .client.models.house import House
from .commands import Model


def make_snapshot(
    root_id: str, bridge: Bridge, house: House, v1_scenes: tuple[Scene, ...]
) -> dict[str, Model]:
    """Return the models; `v1_scenes` may have some that API v2 does not list."""
    shown: dict[str | None, dict[str, Scene]] = {
        group.number: {} for group in house.groups.values() if group.kind != LIGHT_GROUP
    }
    others: dict[str, Scene] = {}
    listed = {scene.scene_id for scene in house.scenes} | house.v1_scene_ids
    v1_only = (one for one in v1_scenes if one.scene_id not in listed)
    for scene in (*house.scenes, *v1_only):
        # Also of the whole home, an entertainment area or a deleted room.
        shown.get(scene.group, others)[scene.scene_id] = scene
    own = replace(
        bridge,
        sensors=house.sensors,
        scenes=others,
        all_lights=house.all_lights,
        resource_id=house.bridge_resource,
    )
    return {
        root_id: own,
        **house.devices,
        **{
            device_id: replace(group, scenes=shown.get(group.number, {}))
            for device_id, group in house.groups.items()
        },
    }

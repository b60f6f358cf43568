"""The scenes of rooms, and those of single lamps at the bridge."""

from typing import Any, override

from homeassistant.components.light import ATTR_TRANSITION
from homeassistant.components.scene import Scene as SceneEntity

from ..entity import LanternDescription, LanternEntity
from .client.models.bridge import Bridge
from .client.models.group import Group, Scene
from .coordinator import HueCoordinator

_PREFIX = "scene_"


def scene_keys(device: Bridge | Group) -> list[str]:
    """Return the keys of the scenes of a room, or of the bridge."""
    return [f"{_PREFIX}{scene_id}" for scene_id in device.scenes]


def find_scene(device: Bridge | Group, key: str) -> Scene | None:
    """Return the scene of a key."""
    return device.scenes.get(key.removeprefix(_PREFIX))


class HueScene(LanternEntity[LanternDescription[Any], Scene], SceneEntity):
    """A scene that the bridge holds."""

    coordinator: HueCoordinator

    @override
    def shown(self) -> None:
        """Show nothing but the name."""

    @override
    async def async_activate(self, **kwargs: Any) -> None:
        """Recall the scene, in one request."""
        async with self.coordinator.translate_errors():
            commands = self.coordinator.commands
            transition = kwargs.get(ATTR_TRANSITION)
            await commands.async_check(
                await commands.async_recall(self.part, transition=transition)
            )

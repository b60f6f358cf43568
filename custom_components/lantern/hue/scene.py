"""The scenes of rooms, and those of single lamps at the bridge."""

from typing import Any, override

from homeassistant.components.light import ATTR_TRANSITION
from homeassistant.components.scene import Scene as SceneEntity

from ..coordinator import LanternCoordinator
from ..entity import LanternDescription, LanternEntity
from .client.models.bridge import Bridge
from .client.models.group import Group, Scene
from .coordinator import HueCoordinator


def scene_keys(device: Bridge | Group) -> list[str]:
    """Return the keys of what a room or the bridge can recall."""
    return [f"scene_{one.scene_id}" for one in device.scenes]


class HueScene(LanternEntity[LanternDescription[Any], Any], SceneEntity):
    """A scene that the bridge holds."""

    coordinator: HueCoordinator
    scene: Scene

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        device_id: str,
        description: LanternDescription[Any],
        key: str,
    ) -> None:
        """Take the scene of a key."""
        super().__init__(coordinator, device_id, description, key)
        self._attr_name = self.scene.name

    def _find(self) -> Scene | None:
        scenes = self.device.scenes
        return next(
            (one for one in scenes if f"scene_{one.scene_id}" == self.key), None
        )

    @override
    def shown(self) -> str:
        """Return the name that the owner gave."""
        self.scene = self._find() or self.scene
        self._attr_name = self.scene.name
        return self.scene.name

    @property
    @override
    def available(self) -> bool:
        """Return whether the bridge still holds the scene."""
        return super().available and self._find() is not None

    @override
    async def async_activate(self, **kwargs: Any) -> None:
        """Recall the scene, in one request."""
        async with self.coordinator.translate_errors():
            commands = self.coordinator.commands
            transition = kwargs.get(ATTR_TRANSITION)
            await commands.async_check(
                await commands.async_recall(self.scene, transition)
            )

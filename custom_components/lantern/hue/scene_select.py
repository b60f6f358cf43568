"""The scene of a room that is active, as a choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..entity import LanternDescription, LanternEntity
from .client.models.group import Group, Scene
from .coordinator import HueCoordinator

NO_SCENE = "none"


@dataclass(frozen=True, kw_only=True)
class HueSceneSelectDescription(LanternDescription[Group], SelectEntityDescription):
    """Describes the choice of a room's scene."""


def active_scene(scenes: Iterable[Scene]) -> Scene | None:
    """Return the scene that is active; a smart one comes before what it recalls."""
    active = (scene for scene in scenes if scene.is_active)
    return max(active, key=lambda scene: scene.is_smart, default=None)


def name_scenes(scenes: Iterable[Scene]) -> dict[str, Scene | None]:
    """Return scenes by name, each name once, and none of them."""
    named: dict[str, Scene | None] = {NO_SCENE: None}
    counts: dict[str, int] = {}
    for scene in scenes:
        label = name = scene.name or scene.scene_id
        while label in named:
            counts[name] = counts.get(name, 1) + 1
            label = f"{name} ({counts[name]})"
        named[label] = scene
    return named


class HueActiveScene(LanternEntity[HueSceneSelectDescription, Group], SelectEntity):
    """The scene of a room that is active; choosing one recalls it."""

    coordinator: HueCoordinator
    _scenes: Mapping[str, Scene] | None = None
    _named: dict[str, Scene | None]

    @override
    def shown(self) -> tuple[Any, ...]:
        """Return the active scene and all scenes, read anew where they changed."""
        if self.part.scenes is not self._scenes:
            self._scenes = self.part.scenes
            self._named = name_scenes(self._scenes.values())
            active = active_scene(self._scenes.values())
            self._attr_options = list(self._named)
            self._attr_current_option = next(
                name for name, scene in self._named.items() if scene is active
            )
        return self._attr_current_option, self._attr_options

    @override
    async def async_select_option(self, option: str) -> None:
        """Recall a scene, or end a smart one; other scenes have no end."""
        scene, is_end = self._named[option], False
        if scene is None:
            scene, is_end = active_scene(self.part.scenes.values()), True
        if scene is None:
            return
        if is_end and not scene.is_smart:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="hue_scene_without_end",
                translation_placeholders={"entity": self.entity_id},
            )
        commands = self.coordinator.commands
        async with self.coordinator.translate_errors():
            await commands.async_check(
                await commands.async_recall(scene, is_end=is_end)
            )

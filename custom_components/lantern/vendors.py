"""The table of vendors: one row each."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import OptionsFlow
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from .action import LanternAction, LanternEntityAction
from .cards import BuildSections
from .coordinator import LanternConfigEntry, LanternCoordinator
from .entity import LanternDescription
from .hue.actions import ACTIONS as HUE_ACTIONS
from .hue.coordinator import HueCoordinator
from .hue.dashboard import build_sections as hue_sections
from .hue.entities import ENTITIES as HUE
from .hue.light_actions import ACTIONS as HUE_LIGHT_ACTIONS
from .hue.options_flow import HueOptionsFlow
from .hue.repairs import REPAIRS as HUE_REPAIRS
from .hue.revoke import async_revoke as hue_revoke
from .lightbug.actions import ACTIONS as LIGHTBUG_ACTIONS
from .lightbug.coordinator import LightbugCoordinator
from .lightbug.dashboard import build_sections as lightbug_sections
from .lightbug.entities import ENTITIES as LIGHTBUG
from .lightbug.options_flow import LightbugOptionsFlow
from .lightbug.push_repair import REPAIRS as LIGHTBUG_REPAIRS
from .lightbug.revoke import async_revoke as lightbug_revoke
from .lucit.actions import ACTIONS as LUCIT_ACTIONS
from .lucit.coordinator import LucitCoordinator, async_revoke as lucit_revoke
from .lucit.dashboard import build_sections as lucit_sections
from .lucit.entities import ENTITIES as LUCIT
from .lucit.options_flow import LucitOptionsFlow
from .lucit.repairs import REPAIRS as LUCIT_REPAIRS
from .lux.actions import ACTIONS as LUX_ACTIONS
from .lux.coordinator import LuxCoordinator, async_revoke as lux_revoke
from .lux.dashboard import build_sections as lux_sections
from .lux.entities import ENTITIES as LUX
from .lux.issues import async_show_left
from .lux.repairs import REPAIRS as LUX_REPAIRS

type Repair = Callable[[HomeAssistant, Mapping[str, Any]], RepairsFlow]
type Revoke = Callable[[HomeAssistant, LanternConfigEntry], Awaitable[None]]


async def _revoke_nothing(_: HomeAssistant, __: LanternConfigEntry) -> None:
    """Do nothing: this service grants no access that could be revoked."""


async def _nothing_left(_: HomeAssistant) -> None:
    """Do nothing: this service leaves nothing behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One row: a vendor's coordinator, entities, actions and repairs.

    `repairs` holds the flow that fixes an issue, by the issue's kind; `options_flow`
    changes an entry's options, where it has some.

    `build_sections` returns an entry's part of a dashboard.
    `async_revoke` revokes access when an entry is removed; it never fails.
    `async_show_left` creates issues for what removed entries left, once Lantern loads.
    """

    coordinator: type[LanternCoordinator[Any]]
    entities: Mapping[Platform, tuple[LanternDescription[Any], ...]]
    actions: tuple[LanternAction | LanternEntityAction, ...] = ()
    repairs: Mapping[str, Repair] = field(default_factory=dict)
    options_flow: type[OptionsFlow] | None = None
    build_sections: BuildSections | None = None
    async_revoke: Revoke = _revoke_nothing
    async_show_left: Callable[[HomeAssistant], Awaitable[None]] = _nothing_left


VENDORS: Mapping[str, Vendor] = {
    "hue": Vendor(
        coordinator=HueCoordinator,
        entities=HUE,
        build_sections=hue_sections,
        actions=(*HUE_ACTIONS, *HUE_LIGHT_ACTIONS),
        repairs=HUE_REPAIRS,
        options_flow=HueOptionsFlow,
        async_revoke=hue_revoke,
    ),
    "lucit": Vendor(
        coordinator=LucitCoordinator,
        entities=LUCIT,
        build_sections=lucit_sections,
        actions=LUCIT_ACTIONS,
        repairs=LUCIT_REPAIRS,
        options_flow=LucitOptionsFlow,
        async_revoke=lucit_revoke,
    ),
    "lightbug": Vendor(
        coordinator=LightbugCoordinator,
        entities=LIGHTBUG,
        build_sections=lightbug_sections,
        actions=LIGHTBUG_ACTIONS,
        repairs=LIGHTBUG_REPAIRS,
        options_flow=LightbugOptionsFlow,
        async_revoke=lightbug_revoke,
    ),
    "lux": Vendor(
        coordinator=LuxCoordinator,
        entities=LUX,
        build_sections=lux_sections,
        actions=LUX_ACTIONS,
        repairs=LUX_REPAIRS,
        async_revoke=lux_revoke,
        async_show_left=async_show_left,
    ),
}

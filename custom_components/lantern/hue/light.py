"""Lamps and rooms as lights."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
import math
from typing import Any, override

from homeassistant.components.light import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_FLASH,
    ATTR_TRANSITION,
    ATTR_XY_COLOR,
    EFFECT_OFF,
    ColorMode,
    LightEntity,
    LightEntityDescription,
    LightEntityFeature,
)
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.helpers.group import IntegrationSpecificGroup

from ..entity import LanternDescription, LanternEntity
from .client.command_queue import CommandResult
from .client.models.group import Group
from .client.models.light import Capabilities, Light, LightCommand
from .coordinator import HueCoordinator


def to_brightness(level: float) -> int:
    """Return Home Assistant's 1 to 255 for 0 to 1; its 0 is not off."""
    return max(1, round(level * 255))


def to_kelvin(kelvin: float) -> int:
    """Return a colour temperature as Home Assistant has it."""
    return math.floor(kelvin + 1e-6)


@cache
def _features(dims: bool, has_effects: bool) -> LightEntityFeature:
    """Return what a light can do: Home Assistant asks at every change."""
    features = LightEntityFeature.FLASH
    if dims:
        features |= LightEntityFeature.TRANSITION
    return features | LightEntityFeature.EFFECT if has_effects else features


@cache
def _modes(dims: bool, has_colour: bool, has_whites: bool) -> frozenset[ColorMode]:
    """Return how colours can be set."""
    modes = {ColorMode.XY} if has_colour else set()
    if has_whites:
        modes.add(ColorMode.COLOR_TEMP)
    return frozenset(modes or {ColorMode.BRIGHTNESS if dims else ColorMode.ONOFF})


def turn_on_command(kwargs: Mapping[str, Any], can: Capabilities) -> LightCommand:
    """Return a command: `on` is in it, or a light that is off refuses the rest."""
    kelvin = None
    if can.kelvin and ATTR_XY_COLOR not in kwargs and ATTR_COLOR_TEMP_KELVIN in kwargs:
        low, high = can.kelvin
        kelvin = max(low, min(high, kwargs[ATTR_COLOR_TEMP_KELVIN]))
    brightness = kwargs.get(ATTR_BRIGHTNESS)
    return LightCommand(
        on=True,
        brightness=None if brightness is None else brightness / 255,
        kelvin=kelvin,
        xy=kwargs.get(ATTR_XY_COLOR),
        effect=kwargs.get(ATTR_EFFECT),
        transition=kwargs.get(ATTR_TRANSITION),
        flash=kwargs.get(ATTR_FLASH),
    )


@dataclass(frozen=True, kw_only=True)
class HueLightDescription[PartT: (Light, Group)](
    LanternDescription[PartT], LightEntityDescription
):
    """Describes a light; `set_fn` takes coordinator, device id, part, command."""

    set_fn: Callable[
        [HueCoordinator, str, PartT, LightCommand], Awaitable[CommandResult]
    ]


class HueLight(LanternEntity[HueLightDescription[Any], Light | Group], LightEntity):
    """A lamp, or the lamps of a room."""

    coordinator: HueCoordinator
    group: IntegrationSpecificGroup | None = None
    _members: tuple[str, ...] = ()
    _unrecorded_attributes = frozenset({ATTR_ENTITY_ID})

    @override
    def shown(self) -> tuple[Any, ...]:
        """Return what it can do and does; a room's lamps as well."""
        if not isinstance(self.part, Group):
            return self.part.can, self.part.state
        if self.part.lights != self._members:
            self._members = self.part.lights
            unique_ids = self.coordinator.commands.find_unique_ids(self._members)
            if self.group is None:
                self.group = IntegrationSpecificGroup(self, unique_ids)
            else:
                self.group.member_unique_ids = unique_ids
        return self.part.can, self.part.state, self._members

    @property
    @override
    def extra_state_attributes(self) -> dict[str, list[str]] | None:
        """Return the lamps of a room."""
        if self.group is None:
            return None
        return {ATTR_ENTITY_ID: self.group.member_entity_ids.copy()}

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on."""
        return self.part.state.on

    @property
    @override
    def brightness(self) -> int | None:
        """Return the brightness, 1 to 255."""
        level = self.part.state.brightness
        return None if level is None else to_brightness(level)

    @property
    @override
    def supported_color_modes(self) -> set[ColorMode]:
        """Return how colours can be set."""
        can = self.part.can
        return set(_modes(can.dims, can.colour, can.kelvin is not None))

    @property
    @override
    def color_mode(self) -> ColorMode:
        """Return which colour counts: the bridge names one, if there are two."""
        modes = self.supported_color_modes
        if len(modes) == 1:
            return next(iter(modes))
        return (
            ColorMode.COLOR_TEMP
            if self.part.state.mode == "color_temp"
            else ColorMode.XY
        )

    @property
    @override
    def xy_color(self) -> tuple[float, float] | None:
        """Return the colour's CIE coordinates."""
        return self.part.state.xy

    @property
    @override
    def color_temp_kelvin(self) -> int | None:
        """Return the colour temperature, within the lamp's own range."""
        kelvin, span = self.part.state.kelvin, self.part.can.kelvin
        if kelvin is None or span is None:
            return None
        low, high = span
        return to_kelvin(max(low, min(high, kelvin)))

    @property
    @override
    def min_color_temp_kelvin(self) -> int:
        """Return the warmest white."""
        span = self.part.can.kelvin
        return to_kelvin(span[0]) if span else super().min_color_temp_kelvin

    @property
    @override
    def max_color_temp_kelvin(self) -> int:
        """Return the coldest white."""
        span = self.part.can.kelvin
        return to_kelvin(span[1]) if span else super().max_color_temp_kelvin

    @property
    @override
    def supported_features(self) -> LightEntityFeature:
        """Return flashing, transitions of what dims, effects of what has colours."""
        return _features(self.part.can.dims, bool(self.part.can.effects))

    @property
    @override
    def effect_list(self) -> list[str] | None:
        """Return the effects that can be chosen."""
        effects = [EFFECT_OFF, *self.part.can.effects]
        return effects if len(effects) > 1 else None

    @property
    @override
    def effect(self) -> str:
        """Return the effect that runs."""
        effect = self.part.state.effect
        return effect if effect in self.part.can.effects else EFFECT_OFF

    async def _command(self, command: LightCommand) -> None:
        """Send a command; what the bridge refused is an error, the rest is done."""
        async with self.coordinator.translate_errors():
            result = await self.description.set_fn(
                self.coordinator, self.device_id, self.part, command
            )
            await self.coordinator.commands.async_check(result)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on, in one request."""
        await self._command(turn_on_command(kwargs, self.part.can))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off."""
        await self._command(
            LightCommand(on=False, transition=kwargs.get(ATTR_TRANSITION))
        )

"""Lamps and rooms as lights."""

from abc import abstractmethod
from collections.abc import Mapping
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
    LightEntityFeature,
)

from ..entity import LanternEntity, LanternLightDescription
from .client.command_queue import CommandResult
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group
from .client.models.light import COLORLOOP, Capabilities, Light, LightCommand
from .coordinator import HueCoordinator


def to_brightness(level: float) -> int:
    """Return Home Assistant's 1 to 255 for 0 to 1; its 0 is not off."""
    return max(1, round(level * 255))


def to_kelvin(kelvin: float) -> int:
    """Return a colour temperature as Home Assistant has it."""
    return math.floor(kelvin + 1e-6)


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


class HueLight[ThingT: (Light, Group)](
    LanternEntity[LanternLightDescription[Any], Any], LightEntity
):
    """What a lamp, or the lamps of a room, can do and do."""

    coordinator: HueCoordinator
    thing: ThingT

    @abstractmethod
    def find(self) -> ThingT | None:
        """Return what is shown, None where the device has it no more."""

    @abstractmethod
    async def send(self, command: LightCommand) -> CommandResult:
        """Send a command; raise `TransportError` on failure."""

    @override
    def shown(self) -> tuple[Any, ...]:
        """Return what is shown, of the last that was known."""
        self.thing = self.find() or self.thing
        return self.thing.can, self.thing.state

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on."""
        return self.thing.state.on

    @property
    @override
    def brightness(self) -> int | None:
        """Return the brightness, 1 to 255."""
        level = self.thing.state.brightness
        return None if level is None else to_brightness(level)

    @property
    @override
    def supported_color_modes(self) -> set[ColorMode]:
        """Return how colours can be set."""
        can = self.thing.can
        modes = set()
        if can.colour:
            modes.add(ColorMode.XY)
        if can.kelvin:
            modes.add(ColorMode.COLOR_TEMP)
        if modes:
            return modes
        return {ColorMode.BRIGHTNESS if can.dims else ColorMode.ONOFF}

    @property
    @override
    def color_mode(self) -> ColorMode:
        """Return which colour counts: the bridge names one, if there are two."""
        modes = self.supported_color_modes
        if len(modes) == 1:
            return next(iter(modes))
        return (
            ColorMode.COLOR_TEMP
            if self.thing.state.mode == "color_temp"
            else ColorMode.XY
        )

    @property
    @override
    def xy_color(self) -> tuple[float, float] | None:
        """Return the colour's CIE coordinates."""
        return self.thing.state.xy

    @property
    @override
    def color_temp_kelvin(self) -> int | None:
        """Return the colour temperature, within the lamp's own range."""
        kelvin, span = self.thing.state.kelvin, self.thing.can.kelvin
        if kelvin is None or span is None:
            return None
        low, high = span
        return to_kelvin(max(low, min(high, kelvin)))

    @property
    @override
    def min_color_temp_kelvin(self) -> int:
        """Return the warmest white."""
        span = self.thing.can.kelvin
        return to_kelvin(span[0]) if span else super().min_color_temp_kelvin

    @property
    @override
    def max_color_temp_kelvin(self) -> int:
        """Return the coldest white."""
        span = self.thing.can.kelvin
        return to_kelvin(span[1]) if span else super().max_color_temp_kelvin

    @property
    @override
    def supported_features(self) -> LightEntityFeature:
        """Return flashing, transitions of what dims, effects of what has colours."""
        found = LightEntityFeature.FLASH
        if self.thing.can.dims:
            found |= LightEntityFeature.TRANSITION
        return found | LightEntityFeature.EFFECT if self.thing.can.effects else found

    @property
    @override
    def effect_list(self) -> list[str] | None:
        """Return the effects of the v1 API."""
        return [EFFECT_OFF, COLORLOOP] if self.thing.can.effects else None

    @property
    @override
    def effect(self) -> str:
        """Return the effect that runs."""
        return COLORLOOP if self.thing.state.effect == COLORLOOP else EFFECT_OFF

    async def _command(self, command: LightCommand) -> None:
        """Send a command; what was refused is told, the rest has been done."""
        async with self.coordinator.translate_errors():
            await self.coordinator.commands.async_check(await self.send(command))

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on, in one request."""
        await self._command(turn_on_command(kwargs, self.thing.can))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off."""
        await self._command(
            LightCommand(on=False, transition=kwargs.get(ATTR_TRANSITION))
        )


class HueLamp(HueLight[Light]):
    """One lamp of a device."""

    @override
    def find(self) -> Light | None:
        device: Device = self.device
        return device.light(self.key)

    @property
    @override
    def available(self) -> bool:
        """Return whether the bridge reaches the lamp."""
        found = self.find()
        return super().available and found is not None and found.reachable is not False

    @override
    async def send(self, command: LightCommand) -> CommandResult:
        return await self.coordinator.commands.async_set_light(
            self.device_id, self.thing.number, command
        )


class HueFurtherLamp(HueLamp):
    """Another lamp of a device, named as the bridge names it."""

    def _name(self) -> str | None:
        """Return its name without the device's, which Home Assistant puts before it."""
        name, device_name = self.thing.metadata.name, self.device.metadata.name
        if name == device_name:
            return None
        return name.removeprefix(f"{device_name} ").strip()

    @override
    def shown(self) -> tuple[Any, ...]:
        """Return what is shown, with the name."""
        found = super().shown()
        self._attr_name = self._name()
        return *found, self._attr_name


class HueRoom(HueLight[Group]):
    """The lamps of a room or zone, or all of them."""

    @override
    def find(self) -> Group | None:
        device: Bridge | Group = self.device
        return device.all_lights if isinstance(device, Bridge) else device

    @override
    async def send(self, command: LightCommand) -> CommandResult:
        return await self.coordinator.commands.async_set_group(
            self.thing.number, command
        )

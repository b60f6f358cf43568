"""Lamps and rooms as lights."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.light import (
    ATTR_BRIGHTNESS,
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_EFFECT,
    ATTR_FLASH,
    ATTR_TRANSITION,
    ATTR_XY_COLOR,
    EFFECT_OFF,
    FLASH_LONG,
    ColorMode,
    LightEntity,
    LightEntityFeature,
)
from homeassistant.util.color import (
    color_temperature_kelvin_to_mired,
    color_temperature_mired_to_kelvin,
)

from ..entity import LanternEntity, LanternLightDescription
from .api import Outcome
from .coordinator import HueCoordinator
from .groups import Group
from .lightstate import BRIGHTEST, COLORLOOP, Abilities
from .models import Bridge, Device
from .resources import Light

_LONGEST = 65535
"""Transition in tenths of a second."""


def to_bri(brightness: int) -> int:
    """Return Hue's 1 to 254 for Home Assistant's 1 to 255."""
    return max(1, round(brightness / 255 * BRIGHTEST))


def to_brightness(bri: int) -> int:
    """Return Home Assistant's 1 to 255 for Hue's; its 0 is not off."""
    return max(1, round(bri / BRIGHTEST * 255))


def transition(kwargs: Mapping[str, Any]) -> dict[str, int]:
    """Return a command's transition in the bridge's tenths of a second."""
    if ATTR_TRANSITION not in kwargs:
        return {}
    return {"transitiontime": min(_LONGEST, round(kwargs[ATTR_TRANSITION] * 10))}


def turn_on_body(kwargs: Mapping[str, Any], can: Abilities) -> dict[str, Any]:
    """Return a v1 state: `on` is in it, or a lamp that is off refuses the rest."""
    body: dict[str, Any] = {"on": True} | transition(kwargs)
    if ATTR_BRIGHTNESS in kwargs:
        body["bri"] = to_bri(kwargs[ATTR_BRIGHTNESS])
    if ATTR_XY_COLOR in kwargs:
        body["xy"] = [round(part, 4) for part in kwargs[ATTR_XY_COLOR]]
    elif ATTR_COLOR_TEMP_KELVIN in kwargs and can.ct:
        low, high = can.ct
        mired = color_temperature_kelvin_to_mired(kwargs[ATTR_COLOR_TEMP_KELVIN])
        body["ct"] = max(low, min(high, mired))
    if ATTR_EFFECT in kwargs:
        effect = kwargs[ATTR_EFFECT]
        body["effect"] = COLORLOOP if effect == COLORLOOP else "none"
    if ATTR_FLASH in kwargs:
        body["alert"] = "lselect" if kwargs[ATTR_FLASH] == FLASH_LONG else "select"
    return body


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
    async def send(self, body: Mapping[str, Any]) -> Outcome:
        """Send a v1 state; raises `TransportError`."""

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
        bri = self.thing.state.bri
        return None if bri is None else to_brightness(bri)

    @property
    @override
    def supported_color_modes(self) -> set[ColorMode]:
        """Return how colours can be set."""
        can = self.thing.can
        modes = set()
        if can.colour:
            modes.add(ColorMode.XY)
        if can.ct:
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
        return ColorMode.COLOR_TEMP if self.thing.state.mode == "ct" else ColorMode.XY

    @property
    @override
    def xy_color(self) -> tuple[float, float] | None:
        """Return the colour's CIE coordinates."""
        return self.thing.state.xy

    @property
    @override
    def color_temp_kelvin(self) -> int | None:
        """Return the colour temperature, within the lamp's own range."""
        ct, span = self.thing.state.ct, self.thing.can.ct
        if ct is None or span is None:
            return None
        low, high = span
        return color_temperature_mired_to_kelvin(max(low, min(high, ct)))

    @property
    @override
    def min_color_temp_kelvin(self) -> int:
        """Return the warmest white."""
        span = self.thing.can.ct
        return (
            color_temperature_mired_to_kelvin(span[1])
            if span
            else super().min_color_temp_kelvin
        )

    @property
    @override
    def max_color_temp_kelvin(self) -> int:
        """Return the coldest white."""
        span = self.thing.can.ct
        return (
            color_temperature_mired_to_kelvin(span[0])
            if span
            else super().max_color_temp_kelvin
        )

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

    async def _command(self, body: Mapping[str, Any]) -> None:
        """Send a command; what was refused is told, the rest has been done."""
        async with self.coordinator.translate_errors():
            await self.coordinator.accepted(await self.send(body))

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on, in one request."""
        await self._command(turn_on_body(kwargs, self.thing.can))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off."""
        await self._command({"on": False} | transition(kwargs))


class HueLamp(HueLight[Light]):
    """One lamp of a device."""

    @override
    def find(self) -> Light | None:
        device: Device = self.device
        return device.light(self.key)

    @property
    @override
    def available(self) -> bool:
        """Tell whether the bridge reaches the lamp."""
        found = self.find()
        return super().available and found is not None and found.reachable is not False

    @override
    async def send(self, body: Mapping[str, Any]) -> Outcome:
        return await self.coordinator.set_light(self.device_id, self.thing.number, body)


class HueFurtherLamp(HueLamp):
    """Another lamp of a device, named as the bridge names it."""

    def _name(self) -> str | None:
        """Return its name without the device's, which Home Assistant puts before it."""
        name, device_name = self.thing.about.name, self.device.about.name
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
    async def send(self, body: Mapping[str, Any]) -> Outcome:
        return await self.coordinator.set_group(self.thing.number, body)

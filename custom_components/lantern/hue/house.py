"""The house that a bridge has, as it is shown and as it is told to be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import (
    CONNECTION_NETWORK_MAC,
    DeviceInfo,
    format_mac,
)

from ..const import DOMAIN
from ..coordinator import LanternConfigEntry, LanternCoordinator
from .accessories import Sensor
from .api import Outcome
from .connection import CONF_BRIDGE_ID, CONF_KEY, bridge_api, stored_address
from .groups import ALL_LIGHTS, ROOM, Group, Scene
from .joining import light_id
from .models import Bridge, Device
from .resources import Light

_MODELS = {
    "BSB001": "Hue bridge (round)",
    "BSB002": "Hue bridge",
    "BSB003": "Hue Bridge Pro",
}
_SIGNIFY = "Signify"


class HueHouse(LanternCoordinator[Bridge | Device | Group]):
    """Shows what the bridge confirmed or what was read anew, and gives commands."""

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's bridge."""
        super().__init__(hass, entry)
        data = entry.data
        self._bridge_id: str = data[CONF_BRIDGE_ID]
        self.api = bridge_api(hass, stored_address(data), data[CONF_KEY], self.limits)
        self._commands = 0

    @property
    def _root(self) -> str:
        """Return the bridge's device id."""
        return f"hue:{self._bridge_id}"

    @override
    def describe(self, device_id: str, device: Bridge | Device | Group) -> DeviceInfo:
        """Describe the bridge, a device or a room."""
        match device:
            case Bridge():
                return self._describe_bridge(device)
            case Group():
                info = DeviceInfo(
                    name=device.name, manufacturer=_SIGNIFY, model=device.kind
                )
                if device.kind == ROOM:
                    info["suggested_area"] = device.name
                return info
        about = device.about
        return DeviceInfo(
            name=about.name,
            manufacturer=about.manufacturer,
            model=about.product or about.model_id,
            model_id=about.model_id,
            sw_version=about.sw_version,
        )

    def _describe_bridge(self, bridge: Bridge) -> DeviceInfo:
        info = DeviceInfo(
            name=bridge.name or "Hue bridge",
            manufacturer=_SIGNIFY,
            model=_MODELS.get(bridge.model_id or "", bridge.model_id),
            model_id=bridge.model_id,
            sw_version=bridge.sw_version,
            configuration_url=self.api.address.url,
        )
        if bridge.mac:
            info["connections"] = {(CONNECTION_NETWORK_MAC, format_mac(bridge.mac))}
        return info

    async def set_light(
        self, device_id: str, number: str, state: Mapping[str, Any]
    ) -> Outcome:
        """Set a lamp; what the bridge confirmed is shown at once, in its rooms too."""
        outcome = await self.api.set_light(number, state)
        self._commands += 1
        device = self.data.get(device_id)
        if isinstance(device, Device):
            self.async_apply(device_id, device.after(number, outcome.taken))
        self._follow_lamps(number)
        return outcome

    async def set_group(self, number: str, action: Mapping[str, Any]) -> Outcome:
        """Set the lamps of a group in one request; they are shown so at once."""
        outcome = await self.api.set_group(number, action)
        self._commands += 1
        device_id, group = self._group(number)
        if group is not None:
            self._patch_group(device_id, group.after(outcome.taken))
            for lamp in group.lights:
                for one_id, device in self._devices_of(lamp):
                    self.async_apply(one_id, device.after(lamp, outcome.taken))
                self._follow_lamps(lamp)
        return outcome

    async def set_sensor(
        self, device_id: str, number: str, config: Mapping[str, Any]
    ) -> Outcome:
        """Set a sensor's config; what the bridge confirmed is shown at once."""
        outcome = await self.api.set_sensor(number, config)
        self._commands += 1
        device = self.data.get(device_id)
        if isinstance(device, Device):
            for sensor in device.sensors:
                if sensor.number == number:
                    after = sensor.after(outcome.taken)
                    self.async_apply(device_id, device.with_sensor(after))
        return outcome

    async def recall(self, scene: Scene, more: Mapping[str, Any]) -> Outcome:
        """Recall a scene; what it did to the lamps is read afterwards."""
        number = scene.group or ALL_LIGHTS
        outcome = await self.api.set_group(number, {"scene": scene.scene_id, **more})
        await self.async_request_refresh()
        return outcome

    async def accepted(self, outcome: Outcome) -> None:
        """Tell what a bridge refused of a command; how it stands now is read."""
        if not outcome.refused:
            return
        await self.async_request_refresh()
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="hue_refused",
            translation_placeholders={
                "reasons": "; ".join(one.text for one in outcome.refused)
            },
        )

    def _group(self, number: str) -> tuple[str, Group | None]:
        """Return a group, with the id of the device that shows it."""
        if number == ALL_LIGHTS:
            bridge = self.data.get(self._root)
            return self._root, bridge.all_lights if isinstance(bridge, Bridge) else None
        device_id = f"{self._root}:group:{number}"
        group = self.data.get(device_id)
        return device_id, group if isinstance(group, Group) else None

    @callback
    def _patch_group(self, device_id: str, group: Group) -> None:
        """Show a room or zone, or all lamps at the bridge."""
        bridge = self.data.get(device_id)
        if isinstance(bridge, Bridge):
            self.async_apply(device_id, replace(bridge, all_lights=group))
        else:
            self.async_apply(device_id, group)

    def _devices_of(self, lamp: str) -> list[tuple[str, Device]]:
        """Return the device that a lamp is part of, with its id."""
        return [
            (device_id, device)
            for device_id, device in self.data.items()
            if isinstance(device, Device)
            and any(light.number == lamp for light in device.lights)
        ]

    @callback
    def _follow_lamps(self, lamp: str) -> None:
        """Show the groups of a lamp on while one of their lamps is on."""
        on = {
            light.number
            for device in self.data.values()
            if isinstance(device, Device)
            for light in device.lights
            if light.state.on
        }
        numbers = [one.number for one in self.data.values() if isinstance(one, Group)]
        for number in (ALL_LIGHTS, *numbers):
            device_id, group = self._group(number)
            if group is not None and lamp in group.lights:
                self._patch_group(
                    device_id, group.with_on(not on.isdisjoint(group.lights))
                )

    @callback
    def _take(self, thing: Light | Group | Sensor) -> bool:
        """Show what was read; tell whether its device is known."""
        match thing:
            case Light():
                device_id = light_id(self._bridge_id, thing)
                device = self.data.get(device_id)
                if isinstance(device, Device):
                    self.async_apply(device_id, device.with_light(thing))
                    self._follow_lamps(thing.number)
                    return True
            case Sensor() if thing.mac is not None:
                device_id = f"hue:{thing.mac}"
                device = self.data.get(device_id)
                if isinstance(device, Device):
                    self.async_apply(device_id, device.with_sensor(thing))
                    return True
            case Sensor():
                return True
            case Group():
                device_id, group = self._group(thing.number)
                if group is not None:
                    self.async_apply(device_id, replace(thing, scenes=group.scenes))
                    return True
        return False

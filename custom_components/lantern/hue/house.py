"""The house that a bridge has, as it is shown and as it is told to be."""

import asyncio
from collections.abc import Iterable, Mapping
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
from ..transport import parsing
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
        # How many commands there were, by what they change.
        self._commands = {"lights": 0, "sensors": 0}
        # The room of each lamp and each sensor, by "lights/1" or "sensors/2".
        self._areas: dict[str, str] = {}

    @property
    def _root(self) -> str:
        """Return the bridge's device id."""
        return f"hue:{self._bridge_id}"

    @override
    def device_info_for(
        self, device_id: str, device: Bridge | Device | Group
    ) -> DeviceInfo:
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
        info = DeviceInfo(
            name=about.name,
            manufacturer=about.manufacturer,
            model=about.product or about.model_id,
            model_id=about.model_id,
            sw_version=about.sw_version,
        )
        places = [f"lights/{one.number}" for one in device.lights]
        places += [f"sensors/{one.number}" for one in device.sensors]
        if area := next((self._areas[one] for one in places if one in self._areas), ""):
            info["suggested_area"] = area
        return info

    def _find_areas(self, groups: Iterable[Group]) -> dict[str, str]:
        """Return the room of each lamp and sensor that is in one."""
        return {
            f"{collection}/{number}": group.name
            for group in groups
            if group.kind == ROOM
            for collection, numbers in (
                ("lights", group.lights),
                ("sensors", group.sensors),
            )
            for number in numbers
        }

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
        device = self.data.get(device_id)
        if isinstance(device, Device):
            for light in device.lights:
                if light.number == number:
                    state = self._with_brightness(device_id, light, state)
        outcome = await self.api.set_light(number, state)
        self._commands["lights"] += 1
        device = self.data.get(device_id)
        if isinstance(device, Device):
            self.async_apply(device_id, device.after(number, outcome.taken))
        self._follow_lamps(number)
        return outcome

    async def set_group(self, number: str, action: Mapping[str, Any]) -> Outcome:
        """Set the lamps of a group in one request; they are shown so at once.

        Lamps that faded out to different brightnesses get theirs back one by one.
        """
        _, group = self._group(number)
        all_lamps = self._lamps()
        lamps = [
            all_lamps[one]
            for one in (group.lights if group is not None else ())
            if one in all_lamps
        ]
        bodies = [(*lamp, self._with_brightness(*lamp, action)) for lamp in lamps]
        single = [one for one in bodies if one[2] is not action]
        bris = {body.get("bri") for _, light, body in bodies if light.can.dims}
        if single and len(bris) == 1:
            action, single = single[0][2], []
        outcome = await self.api.set_group(number, action)
        self._commands["lights"] += 1
        for device_id, light in lamps:
            device = self.data.get(device_id)
            if isinstance(device, Device):
                self.async_apply(device_id, device.after(light.number, outcome.taken))
        self._follow_lamps(*(light.number for _, light in lamps))
        for one in await asyncio.gather(
            *(self.set_light(id_, light.number, body) for id_, light, body in single)
        ):
            outcome = Outcome(outcome.taken, (*outcome.refused, *one.refused))
        return outcome

    def _with_brightness(
        self, device_id: str, light: Light, state: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return a command with the brightness from before the lamp faded out.

        After an off with a transition the bridge keeps the lowest brightness.
        """
        place = f"{device_id}/{light.endpoint}"
        if state.get("on") is False:
            fades = "transitiontime" in state
            # One that is off fades with its room, and once it has, it is at its lowest.
            if light.state.on or (fades and (light.state.bri or 0) > 1):
                self._keep_brightness(place, light.state.bri if fades else None)
        elif state.get("on") is True and light.can.dims and "bri" not in state:
            bri = parsing.as_int(self.store.section("brightness").get(place))
            if bri is not None and (not light.state.on or light.state.bri == 1):
                return {**state, "bri": bri}
        return state

    @callback
    def _keep_brightness(self, place: str, bri: int | None) -> None:
        """Store the brightness of a lamp that fades out, or delete it."""
        stored = self.store.section("brightness")
        if bri != stored.get(place):
            stored.pop(place, None)
            if bri is not None:
                stored[place] = bri
            self.store.save()

    @callback
    def _forget_brightness(self, device_id: str, device: Device) -> None:
        """Delete what was stored of lamps that are lit again."""
        for light in device.lights:
            if light.state.on and (light.state.bri or 0) > 1:
                self._keep_brightness(f"{device_id}/{light.endpoint}", None)

    async def set_sensor(
        self, device_id: str, number: str, config: Mapping[str, Any]
    ) -> Outcome:
        """Set a sensor's config; what the bridge confirmed is shown at once."""
        outcome = await self.api.set_sensor(number, config)
        self._commands["sensors"] += 1
        device = self.data.get(device_id)
        if isinstance(device, Device):
            for sensor in device.sensors:
                if sensor.number == number:
                    after = sensor.after(outcome.taken)
                    self.async_apply(device_id, device.with_sensor(after))
        return outcome

    async def recall(self, scene: Scene, more: Mapping[str, Any]) -> Outcome:
        """Recall a scene; what it did to the lamps is read afterwards.

        A group that is not shown may be gone: its scenes are recalled for all lamps.
        """
        _, group = self._group(scene.group or ALL_LIGHTS)
        number = ALL_LIGHTS if group is None else group.number
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

    def _lamps(self) -> dict[str, tuple[str, Light]]:
        """Return all lamps by number, each with its device's id."""
        return {
            light.number: (device_id, light)
            for device_id, device in self.data.items()
            if isinstance(device, Device)
            for light in device.lights
        }

    def _lights(self) -> dict[str, Light]:
        """Return all lamps by number."""
        return {number: light for number, (_, light) in self._lamps().items()}

    @callback
    def _follow_lamps(self, *lamps: str) -> None:
        """Show the groups of lamps as their lamps are, on while one of them is on."""
        lights = self._lights()
        on = {one.number for one in lights.values() if one.state.on}
        numbers = [one.number for one in self.data.values() if isinstance(one, Group)]
        for number in (ALL_LIGHTS, *numbers):
            device_id, group = self._group(number)
            if group is not None and not set(lamps).isdisjoint(group.lights):
                is_on = not on.isdisjoint(group.lights)
                self._patch_group(device_id, group.with_lamps(lights, is_on))

    @callback
    def _take(self, thing: Light | Group | Sensor) -> bool:
        """Show what was read; tell whether its device is known."""
        match thing:
            case Light():
                device_id = light_id(self._bridge_id, thing)
                device = self.data.get(device_id)
                if isinstance(device, Device):
                    device = device.with_light(thing)
                    self.async_apply(device_id, device)
                    self._forget_brightness(device_id, device)
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
                    thing = thing.with_lamps(self._lights())
                    self.async_apply(device_id, replace(thing, scenes=group.scenes))
                    return True
        return False

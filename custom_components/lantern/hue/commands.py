"""Commands to lights, rooms, scenes and sensors; what was taken is shown at once."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..store import LanternStore
from ..transport import parsing
from ..transport.errors import Refused
from .client.command_queue import CommandResult
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import ALL_LIGHTS, Group, Scene
from .client.models.light import Light, LightCommand, SceneRecall
from .client.models.sensor import Sensor
from .client.v1 import V1Client
from .client.v2 import V2Client

type Model = Bridge | Device | Group

_STEPS = 254
"""Brightness is stored in the steps of API v1."""
_NOT_FOUND = 404
_TURNS = 3
"""For so many turns of the event loop a command waits for others of its call."""


@asynccontextmanager
async def _noted(
    commands: dict[str, LightCommand], number: str, command: LightCommand
) -> AsyncGenerator[None]:
    """Note a command while the others of the same call arrive and look for it."""
    commands[number] = command
    try:
        # The first turns are for those to arrive, the last for those to look.
        for _ in range(_TURNS - 1):
            await asyncio.sleep(0)
        yield
        await asyncio.sleep(0)
    finally:
        if commands.get(number) is command:
            del commands[number]


class Owner(Protocol):
    """The coordinator, as far as commands need it."""

    data: dict[str, Model]
    store: LanternStore
    root_id: str
    has_events: bool

    @property
    def shows_all_lights(self) -> bool:
        """Return whether somebody sees the light of all lights."""

    @property
    def client(self) -> V1Client | V2Client:
        """Return the client of the API that the bridge speaks."""

    def async_apply_all(self, devices: Mapping[str, Model]) -> None:
        """Show models."""

    def async_apply_parts(self, parts: Iterable[Light | Sensor | Scene]) -> None:
        """Show parts of devices, groups or the bridge."""

    async def async_request_refresh(self) -> None:
        """Read everything soon."""


class Commands:
    """Sends commands of one bridge's entities and applies their results."""

    def __init__(self, coordinator: Owner) -> None:
        """Initialize for one bridge."""
        self._coordinator = coordinator
        # What arrived in this moment, by number: commands of one call come together.
        self._lights_now: dict[str, LightCommand] = {}
        self._groups_now: dict[str, LightCommand] = {}
        # The device and the groups of each light, by its number.
        self._device_ids: dict[str, str] = {}
        self._group_ids: dict[str, list[str]] = {}

    async def async_set_light(
        self, device_id: str, number: str, command: LightCommand
    ) -> CommandResult:
        """Set a light; with all lights of a room at once, one request sets the room."""
        async with _noted(self._lights_now, number, command):
            group = self._find_group(number, command)
        if group is not None:
            return await self._async_send_group(*group)
        return await self._async_send_light(device_id, number, command)

    async def async_set_group(
        self, number: str, command: LightCommand
    ) -> CommandResult:
        """Set the lights of a group in one request."""
        async with _noted(self._groups_now, number, command):
            pass
        return await self._async_send_group(number, command)

    def _find_group(
        self, number: str, command: LightCommand
    ) -> tuple[str, LightCommand] | None:
        """Return the largest group whose lights are all told the same, and what.

        A light that cannot do all of it is told less.
        """
        if any((command.effect, command.flash, command.gradient)):
            return None
        found = []
        for group_id in self._group_ids.get(number, ()):
            group = self._coordinator.data.get(group_id)
            if not isinstance(group, Group):
                continue
            lights = self._lights(group.lights)
            told = {one: self._lights_now.get(one) for one in group.lights}
            whole = self._groups_now.get(group.number)
            if whole is not None:
                told = {number: command}
            elif len(told) > 1 and None not in told.values():
                whole = max(
                    filter(None, told.values()), key=lambda one: len(one.as_dict())
                )
            if whole is not None and all(
                one in lights
                and part is not None
                and part.is_part(whole, lights[one][1].can)
                for one, part in told.items()
            ):
                # A group of API v1 comes after one of both APIs.
                rank = group.size, bool(group.resource_id), group.number
                found.append((rank, group.number, whole))
        return max(found, key=lambda one: one[0])[1:] if found else None

    async def _async_send_light(
        self, device_id: str, number: str, command: LightCommand
    ) -> CommandResult:
        """Send a light's command; what the bridge took is shown at once."""
        if number not in (found := self._lights([number])):
            raise Refused("light", _NOT_FOUND, "not found")
        light = found[number][1]
        command = self._with_brightness(device_id, light, command)
        result = await self._coordinator.client.set_light(light, command)
        self._apply({number: device_id}, result)
        return result

    async def _async_send_group(
        self, number: str, command: LightCommand
    ) -> CommandResult:
        """Send a group's command; its lights are shown so at once.

        Lights that faded out to different brightnesses get theirs back one by one.
        """
        _, group = self.group(number)
        if group is None:
            raise Refused("group", _NOT_FOUND, "not found")
        lights = self._lights(group.lights).values()
        commands = [(*one, self._with_brightness(*one, command)) for one in lights]
        single = [one for one in commands if one[2] is not command]
        levels = {one.brightness for _, light, one in commands if light.can.dims}
        if single and len(levels) == 1:
            command, single = single[0][2], []
        result = await self._coordinator.client.set_group(group, command)
        self._apply({light.number: device_id for device_id, light in lights}, result)
        for one in await asyncio.gather(
            *(
                self._async_send_light(id_, light.number, own)
                for id_, light, own in single
                if self._lights([light.number])
            )
        ):
            result = CommandResult(result.taken, (*result.refused, *one.refused))
        return result

    @callback
    def _apply(self, device_ids: Mapping[str, str], result: CommandResult) -> None:
        """Show lights as the bridge took a command, and their groups."""
        changed: dict[str, Model] = {}
        for number, device_id in device_ids.items():
            device = changed.get(device_id) or self._coordinator.data.get(device_id)
            if isinstance(device, Device):
                changed[device_id] = device.with_changes(number, result.taken)
        self.add_groups(device_ids, changed)
        self._coordinator.async_apply_all(changed)

    def _with_brightness(
        self, device_id: str, light: Light, command: LightCommand
    ) -> LightCommand:
        """Return a command with the brightness from before the light faded out.

        After an off with a transition the bridge keeps the lowest brightness.
        """
        place = f"{device_id}/{light.endpoint}"
        state = light.state
        if command.on is False:
            fades = command.transition is not None
            # One that is off fades with its room, and once it has, it is at its lowest.
            is_bright = state.brightness is not None and not _is_lowest(
                state.brightness
            )
            if state.on or (fades and is_bright):
                self._store_brightness(place, state.brightness if fades else None)
        elif command.on is True and light.can.dims and command.brightness is None:
            stored = self._coordinator.store.section("brightness").get(place)
            steps = parsing.as_int(stored)
            if steps is not None and (not state.on or _is_lowest(state.brightness)):
                return replace(command, brightness=steps / _STEPS)
        return command

    @callback
    def _store_brightness(self, place: str, brightness: float | None) -> None:
        """Store the brightness of a light that fades out, or delete it."""
        stored = self._coordinator.store.section("brightness")
        steps = None if brightness is None else round(brightness * _STEPS)
        if steps != stored.get(place):
            stored.pop(place, None)
            if steps is not None:
                stored[place] = steps
            self._coordinator.store.async_delay_save()

    @callback
    def async_forget_brightness(self, device_id: str, device: Device) -> None:
        """Delete what was stored of lights that are lit again."""
        for light in device.lights:
            level = light.state.brightness
            if light.state.on and level is not None and not _is_lowest(level):
                self._store_brightness(f"{device_id}/{light.endpoint}", None)

    async def async_configure(
        self, device_id: str, number: str, **settings: Any
    ) -> None:
        """Set what is no light, by its number; what the bridge took is shown at once."""
        result = await self._coordinator.client.configure(number, settings)
        self._coordinator.async_apply_parts(result.parts)
        device = self._coordinator.data.get(device_id)
        if result.taken and isinstance(device, Device):
            for sensor in device.sensors:
                if sensor.number == number:
                    changed = device.with_sensor(sensor.with_changes(result.taken))
                    self._coordinator.async_apply_all({device_id: changed})
        await self.async_check(result)

    async def async_recall(self, scene: Scene, **options: Any) -> CommandResult:
        """Recall a scene; without events, what it did to the lights is read.

        A group that is not shown may be gone: its scenes are recalled for all lights.
        """
        _, group = self.group(scene.group or ALL_LIGHTS)
        if group is None:
            _, group = self.group(ALL_LIGHTS)
        recall = SceneRecall(
            scene_id=scene.scene_id,
            resource_id=scene.resource_id,
            is_smart=scene.is_smart,
            **options,
        )
        for _ in range(_TURNS):
            # No scene overtakes a command that was given before it.
            await asyncio.sleep(0)
        result = await self._coordinator.client.recall(group, recall)
        if not self._coordinator.has_events:
            await self._coordinator.async_request_refresh()
        return result

    async def async_check(self, result: CommandResult) -> None:
        """Raise what a bridge refused of a command; how it stands now is read."""
        if not result.refused:
            return
        await self._coordinator.async_request_refresh()
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="hue_refused",
            translation_placeholders={
                "reasons": "; ".join(one.text for one in result.refused)
            },
        )

    def group(self, number: str) -> tuple[str, Group | None]:
        """Return a group, with the id of the device that shows it."""
        root, data = self._coordinator.root_id, self._coordinator.data
        if number == ALL_LIGHTS:
            bridge = data.get(root)
            return root, bridge.all_lights if isinstance(bridge, Bridge) else None
        device_id = f"{root}:group:{number}"
        group = data.get(device_id)
        return device_id, group if isinstance(group, Group) else None

    def index(self, devices: Mapping[str, Model]) -> None:
        """Remember where the lights of a snapshot are."""
        self._device_ids, self._group_ids = {}, {}
        for device_id, device in devices.items():
            if isinstance(device, Device):
                for light in device.lights:
                    self._device_ids[light.number] = device_id
            elif isinstance(device, Group):
                for number in device.lights:
                    self._group_ids.setdefault(number, []).append(device_id)

    def _lights(
        self, numbers: Iterable[str], changed: Mapping[str, Model] | None = None
    ) -> dict[str, tuple[str, Light]]:
        """Return lights by number, each with its device's id; `changed` are newer."""
        newer, data = changed or {}, self._coordinator.data
        found = {}
        for number in numbers:
            device_id = self._device_ids.get(number, "")
            device = newer.get(device_id) or data.get(device_id)
            if isinstance(device, Device):
                for light in device.lights:
                    if light.number == number:
                        found[number] = device_id, light
        return found

    def find_unique_ids(self, numbers: Iterable[str]) -> list[str]:
        """Return the unique ids of the entities of lights."""
        found = []
        for number, (device_id, _) in self._lights(numbers).items():
            device = self._coordinator.data[device_id]
            assert isinstance(device, Device)
            keys = zip(device.lights, device.light_keys, strict=True)
            found += [
                f"{device_id}_{key}" for light, key in keys if light.number == number
            ]
        return found

    def add_groups(self, lights: Collection[str], changed: dict[str, Model]) -> None:
        """Add the groups of lights to what changed, on while one of them is on."""
        root, data = self._coordinator.root_id, self._coordinator.data
        ids = dict.fromkeys(
            group_id for one in lights for group_id in self._group_ids.get(one, ())
        )
        for group_id in ids:
            group = changed.get(group_id) or data.get(group_id)
            if isinstance(group, Group):
                changed[group_id] = self._as_lit(group, changed)
        bridge = changed.get(root) or data.get(root)
        if isinstance(bridge, Bridge) and bridge.all_lights and lights:
            if self._coordinator.shows_all_lights:
                group = self._as_lit(bridge.all_lights, changed)
                changed[root] = replace(bridge, all_lights=group)

    def _as_lit(self, group: Group, changed: Mapping[str, Model]) -> Group:
        places = self._lights(group.lights, changed)
        lights = {number: light for number, (_, light) in places.items()}
        return group.with_lights(lights, any(one.state.on for one in lights.values()))


def _is_lowest(brightness: float | None) -> bool:
    """Return True for the lowest step, which a fade leaves behind."""
    return brightness is not None and round(brightness * _STEPS) <= 1

"""The entities of a Hue bridge, its lamps, rooms and accessories."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.components.button import ButtonDeviceClass
from homeassistant.components.event import EventDeviceClass
from homeassistant.const import EntityCategory, Platform

from ..entity import (
    LanternButtonDescription,
    LanternDescription,
    LanternEventDescription,
    LanternNumberDescription,
    LanternSelectDescription,
    LanternSwitchDescription,
    Part,
)
from .binary_sensor import BINARY_SENSORS
from .client.command_queue import CommandResult
from .client.devices import FIRST
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import LIGHT_GROUP, Group
from .client.models.light import PRESETS, Light, LightCommand
from .client.models.sensor import (
    AUTOMATION,
    BUTTON_EVENTS,
    CHIME,
    CLOCKWISE,
    COUNTER_CLOCKWISE,
    DOORBELL,
    ENTERTAINMENT,
    INPUT_MODES,
    INPUTS,
    MOTION,
    RING,
    ROTARY,
    Sensor,
)
from .coordinator import HueCoordinator
from .light import HueLight, HueLightDescription
from .options_flow import CONF_SHOW_ROOMS, CONF_SHOW_SCENES
from .parts import is_reachable, numbered_part, sensor_part
from .scene import HueScene, find_scene, scene_keys
from .scene_select import NO_SCENE, HueActiveScene, HueSceneSelectDescription
from .sensor import SENSORS
from .siren import HueChime


def _setter(name: str) -> Callable[[Any, str, Sensor, Any], Awaitable[None]]:
    """Return what gives a sensor a setting."""

    async def set_value(
        coordinator: HueCoordinator, device_id: str, sensor: Sensor, value: Any
    ) -> None:
        await coordinator.commands.async_configure(
            device_id, sensor.number, **{name: value}
        )

    return set_value


async def _set_sensitivity(
    coordinator: HueCoordinator, device_id: str, sensor: Sensor, level: float
) -> None:
    await _setter("sensitivity")(coordinator, device_id, sensor, int(level))


async def _set_power_on(
    coordinator: HueCoordinator, device_id: str, device: Device, preset: str
) -> None:
    """Set all lamps of a device; what an app set up in detail stays as it is."""
    for lamp in device.lights:
        if lamp.power_on is not None and preset in PRESETS:
            await coordinator.commands.async_configure(
                device_id, lamp.resource_id, power_on=preset
            )


async def _identify(
    coordinator: HueCoordinator, device_id: str, device: Device
) -> None:
    for resource_id in device.resource_ids:
        await coordinator.commands.async_configure(
            device_id, resource_id, identify=True
        )


async def _identify_bridge(
    coordinator: HueCoordinator, device_id: str, bridge: Bridge
) -> None:
    await coordinator.commands.async_configure(
        device_id, bridge.resource_id, identify=True
    )


async def _stop(coordinator: HueCoordinator, device_id: str, area: Sensor) -> None:
    await coordinator.commands.async_configure(device_id, area.number, stop=True)


SWITCHES = (
    LanternSwitchDescription(
        key="enabled",
        device=sensor_part(MOTION),
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda sensor: sensor.enabled is not None,
        value_fn=lambda sensor: sensor.enabled,
        set_fn=_setter("enabled"),
    ),
    LanternSwitchDescription(
        key="muted",
        device=sensor_part(CHIME),
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda chime: chime.is_muted is not None,
        available_fn=is_reachable,
        value_fn=lambda chime: chime.is_muted,
        set_fn=_setter("is_muted"),
    ),
    LanternSwitchDescription(
        key=AUTOMATION,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda automation: automation.enabled,
        set_fn=_setter("enabled"),
        **numbered_part(AUTOMATION, AUTOMATION),
    ),
)

NUMBERS = (
    LanternNumberDescription(
        key="sensitivity",
        device=sensor_part(MOTION),
        entity_category=EntityCategory.CONFIG,
        native_min_value=0,
        native_step=1,
        exists_fn=lambda sensor: bool(sensor.most_sensitive),
        value_fn=lambda sensor: sensor.sensitivity,
        max_fn=lambda sensor: sensor.most_sensitive,
        set_fn=_set_sensitivity,
    ),
)

SELECTS = (
    LanternSelectDescription(
        key="power_on",
        device=Device,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        exists_fn=lambda device: any(lamp.power_on for lamp in device.lights),
        available_fn=lambda device: any(lamp.power_on for lamp in device.lights),
        options=[*PRESETS, "custom"],
        value_fn=lambda device: device.power_on,
        options_fn=lambda device: dict.fromkeys(
            filter(None, (*PRESETS, device.power_on))
        ),
        set_fn=_set_power_on,
    ),
    LanternSelectDescription(
        key="mode",
        device=sensor_part(INPUTS),
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        options=list(INPUT_MODES),
        value_fn=lambda inputs: None if inputs.value is None else str(inputs.value),
        options_fn=lambda inputs: inputs.choices,
        set_fn=_setter("mode"),
    ),
    HueSceneSelectDescription(
        key="active_scene",
        device=Group,
        exists_fn=lambda group: any(
            one.is_active is not None for one in group.scenes.values()
        ),
        options=[NO_SCENE],
        entity=HueActiveScene,
    ),
)

BUTTONS = (
    LanternButtonDescription(
        key="identify",
        device=Device,
        device_class=ButtonDeviceClass.IDENTIFY,
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=lambda device: bool(device.resource_ids),
        available_fn=lambda device: bool(device.resource_ids),
        press_fn=_identify,
    ),
    LanternButtonDescription(
        key="identify",
        device=Bridge,
        device_class=ButtonDeviceClass.IDENTIFY,
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=lambda bridge: bool(bridge.resource_id),
        available_fn=lambda bridge: bool(bridge.resource_id),
        press_fn=_identify_bridge,
    ),
    LanternButtonDescription(
        key="stop_entertainment",
        press_fn=_stop,
        **numbered_part("stop_entertainment", ENTERTAINMENT),
    ),
)

SIRENS = (
    LanternDescription(
        key="chime",
        name=None,
        device=sensor_part(CHIME),
        available_fn=is_reachable,
        entity=HueChime,
    ),
)

EVENTS = (
    LanternEventDescription(
        key="application",
        device=Bridge,
        event_types=["registered", "deregistered"],
    ),
    LanternEventDescription(
        key="button",
        device=Device,
        device_class=EventDeviceClass.BUTTON,
        event_types=list(BUTTON_EVENTS),
        keys_fn=lambda device: [f"button_{button}" for button in device.buttons],
        placeholders_fn=lambda _, key: {"number": key.rpartition("_")[2]},
    ),
    LanternEventDescription(
        key=ROTARY,
        device=sensor_part(ROTARY),
        event_types=[CLOCKWISE, COUNTER_CLOCKWISE],
    ),
    LanternEventDescription(
        key=DOORBELL,
        device=sensor_part(DOORBELL),
        device_class=EventDeviceClass.DOORBELL,
        event_types=[RING],
    ),
)

SCENES = (
    LanternDescription(
        key="scene",
        name=None,
        option=CONF_SHOW_SCENES,
        device=Part(Group, find_scene),
        keys_fn=scene_keys,
        name_fn=lambda _, scene: scene.name,
        entity=HueScene,
    ),
    LanternDescription(
        key="light_scene",
        name=None,
        option=CONF_SHOW_SCENES,
        device=Part(Bridge, find_scene),
        keys_fn=scene_keys,
        name_fn=lambda _, scene: scene.name,
        entity=HueScene,
    ),
)


def _own_name(device: Device, lamp: Light) -> str | None:
    """Return a lamp's name without the device's, which Home Assistant puts before it."""
    name, device_name = lamp.metadata.name, device.metadata.name
    return None if name == device_name else name.removeprefix(f"{device_name} ").strip()


async def _set_lamp(
    coordinator: HueCoordinator, device_id: str, lamp: Light, command: LightCommand
) -> CommandResult:
    return await coordinator.commands.async_set_light(device_id, lamp.number, command)


async def _set_group(
    coordinator: HueCoordinator, _: str, group: Group, command: LightCommand
) -> CommandResult:
    return await coordinator.commands.async_set_group(group.number, command)


LIGHTS = (
    HueLightDescription(
        key="light",
        name=None,
        device=Part(Device, Device.light),
        available_fn=is_reachable,
        set_fn=_set_lamp,
        entity=HueLight,
    ),
    HueLightDescription(
        key="further_light",
        name=None,
        device=Part(Device, Device.light),
        keys_fn=lambda device: [key for key in device.light_keys if key != FIRST],
        name_fn=_own_name,
        available_fn=is_reachable,
        set_fn=_set_lamp,
        entity=HueLight,
    ),
    HueLightDescription(
        key="group",
        name=None,
        option=CONF_SHOW_ROOMS,
        device=Group,
        exists_fn=lambda group: bool(group.lights) and group.kind != LIGHT_GROUP,
        set_fn=_set_group,
        entity=HueLight,
    ),
    HueLightDescription(
        key="group",
        name=None,
        option=CONF_SHOW_ROOMS,
        device=Group,
        entity_registry_enabled_default=False,
        exists_fn=lambda group: bool(group.lights) and group.kind == LIGHT_GROUP,
        set_fn=_set_group,
        entity=HueLight,
    ),
    HueLightDescription(
        key="all_lights",
        device=Part(Bridge, lambda bridge, _: bridge.all_lights),
        entity_registry_enabled_default=False,
        exists_fn=lambda group: bool(group.lights),
        set_fn=_set_group,
        entity=HueLight,
    ),
)

ENTITIES = {
    Platform.SENSOR: SENSORS,
    Platform.BINARY_SENSOR: BINARY_SENSORS,
    Platform.LIGHT: LIGHTS,
    Platform.SWITCH: SWITCHES,
    Platform.NUMBER: NUMBERS,
    Platform.SELECT: SELECTS,
    Platform.BUTTON: BUTTONS,
    Platform.SIREN: SIRENS,
    Platform.EVENT: EVENTS,
    Platform.SCENE: SCENES,
}

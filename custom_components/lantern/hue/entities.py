"""The entities of a Hue bridge, its lamps, rooms and accessories."""

from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.event import EventDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    LIGHT_LUX,
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfTemperature,
)

from ..entity import (
    LanternBinarySensorDescription,
    LanternDescription,
    LanternEventDescription,
    LanternNumberDescription,
    LanternSensorDescription,
    LanternSwitchDescription,
    Part,
)
from .client.command_queue import CommandResult
from .client.devices import FIRST
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group
from .client.models.light import Light, LightCommand
from .client.models.sensor import (
    BUTTON_EVENTS,
    CLOCKWISE,
    COUNTER_CLOCKWISE,
    DAYLIGHT,
    FLAG,
    HUMIDITY,
    ILLUMINANCE,
    MOTION,
    OPEN,
    ROTARY,
    TAMPER,
    TEMPERATURE,
    Sensor,
)
from .coordinator import HueCoordinator
from .light import HueLight, HueLightDescription
from .options_flow import CONF_SHOW_ROOMS, CONF_SHOW_SCENES
from .scene import HueScene, find_scene, scene_keys

_FLAGS = frozenset({DAYLIGHT, FLAG, MOTION, OPEN})


def _sensor(kind: str) -> Part[Device, Sensor]:
    """Return a device's sensor of a kind."""
    return Part(Device, lambda device, _: device.sensor(kind))


def _find_virtual(bridge: Bridge, key: str) -> Sensor | None:
    """Return the sensor resource of a key that is no physical device's."""
    sensors = (one for one in bridge.sensors if f"sensor_{one.number}" == key)
    return next(sensors, None)


def _virtual(*, flags: bool) -> dict[str, Any]:
    """Return what describes the virtual sensors that are true or false, or others."""
    return {
        "key": "own_sensor",
        "device": Part(Bridge, _find_virtual),
        "entity_registry_enabled_default": False,
        "keys_fn": lambda bridge: [
            f"sensor_{sensor.number}"
            for sensor in bridge.sensors
            if (sensor.kind in _FLAGS) is flags
        ],
        "placeholders_fn": lambda sensor, _: {"name": sensor.metadata.name},
    }


def _reachable(part: Light | Sensor) -> bool:
    """Return whether the bridge reaches a lamp or sensor, as far as it says."""
    return part.reachable is not False


def _is_true(sensor: Sensor) -> bool | None:
    """Return a sensor's value; one that is switched off has none."""
    if sensor.value is None or sensor.enabled is False:
        return None
    return bool(sensor.value)


SENSORS = (
    LanternSensorDescription(
        key="registered_applications",
        device=Bridge,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda bridge: bridge.applications,
    ),
    LanternSensorDescription(
        key="last_registration",
        device=Bridge,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda bridge: bridge.last_registration,
    ),
    LanternSensorDescription(
        key="zigbee_channel",
        device=Bridge,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda bridge: bridge.zigbee_channel,
    ),
    LanternSensorDescription(
        key="temperature",
        device=_sensor(TEMPERATURE),
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        state_class=SensorStateClass.MEASUREMENT,
        available_fn=_reachable,
        value_fn=lambda sensor: sensor.value,
    ),
    LanternSensorDescription(
        key="illuminance",
        device=_sensor(ILLUMINANCE),
        device_class=SensorDeviceClass.ILLUMINANCE,
        native_unit_of_measurement=LIGHT_LUX,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        available_fn=_reachable,
        value_fn=lambda sensor: sensor.value,
    ),
    LanternSensorDescription(
        key="humidity",
        device=_sensor(HUMIDITY),
        device_class=SensorDeviceClass.HUMIDITY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        available_fn=_reachable,
        value_fn=lambda sensor: sensor.value,
    ),
    LanternSensorDescription(
        value_fn=lambda sensor: sensor.value, **_virtual(flags=False)
    ),
    # A flat battery is why a device is out of reach: its charge stays.
    LanternSensorDescription(
        key="battery",
        device=Device,
        device_class=SensorDeviceClass.BATTERY,
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=lambda device: device.has_battery,
        value_fn=lambda device: device.battery,
    ),
)


async def _configure(
    coordinator: HueCoordinator, device_id: str, sensor: Sensor, **settings: Any
) -> None:
    """Set parts of a motion sensor's settings."""
    commands = coordinator.commands
    await commands.async_check(
        await commands.async_set_sensor(device_id, sensor.number, settings)
    )


async def _enable(
    coordinator: HueCoordinator, device_id: str, sensor: Sensor, on: bool
) -> None:
    await _configure(coordinator, device_id, sensor, enabled=on)


async def _set_sensitivity(
    coordinator: HueCoordinator, device_id: str, sensor: Sensor, level: float
) -> None:
    await _configure(coordinator, device_id, sensor, sensitivity=int(level))


BINARY_SENSORS = (
    LanternBinarySensorDescription(
        key="link_button",
        device=Bridge,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda bridge: bridge.link_button,
    ),
    LanternBinarySensorDescription(
        key="internet",
        device=Bridge,
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda bridge: bridge.internet,
    ),
    LanternBinarySensorDescription(
        key="update_available",
        device=Bridge,
        device_class=BinarySensorDeviceClass.UPDATE,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda bridge: bridge.update_available,
    ),
    LanternBinarySensorDescription(
        key="update_available",
        device=Device,
        device_class=BinarySensorDeviceClass.UPDATE,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        exists_fn=lambda device: bool(device.lights),
        value_fn=lambda device: device.update_available,
    ),
    LanternBinarySensorDescription(
        key="motion",
        device=_sensor(MOTION),
        device_class=BinarySensorDeviceClass.MOTION,
        available_fn=_reachable,
        value_fn=_is_true,
    ),
    LanternBinarySensorDescription(
        key="open",
        device=_sensor(OPEN),
        device_class=BinarySensorDeviceClass.OPENING,
        available_fn=_reachable,
        value_fn=_is_true,
    ),
    LanternBinarySensorDescription(
        key="tampered",
        device=_sensor(TAMPER),
        device_class=BinarySensorDeviceClass.TAMPER,
        entity_category=EntityCategory.DIAGNOSTIC,
        available_fn=_reachable,
        value_fn=_is_true,
    ),
    LanternBinarySensorDescription(
        key="dark",
        device=_sensor(ILLUMINANCE),
        available_fn=_reachable,
        value_fn=lambda sensor: sensor.dark,
    ),
    LanternBinarySensorDescription(
        key="daylight",
        device=_sensor(ILLUMINANCE),
        available_fn=_reachable,
        value_fn=lambda sensor: sensor.daylight,
    ),
    LanternBinarySensorDescription(
        value_fn=lambda sensor: None if sensor.value is None else bool(sensor.value),
        **_virtual(flags=True),
    ),
)

SWITCHES = (
    LanternSwitchDescription(
        key="enabled",
        device=_sensor(MOTION),
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda sensor: sensor.enabled is not None,
        value_fn=lambda sensor: sensor.enabled,
        set_fn=_enable,
    ),
)

NUMBERS = (
    LanternNumberDescription(
        key="sensitivity",
        device=_sensor(MOTION),
        entity_category=EntityCategory.CONFIG,
        native_min_value=0,
        native_step=1,
        exists_fn=lambda sensor: bool(sensor.most_sensitive),
        value_fn=lambda sensor: sensor.sensitivity,
        max_fn=lambda sensor: sensor.most_sensitive,
        set_fn=_set_sensitivity,
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
        key="rotary",
        device=Device,
        event_types=[CLOCKWISE, COUNTER_CLOCKWISE],
        exists_fn=lambda device: device.sensor(ROTARY) is not None,
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
        available_fn=_reachable,
        set_fn=_set_lamp,
        entity=HueLight,
    ),
    HueLightDescription(
        key="further_light",
        name=None,
        device=Part(Device, Device.light),
        keys_fn=lambda device: [key for key in device.light_keys if key != FIRST],
        name_fn=_own_name,
        available_fn=_reachable,
        set_fn=_set_lamp,
        entity=HueLight,
    ),
    HueLightDescription(
        key="group",
        name=None,
        option=CONF_SHOW_ROOMS,
        device=Group,
        exists_fn=lambda group: bool(group.lights),
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
    Platform.EVENT: EVENTS,
    Platform.SCENE: SCENES,
}

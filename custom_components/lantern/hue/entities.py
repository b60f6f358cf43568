"""The entities of a Hue bridge, its lamps, rooms and accessories."""

from collections.abc import Callable
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
    LanternLightDescription,
    LanternNumberDescription,
    LanternSensorDescription,
    LanternSwitchDescription,
)
from .client.devices import FIRST
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group
from .client.models.sensor import (
    BUTTON_EVENTS,
    CLOCKWISE,
    COUNTER_CLOCKWISE,
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
from .light import HueFurtherLamp, HueLamp, HueRoom
from .scene import HueScene, scene_keys
from .virtual_sensors import HueOwnFlag, HueOwnValue, own_keys


def _has(kind: str) -> Callable[[Device], bool]:
    """Return what tells whether a device has a sensor of a kind."""
    return lambda device: device.sensor(kind) is not None


def _reaches(kind: str) -> Callable[[Device], bool]:
    """Return what tells whether the bridge reaches a device's sensor."""

    def reaches(device: Device) -> bool:
        found = device.sensor(kind)
        return found is not None and found.reachable is not False

    return reaches


def _measured(device: Device, kind: str) -> float | None:
    found = device.sensor(kind)
    return found.value if found else None


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
        device=Device,
        device_class=SensorDeviceClass.TEMPERATURE,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=_has(TEMPERATURE),
        available_fn=_reaches(TEMPERATURE),
        value_fn=lambda device: _measured(device, TEMPERATURE),
    ),
    LanternSensorDescription(
        key="illuminance",
        device=Device,
        device_class=SensorDeviceClass.ILLUMINANCE,
        native_unit_of_measurement=LIGHT_LUX,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        exists_fn=_has(ILLUMINANCE),
        available_fn=_reaches(ILLUMINANCE),
        value_fn=lambda device: _measured(device, ILLUMINANCE),
    ),
    LanternSensorDescription(
        key="humidity",
        device=Device,
        device_class=SensorDeviceClass.HUMIDITY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=_has(HUMIDITY),
        available_fn=_reaches(HUMIDITY),
        value_fn=lambda device: _measured(device, HUMIDITY),
    ),
    LanternSensorDescription(
        key="own_sensor",
        device=Bridge,
        entity_registry_enabled_default=False,
        keys_fn=own_keys(flags=False),
        entity=HueOwnValue,
        value_fn=lambda _: None,
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


def _flag(kind: str) -> Callable[[Device], bool | None]:
    """Return what reads yes or no; a sensor that is switched off tells nothing."""

    def read(device: Device) -> bool | None:
        found = device.sensor(kind)
        if found is None or found.value is None or found.enabled is False:
            return None
        return bool(found.value)

    return read


def _part[ValueT](
    kind: str, read: Callable[[Sensor], ValueT]
) -> Callable[[Device], ValueT | None]:
    """Return what reads a part of a device's sensor of a kind."""

    def read_of(device: Device) -> ValueT | None:
        found = device.sensor(kind)
        return None if found is None else read(found)

    return read_of


_enabled = _part(MOTION, lambda sensor: sensor.enabled)
_most_sensitive = _part(MOTION, lambda sensor: sensor.most_sensitive)


async def _configure(
    coordinator: HueCoordinator,
    device_id: str,
    device: Device,
    settings: dict[str, Any],
) -> None:
    """Set parts of a motion sensor's settings."""
    sensor = device.sensor(MOTION)
    assert sensor is not None
    commands = coordinator.commands
    await commands.async_check(
        await commands.async_set_sensor(device_id, sensor.number, settings)
    )


async def _enable(
    coordinator: HueCoordinator, device_id: str, device: Device, on: bool
) -> None:
    await _configure(coordinator, device_id, device, {"enabled": on})


async def _sensitise(
    coordinator: HueCoordinator, device_id: str, device: Device, level: float
) -> None:
    await _configure(coordinator, device_id, device, {"sensitivity": int(level)})


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
        device=Device,
        device_class=BinarySensorDeviceClass.MOTION,
        exists_fn=_has(MOTION),
        available_fn=_reaches(MOTION),
        value_fn=_flag(MOTION),
    ),
    LanternBinarySensorDescription(
        key="open",
        device=Device,
        device_class=BinarySensorDeviceClass.OPENING,
        exists_fn=_has(OPEN),
        available_fn=_reaches(OPEN),
        value_fn=_flag(OPEN),
    ),
    LanternBinarySensorDescription(
        key="tampered",
        device=Device,
        device_class=BinarySensorDeviceClass.TAMPER,
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=_has(TAMPER),
        available_fn=_reaches(TAMPER),
        value_fn=_flag(TAMPER),
    ),
    LanternBinarySensorDescription(
        key="dark",
        device=Device,
        exists_fn=_has(ILLUMINANCE),
        available_fn=_reaches(ILLUMINANCE),
        value_fn=_part(ILLUMINANCE, lambda sensor: sensor.dark),
    ),
    LanternBinarySensorDescription(
        key="daylight",
        device=Device,
        exists_fn=_has(ILLUMINANCE),
        available_fn=_reaches(ILLUMINANCE),
        value_fn=_part(ILLUMINANCE, lambda sensor: sensor.daylight),
    ),
    LanternBinarySensorDescription(
        key="own_sensor",
        device=Bridge,
        entity_registry_enabled_default=False,
        keys_fn=own_keys(flags=True),
        entity=HueOwnFlag,
        value_fn=lambda _: None,
    ),
)

SWITCHES = (
    LanternSwitchDescription(
        key="enabled",
        device=Device,
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda device: _enabled(device) is not None,
        value_fn=_enabled,
        set_fn=_enable,
    ),
)

NUMBERS = (
    LanternNumberDescription(
        key="sensitivity",
        device=Device,
        entity_category=EntityCategory.CONFIG,
        native_min_value=0,
        native_step=1,
        exists_fn=lambda device: bool(_most_sensitive(device)),
        value_fn=_part(MOTION, lambda sensor: sensor.sensitivity),
        max_fn=_most_sensitive,
        set_fn=_sensitise,
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
        exists_fn=_has(ROTARY),
    ),
)

SCENES = (
    LanternDescription(
        key="scene",
        name=None,
        device=Group,
        keys_fn=scene_keys,
        entity=HueScene,
    ),
    LanternDescription(
        key="light_scene",
        name=None,
        device=Bridge,
        keys_fn=scene_keys,
        entity=HueScene,
    ),
)


LIGHTS = (
    LanternLightDescription(
        key="light",
        name=None,
        device=Device,
        exists_fn=lambda device: FIRST in device.light_keys,
        entity=HueLamp,
    ),
    LanternLightDescription(
        key="further_light",
        name=None,
        device=Device,
        exists_fn=lambda device: bool(device.lights),
        keys_fn=lambda device: [key for key in device.light_keys if key != FIRST],
        entity=HueFurtherLamp,
    ),
    LanternLightDescription(
        key="group",
        name=None,
        device=Group,
        exists_fn=lambda group: bool(group.lights),
        entity=HueRoom,
    ),
    LanternLightDescription(
        key="all_lights",
        device=Bridge,
        entity_registry_enabled_default=False,
        exists_fn=lambda bridge: bool(bridge.all_lights and bridge.all_lights.lights),
        entity=HueRoom,
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

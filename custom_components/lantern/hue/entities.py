"""The entities of a Hue bridge, its lamps, rooms and accessories."""

from collections.abc import Callable

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
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
    LanternLightDescription,
    LanternSensorDescription,
)
from .lights import HueLamp, HueRoom
from .models import Bridge, Device, Group
from .resources import ILLUMINANCE, MOTION, TEMPERATURE


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


def _motion(device: Device) -> bool | None:
    found = device.sensor(MOTION)
    return None if found is None or found.value is None else bool(found.value)


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
        value_fn=_motion,
    ),
)

LIGHTS = (
    LanternLightDescription(
        key="light",
        name=None,
        device=Device,
        exists_fn=lambda device: bool(device.lights),
        entity=HueLamp,
    ),
    LanternLightDescription(
        key="further_light",
        device=Device,
        exists_fn=lambda device: len(device.lights) > 1,
        keys_fn=lambda device: device.light_keys[1:],
        entity=HueLamp,
    ),
    LanternLightDescription(
        key="group",
        name=None,
        device=Group,
        exists_fn=lambda group: bool(group.lights),
        entity=HueRoom,
    ),
)

ENTITIES = {
    Platform.SENSOR: SENSORS,
    Platform.BINARY_SENSOR: BINARY_SENSORS,
    Platform.LIGHT: LIGHTS,
}

"""Binary sensors of a bridge, its devices and rooms."""

from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.const import EntityCategory

from ..entity import LanternBinarySensorDescription
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group
from .client.models.sensor import (
    DAYLIGHT,
    ENTERTAINMENT,
    FLAG,
    ILLUMINANCE,
    MOTION,
    OPEN,
    TAMPER,
)
from .parts import is_reachable, is_true, numbered_part, sensor_part, virtual_part

_FLAGS: dict[str, dict[str, Any]] = {
    MOTION: {"device_class": BinarySensorDeviceClass.MOTION},
    OPEN: {"device_class": BinarySensorDeviceClass.OPENING},
}

BINARY_SENSORS: tuple[LanternBinarySensorDescription[Any], ...] = (
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
    *(
        LanternBinarySensorDescription(
            key=kind,
            device=sensor_part(kind),
            available_fn=is_reachable,
            value_fn=is_true,
            **flag,
        )
        for kind, flag in _FLAGS.items()
    ),
    LanternBinarySensorDescription(
        key=MOTION,
        device=sensor_part(MOTION, Group),
        value_fn=is_true,
        **_FLAGS[MOTION],
    ),
    LanternBinarySensorDescription(
        key="tampered",
        device=sensor_part(TAMPER),
        device_class=BinarySensorDeviceClass.TAMPER,
        entity_category=EntityCategory.DIAGNOSTIC,
        available_fn=is_reachable,
        value_fn=is_true,
    ),
    LanternBinarySensorDescription(
        key="dark",
        device=sensor_part(ILLUMINANCE),
        available_fn=is_reachable,
        value_fn=lambda sensor: sensor.dark,
    ),
    LanternBinarySensorDescription(
        key="daylight",
        device=sensor_part(ILLUMINANCE),
        available_fn=is_reachable,
        value_fn=lambda sensor: sensor.daylight,
    ),
    *(
        LanternBinarySensorDescription(
            value_fn=lambda sensor: (
                None if sensor.value is None else bool(sensor.value)
            ),
            **virtual_part(kind),
            **_FLAGS.get(kind, {}),
        )
        for kind in (*_FLAGS, DAYLIGHT, FLAG)
    ),
    LanternBinarySensorDescription(
        key=ENTERTAINMENT,
        device_class=BinarySensorDeviceClass.RUNNING,
        value_fn=is_true,
        **numbered_part(ENTERTAINMENT, ENTERTAINMENT),
    ),
)

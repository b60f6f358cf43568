"""Sensors of a bridge, its accessories and rooms."""

from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import LIGHT_LUX, PERCENTAGE, EntityCategory, UnitOfTemperature

from ..entity import LanternSensorDescription
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group
from .client.models.sensor import (
    CONNECTIONS,
    HUMIDITY,
    ILLUMINANCE,
    STATUS,
    TEMPERATURE,
)
from .parts import is_reachable, sensor_part, virtual_part

# What a sensor of a kind measures, wherever it is.
_VALUES: dict[str, dict[str, Any]] = {
    TEMPERATURE: {
        "device_class": SensorDeviceClass.TEMPERATURE,
        "native_unit_of_measurement": UnitOfTemperature.CELSIUS,
        "state_class": SensorStateClass.MEASUREMENT,
    },
    ILLUMINANCE: {
        "device_class": SensorDeviceClass.ILLUMINANCE,
        "native_unit_of_measurement": LIGHT_LUX,
        "state_class": SensorStateClass.MEASUREMENT,
        "suggested_display_precision": 0,
    },
    HUMIDITY: {
        "device_class": SensorDeviceClass.HUMIDITY,
        "native_unit_of_measurement": PERCENTAGE,
        "state_class": SensorStateClass.MEASUREMENT,
    },
}

SENSORS: tuple[LanternSensorDescription[Any], ...] = (
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
    *(
        LanternSensorDescription(
            key=kind,
            device=sensor_part(kind),
            available_fn=is_reachable,
            value_fn=lambda sensor: sensor.value,
            **measured,
        )
        for kind, measured in _VALUES.items()
    ),
    LanternSensorDescription(
        key=ILLUMINANCE,
        device=sensor_part(ILLUMINANCE, Group),
        value_fn=lambda sensor: sensor.value,
        **_VALUES[ILLUMINANCE],
    ),
    *(
        LanternSensorDescription(
            value_fn=lambda sensor: sensor.value,
            **virtual_part(kind),
            **_VALUES.get(kind, {}),
        )
        for kind in (*_VALUES, STATUS)
    ),
    LanternSensorDescription(
        key="connection",
        device=Device,
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        options=list(CONNECTIONS),
        exists_fn=lambda device: device.connection is not None,
        value_fn=lambda device: device.connection,
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

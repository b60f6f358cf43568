"""Descriptions of a bridge, its devices and rooms for the device registry."""

from collections.abc import Iterable, Mapping

from homeassistant.helpers.device_registry import (
    CONNECTION_NETWORK_MAC,
    DeviceInfo,
    format_mac,
)

from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import ROOM, Group

_MODELS = {
    "BSB001": "Hue bridge (round)",
    "BSB002": "Hue bridge",
    "BSB003": "Hue Bridge Pro",
}
_SIGNIFY = "Signify"


def find_areas(groups: Iterable[Group]) -> dict[str, str]:
    """Return the room of each light and sensor that is in one."""
    return {
        f"{collection}/{number}": group.name
        for group in groups
        if group.kind == ROOM
        for collection, numbers in (
            ("lights", group.lights),
            ("sensors", group.members),
        )
        for number in numbers
    }


def describe_bridge(bridge: Bridge, url: str) -> DeviceInfo:
    """Describe a bridge at a URL."""
    info = DeviceInfo(
        name=bridge.name or "Hue bridge",
        manufacturer=_SIGNIFY,
        model=_MODELS.get(bridge.model_id or "", bridge.model_id),
        model_id=bridge.model_id,
        sw_version=bridge.sw_version,
        configuration_url=url,
    )
    if bridge.mac:
        info["connections"] = {(CONNECTION_NETWORK_MAC, format_mac(bridge.mac))}
    return info


def describe_group(group: Group) -> DeviceInfo:
    """Describe a room or zone."""
    info = DeviceInfo(name=group.name, manufacturer=_SIGNIFY, model=group.kind)
    if group.kind == ROOM:
        info["suggested_area"] = group.name
    return info


def describe_device(device: Device, areas: Mapping[str, str]) -> DeviceInfo:
    """Describe a light or an accessory; the room that lists it is its area."""
    metadata = device.metadata
    info = DeviceInfo(
        name=metadata.name,
        manufacturer=metadata.manufacturer,
        model=metadata.product or metadata.model_id,
        model_id=metadata.model_id,
        sw_version=metadata.sw_version,
    )
    places = [f"lights/{light.number}" for light in device.lights]
    places += [f"sensors/{sensor.number}" for sensor in device.sensors]
    if area := next((areas[place] for place in places if place in areas), ""):
        info["suggested_area"] = area
    return info

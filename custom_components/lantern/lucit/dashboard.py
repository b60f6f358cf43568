"""The cards of a Lucit player: its heartbeats and its screens."""

from homeassistant.const import Platform

from ..cards import (
    ENTITY_NAME,
    Card,
    CardSource,
    Section,
    heading,
    section,
    tiles,
    titled,
)
from .instructions import EVENT_KEY


def _row(device: CardSource) -> list[Card]:
    """Return the tiles of the player, or of a screen, below its name."""
    entities = [
        *device.of(Platform.SENSOR, "status", "updated"),
        *device.of(Platform.SWITCH, "heartbeat"),
        *device.of(Platform.SENSOR, "last_heartbeat"),
        *device.of(Platform.BINARY_SENSOR, "heartbeat_problem"),
        *device.of(Platform.BUTTON, "send_heartbeat"),
        *device.of(Platform.EVENT, EVENT_KEY),
        *device.of(Platform.DEVICE_TRACKER, "location"),
    ]
    return titled(device.device_name, tiles(entities, **ENTITY_NAME))


def build_sections(source: CardSource) -> list[Section]:
    """Return one section."""
    rows = [card for device in source.by_device() for card in _row(device)]
    return [section(heading(source.entry.title, "mdi:monitor-dashboard"), *rows)]

"""The cards of an account's trackers: a map, a row for each tracker, their trips."""

from homeassistant.const import Platform

from ..cards import (
    ENTITY_NAME,
    WIDE,
    Card,
    CardSource,
    Section,
    calendar,
    heading,
    section,
    tiles,
    titled,
)
from .coordinator import ALERT, LightbugCoordinator


def _map(source: CardSource) -> list[Card]:
    """Return a map of all trackers with their way of the last day."""
    trackers = source.of(Platform.DEVICE_TRACKER, "location")
    if not trackers:
        return []
    return [
        {
            "type": "map",
            "entities": [tracker.entity_id for tracker in trackers],
            "hours_to_show": 24,
            "theme_mode": "auto",
            "auto_fit": True,
            "grid_options": {**WIDE, "rows": 7},
        }
    ]


def _row(tracker: CardSource) -> list[Card]:
    """Return the tiles of one tracker, below its name."""
    entities = [
        *tracker.of(Platform.DEVICE_TRACKER, "location"),
        *tracker.of(Platform.SENSOR, "speed", "battery"),
        *tracker.of(Platform.EVENT, ALERT),
        *tracker.of(Platform.SENSOR, "geofence", "distance_today"),
    ]
    return titled(tracker.device_name, tiles(entities, **ENTITY_NAME))


def build_sections(source: CardSource) -> list[Section]:
    """Return one section."""
    return [
        section(
            heading(LightbugCoordinator.service, "mdi:map-marker-radius"),
            *_map(source),
            *(card for tracker in source.by_device() for card in _row(tracker)),
            *calendar(source.of(Platform.CALENDAR, "trips"), "listWeek"),
        )
    ]

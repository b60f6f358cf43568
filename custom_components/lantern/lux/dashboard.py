"""The cards of a treatment device: today, the calendar, and graphs."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform

from ..cards import (
    ENTITY_NAME,
    Card,
    CardSource,
    Section,
    calendar,
    heading,
    section,
    statistics_graph,
    tiles,
)
from .coordinator import LuxCoordinator
from .statistics import statistic_ids

_TILES = (
    "treatments_today",
    "treatment_time_today",
    "treatment_streak",
    "last_treatment",
    "logs_today",
    "logs_this_week",
    "days_in_a_row",
    "last_log_received",
    "goal_this_week",
)


def _graphs(device: CardSource) -> list[Card]:
    """Return graphs of the treatments, or else of the logs that LUX received."""
    if not device.of(Platform.CALENDAR, "treatments"):
        logs = device.of(Platform.SENSOR, "treatment_logs")
        return [statistics_graph(log.entity_id, "change") for log in logs]
    if device.entry.state is not ConfigEntryState.LOADED:
        return []
    coordinator = device.entry.runtime_data
    assert isinstance(coordinator, LuxCoordinator)
    key = coordinator.treatments_key(device.entities[0].device_id)
    time, intensity = statistic_ids(key)
    return [statistics_graph(time, "change"), statistics_graph(intensity, "mean")]


def _section(device: CardSource) -> list[Section]:
    """Return the section of a device, nothing for the account."""
    shown = tiles(device.of(Platform.SENSOR, *_TILES), **ENTITY_NAME)
    if not shown:
        return []
    return [
        section(
            heading(device.device_name, "mdi:sleep"),
            *shown,
            *calendar(device.of(Platform.CALENDAR, "treatments"), "dayGridMonth"),
            *_graphs(device),
        )
    ]


def build_sections(source: CardSource) -> list[Section]:
    """Return a section for each treatment device."""
    return [part for device in source.by_device() for part in _section(device)]

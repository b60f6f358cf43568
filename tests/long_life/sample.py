"""What there is of everything that must not grow."""

import asyncio
from collections import Counter
from dataclasses import dataclass
import gc
from pathlib import Path
import sys
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util.async_ import get_scheduled_timer_handles

from custom_components.lantern.const import DOMAIN


@dataclass(frozen=True, slots=True)
class Sample:
    """Counts of a moment in which nothing is under way.

    `held` is what must be the same at any two such moments of one run, `objects`
    the number of live objects by type, `blocks` that of the interpreter's pieces of
    memory, `stored` the size in bytes of each file that Home Assistant keeps.
    """

    held: dict[str, Any]
    objects: Counter[str]
    blocks: int
    stored: dict[str, int]


def take(hass: HomeAssistant, folder: Path) -> Sample:
    """Count everything."""
    gc.unfreeze()
    gc.collect()
    blocks = sys.getallocatedblocks()
    return Sample(
        held=_held(hass),
        objects=Counter(
            f"{type(instance).__module__}.{type(instance).__qualname__}"
            for instance in gc.get_objects()
        ),
        blocks=blocks,
        stored={
            path.name: path.stat().st_size for path in (folder / ".storage").iterdir()
        },
    )


def _held(hass: HomeAssistant) -> dict[str, Any]:
    """Return what Home Assistant holds for Lantern, and Lantern for its entities."""
    entries = hass.config_entries.async_entries(DOMAIN)
    devices, entities = dr.async_get(hass), er.async_get(hass)
    return {
        "tasks": len(asyncio.all_tasks()),
        "timers": sum(
            "lantern" in f"{handle._callback}{handle._args}" and not handle.cancelled()  # noqa: SLF001
            for handle in get_scheduled_timer_handles(hass.loop)
        ),
        "bus": dict(hass.bus.async_listeners()),
        "listeners": {
            f"{entry.title} {device_id}": entry.runtime_data.listeners.count(device_id)
            for entry in entries
            for device_id in entry.runtime_data.listeners.device_ids
        },
        "devices": sum(
            len(dr.async_entries_for_config_entry(devices, entry.entry_id))
            for entry in entries
        ),
        "entities": sum(
            len(er.async_entries_for_config_entry(entities, entry.entry_id))
            for entry in entries
        ),
        "states": len(hass.states.async_all()),
        "issues": len(ir.async_get(hass).issues),
    }

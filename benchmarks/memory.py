"""Bytes per tracker, with its entities and without, and whether they grow."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
import gc
import tracemalloc
from typing import Any
from unittest.mock import patch

from homeassistant.components import traccar_server
from homeassistant.components.traccar_server import binary_sensor, sensor
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE

from custom_components.lantern import entity_loader

from .growth import only_shown
from .home import home
from .sides import Side
from .sides.lightbug import DecodingSide
from .sides.traccar_server import TraccarSide

_FLEETS = (100, 500)
_REFRESHES = (1000, 10_000)
_SENSORS = "TRACCAR_SERVER_SENSOR_ENTITY_DESCRIPTIONS"
_BINARY = "TRACCAR_SERVER_BINARY_SENSOR_ENTITY_DESCRIPTIONS"


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes per tracker: with its four entities, and what is known of it alone."""

    whole: float
    model: float


@contextmanager
def _entities(wanted: bool) -> Iterator[None]:
    """Give both the same four entities a tracker, or none at all."""
    with ExitStack() as patches:
        patches.enter_context(only_shown())
        for module, name in ((sensor, _SENSORS), (binary_sensor, _BINARY)):
            shown = tuple(
                description
                for description in getattr(module, name)
                if description.key in TraccarSide.keys
            )
            patches.enter_context(patch.object(module, name, shown))
        if not wanted:
            patches.enter_context(patch.object(traccar_server, "PLATFORMS", []))
            vendors = dict(entity_loader.VENDORS)
            vendors["lightbug"] = replace(vendors["lightbug"], entities={})
            patches.enter_context(patch("custom_components.lantern.VENDORS", vendors))
        yield


async def measure() -> dict[str, Weight]:
    """Weigh Lantern's Lightbug room and traccar_server."""
    kinds: dict[str, type[Side]] = {
        "lantern": DecodingSide,
        "traccar_server": TraccarSide,
    }
    return {
        name: Weight(await _each(kind, True), await _each(kind, False))
        for name, kind in kinds.items()
    }


async def _each(kind: type[Side], wanted: bool) -> float:
    """Return the bytes of each further tracker."""
    few, many = [await _weight(kind, fleet, wanted) for fleet in _FLEETS]
    return (many - few) / (_FLEETS[1] - _FLEETS[0])


async def _weight(kind: type[Side], fleet: int, wanted: bool) -> int:
    side: Any = kind(fleet)
    with _entities(wanted):
        async with home({kind.domain: kind.keys}) as hass:
            gc.collect()
            tracemalloc.start()
            side.prepare(0)
            await side.load(hass)
            side.prepare(1)
            await side.refresh()
            side.forget()
            await hass.async_block_till_done()
            gc.collect()
            taken, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    return taken


async def growth() -> int:
    """Return by how many bytes Lantern grows between 1,000 and 10,000 refreshes."""
    side = DecodingSide(25)
    seen = []
    async with home({side.domain: side.keys}) as hass:
        await side.load(hass)
        # Home Assistant keeps the registries as it last saved them: before we look.
        hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
        await hass.async_block_till_done()
        tracemalloc.start()
        for number in range(1, _REFRESHES[-1] + 1):
            side.prepare(1)
            await side.refresh()
            # The event loop drops the timers that each refresh cancels.
            await asyncio.sleep(0)
            if number in _REFRESHES:
                await hass.async_block_till_done()
                gc.collect()
                seen.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
    return seen[1] - seen[0]

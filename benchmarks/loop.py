"""How long the event loop is blocked at a time, by what is done."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from statistics import median
from time import thread_time_ns

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import async_initialize_recorder
from homeassistant.setup import async_setup_component
import orjson

from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from simulator.hue import HueBridge, generate_v2
from simulator.lux import Lux
from tests.lux.conftest import BLUE, signed_in

from .growth import WITH_ENTITIES, only_shown
from .home import home
from .measuring import Work, no_collection
from .sides.bridges import Served, add_lantern
from .sides.lightbug import DecodingSide

_TRACKERS = 10_000
_FEW_TRACKERS = 100
_LAMPS = 300
_ACCESSORIES = 60
_ROOM = 10
_CHANGED = _TRACKERS // 100
_LOGS = 10_000


async def measure() -> dict[str, float]:
    """Return the longest blocks of the loop (ms of CPU time), by what is done."""
    decode, fleet = await _fleet()
    return {
        **await _of_trackers(),
        **await _of_lamps(),
        "decoding the largest answer of 10,000 trackers": decode,
        "a refresh of 10,000 trackers, 1 % changed": fleet,
        "reading 10,000 treatments, writing statistics": await _diary(),
    }


async def _of_trackers() -> dict[str, float]:
    """Return the blocks of a hundred trackers, with all entities enabled."""
    side = DecodingSide(_FEW_TRACKERS)
    async with home() as hass:
        blocks = await _coming_and_going(hass, lambda: side.load(hass))
        side.prepare(side.devices)
        (entry,) = hass.config_entries.async_entries("lantern")
        refresh = entry.runtime_data.async_refresh
        blocks["a poll, all changed"] = await longest_block(refresh)
    return {f"{name}, {side.devices} trackers": ms for name, ms in blocks.items()}


async def _of_lamps() -> dict[str, float]:
    """Return the blocks of a Hue house, with all entities enabled."""
    bridge = HueBridge(house=generate_v2(_LAMPS, _ACCESSORIES, _ROOM))
    served = Served(bridge)
    with served.served():
        async with home() as hass:
            blocks = await _coming_and_going(hass, lambda: add_lantern(hass, bridge))
            (entry,) = hass.config_entries.async_entries("lantern")
            blocks["a full read"] = await longest_block(
                entry.runtime_data.async_refresh
            )

            dimmable = [
                number
                for number, light in bridge.house.lights.items()
                if "bri" in light["state"]
            ]

            async def events() -> None:
                served.call(lambda: bridge.change_lamps(dimmable))
                await asyncio.sleep(1)

            blocks["events of all at once"] = await longest_block(events)
    return {f"{name}, {_LAMPS} lamps": ms for name, ms in blocks.items()}


async def _coming_and_going(hass: HomeAssistant, add: Work) -> dict[str, float]:
    """Return the blocks of a first set-up, an unload and another set-up."""

    async def first() -> None:
        await add()
        await hass.async_block_till_done()

    async def unload() -> None:
        (entry,) = hass.config_entries.async_entries("lantern")
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()

    async def again() -> None:
        (entry,) = hass.config_entries.async_entries("lantern")
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()

    block = await longest_block(first)
    states = len(hass.states.async_all())
    unloads, others = [], []
    for _ in range(3):
        unloads.append(await longest_block(unload))
        others.append(await longest_block(again))
    return {
        f"first set-up ({states:,} states)": block,
        "unload": median(unloads),
        "set-up again": median(others),
    }


async def longest_block(work: Work) -> float:
    """Return the longest time (ms) for which some work keeps others from the loop."""
    longest = 0

    async def others() -> None:
        nonlocal longest
        while True:
            before = thread_time_ns()
            await asyncio.sleep(0)
            longest = max(longest, thread_time_ns() - before)

    with no_collection():
        watching = asyncio.create_task(others())
        await asyncio.sleep(0)
        await work()
        await asyncio.sleep(0)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return longest / 1e6


async def _fleet() -> tuple[float, float]:
    side = DecodingSide(_TRACKERS)
    with only_shown():
        async with home({side.domain: side.keys}) as hass:
            await side.load(hass)
            blocks = []
            for _ in range(3):
                side.prepare(_CHANGED)

                async def refresh() -> None:
                    await side.refresh()
                    await hass.async_block_till_done()

                blocks.append(await longest_block(refresh))
            side.check(hass, first=WITH_ENTITIES)
            start = thread_time_ns()
            orjson.loads(side.answer["getDeviceSummary"])
            decode = (thread_time_ns() - start) / 1e6
    return decode, min(blocks)


async def _diary() -> float:
    lux = Lux()
    await lux.start()
    async with home() as hass:
        async_initialize_recorder(hass)
        recorder = {"recorder": {"db_url": f"sqlite:///{hass.config.path('bench.db')}"}}
        assert await async_setup_component(hass, "recorder", recorder)
        entry = await signed_in(hass, lux)
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_add_executor_job(write_treatments, hass, entry.entry_id, _LOGS)

        async def load() -> None:
            await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done()

        longest = await longest_block(load)
        await get_instance(hass).async_add_executor_job(
            get_instance(hass).block_till_done
        )
        stored = entry.runtime_data.treatments_of(BLUE)
        if len(stored.logs) != _LOGS:
            raise RuntimeError(f"{len(stored.logs)} treatments were read")
    await lux.stop()
    return longest


def write_treatments(hass: HomeAssistant, entry_id: str, count: int) -> None:
    """Write the file of an entry with so many treatments of its first device."""
    first = datetime.now(UTC) - timedelta(hours=4 * count + 4)
    logs = [
        TreatmentLog(
            start=first + timedelta(hours=4 * number),
            duration=1200,
            intensity=25,
            ending=Ending.NORMAL,
            log_file_id=number + 1,
        ).as_dict()
        for number in range(count)
    ]
    treatments = {"logs": logs, "temporary": None, "foreign": None, "pruned": 0}
    stored = {"version": 1, "data": {BLUE: treatments | {"foreign_days": []}}}
    path = Path(hass.config.path(f".storage/lantern.lux_treatments.{entry_id}"))
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(stored))
    # Lantern reads the file once in a run.
    hass.data.pop("lantern_lux_treatments", None)

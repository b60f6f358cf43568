"""How long the event loop is blocked at a time: a huge fleet, a huge diary."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from time import thread_time_ns

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import async_initialize_recorder
from homeassistant.setup import async_setup_component
import orjson

from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from simulator.lux import Lux
from tests.lux.conftest import BLUE, signed_in

from .growth import WITH_ENTITIES, only_shown
from .home import home
from .measuring import Work, no_collection
from .sides.lightbug import DecodingSide

_TRACKERS = 20_000
_CHANGED = _TRACKERS // 100
_LOGS = 10_000


@dataclass(frozen=True, slots=True)
class Blocked:
    """Longest blocks of the loop (ms of CPU time).

    `decode` is what orjson takes for the largest of the fleet's answers, `fleet` the
    longest block of a refresh of all trackers with 1 % changed, `diary` the longest
    while 10,000 treatments are read and written to the statistics.
    """

    decode: float
    fleet: float
    diary: float


async def measure() -> Blocked:
    """Measure both."""
    decode, fleet = await _fleet()
    return Blocked(decode, fleet, await _diary())


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

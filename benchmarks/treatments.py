"""What treatment logs cost: one more beside many, and a thousand that have waited."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
import threading
from time import process_time, thread_time
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.recorder import async_initialize_recorder
from homeassistant.setup import async_setup_component

from simulator.lux import Lux
from tests.lux.carrying import UPLOAD
from tests.lux.conftest import BLUE, DEVICES, signed_in

from .home import home
from .loop import longest_block, write_treatments
from .measuring import cpu_us

STORED = (1_826, 10_000)
BACKLOG = 1_000
_FIRST = 20_000
_MORE = 10


@dataclass(frozen=True, slots=True)
class Added:
    """One more treatment beside `stored` ones: ms of the loop, and its longest block."""

    stored: int
    loop: float
    block: float


@dataclass(frozen=True, slots=True)
class Backlog:
    """A backlog: its requests, and seconds of CPU time of the loop and in all.

    `process` holds the simulated service and Home Assistant's recorder as well.
    """

    logs: int
    requests: int
    loop: float
    process: float


async def measure() -> tuple[list[Added], Backlog]:
    """Measure both."""
    return [await _added(stored) for stored in STORED], await _backlog()


@contextmanager
def _served() -> Iterator[Lux]:
    """Give LUX in a thread of its own: its CPU time is not the loop's."""
    loop, lux = asyncio.new_event_loop(), Lux()
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(lux.start(), loop).result()
    try:
        yield lux
    finally:
        asyncio.run_coroutine_threadsafe(lux.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(hass: HomeAssistant, lux: Lux, stored: int) -> ConfigEntry:
    """Sign in to an account whose first device has so many treatments."""
    async_initialize_recorder(hass)
    recorder = {"recorder": {"db_url": f"sqlite:///{hass.config.path('bench.db')}"}}
    assert await async_setup_component(hass, "recorder", recorder)
    lux.set_device(811, last_log_file_id=_FIRST)
    entry = await signed_in(hass, lux)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_add_executor_job(write_treatments, hass, entry.entry_id, stored)
    await hass.config_entries.async_setup(entry.entry_id)
    await _done(hass)
    return entry


async def _done(hass: HomeAssistant) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)
    recorder = get_instance(hass)
    await recorder.async_add_executor_job(recorder.block_till_done)
    await hass.async_block_till_done(wait_background_tasks=True)


def _log(number: int, start: datetime) -> dict[str, Any]:
    return {
        "start": start.isoformat(),
        "duration": 1200,
        "intensity": 4,
        "ending": "normal",
        "log_file_id": number,
    }


async def _hand_over(hass: HomeAssistant, entry: ConfigEntry, *logs: Any) -> None:
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", BLUE), entry.entry_id
    )
    assert device is not None
    await hass.services.async_call(
        "lantern",
        "lux_upload_treatment_logs",
        {"device_id": device.id, "logs": list(logs)},
        blocking=True,
    )
    await _done(hass)


async def _added(stored: int) -> Added:
    loops, blocks = [], []
    with _served() as lux:
        async with home() as hass:
            entry = await _start(hass, lux, stored)
            start = datetime.now(UTC) - timedelta(hours=_MORE)
            for number in range(1, _MORE + 1):
                log = _log(_FIRST + number, start + timedelta(minutes=30 * number))
                work = partial(_hand_over, hass, entry, log)
                if number % 2:
                    loops.append(await cpu_us(hass, work) / 1000)
                else:
                    blocks.append(await longest_block(work))
            _check(entry, stored + _MORE)
    return Added(stored, median(loops), median(blocks))


async def _backlog() -> Backlog:
    with _served() as lux:
        async with home() as hass:
            entry = await _start(hass, lux, 0)
            start = datetime.now(UTC) - timedelta(hours=4 * BACKLOG)
            logs = [
                _log(_FIRST + number, start + timedelta(hours=4 * number) / 1.01)
                for number in range(1, BACKLOG + 1)
            ]
            lux.requests.clear()
            loop, process = thread_time(), process_time()
            await _hand_over(hass, entry, *logs)
            loop, process = thread_time() - loop, process_time() - process
            _check(entry, BACKLOG)
            requests = lux.count(UPLOAD) + lux.count(DEVICES)
    return Backlog(BACKLOG, requests, loop, process)


def _check(entry: ConfigEntry, stored: int) -> None:
    """Raise unless so many treatments are stored."""
    logs = entry.runtime_data.treatments_of(BLUE).logs
    if len(logs) != stored:
        raise RuntimeError(f"{len(logs)} treatments are stored")

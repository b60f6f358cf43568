"""Hostile hours: whatever happens, Home Assistant stays whole and nothing is left over.

The suite lives half an hour in each of two runs of Home Assistant. To live three hours
of another seed: `LANTERN_HOSTILE="7 10800" scripts/test tests/long_life/test_hostile.py`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
import gc
import json
import logging
import os
from pathlib import Path
from random import Random

from aiohttp.test_utils import TestClient, TestServer
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.lantern.const import DOMAIN
from simulator.world import World
from tests.common import settle

from .home import home
from .hostile import Client, HostileDay
from .household import move_in

SEED, SECONDS = map(int, os.environ.get("LANTERN_HOSTILE", "1 1800").split())
RUNS = 2
STEP, LONG_STEP = 5, 60
PEACE = 4 * 3600
SPINS = 40


async def spin(freezer: FrozenDateTimeFactory, hass: HomeAssistant, step: int) -> None:
    """Let a little time pass, and what is under way go on."""
    freezer.tick(step)
    async_fire_time_changed(hass)
    for _ in range(SPINS):
        await asyncio.sleep(0)


@asynccontextmanager
async def browser(hass: HomeAssistant) -> AsyncGenerator[Client]:
    """Return what asks Home Assistant's own API as its owner."""
    for name in ("http", "api", "repairs"):
        assert await async_setup_component(hass, name, {})
    await settle(hass)
    owner = await hass.auth.async_create_system_user(
        "Owner", group_ids=[GROUP_ID_ADMIN]
    )
    renewal = await hass.auth.async_create_refresh_token(
        owner, access_token_expiration=timedelta(days=30)
    )
    token = hass.auth.async_create_access_token(renewal)
    bearer = {"Authorization": f"Bearer {token}"}
    async with TestClient(TestServer(hass.http.app), headers=bearer) as client:
        yield client


def held() -> tuple[int, int]:
    """Return the number of file descriptors and of tasks."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


async def assert_let_go(
    freezer: FrozenDateTimeFactory, before: tuple[int, int]
) -> None:
    """Assert that no more is held than before, once the services saw us leave."""
    for _ in range(200):
        if held() <= before:
            return
        # A service that was told to be slow is at it, although nobody waits any more.
        freezer.tick(30)
        for _ in range(SPINS):
            await asyncio.sleep(0)
    names = [str(task.get_coro()) for task in asyncio.all_tasks()]
    raise AssertionError(f"{before} became {held()}: {names}")


async def assert_whole(hass: HomeAssistant, api: Client) -> None:
    """Assert that all states can be read, and no entry is stuck."""
    async with api.get("/api/states") as answer:
        assert answer.status == 200
        states = json.loads(await answer.read())
    assert len(states) == len(hass.states.async_all()) > 100
    entries = hass.config_entries.async_entries(DOMAIN)
    assert len(entries) == 4
    for entry in entries:
        # A token whose answer was lost is gone: a person is asked.
        asked = any(entry.async_get_active_flows(hass, {"reauth"}))
        assert asked or entry.state is ConfigEntryState.LOADED, entry.title


async def live(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, day: HostileDay
) -> None:
    """Let anything happen for a while."""
    for _ in range(SECONDS // RUNS // STEP):
        day.step()
        await spin(freezer, hass, STEP)
    while day.under_way:
        await spin(freezer, hass, STEP)


async def find_peace(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, world: World
) -> None:
    """Clear all faults, and wait until what was refused is asked for again."""
    for service in world.services:
        service.clear_faults()
    for _ in range(PEACE // LONG_STEP):
        await spin(freezer, hass, LONG_STEP)
    for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        hass.config_entries.flow.async_abort(flow["flow_id"])
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


@pytest.mark.timeout(max(300, SECONDS // 6))
async def test_hostile_hours(
    world: World,
    folder: Path,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Faults, odd names and values, people, reloads and restarts, all at random."""
    caplog.set_level(logging.WARNING)
    chance = Random(SEED)
    before = held()
    for run in range(RUNS):
        async with home(folder) as hass:
            if run == 0:
                await move_in(hass, world)
            async with browser(hass) as api:
                await live(hass, freezer, HostileDay(hass, world, chance, api))
                await find_peace(hass, freezer, world)
                await assert_whole(hass, api)
        stored = json.loads((folder / ".storage" / "core.restore_state").read_bytes())
        assert len(stored["data"]) > 20
        wrong = [record for record in caplog.records if record.exc_info]
        assert not wrong, [(record.name, record.getMessage()) for record in wrong]
        await assert_let_go(freezer, before)

"""Thirty days: nothing grows, nothing is lost, nobody signs in again."""

from collections import Counter
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.lantern.const import DOMAIN
from simulator.world import World
from tests.common import pass_time, settle, state_of
from tests.lux.conftest import BLUE, BLUE_ID, POLL, REFRESH

from .home import home
from .household import FIRST_NUMBER, Household, move_in
from .sample import Sample, take

# A month with a change of the clocks in it: the night to 25 October has 25 hours.
MIDNIGHT = "2026-10-09 22:00:12+00:00"
LATER = "2026-11-08T23:00:12+00:00"
RUNS, DAYS = 3, 10
# Each step is one poll of each service.
STEP = 2 * POLL


async def pass_day(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, household: Household
) -> None:
    """Live until the next local midnight; the treatments are right on either side of it."""
    today = dt_util.now().date()
    while dt_util.now().date() == today:
        if dt_util.now().hour == 23:
            assert state_of(hass, "sensor", f"{BLUE}_treatments_today") == "1"
        await household.live(hass)
        await pass_time(hass, freezer, STEP)
    assert state_of(hass, "sensor", f"{BLUE}_treatments_today") == "0"
    streak = state_of(hass, "sensor", f"{BLUE}_treatment_streak")
    assert int(streak) == household.treatments


async def reload_all(hass: HomeAssistant) -> None:
    """Unload each entry and set it up again."""
    for entry in hass.config_entries.async_entries(DOMAIN):
        assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)


def assert_steady(early: Sample, late: Sample, days: int) -> None:
    """Assert that nothing grew but what is kept of treatments and instructions."""
    assert late.held == early.held
    # One left over by each poll of one service would be half as many again.
    most = days * 86_400 // STEP * 2 // 3
    left = late.objects - early.objects
    assert {name: count for name, count in left.items() if count > most} == {}
    assert late.blocks < early.blocks * 1.005
    for name, size in late.stored.items():
        # The newest 2,000 alerts and 1,000 instructions are remembered, and what LUX
        # received in the last 14 days.
        assert size <= early.stored.get(name, 0) + 200 * days, name


def forget(world: World) -> Counter[str]:
    """Take from the services what they remember of a day; return what they were asked."""
    asked: Counter[str] = Counter()
    for service in world.services:
        asked.update(service.counts())
        service.requests.clear()
    world.lucit.heartbeats.clear()
    world.lucit.instructions.clear()
    for tracker in world.lightbug.trackers.values():
        del tracker.points[:-5]
    return asked


@pytest.mark.timeout(600)
async def test_month(
    world: World, folder: Path, freezer: FrozenDateTimeFactory
) -> None:
    """Four services, three runs of Home Assistant, entries reloaded in each."""
    freezer.move_to(MIDNIGHT)
    household = Household(world)
    asked: Counter[str] = Counter()
    samples: list[Sample] = []
    for run in range(RUNS):
        async with home(folder) as hass:
            if run == 0:
                await move_in(hass, world)
            for day in range(DAYS):
                await pass_day(hass, freezer, household)
                asked += forget(world)
                # The first one leaves what Home Assistant keeps for restoring.
                if day in (0, DAYS // 2):
                    await reload_all(hass)
                if day in (1, DAYS - 1):
                    samples.append(take(hass, folder))
            assert_steady(*samples[-2:], days=DAYS - 2)
            assert hass.config_entries.flow.async_progress() == []
            states = [
                entry.state for entry in hass.config_entries.async_entries(DOMAIN)
            ]
            assert states == [ConfigEntryState.LOADED] * 4
    assert samples[-1].held == samples[3].held, "a restart leaves something"
    assert dt_util.utcnow().isoformat() == LATER
    numbers = [log.log_file_id for log in world.lux.logs[BLUE_ID]]
    assert numbers[-household.treatments :] == list(
        range(FIRST_NUMBER, FIRST_NUMBER + RUNS * DAYS)
    )
    assert world.lux.signins == 1
    assert asked["POST /v2/users/login"] == 0
    assert asked["POST /v2/users/refreshToken"] >= RUNS * DAYS - 1
    assert asked[REFRESH] >= RUNS * DAYS * 48

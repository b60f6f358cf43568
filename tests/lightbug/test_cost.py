"""What a fleet costs: requests do not grow with it, only with what has news."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.lantern.lightbug.coordinator import LightbugCoordinator
from simulator.lightbug import Lightbug

from .conftest import (
    ACTIVITY,
    DEVICES,
    POINTS,
    POLL,
    READINGS,
    SUMMARY,
    UNIQUE_ID,
    stored,
)

POLLS_A_DAY = 86_400 // POLL


@pytest.fixture
async def coordinator(hass: HomeAssistant, lightbug: Lightbug) -> LightbugCoordinator:
    """Return the coordinator of an account, without two thousand trackers' entities."""
    entry = MockConfigEntry(
        domain="lantern", unique_id=UNIQUE_ID, data=stored(lightbug)
    )
    entry.add_to_hass(hass)
    return LightbugCoordinator(hass, entry)


@pytest.mark.parametrize(
    ("fleet", "pages", "a_day", "per_device"),
    [
        (1, 1, 864, 864),
        (20, 1, 864, 17_280),
        (500, 1, 864, 432_000),
        (2000, 2, 1152, 1_728_000),
    ],
)
async def test_requests(
    lightbug: Lightbug,
    coordinator: LightbugCoordinator,
    freezer: FrozenDateTimeFactory,
    fleet: int,
    pages: int,
    a_day: int,
    per_device: int,
) -> None:
    """Three requests a poll and a page per 1,000 trackers; reads follow the news.

    A naive client asks each device for its state, point and readings.
    """
    ids = lightbug.generate(fleet)
    poll = {SUMMARY: 1, DEVICES: pages, ACTIVITY: 1}
    # The readings of all, once after the start, at most a hundred a poll.
    for _ in range(-(-fleet // 100)):
        freezer.tick(POLL)
        assert len(await coordinator.async_fetch()) == fleet
    assert lightbug.count(READINGS) == fleet

    lightbug.requests.clear()
    freezer.tick(POLL)
    await coordinator.async_fetch()
    assert lightbug.counts() == poll
    assert lightbug.count() * POLLS_A_DAY == a_day
    assert fleet * 3 * POLLS_A_DAY == per_device

    lightbug.requests.clear()
    for device_id in ids[:7]:
        lightbug.tick_route(device_id)
    freezer.tick(POLL)
    await coordinator.async_fetch()
    assert lightbug.counts() == poll | {READINGS: min(fleet, 7)}

    lightbug.requests.clear()
    lightbug.summary_shape = "bare"
    for device_id in ids:
        lightbug.tick_route(device_id)
    freezer.tick(POLL)
    await coordinator.async_fetch()
    reads = lightbug.count(POINTS) + lightbug.count(READINGS)
    assert reads == min(2 * fleet, 100)
    assert lightbug.count() == reads + 2 + pages


async def test_summary_of_a_large_fleet(
    lightbug: Lightbug,
    coordinator: LightbugCoordinator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Of very many trackers, the newest point alone is asked for."""
    lightbug.generate(2001)
    counts = []
    for _ in range(2):
        lightbug.requests.clear()
        await coordinator.async_fetch()
        (summary,) = [
            request for request in lightbug.requests if "pointCount" in request.query
        ]
        counts.append(summary.query["pointCount"])
        freezer.tick(POLL)
    assert counts == ["5", "1"]

"""The four services, and a folder that outlives the Home Assistants on it."""

from collections.abc import AsyncGenerator
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
import pytest

from simulator.world import World


@pytest.fixture(autouse=True)
def guards(
    freezer: FrozenDateTimeFactory, socket_enabled: None, no_blocking_calls: None
) -> None:
    """Allow loopback, and no blocking calls; each test starts its own homes."""


@pytest.fixture
async def world(freezer: FrozenDateTimeFactory) -> AsyncGenerator[World]:
    """Serve the four services; end with no violation recorded."""
    # Before any test's own time, or what the services hold would lie ahead of it.
    freezer.move_to("2026-10-01 12:00:00+00:00")
    world = World()
    await world.start()
    yield world
    await world.stop()
    assert {
        service.name: service.violations
        for service in world.services
        if service.violations
    } == {}


@pytest.fixture
def folder(hass_tmp_config_dir: str) -> Path:
    """Return the folder that the homes live on."""
    return Path(hass_tmp_config_dir)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Leave the loop's debugging off: it more than doubles what a month takes."""

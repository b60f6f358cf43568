"""The last position through a restart of Home Assistant."""

from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lightbug import Lightbug
from tests.common import (
    add_entry,
    entity_id,
    kept_through_restart,
    pass_time,
    settle,
    state_of,
)

from .conftest import POLL, UNIQUE_ID, stored, unique

FIRST = 2_370_001
THERE = (54.25, 8.5)
BEFORE = "2026-01-01T10:00:00+00:00"


def location(hass: HomeAssistant) -> State:
    """Return the state of the first tracker's main entity."""
    state = hass.states.get(
        entity_id(hass, "device_tracker", unique(FIRST, "location"))
    )
    assert state is not None
    return state


def place(hass: HomeAssistant) -> tuple[Any, Any]:
    """Return where the first tracker is on the map."""
    shown = location(hass).attributes
    return shown.get("latitude"), shown.get("longitude")


async def test_restart_while_the_service_is_down(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Unavailable in the outage; then the last place, and all that belongs to it."""
    lightbug.move(FIRST, *THERE, accuracy=25, speed=36.5)
    await pass_time(hass, freezer, POLL)
    fix = state_of(hass, "sensor", unique(FIRST, "last_fix"))
    assert await hass.config_entries.async_unload(entry.entry_id)
    lightbug.inject("*", "status", status=503, times=-1)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert location(hass).state == "unavailable"

    lightbug.clear_faults()
    lightbug.tracker(FIRST).points.clear()
    await pass_time(hass, freezer, 60)
    assert entry.state is ConfigEntryState.LOADED
    assert place(hass) == THERE
    assert location(hass).attributes["gps_accuracy"] == 25
    assert state_of(hass, "sensor", unique(FIRST, "speed")) == "36.5"
    assert state_of(hass, "sensor", unique(FIRST, "last_fix")) == fix
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE

    lightbug.add_point(FIRST, timestamp=lightbug.moment(-100 * 86_400))
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    lightbug.move(FIRST, 54.5, 8.75)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (54.5, 8.75)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ({"latitude": 1.5, "longitude": 2.5, "time": BEFORE}, (1.5, 2.5)),
        ({"latitude": 1.5, "longitude": 2.5}, (1.5, 2.5)),
        ({"latitude": 91, "longitude": 2.5, "time": BEFORE}, (None, None)),
        ({"longitude": 2.5}, (None, None)),
        ({}, (None, None)),
    ],
)
async def test_what_is_remembered(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    kept: dict[str, Any],
    shown: tuple[Any, Any],
) -> None:
    """Only what can be a place is taken; the first fix replaces it."""
    lightbug.tracker(FIRST).points.clear()
    await kept_through_restart(hass, "device_tracker.dinghy_1", kept)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert place(hass) == shown
    lightbug.move(FIRST, *THERE)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE


async def test_sections_of_earlier_versions(
    hass: HomeAssistant, hass_storage: dict[str, Any], lightbug: Lightbug
) -> None:
    """What an earlier version stored in other places is still there."""
    entry = MockConfigEntry(
        domain="lantern", unique_id=UNIQUE_ID, data=stored(lightbug), title="Test"
    )
    changed = datetime.now(UTC).timestamp()
    sections = {"config": {str(FIRST): changed}, "safe_zones": {str(FIRST): True}}
    file = {"version": 1, "minor_version": 1, "key": "x", "data": sections}
    hass_storage[f"lantern.{entry.entry_id}"] = file
    lightbug.tracker(FIRST).config["receivedAt"] = lightbug.moment(-60)
    entry.add_to_hass(hass)
    for _ in range(2):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await settle(hass)
        assert state_of(hass, "binary_sensor", unique(FIRST, "config_pending")) == "on"
        outside = state_of(hass, "binary_sensor", unique(FIRST, "outside_safe_zone"))
        assert outside == "off"
        assert await hass.config_entries.async_unload(entry.entry_id)


async def test_place_that_is_only_repeated(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A tracker that repeats its place: when it was found out is still known."""
    fix = state_of(hass, "sensor", unique(FIRST, "last_fix"))
    await pass_time(hass, freezer, 10)
    lightbug.add_point(FIRST, sendReason=2 | 128)
    await pass_time(hass, freezer, POLL)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "sensor", unique(FIRST, "last_fix")) == fix
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", unique(FIRST, "last_fix")) == fix


@pytest.mark.parametrize("time", [BEFORE, None])
async def test_newer_fix_at_the_service(
    hass: HomeAssistant, lightbug: Lightbug, time: str | None
) -> None:
    """What the service knows is not replaced by an older memory."""
    kept = {"latitude": 1.5, "longitude": 2.5, "time": time}
    await kept_through_restart(hass, "device_tracker.dinghy_1", kept)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert place(hass) == (54.0, 7.9)

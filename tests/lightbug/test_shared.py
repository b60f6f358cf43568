"""Accounts that share trackers: each is shown by one entry, and by one always."""

from collections.abc import AsyncGenerator
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from simulator.lightbug import Lightbug
from tests.automations import until
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import POLL, READINGS, UNIQUE_ID, stored, unique
from .test_way import hourly

FIRST = 2_370_001
OTHER = 5678
LOCATION = unique(FIRST, "location")


@pytest.fixture
async def other(lightbug: Lightbug) -> AsyncGenerator[Lightbug]:
    """Serve a second account that sees the first one's first tracker."""
    other = Lightbug(trackers=0, odd=False)
    other.user_id = OTHER
    await other.start()
    lightbug.share(FIRST, other)
    yield other
    await other.stop()
    assert other.violations == []


async def add_other(hass: HomeAssistant, other: Lightbug) -> MockConfigEntry:
    """Add the entry of the second account."""
    return await add_entry(
        hass, f"lightbug:{OTHER}", stored(other) | {"user_id": OTHER}
    )


def shown_by(hass: HomeAssistant) -> str | None:
    """Return the entry that has the shared tracker's main entity."""
    registered_entity = er.async_get(hass).async_get(
        entity_id(hass, "device_tracker", LOCATION)
    )
    assert registered_entity is not None
    return registered_entity.config_entry_id


def place(hass: HomeAssistant) -> str:
    """Return the state of the shared tracker's main entity."""
    return state_of(hass, "device_tracker", LOCATION)


def devices(hass: HomeAssistant, entry: MockConfigEntry) -> int:
    """Return how many devices an entry has."""
    return len(dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id))


@pytest.mark.parametrize("owner_first", [True, False])
async def test_owner_shows_it(
    hass: HomeAssistant,
    lightbug: Lightbug,
    other: Lightbug,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    owner_first: bool,
) -> None:
    """The entry of the user who owns a tracker shows it, whichever was first."""
    caplog.set_level(logging.INFO)
    if owner_first:
        entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
        second = await add_other(hass, other)
    else:
        second = await add_other(hass, other)
        assert shown_by(hass) == second.entry_id
        first_id = entity_id(hass, "device_tracker", LOCATION)
        entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
        assert entity_id(hass, "device_tracker", LOCATION) == first_id
    for _ in range(4):
        assert shown_by(hass) == entry.entry_id
        assert place(hass) == "not_home"
        assert devices(hass, second) == 0
        await pass_time(hass, freezer, POLL)
    assert "unique IDs" not in caplog.text
    assert caplog.text.count("another account shows 1 of the trackers") == 1


@pytest.mark.parametrize("how", ["unload", "disable", "remove", "lose"])
@pytest.mark.parametrize("owned", [True, False])
async def test_the_other_takes_over(
    hass: HomeAssistant,
    lightbug: Lightbug,
    other: Lightbug,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    how: str,
    owned: bool,
) -> None:
    """Once the entry that shows a tracker is gone, or loses it, the other one does."""
    lightbug.set_device(FIRST, ownerId=lightbug.user_id if owned else None)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    second = await add_other(hass, other)
    shown = entity_id(hass, "device_tracker", LOCATION)
    assert shown_by(hass) == entry.entry_id
    tracker = lightbug.tracker(FIRST)
    match how:
        case "unload":
            assert await hass.config_entries.async_unload(entry.entry_id)
        case "disable":
            await hass.config_entries.async_set_disabled_by(
                entry.entry_id, ConfigEntryDisabler.USER
            )
        case "remove":
            await hass.config_entries.async_remove(entry.entry_id)
        case _:
            lightbug.remove_tracker(FIRST)
    await settle(hass)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert shown_by(hass) == second.entry_id
    assert entity_id(hass, "device_tracker", LOCATION) == shown
    assert place(hass) == "not_home"
    other.move(FIRST, 55, 9)
    await pass_time(hass, freezer, POLL)
    state = hass.states.get(shown)
    assert state is not None
    assert state.attributes["latitude"] == 55

    if how in ("unload", "lose"):
        # It is back: its owner shows it again, and otherwise nothing changes.
        lightbug.trackers[FIRST] = tracker
        if how == "unload":
            assert await hass.config_entries.async_setup(entry.entry_id)
        await settle(hass)
        for _ in range(3):
            await pass_time(hass, freezer, POLL)
            assert shown_by(hass) == (entry if owned else second).entry_id
            assert place(hass) == "not_home"
    assert "unique IDs" not in caplog.text


async def test_reload_changes_nothing(
    hass: HomeAssistant,
    lightbug: Lightbug,
    other: Lightbug,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A reload of either entry leaves a tracker where it is."""
    lightbug.set_device(FIRST, ownerId=99)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    second = await add_other(hass, other)
    for account in (entry, second):
        assert await hass.config_entries.async_reload(account.entry_id)
        await settle(hass)
        assert shown_by(hass) == entry.entry_id
        await pass_time(hass, freezer, POLL)
        assert shown_by(hass) == entry.entry_id
        assert place(hass) == "not_home"
    assert "unique IDs" not in caplog.text


@pytest.mark.usefixtures("recorder_mock", "entity_registry_enabled_by_default")
@pytest.mark.parametrize("removed", ["owner", "other"])
async def test_statistics_of_the_other_stay(
    hass: HomeAssistant,
    lightbug: Lightbug,
    other: Lightbug,
    freezer: FrozenDateTimeFactory,
    removed: str,
) -> None:
    """Who removes an account deletes nothing that another one still writes."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-11-28 12:00:00+00:00")
    second = await add_other(hass, other)
    other.move(FIRST, 54.5, 7.9)
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, 3600)
    assert await hourly(hass)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert shown_by(hass) == entry.entry_id
    gone = entry if removed == "owner" else second
    await hass.config_entries.async_remove(gone.entry_id)
    assert bool(await hourly(hass)) == (removed == "other")


async def test_taken_over_in_the_middle_of_a_poll(
    hass: HomeAssistant,
    lightbug: Lightbug,
    other: Lightbug,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The poll of the account that loses a tracker ends well, and shows it no more."""
    second = await add_other(hass, other)
    other.move(FIRST, 55, 9)
    other.inject(READINGS, "latency", seconds=5)
    freezer.tick(POLL)
    async_fire_time_changed(hass)
    await until(lambda: not other.faults[0].times)
    entry = MockConfigEntry(
        domain="lantern", unique_id=UNIQUE_ID, data=stored(lightbug), title="Test"
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    freezer.tick(6)
    await settle(hass)
    assert second.runtime_data.last_update_success
    assert "Unexpected error" not in caplog.text
    assert shown_by(hass) == entry.entry_id
    assert devices(hass, second) == 0

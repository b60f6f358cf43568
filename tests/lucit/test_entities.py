"""What Home Assistant shows of a player and its screens."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from syrupy.assertion import SnapshotAssertion

from simulator.lucit import Lucit
from tests.common import add_entry, pass_time, snapshot_entities, state_of

from .conftest import UNIQUE_ID, stored

PLAYER = {
    "lcuid": "LCUID-LD-00000000-0000-0000-0000-000000000001",
    "device_number": "LDN-20541",
    "latitude": "54.00000000",
    "longitude": "7.90000000",
    "venue_taxonomy_id": "204",
    "digital_board_format": "landscape",
}


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    "platform",
    [
        Platform.SENSOR,
        Platform.BINARY_SENSOR,
        Platform.DEVICE_TRACKER,
        Platform.SWITCH,
        Platform.BUTTON,
        Platform.EVENT,
    ],
)
async def test_entities(
    hass: HomeAssistant,
    lucit: Lucit,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """All entities of a player with one screen."""
    freezer.move_to("2026-11-01 12:00:00+00:00")
    data = stored(lucit)
    lucit.set_device(**{key: PLAYER[key] for key in PLAYER if key != "lcuid"})
    lucit.set_board(lcuid=None, width=960, height=540)
    lucit.device.digital_boards[0].lcuid = "LCUID-LB-1"
    entry = await add_entry(hass, UNIQUE_ID, data)
    snapshot_entities(hass, entry, snapshot, platform)


async def test_a_sign_that_stands_nowhere_is_not_on_the_map(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """0/0 is no place; once Lucit knows the place, the tracker appears."""
    assert not hass.states.async_entity_ids("device_tracker")
    lucit.set_device(latitude="54.00000000", longitude="7.90000000")
    await pass_time(hass, freezer, 300)
    (tracker,) = hass.states.async_all("device_tracker")
    assert tracker.attributes["latitude"] == 54.0
    lucit.set_device(latitude="0.00000000", longitude="0.00000000")
    await pass_time(hass, freezer, 300)
    assert hass.states.get(tracker.entity_id).state == "unknown"


async def test_what_is_not_told_is_unknown(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nulls and nonsense become unknown."""
    lucit.set_device(status=None, width="wide")
    await pass_time(hass, freezer, 300)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_status") == "unknown"
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_resolution") == "unknown"


async def test_nothing_is_written_for_what_did_not_change(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll without news writes no state; one change writes one."""
    changes = async_capture_events(hass, "state_changed")
    written = {
        state.entity_id: state.last_reported for state in hass.states.async_all()
    }
    await pass_time(hass, freezer, 300)
    assert not changes
    assert written == {
        state.entity_id: state.last_reported for state in hass.states.async_all()
    }
    lucit.set_device(status=2)
    await pass_time(hass, freezer, 300)
    (change,) = changes
    assert change.data["new_state"].state == "2"
    reported = [state.last_reported for state in hass.states.async_all()]
    assert len([name for name in reported if name not in written.values()]) == 1


@pytest.mark.parametrize("boards", [None, [], {}, [None], [{"name": "no identity"}]])
async def test_a_player_without_screens(
    hass: HomeAssistant, lucit: Lucit, boards: Any
) -> None:
    """All ways to say that there is none mean that."""
    data = stored(lucit)
    lucit.set_device(digital_boards=boards)
    await add_entry(hass, UNIQUE_ID, data)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "0"

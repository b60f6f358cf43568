"""What Home Assistant is told when a device's number of logs grows."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_capture_events

from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, state_of

from .conftest import ACCOUNT, BLUE, BLUE_ID, DEVICES, PLAIN, POLL

EVENT = f"{BLUE}_treatment"


def event_of(hass: HomeAssistant) -> tuple[str, dict[str, Any]]:
    """Return the first device's event: its time, and what else it says."""
    state = hass.states.get(entity_id(hass, "event", EVENT))
    assert state is not None
    names = ("event_type", "from", "to")
    return state.state, {k: v for k, v in state.attributes.items() if k in names}


async def test_unknown_values(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What LUX does not say is unknown; a number remembered is not forgotten."""
    lux.set_device(BLUE_ID, last_log_file_id=None, device_alias=None)
    lux.set_user(is_device_muted=None, need_to_pwd_change=None)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "unknown"
    assert state_of(hass, "text", f"{BLUE}_alias") == "unknown"
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "unknown"
    due = f"{ACCOUNT}_password_change_due"
    assert state_of(hass, "binary_sensor", due) == "unknown"
    assert event_of(hass)[0] == "unknown"
    lux.set_device(BLUE_ID, last_log_file_id=13)
    await pass_time(hass, freezer, POLL)
    assert event_of(hass)[1] == {"event_type": "log_received", "from": 12, "to": 13}


async def test_only_what_changed_is_written(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A poll without news writes nothing; news of one device write only its own states."""
    changes = async_capture_events(hass, "state_changed")
    await pass_time(hass, freezer, POLL)
    assert changes == []
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert {change.data["entity_id"] for change in changes} == {
        entity_id(hass, "event", EVENT),
        entity_id(hass, "sensor", f"{BLUE}_treatment_logs"),
        entity_id(hass, "sensor", f"{BLUE}_last_log_received"),
        entity_id(hass, "sensor", f"{BLUE}_days_in_a_row"),
    }


async def test_logs_are_received(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A number that grows is one event, however many logs; the first is none."""
    assert event_of(hass)[0] == "unknown"
    assert state_of(hass, "sensor", f"{BLUE}_last_log_received") == "unknown"
    lux.phone_upload(BLUE_ID, 3)
    await pass_time(hass, freezer, POLL)
    assert event_of(hass)[1] == {"event_type": "log_received", "from": 12, "to": 15}
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "15"
    seen = dt_util.utcnow().isoformat(timespec="seconds")
    assert state_of(hass, "sensor", f"{BLUE}_last_log_received") == seen
    assert state_of(hass, "sensor", f"{PLAIN}_last_log_received") == "unknown"

    before = event_of(hass)
    await pass_time(hass, freezer, POLL)
    assert event_of(hass) == before
    assert state_of(hass, "sensor", f"{BLUE}_last_log_received") == seen


async def test_temporary_log(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A temporary log has no number: there is nothing to see of it."""
    lux.phone_upload(BLUE_ID, temporary=True)
    await pass_time(hass, freezer, POLL)
    assert event_of(hass)[0] == "unknown"


async def test_number_falls(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A number that falls fires nothing; growth counts from there."""
    lux.set_device(BLUE_ID, last_log_file_id=2)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "2"
    assert event_of(hass)[0] == "unknown"
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert event_of(hass)[1] == {"event_type": "log_received", "from": 2, "to": 3}


async def test_logs_while_nobody_looked(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Growth while Home Assistant was off fires once, after the start."""
    await hass.config_entries.async_unload(entry.entry_id)
    lux.phone_upload(BLUE_ID, 2)
    freezer.tick(600)
    changes = async_capture_events(hass, "state_changed")
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert event_of(hass)[1] == {"event_type": "log_received", "from": 12, "to": 14}
    received = state_of(hass, "sensor", f"{BLUE}_last_log_received")
    assert received == dt_util.utcnow().isoformat(timespec="seconds")
    # Home Assistant's trigger ignores an event that comes from "unavailable".
    event = entity_id(hass, "event", EVENT)
    old = [c.data["old_state"] for c in changes if c.data["entity_id"] == event]
    assert old[-1].state != "unavailable"

    # At once, before the second is over after which the store is written.
    changes.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert event_of(hass)[1]["to"] == 14
    types = [
        (c.data["new_state"].state, c.data["new_state"].attributes.get("to"))
        for c in changes
        if c.data["entity_id"] == event and c.data["new_state"].state != "unavailable"
    ]
    assert len(types) == 1
    assert state_of(hass, "sensor", f"{BLUE}_last_log_received") == received


async def test_logs_during_an_outage(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The event comes after its entity is available again, so that triggers see it."""
    lux.inject(DEVICES, "status", times=3, status=500)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert event_of(hass)[0] == "unavailable"
    lux.phone_upload(BLUE_ID)
    changes = async_capture_events(hass, "state_changed")
    await pass_time(hass, freezer, POLL)
    event = entity_id(hass, "event", EVENT)
    seen = [c.data for c in changes if c.data["entity_id"] == event]
    assert [change["old_state"].state for change in seen] == ["unavailable", "unknown"]
    assert seen[1]["new_state"].attributes["to"] == 13


async def test_device_that_is_listed_twice(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The first of two rows counts; nothing comes and goes."""
    lux.add_device(7302, unique_id="lux-unit-0001", last_log_file_id=90)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "12"
    assert event_of(hass)[0] == "unknown"

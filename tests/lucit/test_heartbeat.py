"""The heartbeat: off by default, in its own rhythm, in nobody's way."""

import asyncio
from datetime import timedelta
import json
from pathlib import Path
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.button import DOMAIN as BUTTON, SERVICE_PRESS
from homeassistant.components.switch import DOMAIN as SWITCH
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, __version__ as HA_VERSION
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import UNIQUE_ID, UUID, stored

BEAT = "POST /api/v3/analytics/lightning-devices/{lcuid}/heartbeat"
READ = "GET /api/v3/lightning/devices/{lcuid}"
EVERY = 300
LANTERN = Path(__file__).parents[2] / "custom_components" / "lantern"
LAST = f"{UNIQUE_ID}_last_heartbeat"


async def switch(hass: HomeAssistant, on: bool) -> None:
    """Turn the switch."""
    await hass.services.async_call(
        SWITCH,
        "turn_on" if on else "turn_off",
        {"entity_id": entity_id(hass, SWITCH, f"{UNIQUE_ID}_heartbeat")},
        blocking=True,
    )
    await settle(hass)


async def press(hass: HomeAssistant) -> None:
    """Press the button."""
    target = {"entity_id": entity_id(hass, BUTTON, f"{UNIQUE_ID}_send_heartbeat")}
    await hass.services.async_call(BUTTON, SERVICE_PRESS, target, blocking=True)
    await settle(hass)


async def test_off_unless_somebody_wants_it(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody claims that the player is alive before a person says so."""
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "off"
    for _ in range(12):
        await pass_time(hass, freezer, EVERY)
    assert not lucit.heartbeats
    assert state_of(hass, "sensor", LAST) == "unknown"


async def test_rhythm(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """At once, then every five minutes, also after a restart; until it is off."""
    await switch(hass, on=True)
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "on"
    assert len(lucit.heartbeats) == 1
    for sent in (2, 3, 4):
        await pass_time(hass, freezer, EVERY)
        assert len(lucit.heartbeats) == sent
    shown = dt_util.parse_datetime(state_of(hass, "sensor", LAST))
    assert shown is not None
    assert abs(shown - dt_util.utcnow()) < timedelta(seconds=1)

    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "on"
    assert len(lucit.heartbeats) == 5
    await pass_time(hass, freezer, EVERY)
    assert len(lucit.heartbeats) == 6

    await switch(hass, on=False)
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    assert len(lucit.heartbeats) == 6


async def test_what_it_tells(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """Lantern's version and what helps an operator; nothing of whose it is."""
    hass.config.location_name = "The Miller family"
    await press(hass)
    (sent,) = lucit.heartbeats
    manifest = json.loads((LANTERN / "manifest.json").read_text())
    assert sent.lightning_version == manifest["version"]
    assert sent.device_info == [f"Home Assistant {HA_VERSION}", "Screen 1920 × 1080"]
    text = json.dumps(sent.device_info)
    for private in (UUID, entry.title, "Miller", str(hass.config.latitude)):
        assert private not in text


async def test_it_tells_no_size_that_nobody_knows(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What Lucit itself does not know is left out."""
    lucit.set_device(width=None)
    await pass_time(hass, freezer, EVERY)
    await press(hass)
    assert lucit.heartbeats[0].device_info == [f"Home Assistant {HA_VERSION}"]


async def test_the_button_needs_no_switch(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One press is one heartbeat; a press that failed says so."""
    await press(hass)
    assert len(lucit.heartbeats) == 1
    before = state_of(hass, "sensor", LAST)
    assert before != "unknown"
    lucit.inject(BEAT, "status", status=503)
    freezer.tick(60)
    with pytest.raises(HomeAssistantError, match="Lucit cannot be reached"):
        await press(hass)
    assert state_of(hass, "sensor", LAST) == before
    lucit.inject(BEAT, "nulls")
    with pytest.raises(HomeAssistantError, match="invalid response"):
        await press(hass)
    assert state_of(hass, "sensor", LAST) == before


async def test_trouble_with_heartbeats_is_told_once(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is read of Lucit stays available; one line when it fails, one after."""
    await switch(hass, on=True)
    last = state_of(hass, "sensor", LAST)
    caplog.clear()
    lucit.inject(BEAT, "status", times=5, status=500)
    for _ in range(5):
        await pass_time(hass, freezer, EVERY)
        assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"
        assert state_of(hass, "sensor", LAST) == last
    for _ in range(2):
        await pass_time(hass, freezer, EVERY)
    assert state_of(hass, "sensor", LAST) != last
    messages = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname != "DEBUG"
    ]
    assert messages == [
        "Heartbeats do not reach Lucit: heartbeat: status 500",
        "Heartbeats reach Lucit again",
    ]


async def test_two_failures_are_a_problem(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only while heartbeats are on, and until the next one arrives."""

    def problem() -> str:
        return state_of(hass, "binary_sensor", f"{UNIQUE_ID}_heartbeat_problem")

    assert problem() == "off"
    lucit.inject(BEAT, "status", times=-1, status=503)
    # Lucit cannot be read either: what we report is known all the same.
    lucit.inject(READ, "status", times=-1, status=503)
    await switch(hass, on=True)
    assert problem() == "off"
    await pass_time(hass, freezer, EVERY)
    assert problem() == "on"
    await switch(hass, on=False)
    assert problem() == "off"
    await switch(hass, on=True)
    assert problem() == "off"
    await pass_time(hass, freezer, EVERY)
    assert problem() == "on"
    lucit.clear_faults()
    await press(hass)
    assert problem() == "off"
    lucit.inject(BEAT, "status", times=1, status=503)
    await pass_time(hass, freezer, EVERY)
    assert problem() == "off"
    await pass_time(hass, freezer, EVERY)
    assert problem() == "off"


async def test_an_hour_without_heartbeats_is_a_repair(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Lucit believes that the player is off; the repair goes with the fault."""
    hass.config_entries.async_update_entry(entry, title="Lucit [x](https://x.org)")
    issues = ir.async_get(hass)
    issue_id = f"lucit_heartbeats_fail_{entry.entry_id}"
    lucit.inject(BEAT, "status", times=-1, status=404)
    await switch(hass, on=True)
    for _ in range(11):
        assert issues.async_get_issue(DOMAIN, issue_id) is None
        await pass_time(hass, freezer, EVERY)
    open_issue = issues.async_get_issue(DOMAIN, issue_id)
    assert open_issue is not None
    assert open_issue.translation_placeholders == {
        "title": r"Lucit \[x\](https\://x.org)"
    }
    lucit.clear_faults()
    await pass_time(hass, freezer, EVERY)
    assert issues.async_get_issue(DOMAIN, issue_id) is None

    lucit.inject(BEAT, "status", times=-1, status=500)
    for _ in range(12):
        await pass_time(hass, freezer, EVERY)
    assert issues.async_get_issue(DOMAIN, issue_id) is not None
    await switch(hass, on=False)
    assert issues.async_get_issue(DOMAIN, issue_id) is None


async def test_switched_off_while_lucit_cannot_be_read(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What Lantern itself reports can be seen and ended whatever Lucit answers."""
    await switch(hass, on=True)
    lucit.inject(READ, "status", times=-1, status=500)
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "unavailable"
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "on"
    shown = dt_util.parse_datetime(state_of(hass, "sensor", LAST))
    assert shown is not None
    assert abs(shown - dt_util.utcnow()) < timedelta(seconds=1)
    await switch(hass, on=False)
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "off"
    sent = len(lucit.heartbeats)
    await pass_time(hass, freezer, EVERY)
    assert len(lucit.heartbeats) == sent
    await press(hass)
    assert len(lucit.heartbeats) == sent + 1


async def test_turned_off_while_the_entry_is_not_loaded(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The options work without the switch: nothing is sent once Lucit is back."""
    await switch(hass, on=True)
    lucit.inject(READ, "status", times=-1, status=500)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    sent = len(lucit.heartbeats)

    async def choose(on: bool) -> None:
        form = await hass.config_entries.options.async_init(entry.entry_id)
        assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "lucit")
        assert form["data_schema"]({}) == {"heartbeat": not on}
        done = await hass.config_entries.options.async_configure(
            form["flow_id"], {"heartbeat": on}
        )
        assert done["type"] is FlowResultType.CREATE_ENTRY
        await settle(hass)

    await choose(on=False)
    lucit.clear_faults()
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer, EVERY)
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "off"
    assert len(lucit.heartbeats) == sent
    await choose(on=True)
    assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "on"
    assert len(lucit.heartbeats) == sent + 1


async def test_a_heartbeat_hides_no_news(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Heartbeat and poll run side by side; what the poll reads is shown."""
    await switch(hass, on=True)
    for status in (3, 4, 5):
        lucit.set_device(status=status)
        await pass_time(hass, freezer, EVERY)
        assert state_of(hass, "sensor", f"{UNIQUE_ID}_status") == str(status)
        assert state_of(hass, SWITCH, f"{UNIQUE_ID}_heartbeat") == "on"


async def test_not_before_home_assistant_has_started(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """An instruction that comes with the first one finds automations running."""
    hass.set_state(CoreState.starting)
    entry = MockConfigEntry(
        domain="lantern",
        unique_id=UNIQUE_ID,
        data=stored(lucit),
        options={"heartbeat": True},
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert not lucit.heartbeats
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    assert len(lucit.heartbeats) == 1


async def test_unloading_ends_it(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An entry that is off reports nothing."""
    await switch(hass, on=True)
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, EVERY)
    assert len(lucit.heartbeats) == 1


async def test_an_answer_that_does_not_come(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A heartbeat is given up before it could hold up a restart of the entry."""
    lucit.inject(BEAT, "latency", seconds=20)
    button = {"entity_id": entity_id(hass, BUTTON, f"{UNIQUE_ID}_send_heartbeat")}
    pressing = hass.async_create_task(
        hass.services.async_call(BUTTON, SERVICE_PRESS, button, blocking=True)
    )
    while lucit.faults[0].times:
        await asyncio.sleep(0)
    freezer.tick(10)
    async_fire_time_changed(hass)
    with pytest.raises(HomeAssistantError, match="cannot be reached"):
        await pressing
    assert state_of(hass, "sensor", LAST) == "unknown"
    await pass_time(hass, freezer, 20)  # the service's own patience


async def test_several_players_of_one_app(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Players of one App ID pause, report and are deleted each for itself."""
    first = lucit.device.lcuid
    other = f"{UNIQUE_ID}-b"
    credentials = lucit.pair(f"{UUID}-b", "Door screen")
    second = credentials["lightning_device_lcuid"]
    data = {
        **entry.data,
        "access_token": "",
        "device_provided_uuid": f"{UUID}-b",
        "device_lcuid": second,
        "bot_user_token": credentials["bot_user_token"],
        "bot_user_secret": credentials["bot_user_secret"],
    }
    await add_entry(hass, other, data)
    assert lucit.count("POST /api/v3/auth") == 2
    await switch(hass, on=True)
    assert {request.device_lcuid for request in lucit.heartbeats} == {first}
    assert state_of(hass, SWITCH, f"{other}_heartbeat") == "off"

    # The first one is asked to wait; the second one goes on.
    lucit.inject(BEAT, "status", status=429, headers={"Retry-After": "700"})
    lucit.set_device(first, status=7)
    lucit.set_device(second, status=8)
    with pytest.raises(HomeAssistantError, match="limits"):
        await press(hass)
    lucit.requests.clear()
    for _ in range(2):
        await pass_time(hass, freezer, EVERY)
    assert {request.params["lcuid"] for request in lucit.requests} == {second}
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_status") == "0"
    assert state_of(hass, "sensor", f"{other}_status") == "8"

    lucit.delete_device(second)
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    assert state_of(hass, "sensor", f"{other}_status") == "unavailable"
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_status") == "7"


@pytest.mark.parametrize("is_switched_off", [False, True])
async def test_what_nobody_foresaw(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    is_switched_off: bool,
) -> None:
    """It ends no rhythm: one line without its text, and after an hour a repair."""

    def issues() -> list[str | None]:
        return [issue.translation_key for issue in ir.async_get(hass).issues.values()]

    fault = "custom_components.lantern.lucit.coordinator.async_get_loaded_integration"
    with patch(fault, side_effect=KeyError("a secret")):
        await switch(hass, on=True)
        for _ in range(11):
            await pass_time(hass, freezer, EVERY)
        assert not issues()
        for _ in range(2):
            await pass_time(hass, freezer, EVERY)
        assert issues() == ["background_failing"]
        if is_switched_off:
            await switch(hass, on=False)
            assert not issues()
            return
    assert not lucit.heartbeats
    await pass_time(hass, freezer, EVERY)
    assert len(lucit.heartbeats) == 1
    assert not issues()
    assert "a secret" not in caplog.text
    own = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    assert [record.levelname for record in own if record.levelname != "DEBUG"] == [
        "ERROR"
    ]

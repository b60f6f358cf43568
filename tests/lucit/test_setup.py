"""The life of a Lucit entry."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import UNIQUE_ID, UUID, stored

DEVICE = "GET /api/v3/lightning/devices/{lcuid}"
AUTH = "POST /api/v3/auth"
POLL = 300
ABSENT = "absent"


async def test_one_request_a_poll(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll is one request, whatever the number of screens."""
    lucit.set_boards(40)
    before = lucit.count()
    await pass_time(hass, freezer, POLL)
    assert lucit.count() - before == 1
    assert lucit.counts() == {DEVICE: 2, AUTH: 1}


async def test_unload_and_reload(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """Unloading ends the polls; loading again uses the stored bearer."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert lucit.count(AUTH) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "reset", "times": 2},
        {"kind": "html"},
        {"kind": "nulls"},
        {"kind": "truncated"},
        {"kind": "status", "status": 418},
    ],
)
async def test_setup_is_retried(
    hass: HomeAssistant,
    lucit: Lucit,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
) -> None:
    """A service in trouble at the start is tried again."""
    lucit.inject(DEVICE, **fault)
    entry = await add_entry(hass, UNIQUE_ID, stored(lucit))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await pass_time(hass, freezer, 10)
    assert entry.state is ConfigEntryState.LOADED


async def test_pause_survives_setup_retries(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """While Lucit wants a pause, retried set-ups send nothing."""
    lucit.inject(DEVICE, "status", status=429, headers={"Retry-After": "600"})
    entry = await add_entry(hass, UNIQUE_ID, stored(lucit))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    sent = lucit.count()
    for _ in range(5):
        await pass_time(hass, freezer, 100)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert lucit.count() == sent
    await pass_time(hass, freezer, 200)
    assert entry.state is ConfigEntryState.LOADED


async def test_unavailable_and_back(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two failed polls are graced; one line when it goes, one when it is back."""
    caplog.clear()
    lucit.inject(DEVICE, "status", times=-1, status=503)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"
    assert "Lucit" not in caplog.text
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "unavailable"
    lucit.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"
    records = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname != "DEBUG"
    ]
    assert [record.levelname for record in records] == ["ERROR", "INFO"]
    assert "Lucit cannot be reached" in records[0].getMessage()


async def test_screen_goes_and_returns(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A screen is unavailable at once, removed at the third miss, and returns."""
    lcuid = lucit.add_board()
    unique_id = f"lucit:{lcuid}_resolution"
    await pass_time(hass, freezer, POLL)
    first = entity_id(hass, "sensor", unique_id)
    assert hass.states.get(first).state == "1920 × 1080"

    lucit.remove_board(lcuid)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", unique_id) == "unavailable"
    await pass_time(hass, freezer, POLL)
    assert er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id) is None
    assert hass.states.get(first) is None

    lucit.add_board(board_identifier="again")
    lucit.device.digital_boards[-1].lcuid = lcuid
    await pass_time(hass, freezer, POLL)
    assert entity_id(hass, "sensor", unique_id) == first
    assert hass.states.get(first).state == "1920 × 1080"


async def test_screen_that_left_while_we_were_off(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A screen of an earlier run is forgotten at the third miss, too."""
    (board,) = lucit.device.digital_boards
    await hass.config_entries.async_unload(entry.entry_id)
    lucit.set_boards(0)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    devices = dr.async_get(hass)

    def known() -> bool:
        identifier = (DOMAIN, f"lucit:{board.lcuid}")
        device = devices.async_get_device_by_identifier(identifier, entry.entry_id)
        return device is not None

    await pass_time(hass, freezer, POLL)
    assert known()
    await pass_time(hass, freezer, POLL)
    assert not known()


async def test_new_names_reach_the_registry(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A player that is renamed at Lucit is renamed here."""
    lucit.set_device(name="Door screen")
    await pass_time(hass, freezer, POLL)
    identifier = (DOMAIN, UNIQUE_ID)
    device = dr.async_get(hass).async_get_device_by_identifier(
        identifier, entry.entry_id
    )
    assert device is not None
    assert device.name == "Door screen"
    # The entry keeps the name that it was given.
    assert entry.title == "Lucit Window screen"


async def test_dead_bearer_is_replaced(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A bearer that ended is replaced without a person and without a failed poll."""
    before = entry.data["access_token"]
    lucit.expire_bearers()
    lucit.set_boards(2)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "2"
    assert entry.data["access_token"] != before
    assert lucit.count(AUTH) == 2


async def test_removal(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry, hass_storage: Any
) -> None:
    """Removing the entry leaves nothing behind."""
    sent = lucit.count()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not hass.config_entries.async_entries(DOMAIN)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert f"lantern.{entry.entry_id}" not in hass_storage
    assert lucit.count() == sent


async def test_removing_a_device_by_hand(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: Any,
) -> None:
    """People may remove a leftover, but not what Lucit still names."""
    assert await async_setup_component(hass, "config", {})
    (board,) = lucit.device.digital_boards
    client = await hass_ws_client(hass)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, f"lucit:{board.lcuid}"), entry.entry_id
    )
    assert device is not None
    assert not (await client.remove_device(device.id))["success"]
    lucit.set_boards(0)
    await pass_time(hass, freezer, POLL)
    assert (await client.remove_device(device.id))["success"]


@pytest.mark.parametrize("form", ["holes", "keyed"])
async def test_screens_that_php_made_an_object(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    form: Any,
) -> None:
    """A list whose middle was taken out is a list: no screen is gone."""
    lucit.set_boards(3)
    await pass_time(hass, freezer, POLL)
    ids = [board.lcuid for board in lucit.device.digital_boards]
    lucit.boards_form = form
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "3"
    for lcuid in ids:
        assert state_of(hass, "sensor", f"lucit:{lcuid}_resolution") == "1920 × 1080"


@pytest.mark.parametrize(
    "form", ['{{"data": [{}]}}', "[[{}]]", '{{"data": {{"3": {}}}}}', '{{"0": [{}]}}']
)
async def test_screens_within_another_list(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    form: str,
) -> None:
    """However deep the screens are listed, none is gone."""
    (board,) = lucit.device.digital_boards
    row = f'{{"lcuid": "{board.lcuid}", "status": 3}}'
    body = (
        f'{{"success": true, "lightning_device": {{"lcuid": "{lucit.device.lcuid}",'
        f' "digital_boards": {form.format(row)}}}}}'
    )
    lucit.inject(DEVICE, "body", times=-1, body=body)
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"
    assert state_of(hass, "sensor", f"lucit:{board.lcuid}_status") == "3"


@pytest.mark.parametrize("boards_value", ['"none"', "7", "true", ABSENT])
async def test_screens_that_are_not_listed(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    boards_value: str,
) -> None:
    """Nobody said that there are no screens: they stay, and their number is unknown."""
    (board,) = lucit.device.digital_boards
    boards = "" if boards_value is ABSENT else f', "digital_boards": {boards_value}'
    body = (
        '{"success": true, "lightning_device": '
        f'{{"lcuid": "{lucit.device.lcuid}", "status": 5{boards}}}}}'
    )
    lucit.inject(DEVICE, "body", times=-1, body=body)
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_status") == "5"
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "unknown"
    assert state_of(hass, "sensor", f"lucit:{board.lcuid}_status") == "0"
    # Null is how an empty list is written, too: then they are gone.
    lucit.clear_faults()
    lucit.boards_form = "null"
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "0"
    registry = er.async_get(hass)
    assert not registry.async_get_entity_id(
        "sensor", DOMAIN, f"lucit:{board.lcuid}_status"
    )


async def test_two_players_of_the_same_name(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """The second entry has the device number in its title, the first keeps its own."""
    assert entry.title == "Lucit Window screen"
    credentials = lucit.pair(f"{UUID}-b", "Window screen")
    second = await add_entry(
        hass,
        f"{UNIQUE_ID}-b",
        {
            **entry.data,
            "access_token": "",
            "device_provided_uuid": f"{UUID}-b",
            "device_lcuid": credentials["lightning_device_lcuid"],
            "bot_user_token": credentials["bot_user_token"],
            "bot_user_secret": credentials["bot_user_secret"],
        },
        "Lucit player",
    )
    device = lucit.devices[credentials["lightning_device_lcuid"]]
    number = device.device_number
    assert second.title == f"Lucit Window screen ({number})"
    assert entry.title == "Lucit Window screen"


async def test_hostile_names(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A name is one short line, wherever it is shown."""
    name = "Sign\x1b[31m\n" + "x" * 200_000
    lucit.set_device(name=name, device_number=name)
    lucit.set_board(name=name)
    hass.config_entries.async_update_entry(entry, title="Lucit player")
    await pass_time(hass, freezer, POLL)
    assert entry.title == "Lucit Sign " + "x" * 53
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        assert device.name == "Sign " + "x" * 59
        assert device.serial_number in (None, device.name)

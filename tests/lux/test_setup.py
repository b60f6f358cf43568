"""The life of a LUX entry."""

import json
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.diagnostics import (
    async_get_config_entry_diagnostics,
    async_get_device_diagnostics,
)
from simulator.lux import Lux
from simulator.lux.account import PASSWORD, USERNAME
from tests.common import entity_id, pass_time, settle, start_flow, state_of, submit

from .conftest import (
    ACCOUNT,
    BLUE,
    BLUE_ID,
    DEVICES,
    ME,
    POLL,
    REFRESH,
    SIGN_IN,
    form,
    signed_in,
)

LOGS = f"{BLUE}_treatment_logs"


def device(hass: HomeAssistant, entry: ConfigEntry, device_id: str) -> dr.DeviceEntry:
    """Return a device's entry in the registry."""
    found = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )
    assert found is not None
    return found


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the levels of what Lantern has logged, debug left out."""
    return [
        one.levelname
        for one in caplog.records
        if one.name.startswith("custom_components") and one.levelno > logging.DEBUG
    ]


async def test_requests_of_a_poll(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """A poll is two requests, whatever the number of devices."""
    lux.access_lifetime = 7200
    for _ in range(30):
        lux.add_device()
    await signed_in(hass, lux)
    assert lux.counts() == {SIGN_IN: 1, ME: 2, DEVICES: 1}
    await pass_time(hass, freezer, POLL)
    assert lux.counts() == {SIGN_IN: 1, ME: 3, DEVICES: 2}


async def test_devices(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """The account is a service, the devices hang on it."""
    account = device(hass, entry, ACCOUNT)
    assert account.entry_type is dr.DeviceEntryType.SERVICE
    assert account.name == "LUX account"
    blue = device(hass, entry, BLUE)
    assert blue.via_device_id == account.id
    assert (blue.name, blue.manufacturer, blue.model) == (
        "Blue mask",
        "Nu Eyne",
        "LUX",
    )
    assert (blue.serial_number, blue.sw_version) == ("SL20990001", "1.0.0")
    assert device(hass, entry, "lux:lux-unit-0002").name == "LUX 0002"


async def test_firmware_update(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A new firmware and a name given on the phone reach the registry."""
    lux.set_device(BLUE_ID, firmware_version="1.1.0", device_alias="Red mask")
    await pass_time(hass, freezer, POLL)
    blue = device(hass, entry, BLUE)
    assert (blue.name, blue.sw_version) == ("Red mask", "1.1.0")


async def test_unload_and_reload(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Unloading ends the polls; a token that still lives is used after it."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    before = lux.count()
    await pass_time(hass, freezer, 600)
    assert lux.count() == before
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert lux.count() == before + 2
    assert lux.count(REFRESH) == 0


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 404},
        {"kind": "reset", "times": 2},
        {"kind": "html"},
        {"kind": "empty"},
        {"kind": "nulls"},
        {"kind": "wrong_types"},
        {"kind": "truncated"},
        {"kind": "body", "body": "null"},
        {"kind": "body", "body": "[7]"},
        {"kind": "huge", "size": 9 * 1024 * 1024},
    ],
)
async def test_setup_is_retried(
    hass: HomeAssistant,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
) -> None:
    """A service in trouble at the start is tried again."""
    lux.inject(DEVICES, **fault)
    entry = await signed_in(hass, lux)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await pass_time(hass, freezer, 10)
    assert entry.state is ConfigEntryState.LOADED
    assert lux.signins == 1


async def test_pause_is_kept(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After a 429 nothing is sent until the pause is over."""
    lux.inject(DEVICES, "status", status=429, headers={"Retry-After": "2000"})
    await pass_time(hass, freezer, POLL)
    before = lux.count()
    await pass_time(hass, freezer, 1000)
    assert lux.count() == before
    assert state_of(hass, "sensor", LOGS) == "12"
    await pass_time(hass, freezer, 1010)
    assert lux.count() > before


async def test_unavailable_and_back(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two failed polls are graced; one line when it goes, one when it is back."""
    caplog.clear()
    lux.inject("*", "status", times=-1, status=503)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", LOGS) == "12"
    assert levels(caplog) == []
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", LOGS) == "unavailable"
        assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "unavailable"
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", LOGS) == "12"
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "off"
    assert levels(caplog) == ["ERROR", "INFO"]


async def test_device_goes_and_returns(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A device is unavailable at once, removed at the third miss, and returns."""
    first = entity_id(hass, "sensor", LOGS)
    gone = lux.devices.pop(BLUE_ID)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", LOGS) == "unavailable"
    await pass_time(hass, freezer, POLL)
    assert er.async_get(hass).async_get_entity_id("sensor", DOMAIN, LOGS) is None
    assert hass.states.get(first) is None
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "off"

    # The phone goes on meanwhile: what was remembered is not forgotten.
    gone.last_log_file_id = 13
    lux.devices[BLUE_ID] = gone
    await pass_time(hass, freezer, POLL)
    assert entity_id(hass, "sensor", LOGS) == first
    assert state_of(hass, "sensor", LOGS) == "13"
    event = hass.states.get(entity_id(hass, "event", f"{BLUE}_treatment"))
    assert event is not None
    assert (event.attributes["from"], event.attributes["to"]) == (12, 13)


async def test_new_device(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A device that is new gets its entities with the next poll, without events."""
    lux.add_device(unique_id="fresh", last_log_file_id=40)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", "lux:fresh_treatment_logs") == "40"
    assert state_of(hass, "event", "lux:fresh_treatment") == "unknown"


async def test_children_and_devices_without_ids(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """A child without a device is no device; one without unique id has two others."""
    lux.list_children_without_device = True
    lux.add_child()
    number = lux.add_device(unique_id=None, device_alias="Odd")
    entry = await signed_in(hass, lux)
    registry = dr.async_get(hass)
    found = dr.async_entries_for_config_entry(registry, entry.entry_id)
    assert len(found) == 4
    child = lux.devices[number].real_user_id
    assert device(hass, entry, f"lux:{child}:{number}").name == "Odd"


async def test_removal(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing is sent, and nothing is left, not even a second later."""
    lux.phone_upload()
    await pass_time(hass, freezer, POLL)
    before = lux.count()
    await hass.config_entries.async_remove(entry.entry_id)
    await pass_time(hass, freezer, 60)
    assert lux.count() == before
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)


async def test_what_nobody_may_read(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No child's data anywhere, no secret outside the entry, no serial in a log."""
    caplog.set_level(logging.DEBUG)
    await submit_wrong_password(hass, lux)
    entry = await signed_in(hass, lux)
    lux.inject(DEVICES, "html", times=3)
    for _ in range(5):
        await pass_time(hass, freezer, POLL)
    diagnostics = json.dumps(
        [
            await async_get_config_entry_diagnostics(hass, entry),
            await async_get_device_diagnostics(hass, entry, device(hass, entry, BLUE)),
        ],
        default=str,
    )
    shown = str([state.as_dict() for state in hass.states.async_all()])
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    registry = str([one.dict_repr for one in devices])
    models = str(list(entry.runtime_data.data.values()))
    kept = str(hass_storage.get(f"{DOMAIN}.{entry.entry_id}"))

    people = [lux.user.first_name, lux.user.phone, lux.user.birthdate]
    for child in lux.children.values():
        people += [child.first_name, child.last_name, child.birthdate]
    secrets = [PASSWORD, entry.data["access_token"], entry.data["refresh_token"]]
    own = [one for one in caplog.records if one.name.startswith("custom_components")]
    log = "\n".join(one.getMessage() for one in own)
    assert log
    for text in people + secrets:
        assert text not in caplog.text
        for place in (diagnostics, shown, registry, models, kept):
            assert text not in place
    for text in ("lux-unit", "SL2099", "Blue mask", USERNAME):
        assert text not in log
        assert text not in diagnostics
        assert text not in models


async def submit_wrong_password(hass: HomeAssistant, lux: Lux) -> None:
    """Let a sign-in fail, and close the dialog."""
    result = await start_flow(hass, "lux")
    result = await submit(hass, result, form(lux, password=f"{PASSWORD}-not"))
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)

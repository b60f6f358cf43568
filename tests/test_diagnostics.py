"""Diagnostics: useful for a bug report, and free of secrets and people's data."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux

from .common import add_entry
from .hue import conftest as hue_home
from .lightbug import conftest as lightbug_home
from .lucit import conftest as lucit_home
from .lux import conftest as lux_home

type Fetch = Callable[[str], Awaitable[Any]]


@pytest.fixture
async def fetch(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Fetch:
    """Return what downloads diagnostics as the user's browser does."""
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_client()

    async def download(path: str) -> Any:
        response = await client.get(f"/api/diagnostics/config_entry/{path}")
        assert response.status == 200, await response.text()
        return (await response.json())["data"]

    return download


async def downloads(hass: HomeAssistant, fetch: Fetch, entry_id: str) -> list[Any]:
    """Return the diagnostics of an entry, and of each of its devices."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    assert devices
    return [
        await fetch(entry_id),
        *[await fetch(f"{entry_id}/device/{device.id}") for device in devices],
    ]


def assert_clean(found: list[Any], private: set[Any]) -> None:
    """Assert that none of what is private is in the diagnostics."""
    text = json.dumps(found)
    private = {str(one) for one in private if one not in (None, "", True, False)}
    assert len(private) > 5, "the test looks for nothing"
    assert [one for one in private if one in text] == []


def credentials(entry: MockConfigEntry) -> set[Any]:
    """Return what an entry stores, as far as it is a text."""
    plain = {entry.data["vendor"], entry.data.get("auth")}
    return {one for one in entry.data.values() if isinstance(one, str)} - plain


def assert_documented(found: Any) -> None:
    """Assert that answers are told of, and that our documents name all of them."""
    endpoints = found["answers"]["endpoints"]
    assert endpoints
    missing = {name: one["not_documented"] for name, one in endpoints.items()}
    assert not any(missing.values()), f"add to the client's documented.json: {missing}"
    assert any(one["statuses"].get("200") for one in endpoints.values())


async def test_hue(hass: HomeAssistant, hue: HueBridge, fetch: Fetch) -> None:
    """No key, no address, no name, no MAC."""
    entry = await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    found = await downloads(hass, fetch, entry.entry_id)
    assert_documented(found[0])
    names = {one["name"] for one in hue.house.lights.values()}
    macs = {one["uniqueid"][:23] for one in hue.house.lights.values()}
    mac = hue.config["mac"]
    assert_clean(found, credentials(entry) | names | macs | {mac})
    assert found[0]["vendor"] == "hue"
    assert {"Bridge", "Device", "Group"} == {
        one["model"] for one in found[0]["devices"]
    }


async def test_lucit(hass: HomeAssistant, lucit: Lucit, fetch: Fetch) -> None:
    """No lcuid, no name, no number; the place to a tenth of a degree."""
    data = lucit_home.stored(lucit)
    lucit.set_device(latitude="54.12345", longitude="7.98765")
    entry = await add_entry(hass, lucit_home.UNIQUE_ID, data)
    found = await downloads(hass, fetch, entry.entry_id)
    assert_documented(found[0])
    board = lucit.device.digital_boards[0]
    player = {lucit.device.name, lucit.device.device_number, "54.12", "7.98"}
    assert_clean(found, credentials(entry) | player | {board.lcuid, board.name})
    assert found[0]["devices"][0]["latitude"] == 54.1
    assert found[0]["devices"][0]["width"] == 1920


async def test_lightbug(hass: HomeAssistant, lightbug: Lightbug, fetch: Fetch) -> None:
    """No name, no serial, no exact position; the requests that are left."""
    tracker = next(iter(lightbug.trackers))
    lightbug.move(tracker, 54.12345, 7.98765)
    entry = await add_entry(
        hass, lightbug_home.UNIQUE_ID, lightbug_home.stored(lightbug)
    )
    found = await downloads(hass, fetch, entry.entry_id)
    assert_documented(found[0])
    devices = [one.device for one in lightbug.trackers.values()]
    told = {one[key] for one in devices for key in ("name", "serial", "imei")}
    assert_clean(found, credentials(entry) | told | {"54.12", "7.98"})
    assert found[0]["requests_left"] < 2000
    assert len(found[0]["devices"]) == len(entry.runtime_data.data)


async def test_lux(hass: HomeAssistant, lux: Lux, fetch: Fetch) -> None:
    """No child, no address, no serial."""
    entry = await lux_home.signed_in(hass, lux)
    found = await downloads(hass, fetch, entry.entry_id)
    assert_documented(found[0])
    children = {
        name
        for child in lux.children.values()
        for name in (child.first_name, child.last_name, child.birthdate)
    }
    devices = {one.serial_code for one in lux.devices.values()}
    unique = {one.unique_id for one in lux.devices.values()}
    account = {lux_home.USERNAME, lux.user.phone, "Blue mask", "4107"}
    assert_clean(found, credentials(entry) | children | devices | unique | account)
    assert "last_log_file_id" in json.dumps(found)


async def test_answers_with_names_for_keys(
    hass: HomeAssistant, lux: Lux, fetch: Fetch
) -> None:
    """A service that uses names, tokens and ids for keys gives none of them away."""
    entry = await lux_home.signed_in(hass, lux)
    token = entry.data["access_token"]
    private = ["Anna Miller", "anna@example.org", token, "4107", "54.12345", "a1b2c3d4"]
    body = json.dumps({key: {"name": {key: 1}} for key in private})
    lux.inject("*", "body", times=-1, body=body)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    found = await fetch(entry.entry_id)
    endpoints = found["answers"]["endpoints"]
    assert any(
        one.startswith("*") for one in endpoints["device/get-all-device"]["fields"]
    )
    text = json.dumps(found)
    assert [one for one in private if one in text] == []

"""Diagnostics: useful for a bug report, and free of secrets and people's data."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.lux import Lux

from .conftest import served
from .contracts import CONTRACTS
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


def assert_clean(texts: list[Any], private: set[Any]) -> None:
    """Assert that none of what is private is in the diagnostics."""
    text = json.dumps(texts)
    private = {str(value) for value in private if value not in (None, "", True, False)}
    assert len(private) > 3, "the test looks for nothing"
    assert [value for value in private if value in text] == []


def credentials(entry: ConfigEntry) -> set[Any]:
    """Return what an entry stores, as far as it is a text."""
    plain = {entry.data["vendor"], entry.data.get("auth")}
    return {value for value in entry.data.values() if isinstance(value, str)} - plain


def assert_documented(download: Any) -> None:
    """Assert that answers are told of, and that our documents name all of them."""
    endpoints = download["answers"]["endpoints"]
    assert endpoints
    missing = {name: endpoint["not_documented"] for name, endpoint in endpoints.items()}
    assert not any(missing.values()), f"add to the client's documented.json: {missing}"
    assert any(endpoint["statuses"].get("200") for endpoint in endpoints.values())


@pytest.mark.parametrize("vendor", CONTRACTS)
async def test_download(hass: HomeAssistant, vendor: str, fetch: Fetch) -> None:
    """No key, address, name, number or exact position; enough for a bug report."""
    contract = CONTRACTS[vendor]
    async for service in served(contract.make()):
        entry = await contract.set_up(hass, service)
        contract.describe(service)
        await hass.config_entries.async_reload(entry.entry_id)
        files = await downloads(hass, fetch, entry.entry_id)
        assert_documented(files[0])
        assert_clean(files, credentials(entry) | contract.private(service))
        assert files[0]["vendor"] == vendor
        assert len(files[0]["devices"]) == len(entry.runtime_data.data)
        assert contract.has_enough(files[0])


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
    download = await fetch(entry.entry_id)
    endpoints = download["answers"]["endpoints"]
    assert any(
        field.startswith("*") for field in endpoints["device/get-all-device"]["fields"]
    )
    text = json.dumps(download)
    assert [value for value in private if value in text] == []

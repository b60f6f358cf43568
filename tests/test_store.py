"""What earlier runs remembered, in a shape that nobody wrote; set-up that is retried."""

import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from .common import add_entry, pass_time, settle
from .hue import conftest as hue_home
from .lightbug import conftest as lightbug_home
from .lucit import conftest as lucit_home
from .lux.conftest import signed_in

HOMES: dict[str, Any] = {
    "hue": hue_home,
    "lightbug": lightbug_home,
    "lucit": lucit_home,
}
SERVICES = [*HOMES, "lux"]
SECTIONS = (
    "seen_logs",
    "started_treatments",
    "alerts",
    "config",
    "instructions_waiting",
    "instructions_told",
    "instructions_replies",
)


@pytest.fixture
def home(request: pytest.FixtureRequest, service: str) -> Any:
    """Return the service."""
    return request.getfixturevalue(service)


@pytest.fixture
async def loaded(hass: HomeAssistant, service: str, home: Any) -> ConfigEntry:
    """Return a loaded entry of a service."""
    if service == "lux":
        return await signed_in(hass, home)
    there = HOMES[service]
    return await add_entry(hass, there.UNIQUE_ID, there.stored(home))


def overwrite(
    hass: HomeAssistant, storage: dict[str, Any], entry: ConfigEntry, content: Any
) -> Path:
    """Write another file in place of what an entry remembers."""
    key = f"lantern.{entry.entry_id}"
    storage[key] = content
    path = Path(hass.config.path(".storage", key))
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


async def remove(client: Any, device_id: str, entry_id: str) -> Any:
    """Remove a device as its page does."""
    kind = "config/device_registry/remove_config_entry"
    ids = {"device_id": device_id, "config_entry_id": entry_id}
    await client.send_json_auto_id({"type": kind, **ids})
    return await client.receive_json()


_ODD: tuple[Any, ...] = (
    *([], 7, None, "x", {"x": []}),
    {"x": {"number": "x", "day": "x", "received": 1}},
    {"lux:lux-unit-0001": {"number": 1, "day": "x"}},
    {"seen": [], "started": "x", "newest": None},
    {"seen": {"a": "x"}, "started": -1, "newest": 1e300},
    {"2370001": "x", "x": 1, "2370002": 1e300},
)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_section_of_another_shape(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    loaded: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What makes no sense is forgotten, and the entry goes on."""
    for odd in _ODD:
        data = dict.fromkeys(SECTIONS, odd)
        await hass.config_entries.async_unload(loaded.entry_id)
        file = {"version": 1, "minor_version": 1, "key": "x", "data": data}
        overwrite(hass, hass_storage, loaded, json.loads(json.dumps(file)))
        assert await hass.config_entries.async_setup(loaded.entry_id), (
            odd,
            loaded.reason,
        )
        await pass_time(hass, freezer, 3601)
        assert loaded.state is ConfigEntryState.LOADED
        assert loaded.runtime_data.last_update_success, (
            odd,
            loaded.runtime_data.last_exception,
        )


@pytest.mark.parametrize("service", ["lucit"])
@pytest.mark.parametrize(
    "content",
    [
        {"version": "x", "data": {}},
        {"version": 0, "data": {}},
        {"version": None, "data": {}},
        {"version": 1, "minor_version": 1, "data": []},
        {"version": 1, "minor_version": 1, "data": 7},
        {"version": 1, "minor_version": 1, "data": "x"},
    ],
)
async def test_a_file_of_another_shape(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    loaded: ConfigEntry,
    content: dict[str, Any],
) -> None:
    """It is put aside and told of; removing the entry removes it."""
    await hass.config_entries.async_unload(loaded.entry_id)
    path = overwrite(hass, hass_storage, loaded, content)
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await settle(hass)
    (found,) = path.parent.glob(f"{path.name}.unreadable-*")
    (told,) = ir.async_get(hass).issues.values()
    assert (told.translation_placeholders or {})["file"] == found.name
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not list(path.parent.glob(f"{path.name}*"))
    assert not ir.async_get(hass).issues


@pytest.mark.parametrize("service", SERVICES)
async def test_while_set_up_is_retried(
    hass: HomeAssistant,
    service: str,
    home: Any,
    loaded: ConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Diagnostics say so, and a device stays: nobody knows whether it is gone."""
    assert await async_setup_component(hass, "config", {})
    assert await async_setup_component(hass, "diagnostics", {})
    client = await hass_ws_client(hass)
    await home.stop()
    await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    # A set-up that is retried has a coordinator of no earlier one.
    if hasattr(loaded, "runtime_data"):
        del loaded.runtime_data
    wanted = {"vendor": service, "state": "setup_retry"}
    told = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert told == wanted
    registry = dr.async_get(hass)
    device = dr.async_entries_for_config_entry(registry, loaded.entry_id)[0]
    assert wanted == await get_diagnostics_for_device(hass, hass_client, loaded, device)
    answer = await remove(client, device.id, loaded.entry_id)
    assert not answer["success"]
    assert "Attribute" not in str(answer)
    assert registry.async_get(device.id) is not None

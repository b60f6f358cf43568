"""What earlier runs remembered, in a shape that nobody wrote; set-up that is retried."""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

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

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.storage import async_show_unreadable
from simulator.lucit import Lucit
from simulator.service import Service

from .common import add_entry, pass_time, settle, state_of
from .conftest import served
from .contracts import CONTRACTS
from .lucit import conftest as lucit_home
from .lucit.test_heartbeat import press

SECTIONS = [section for contract in CONTRACTS.values() for section in contract.sections]


@pytest.fixture
async def home(service: str) -> AsyncGenerator[Service]:
    """Serve the service."""
    async for running in served(CONTRACTS[service].make()):
        yield running


@pytest.fixture
async def loaded(hass: HomeAssistant, service: str, home: Any) -> ConfigEntry:
    """Return a loaded entry of a service."""
    return await CONTRACTS[service].set_up(hass, home)


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


def write(path: Path, content: str) -> None:
    """Write a file."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)


def files_of(hass: HomeAssistant, entry: ConfigEntry) -> list[Path]:
    """Return the files of an entry."""
    folder = Path(hass.config.path(".storage"))
    return list(folder.glob(f"lantern.*{entry.entry_id}*"))


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


@pytest.mark.parametrize("service", CONTRACTS)
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
    (aside,) = path.parent.glob(f"{path.name}.unreadable-*")
    (issue,) = ir.async_get(hass).issues.values()
    assert (issue.translation_placeholders or {})["file"] == aside.name
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not list(path.parent.glob(f"{path.name}*"))
    assert not ir.async_get(hass).issues


@pytest.mark.parametrize("service", CONTRACTS)
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
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert diagnostics | wanted == diagnostics
    assert diagnostics.keys() - wanted.keys() <= {"answers"}
    registry = dr.async_get(hass)
    device = dr.async_entries_for_config_entry(registry, loaded.entry_id)[0]
    assert wanted == await get_diagnostics_for_device(hass, hass_client, loaded, device)
    answer = await remove(client, device.id, loaded.entry_id)
    assert "rejected by integration" in answer["error"]["message"]
    assert registry.async_get(device.id) is not None


@pytest.mark.parametrize("service", CONTRACTS)
@pytest.mark.parametrize("call", ["async_create_issue", "async_delete_issue"])
async def test_no_issue_fails_what_it_is_about(
    hass: HomeAssistant,
    loaded: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    call: str,
) -> None:
    """Whatever goes wrong in telling of trouble: set-up and polls go on."""
    # There is something to tell, of each service.
    path = Path(hass.config.path(".storage", f"lantern.{loaded.entry_id}"))
    path.parent.mkdir(exist_ok=True)
    path.with_name(f"{path.name}.unreadable-1").touch()
    fault = patch(f"homeassistant.helpers.issue_registry.{call}", side_effect=KeyError)
    with fault:
        await hass.config_entries.async_reload(loaded.entry_id)
        await pass_time(hass, freezer, 3601)
        assert loaded.state is ConfigEntryState.LOADED
        assert loaded.runtime_data.last_update_success


_DAYS = ("x", "2026-13-45", "0001-01-01", "9999-12-31", 7, 1e300, None, [], {}, True)


@pytest.mark.parametrize("service", ["lux"])
@pytest.mark.parametrize("day", _DAYS)
async def test_a_day_that_is_none(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    home: Any,
    loaded: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    day: Any,
) -> None:
    """Logs that arrived since then are told, and today is not guessed."""
    await hass.config_entries.async_unload(loaded.entry_id)
    seen = {"lux:lux-unit-0001": {"number": 9, "received": day, "day": day}}
    file = {"version": 1, "minor_version": 1, "key": "x", "data": {"seen_logs": seen}}
    overwrite(hass, hass_storage, loaded, file)
    assert await hass.config_entries.async_setup(loaded.entry_id), loaded.reason
    await pass_time(hass, freezer, 901)
    assert loaded.state is ConfigEntryState.LOADED
    event = state_of(hass, "event", "lux:lux-unit-0001_treatment")
    assert event not in ("unknown", "unavailable")


_SHAPES: tuple[Any, ...] = (
    *(None, [], 7, "x", True, 1e300, [[]], {"": {}}, {"x": None}, {"x": [1]}),
    *({"started": None}, {"started": []}, {"newest": "x"}, {"newest": -1}),
    *({"seen": None}, {"seen": 7}, {"seen": {"x": None, "y": []}}),
    *({"2370001": None}, {"2370001": []}, {"2370001": -1}, {"-1": 1}, {"\u00b2": 1}),
    *({"2370001": {"changed": "x"}}, {"2370001": {"changed": 1e300, "safe_zone": 7}}),
    *({"L-1": {}}, {"L-1": {"instruction": None}}, {"L-1": {"instruction": []}}),
    *({"L-1": {"verb": None}}, {"L-1": {"verb": []}}, {"L-1": {"verb": "dance"}}),
    {"L-1": {"verb": "fail", "message": 7}},
    {"L-1": {"instruction": "x", "parameters": [[[7]]], "run_at": 7}},
)


@pytest.mark.parametrize(
    ("service", "section"),
    [(name, section) for name, them in CONTRACTS.items() for section in them.sections],
)
async def test_each_shape_of_a_section(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    loaded: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    section: str,
) -> None:
    """Whatever another program wrote there, the entry is set up and polls."""
    for shape in _SHAPES:
        await hass.config_entries.async_unload(loaded.entry_id)
        data = json.loads(json.dumps({section: shape}))
        file = {"version": 1, "minor_version": 1, "key": "x", "data": data}
        overwrite(hass, hass_storage, loaded, file)
        is_set_up = await hass.config_entries.async_setup(loaded.entry_id)
        assert is_set_up, (shape, loaded.reason)
        await pass_time(hass, freezer, 301)
        assert loaded.state is ConfigEntryState.LOADED
        last = loaded.runtime_data
        assert last.last_update_success, (shape, last.last_exception)


@pytest.mark.parametrize("service", CONTRACTS)
async def test_a_file_that_home_assistant_renamed(
    hass: HomeAssistant, loaded: ConfigEntry
) -> None:
    """It is told of as what Lantern puts aside, and goes with the entry."""
    await hass.config_entries.async_unload(loaded.entry_id)
    path = Path(hass.config.path(".storage", f"lantern.{loaded.entry_id}"))
    name = f"{path.name}.corrupt.2026-11-27T12:00:00+00:00"
    write(path.with_name(name), "{")
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await settle(hass)
    (issue,) = ir.async_get(hass).issues.values()
    assert issue.translation_key == "unreadable_file"
    assert issue.translation_placeholders == {"file": name, "rows": ""}
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not list(path.parent.glob(f"{path.name}*"))
    assert not ir.async_get(hass).issues


async def test_a_repair_that_was_confirmed_while_lantern_was_not_loaded(
    hass: HomeAssistant, lucit: Lucit
) -> None:
    """Home Assistant closes it without a deed; it is back as soon as Lantern is."""
    assert await async_setup_component(hass, "repairs", {})
    path = Path(
        hass.config.path(".storage", "lantern.gone.unreadable-20261127T120000Z")
    )
    write(path, "{")
    await async_show_unreadable(hass, path.with_name("lantern.gone"))

    async def confirm() -> None:
        (issue,) = ir.async_get(hass).issues.values()
        flows = hass.data["repairs"]["flow_manager"]
        shown = await flows.async_init(DOMAIN, context={"issue_id": issue.issue_id})
        await flows.async_configure(shown["flow_id"], {})
        assert not ir.async_get(hass).issues

    assert DOMAIN not in hass.config.components
    await confirm()
    assert list(path.parent.glob(path.name))
    await add_entry(hass, lucit_home.UNIQUE_ID, lucit_home.stored(lucit))
    await confirm()
    assert not list(path.parent.glob(path.name))


@pytest.mark.parametrize("service", CONTRACTS)
async def test_nothing_is_left_of_an_entry(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    home: Any,
    service: str,
    loaded: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each file of an entry is for its owner's eyes, and goes with the entry."""
    loaded.runtime_data.store.section("any")["x"] = 1
    loaded.runtime_data.store.async_delay_save()
    if service == "lucit":
        home.queue_instruction()
        await press(hass)
        lcuid = hass.states.async_all("event")[0].attributes["instruction_lcuid"]
        (player,) = {
            device.id
            for device in dr.async_get(hass).devices
            if not device.via_device_id
        }
        await hass.services.async_call(
            DOMAIN,
            "lucit_acknowledge_instruction",
            {"device_id": player, "instruction_lcuid": lcuid},
            blocking=True,
        )
    await pass_time(hass, freezer, 2)
    files = files_of(hass, loaded)
    assert len(files) == {"lucit": 2}.get(service, len(files))
    assert not [path for path in files if path.stat().st_mode & 0o077]
    assert f"lantern.{loaded.entry_id}" in hass_storage
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not files_of(hass, loaded)
    assert not [key for key in hass_storage if loaded.entry_id in key]

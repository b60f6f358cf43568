"""Homes that an earlier Lantern left behind, in the care of this one.

A folder `v<major>_<minor>` for each version of entries holds what Home Assistant and
Lantern had on disk, with made-up data; "NOW" stands for what the running simulator
gives out. A new version of entries leaves the folders alone and adds one of its own,
with an entry of each vendor.
"""

import json
from logging import DEBUG
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
import pytest

from custom_components.lantern.config_flow import LanternConfigFlow
from custom_components.lantern.const import DOMAIN
from simulator.world import World
from tests.common import pass_time, state_of
from tests.contracts import CONTRACTS
from tests.lux.conftest import BLUE, BLUE_ID, POLL

from .home import home
from .household import CAR

LEFT_BEHIND = sorted(Path(__file__).parent.glob("v*_*"))
SINCE = "2026-11-01 18:45:00+00:00"
ENTRIES, ENTITIES = "core.config_entries", "core.entity_registry"


def fresh(world: World) -> dict[str, dict[str, Any]]:
    """Return what the simulated services give out, by vendor."""
    return {
        service.name: CONTRACTS[service.name].stored(service)
        for service in world.services
    }


async def move_back_in(world: World, left: Path, folder: Path, **changes: Any) -> None:
    """Lay what was left behind into a home's folder, as if a moment ago."""
    storage = folder / ".storage"
    shutil.copytree(left, storage, dirs_exist_ok=True)
    stored = json.loads((left / ENTRIES).read_text())
    given = fresh(world)
    for entry in stored["data"]["entries"]:
        data = entry["data"]
        for key in [key for key, value in data.items() if value == "NOW"]:
            data[key] = given[data["vendor"]][key]
        entry.update(changes)
    (storage / ENTRIES).write_text(json.dumps(stored))
    world.lux.set_device(BLUE_ID, last_log_file_id=14)
    world.lightbug.add_activity(
        CAR,
        "button",
        created="2026-11-01T18:00:00.000Z",
        pointId=1_262_277_006,
        triggerId=488_400,
    )


def read(left: Path, name: str) -> Any:
    """Return what a file of Home Assistant's that was left behind holds."""
    return json.loads((left / name).read_text())["data"]


async def treatments(hass: HomeAssistant) -> list[str]:
    """Return when the calendar's treatments began."""
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": "calendar.of_ours",
            "start_date_time": "2026-10-01 00:00:00",
            "end_date_time": "2026-12-01 00:00:00",
        },
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    events: Any = answer["calendar.of_ours"]
    return [event["start"] for event in events["events"]]


@pytest.fixture
async def upgraded(
    request: pytest.FixtureRequest,
    world: World,
    folder: Path,
    freezer: FrozenDateTimeFactory,
) -> Any:
    """Start Home Assistant on what was left behind."""
    freezer.move_to(SINCE)
    await move_back_in(world, request.param, folder)
    async with home(folder) as hass:
        yield hass, request.param


every_version = pytest.mark.parametrize(
    "upgraded", LEFT_BEHIND, ids=lambda path: path.name, indirect=True
)


def test_this_version_is_kept() -> None:
    """A higher version of entries comes with a home of the one before."""
    flow = LanternConfigFlow
    assert f"v{flow.VERSION}_{flow.MINOR_VERSION}" in [
        path.name for path in LEFT_BEHIND
    ]


@every_version
async def test_upgrade(
    upgraded: tuple[HomeAssistant, Path], world: World, freezer: FrozenDateTimeFactory
) -> None:
    """Everything goes on under the same names, and nobody is asked anything."""
    hass, left = upgraded
    entries = {
        entry.entry_id: entry for entry in hass.config_entries.async_entries(DOMAIN)
    }
    for before in read(left, ENTRIES)["entries"]:
        entry = entries.pop(before["entry_id"])
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == before["unique_id"]
        assert entry.options == before["options"]
        assert (entry.version, entry.minor_version) == (
            LanternConfigFlow.VERSION,
            LanternConfigFlow.MINOR_VERSION,
        )
    assert entries == {}
    registry = er.async_get(hass)
    for before in read(left, ENTITIES)["entities"]:
        platform = before["entity_id"].split(".")[0]
        entity_id = registry.async_get_entity_id(platform, DOMAIN, before["unique_id"])
        assert entity_id == before["entity_id"]
        entity = registry.async_get(entity_id)
        assert entity is not None
        assert entity.device_id is not None
        assert dr.async_get(hass).async_get(entity.device_id) is not None
        state = hass.states.get(entity_id)
        assert state is not None
        assert state.state != "unavailable"
    assert hass.config_entries.flow.async_progress() == []
    assert not [
        issue for domain, issue in ir.async_get(hass).issues if domain == DOMAIN
    ]


@every_version
async def test_what_waited(
    upgraded: tuple[HomeAssistant, Path], world: World, freezer: FrozenDateTimeFactory
) -> None:
    """What waited is sent and told, once; what was told is not told again."""
    hass, _ = upgraded
    assert world.lux.signins == 0
    assert [log.log_file_id for log in world.lux.logs[BLUE_ID]] == [15, None]
    assert state_of(hass, "sensor", f"{BLUE}_unsent_logs") == "0"
    assert state_of(hass, "sensor", f"{BLUE}_treatment_streak") == "3"
    assert state_of(hass, "binary_sensor", f"{BLUE}_treatment_in_progress") == "on"
    assert await treatments(hass) == [
        "2026-10-30T20:00:00+01:00",
        "2026-10-31T20:00:00+01:00",
        "2026-11-01T09:00:00+01:00",
    ]
    event = hass.states.get("event.instruction_of_ours")
    assert event is not None
    assert event.attributes["event_type"] == "reload"
    pending = f"lightbug:{CAR}_config_pending"
    assert state_of(hass, "binary_sensor", pending) == "on"
    assert hass.states.is_state("event.alert_of_ours", "unknown")
    world.lightbug.add_activity(CAR, "speed", name="Made-up speed")
    await pass_time(hass, freezer, POLL)
    alert = hass.states.get("event.alert_of_ours")
    assert alert is not None
    assert alert.attributes["event_type"] == "speed"
    assert [log.log_file_id for log in world.lux.logs[BLUE_ID]] == [15, None]


async def test_downgrade(
    world: World,
    folder: Path,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Entries of a later Lantern are left as they are, and the log says why."""
    freezer.move_to(SINCE)
    later = LanternConfigFlow.VERSION + 1
    await move_back_in(world, LEFT_BEHIND[-1], folder, version=later)
    asked = [service.count() for service in world.services]
    async with home(folder) as hass:
        entries = hass.config_entries.async_entries(DOMAIN)
        states = [entry.state for entry in entries]
        assert set(states) == {ConfigEntryState.MIGRATION_ERROR}
        before = [(entry.title, dict(entry.data)) for entry in entries]
    assert [service.count() for service in world.services] == asked
    assert caplog.text.count(f"has version {later} which is higher") == len(states)
    assert "Traceback" not in caplog.text
    async with home(folder) as hass:
        entries = hass.config_entries.async_entries(DOMAIN)
        assert [(entry.title, dict(entry.data)) for entry in entries] == before
        assert {entry.version for entry in entries} == {later}


async def test_later_minor_version(
    world: World, folder: Path, freezer: FrozenDateTimeFactory
) -> None:
    """A later Lantern that only added something can be taken back."""
    freezer.move_to(SINCE)
    later = LanternConfigFlow.MINOR_VERSION + 1
    await move_back_in(world, LEFT_BEHIND[-1], folder, minor_version=later)
    async with home(folder) as hass:
        states = {entry.state for entry in hass.config_entries.async_entries(DOMAIN)}
        assert states == {ConfigEntryState.LOADED}


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("lantern.*LUCIT*", "lucit"),
        ("lantern.*LIGHTBUG*", "lightbug"),
        ("lantern.*LANTERNLUX*", "lux"),
        ("lantern.lux_queue.*", "lux"),
        ("lantern.lux_treatments.*", "lux"),
    ],
)
async def test_file_of_a_later_version(
    world: World,
    folder: Path,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    name: str,
    vendor: str,
) -> None:
    """What a later Lantern remembers is not spoilt: its entry waits, the others go on."""
    freezer.move_to(SINCE)
    await move_back_in(world, LEFT_BEHIND[-1], folder)
    path = next(iter((folder / ".storage").glob(name)))
    later = json.dumps(json.loads(path.read_text()) | {"version": 2})
    path.write_text(later)
    async with home(folder) as hass:
        entries = hass.config_entries.async_entries(DOMAIN)
        texts = {entry.data["vendor"]: entry.reason or "" for entry in entries}
        states = {entry.data["vendor"]: entry.state for entry in entries}
        assert states.pop(vendor) is ConfigEntryState.SETUP_RETRY
        assert set(states.values()) == {ConfigEntryState.LOADED}
        await pass_time(hass, freezer, POLL)
        assert texts.pop(vendor).startswith(
            "The stored data was written by a newer version"
        )
    assert path.read_text() == later
    assert not [
        record
        for record in caplog.records
        if record.exc_info and record.levelno > DEBUG
    ]

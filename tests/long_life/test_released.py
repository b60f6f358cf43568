"""A home that version 0.1.0 left behind: what it wrote, after a day and a half of life.

The folder is what that version had on disk, with the simulated services' data. "NOW"
stands for what the running simulator gives out; in the registries, a row has what
differs from `common`.
"""

from collections.abc import AsyncGenerator
import json
from pathlib import Path
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

from custom_components.lantern.const import DOMAIN
from simulator.world import World
from tests.common import pass_time, state_of
from tests.lux.conftest import BLUE, BLUE_ID, POLL, REFRESH, SIGN_IN

from .home import home
from .household import CAR
from .test_upgrade import fresh

LEFT = Path(__file__).parent / "released_0_1_0"
STOPPED = "2026-11-21 21:02:00+00:00"
PLAIN_ID = 812
SCREEN = "LCUID-LB-99275de1-0333-4bc1-9ea6-3e1887baa542"
TOKENS = (
    "access_token",
    "application_key",
    "bot_user_secret",
    "bot_user_token",
    "certificate_sha256",
    "device_lcuid",
    "refresh_token",
)
type Rows = list[dict[str, Any]]


def lay_out(folder: Path, given: dict[str, dict[str, Any]]) -> dict[str, Rows]:
    """Write what was left into a home's folder; return the rows of the registries."""
    storage = folder / ".storage"
    storage.mkdir(exist_ok=True)
    rows: dict[str, Rows] = {}
    for path in LEFT.iterdir():
        document = json.loads(path.read_text())
        data = document["data"]
        for name in ("devices", "entities"):
            if "common" in data and name in data:
                rows[name] = [data["common"] | row for row in data[name]]
                document["data"] = {name: rows[name], **data["rest"]}
        if path.name == "core.config_entries":
            rows["entries"] = data["entries"]
            for entry in data["entries"]:
                now = given[entry["data"]["vendor"]]
                for key, value in entry["data"].items():
                    if value == "NOW":
                        entry["data"][key] = now[key]
        (storage / path.name).write_text(json.dumps(document))
    return rows


@pytest.fixture
async def left(
    world: World, folder: Path, freezer: FrozenDateTimeFactory
) -> dict[str, Rows]:
    """Lay out what was left behind, a minute after it was."""
    freezer.move_to(STOPPED)
    world.lux.set_device(BLUE_ID, last_log_file_id=14)
    world.lux.set_device(PLAIN_ID, last_log_file_id=5)
    # While nothing runs, an alert.
    world.lightbug.add_activity(CAR, "speed", created="2026-11-21T21:01:30.000Z")
    given = fresh(world)
    world.lucit.device.digital_boards[0].lcuid = SCREEN
    return lay_out(folder, given)


@pytest.fixture
async def upgraded(
    left: dict[str, Rows], folder: Path
) -> AsyncGenerator[HomeAssistant]:
    """Start this version on it."""
    async with home(folder) as hass:
        yield hass


async def test_ids(upgraded: HomeAssistant, left: dict[str, Rows]) -> None:
    """Each device and entity is there, under its ids, and what was shown is shown."""
    devices, entities = dr.async_get(upgraded), er.async_get(upgraded)
    for row in left["devices"]:
        device = devices.async_get(row["id"])
        assert device is not None, row
        assert {
            tuple(identifier) for identifier in row["identifiers"]
        } == device.identifiers
    lost, unavailable = [], []
    for row in left["entities"]:
        entity = entities.async_get(row["entity_id"])
        if entity is None or (entity.unique_id, entity.device_id, entity.id) != (
            row["unique_id"],
            row["device_id"],
            row["id"],
        ):
            lost.append(row["entity_id"])
        elif row["disabled_by"] is None:
            state = upgraded.states.get(row["entity_id"])
            if state is None or state.state == "unavailable":
                unavailable.append(row["entity_id"])
    assert lost == []
    assert set(unavailable) == {"light.balcony"}, "the bridge does not reach it"
    assert not [
        issue for domain, issue in ir.async_get(upgraded).issues if domain == DOMAIN
    ]


async def test_tokens(
    upgraded: HomeAssistant, left: dict[str, Rows], world: World
) -> None:
    """The stored tokens are used as they are: nobody signs in, nothing is refreshed."""
    assert world.lux.count(SIGN_IN) == 0
    assert world.lux.count(REFRESH) == 0
    for before in left["entries"]:
        entry = upgraded.config_entries.async_get_entry(before["entry_id"])
        assert entry is not None
        assert entry.state is ConfigEntryState.LOADED
        assert entry.unique_id == before["unique_id"]
        assert dict(entry.options) == before["options"]
        stored = {key: before["data"][key] for key in TOKENS if before["data"].get(key)}
        assert stored
        assert {key: entry.data[key] for key in stored} == stored
    assert upgraded.config_entries.flow.async_progress() == []


async def test_queue_and_treatments(
    upgraded: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """What waited is sent once and in order; what was carried is still shown."""
    sent = [15, 16, None]
    assert [log.log_file_id for log in world.lux.logs[BLUE_ID]] == sent
    assert state_of(upgraded, "sensor", f"{BLUE}_unsent_logs") == "0"
    assert state_of(upgraded, "sensor", f"{BLUE}_treatment_streak") == "2"
    assert state_of(upgraded, "sensor", f"{BLUE}_treatments_today") == "3"
    last = state_of(upgraded, "sensor", f"{BLUE}_last_treatment")
    assert last == "2026-11-21T20:48:12+00:00"
    answer: Any = await upgraded.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": "calendar.blue_mask_treatments",
            "start_date_time": "2026-11-20 00:00:00",
            "end_date_time": "2026-11-22 00:00:00",
        },
        blocking=True,
        return_response=True,
    )
    starts = [
        event["start"] for event in answer["calendar.blue_mask_treatments"]["events"]
    ]
    assert starts == [
        "2026-11-20T20:00:12+01:00",
        "2026-11-21T20:00:12+01:00",
        "2026-11-21T21:10:12+01:00",
        "2026-11-21T21:25:12+01:00",
    ], "the one in progress comes with its number"
    await pass_time(upgraded, freezer, 2 * POLL)
    assert [log.log_file_id for log in world.lux.logs[BLUE_ID]] == sent


async def test_events(
    upgraded: HomeAssistant, world: World, freezer: FrozenDateTimeFactory
) -> None:
    """What was delivered is not delivered again; what happened meanwhile is."""
    alert = upgraded.states.get("event.dinghy_1_alert")
    assert alert is not None
    assert alert.attributes["event_type"] == "speed"
    delivered = {
        "event.blue_mask_treatment": "2026-11-21T21:00:12.002+00:00",
        "event.dinghy_1_alert": alert.state,
        "event.window_screen_instruction": "2026-11-21T11:05:12.000+00:00",
    }
    world.lightbug.add_activity(
        CAR,
        "button",
        created="2026-11-21T11:00:12.000Z",
        pointId=1_262_277_039,
        triggerId=488_400,
    )
    await pass_time(upgraded, freezer, POLL)
    for entity_id, time in delivered.items():
        assert upgraded.states.is_state(entity_id, time)

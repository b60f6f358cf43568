"""The blueprint that turns a reload instruction into an automation."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from simulator.lucit import Lucit
from tests.common import entity_id, settle

from .conftest import UNIQUE_ID
from .test_heartbeat import press

BLUEPRINTS = Path(__file__).parents[2] / "blueprints"


async def automate(hass: HomeAssistant, folder: Path, action: str) -> None:
    """Make an automation of the blueprint, as a person who imported it."""
    hass.config.config_dir = str(folder)
    shutil.copytree(BLUEPRINTS, folder / "blueprints")
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "id": "reload",
                "alias": "Reload the screen",
                "use_blueprint": {
                    "path": "lantern/lucit_instruction.yaml",
                    "input": {
                        "instruction": entity_id(
                            hass, "event", f"{UNIQUE_ID}_instruction"
                        ),
                        "reload": [{"action": action}],
                    },
                },
            }
        },
    )
    await hass.async_block_till_done()
    state = hass.states.get("automation.reload_the_screen")
    assert state is not None
    assert state.state == "on"


async def test_reload(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry, tmp_path: Path
) -> None:
    """A reload runs the actions and is acknowledged; other instructions do not."""
    calls = async_mock_service(hass, "browser", "reload")
    await automate(hass, tmp_path, "browser.reload")
    lucit.queue_instruction("dance")
    await press(hass)
    assert not calls
    lucit.queue_instruction("reload")
    await press(hass)
    assert len(calls) == 1
    assert [one.status for one in lucit.instructions] == [1, 2]


async def until(happened: Callable[[], bool]) -> None:
    """Wait for something while an automation's delay keeps Home Assistant busy."""
    for _ in range(10_000):
        if happened():
            return
        await asyncio.sleep(0)
    pytest.fail("it did not happen")


async def test_reload_at_a_time(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An instruction for later is carried out later; one for now does not wait."""
    calls = async_mock_service(hass, "browser", "reload")
    await automate(hass, tmp_path, "browser.reload")
    later = dt_util.utcnow() + timedelta(minutes=10)
    lucit.queue_instruction(run_at=later.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    lucit.queue_instruction()
    button = {"entity_id": entity_id(hass, "button", f"{UNIQUE_ID}_send_heartbeat")}
    for _ in range(2):
        await hass.services.async_call("button", "press", button, blocking=True)
    first, second = lucit.instructions
    await until(lambda: second.status == 2)
    assert len(calls) == 1
    assert first.status == 1
    freezer.tick(590)
    async_fire_time_changed(hass)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(calls) == 1
    freezer.tick(15)
    async_fire_time_changed(hass)
    await until(lambda: first.status == 2)
    assert len(calls) == 2
    await settle(hass)


@pytest.mark.usefixtures("entry")
async def test_what_failed_is_not_acknowledged(
    hass: HomeAssistant, lucit: Lucit, tmp_path: Path
) -> None:
    """Lucit is not told that something was done which was not."""

    async def fail(_: ServiceCall) -> Any:
        raise HomeAssistantError("dark")

    hass.services.async_register("browser", "reload", fail)
    await automate(hass, tmp_path, "browser.reload")
    lucit.queue_instruction()
    await press(hass)
    assert [one.status for one in lucit.instructions] == [1]

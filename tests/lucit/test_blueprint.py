"""The blueprint that turns a reload instruction into an automation."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from simulator.lucit import Lucit
from tests.automations import automate, restart
from tests.common import entity_id, settle

from .conftest import UNIQUE_ID
from .test_heartbeat import press


async def reload_sign(hass: HomeAssistant) -> list[ServiceCall]:
    """Make the automation; return how often it reloads the sign."""
    calls = async_mock_service(hass, "browser", "reload")
    await automate(
        hass,
        "lucit_instruction",
        instruction=entity_id(hass, "event", f"{UNIQUE_ID}_instruction"),
        reload=[{"action": "browser.reload"}],
    )
    return calls


async def test_reload(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """A reload runs the actions and is acknowledged; other instructions do not."""
    calls = await reload_sign(hass)
    lucit.queue_instruction("dance")
    await press(hass)
    assert not calls
    lucit.queue_instruction("reload")
    await press(hass)
    assert len(calls) == 1
    assert [one.status for one in lucit.instructions] == [1, 2]
    await restart(hass, entry.entry_id)
    assert len(calls) == 1


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
    freezer: FrozenDateTimeFactory,
) -> None:
    """An instruction for later is carried out later; one for now does not wait."""
    calls = await reload_sign(hass)
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
    hass: HomeAssistant, lucit: Lucit
) -> None:
    """Lucit is not told that something was done which was not."""

    async def fail(_: ServiceCall) -> Any:
        raise HomeAssistantError("dark")

    await reload_sign(hass)
    hass.services.async_register("browser", "reload", fail)
    lucit.queue_instruction()
    await press(hass)
    assert [one.status for one in lucit.instructions] == [1]

"""How tests make automations of the blueprints: as people who imported them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
import shutil
from threading import Event as Flag
from typing import Any

from homeassistant.core import Event, HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_mock_service,
)

from .common import settle

BLUEPRINTS = Path(__file__).parent.parent / "blueprints" / "automation" / "lantern"


async def automate(hass: HomeAssistant, name: str, **inputs: Any) -> list[Event[Any]]:
    """Make an automation of a blueprint; return the events `done` that it fires."""
    folder = Path(hass.config.path("blueprints", "automation", "lantern"))
    await hass.async_add_executor_job(
        lambda: shutil.copytree(BLUEPRINTS, folder, dirs_exist_ok=True)
    )
    blueprint = {"path": f"lantern/{name}.yaml", "input": inputs}
    config = {"automation": [{"alias": name, "use_blueprint": blueprint}]}
    done = async_capture_events(hass, "done")
    assert await async_setup_component(hass, "automation", config)
    await settle(hass)
    state = hass.states.get(f"automation.{name}")
    assert state is not None
    assert state.state == "on"
    return done


async def until(happened: Callable[[], object]) -> None:
    """Wait for something while an automation's delay keeps Home Assistant busy."""
    for number in range(10_000):
        if happened():
            return
        await asyncio.sleep(0)
        if number > 2_000:
            # Clocks may stand still, so that only a thread can wait.
            await asyncio.to_thread(Flag().wait, 0.001)
    pytest.fail("it did not happen")


async def rounds(hass: HomeAssistant) -> None:
    """Let go on what can go on; what waits for time keeps Home Assistant busy."""
    for _ in range(100):
        for _ in range(20):
            await asyncio.sleep(0)
        await hass.async_add_executor_job(int)


class Notes:
    """What people read who left "What to do" as it comes."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Take what is notified from now on."""
        self._calls: list[ServiceCall] = async_mock_service(
            hass, "persistent_notification", "create"
        )

    @property
    def read(self) -> list[tuple[str, str]]:
        """Return title and message of each notification."""
        return [(call.data["title"], call.data["message"]) for call in self._calls]


async def restart(hass: HomeAssistant, entry_id: str) -> None:
    """Let all entities go and come again, as automations see a restart."""
    assert await hass.config_entries.async_reload(entry_id)
    await settle(hass)

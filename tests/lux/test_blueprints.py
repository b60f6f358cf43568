"""The blueprints, loaded and run as people do."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle

from .carrying import hand_over, treatment
from .conftest import BLUE, BLUE_ID, POLL, signed_in

BLUEPRINTS = Path(__file__).parents[2] / "blueprints" / "automation" / "lantern"


async def automate(hass: HomeAssistant, name: str, **inputs: Any) -> list[Any]:
    """Make an automation of a blueprint; return what it does, as it does it."""
    folder = Path(hass.config.path("blueprints", "automation", "lantern"))
    await hass.async_add_executor_job(
        lambda: shutil.copytree(BLUEPRINTS, folder, dirs_exist_ok=True)
    )
    inputs = {
        "treatment": entity_id(hass, "event", f"{BLUE}_treatment"),
        "actions": [{"event": "done"}],
    } | inputs
    blueprint = {"path": f"lantern/{name}.yaml", "input": inputs}
    config = {"automation": [{"alias": name, "use_blueprint": blueprint}]}
    assert await async_setup_component(hass, "automation", config)
    assert hass.states.get(f"automation.{name}") is not None
    return async_capture_events(hass, "done")


@pytest.fixture
async def entry(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[ConfigEntry]:
    """Sign in on a morning; in the end nothing is automated any more."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-10 08:00:00+00:00")
    yield await signed_in(hass, lux)
    target = {"entity_id": "all"}
    await hass.services.async_call("automation", "turn_off", target, blocking=True)


async def evening(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """Let it become eight o'clock in the evening."""
    freezer.move_to("2026-11-10 18:59:59+00:00")
    await pass_time(hass, freezer, 0)
    await pass_time(hass, freezer, 1)


@pytest.mark.parametrize(
    ("happens", "reminded"), [("nothing", 1), ("phone", 0), ("finished", 0)]
)
async def test_reminder(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    happens: str,
    reminded: int,
) -> None:
    """Who had no treatment is reminded; a log of the phone's counts as done."""
    done = await automate(hass, "lux_treatment_reminder")
    if happens == "phone":
        lux.phone_upload(BLUE_ID)
        await pass_time(hass, freezer, POLL)
    elif happens == "finished":
        await hand_over(hass, entry, treatment(13))
    await evening(hass, lux, freezer)
    assert len(done) == reminded


@pytest.mark.parametrize(
    ("happens", "reminded"), [("yesterday", 1), ("today", 0), ("phone", 0)]
)
async def test_exact_reminder(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    happens: str,
    reminded: int,
) -> None:
    """Where Home Assistant carries the logs, a late log of yesterday is none of today."""
    start = dt_util.now() - timedelta(hours=2, days=happens != "today")
    await hand_over(hass, entry, treatment(13, start))
    today = entity_id(hass, "sensor", f"{BLUE}_treatments_today")
    done = await automate(hass, "lux_treatment_reminder", treatments_today=today)
    if happens == "phone":
        lux.phone_upload(BLUE_ID)
        await pass_time(hass, freezer, POLL)
    await evening(hass, lux, freezer)
    assert len(done) == reminded


async def test_faulty_contacts(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Faulty contacts are told, each time; other endings and reloads are not."""
    done = await automate(hass, "lux_faulty_contacts")
    await hand_over(hass, entry, treatment(13))
    await settle(hass)
    assert len(done) == 0
    await hand_over(hass, entry, treatment(14, ending="faulty_contacts"))
    assert len(done) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert len(done) == 1
    await hand_over(hass, entry, treatment(15, ending="faulty_contacts"))
    assert len(done) == 2

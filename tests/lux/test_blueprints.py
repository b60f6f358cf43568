"""The blueprints, loaded and run as people do."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from simulator.lux import Lux
from tests.automations import Notes, automate, restart, rounds, until
from tests.common import entity_id, pass_time, settle, state_of

from .carrying import hand_over, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL, signed_in


async def remind(hass: HomeAssistant, **inputs: Any) -> Notes:
    """Make the reminder; return what people read of it."""
    notes = Notes(hass)
    inputs["treatment"] = entity_id(hass, "event", f"{BLUE}_treatment")
    await automate(hass, "lux_treatment_reminder", **inputs)
    return notes


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


async def evening_begins(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let it become eight o'clock in the evening; what waits then goes on waiting."""
    freezer.move_to("2026-11-10 18:59:59+00:00")
    await pass_time(hass, freezer, 0)
    freezer.tick(1)
    async_fire_time_changed(hass)


async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let it become eight o'clock in the evening."""
    await evening_begins(hass, freezer)
    await settle(hass)


def runs(hass: HomeAssistant) -> int:
    """Return how often the reminder runs at this moment."""
    state = hass.states.get("automation.lux_treatment_reminder")
    assert state is not None
    return int(state.attributes["current"])


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
    notes = await remind(hass)
    if happens == "phone":
        lux.phone_upload(BLUE_ID)
        await pass_time(hass, freezer, POLL)
    elif happens == "finished":
        await hand_over(hass, entry, treatment(13))
    await restart(hass, entry.entry_id)
    await evening(hass, freezer)
    expected = [("Blue mask", "There was no treatment today.")]
    assert notes.read == expected * reminded


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
    notes = await remind(hass, treatments_today=today)
    if happens == "phone":
        lux.phone_upload(BLUE_ID)
        await pass_time(hass, freezer, POLL)
    await restart(hass, entry.entry_id)
    await evening(hass, freezer)
    expected = [("Blue mask", "There was no treatment today.")]
    assert notes.read == expected * reminded


@pytest.mark.parametrize(
    ("happens", "reminded"), [("nothing", 1), ("phone", 0), ("outage", 0)]
)
async def test_reminder_waits(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    happens: str,
    reminded: int,
) -> None:
    """A log that arrives within the grace time ends the reminder, as does an outage."""
    notes = await remind(hass, grace=60)
    await evening_begins(hass, freezer)
    await until(lambda: runs(hass) == 1)
    if happens == "phone":
        lux.phone_upload(BLUE_ID)
    elif happens == "outage":
        lux.inject(DEVICES, "status", status=503, times=-1)
    for _ in range(4):
        assert notes.read == []
        polls = lux.count(DEVICES)
        freezer.tick(POLL)
        async_fire_time_changed(hass)
        await until(lambda polls=polls: lux.count(DEVICES) > polls)
        await rounds(hass)
    freezer.tick(60)
    async_fire_time_changed(hass)
    await until(lambda: runs(hass) == 0)
    await settle(hass)
    expected = [("Blue mask", "There was no treatment today.")]
    assert notes.read == expected * reminded


async def test_no_reminder_on_a_guess(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """While LUX cannot be reached, nobody knows whether there was a treatment."""
    notes = await remind(hass)
    for _ in range(3):
        lux.inject(DEVICES, "status", status=503, times=9)
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "event", f"{BLUE}_treatment") == "unavailable"
    lux.inject(DEVICES, "status", status=503, times=9)
    await evening(hass, freezer)
    assert notes.read == []


async def test_faulty_contacts(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Faulty contacts are told, each time; other endings and restarts are not."""
    notes = Notes(hass)
    event = entity_id(hass, "event", f"{BLUE}_treatment")
    await automate(hass, "lux_faulty_contacts", treatment=event)
    await hand_over(hass, entry, treatment(13))
    assert notes.read == []
    await hand_over(hass, entry, treatment(14, ending="faulty_contacts"))
    ((title, message),) = notes.read
    assert title == "Blue mask"
    assert "ended after 20 min" in message
    await restart(hass, entry.entry_id)
    assert len(notes.read) == 1
    both = [
        treatment(number, ending="faulty_contacts", duration=60) for number in (15, 16)
    ]
    await hand_over(hass, entry, *both)
    assert len(notes.read) == 3


async def test_contacts_of_last_year(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log that was older than a day when it arrived alarms nobody."""
    notes = Notes(hass)
    event = entity_id(hass, "event", f"{BLUE}_treatment")
    await automate(hass, "lux_faulty_contacts", treatment=event)
    now = dt_util.now()
    old = [now - timedelta(days=400), now - timedelta(hours=25)]
    logs = [
        treatment(number, start, ending="faulty_contacts")
        for number, start in enumerate([*old, now - timedelta(hours=23)], 13)
    ]
    await hand_over(hass, entry, *logs)
    assert len(notes.read) == 1
    state = hass.states.get(event)
    assert state is not None
    assert "backfilled" not in state.attributes

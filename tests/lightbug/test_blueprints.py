"""The blueprints of trackers: alerts, leaving, arriving."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from simulator.lightbug import Lightbug
from tests.automations import Notes, automate, restart
from tests.common import entity_id, pass_time, settle, state_of

from .conftest import POLL, SUMMARY, unique

FIRST = 2_370_001
HOME = (54.0, 7.9)
AWAY = (54.2, 7.5)


@pytest.fixture
async def place(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> str:
    """Return a tracker that is at home."""
    assert await async_setup_component(hass, "zone", {})
    await hass.config.async_update(latitude=HOME[0], longitude=HOME[1])
    await go(hass, lightbug, freezer, AWAY)
    await go(hass, lightbug, freezer, HOME)
    tracker = entity_id(hass, "device_tracker", unique(FIRST, "location"))
    assert state_of(hass, "device_tracker", unique(FIRST, "location")) == "home"
    return tracker


async def go(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    where: tuple[float, float],
    **fields: Any,
) -> None:
    """Let the tracker drive somewhere, and let Home Assistant notice."""
    await pass_time(hass, freezer, 60)
    lightbug.move(FIRST, *where, **fields)
    await pass_time(hass, freezer, POLL)


async def test_alert(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The alerts that were chosen are told in words, each once."""
    notes = Notes(hass)
    alert = entity_id(hass, "event", unique(FIRST, "alert"))
    await automate(hass, "lightbug_alert", alerts=[alert])
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed", name="Too fast")
    lightbug.add_activity(FIRST, "button", name="SOS", message="[Lights on]")
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "geofence", "exit", "Gone", zones=["Harbour"])
    await pass_time(hass, freezer, POLL)
    expected = [
        "The button was pressed. [Lights on]",
        "It left a geofence. (Harbour) Gone",
    ]
    assert [message for _, message in notes.read] == expected
    assert notes.read[0][0] == lightbug.tracker(FIRST).device["name"]
    await restart(hass, entry.entry_id)
    await pass_time(hass, freezer, POLL)
    assert len(notes.read) == 2


@pytest.mark.parametrize(("battery", "told"), [(29, True), (30, False), (None, False)])
async def test_left_home(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    place: str,
    battery: int | None,
    told: bool,
) -> None:
    """Leaving with a low battery is told once; with a full or unknown one it is not."""
    notes = Notes(hass)
    sensor = entity_id(hass, "sensor", unique(FIRST, "battery"))
    await automate(hass, "lightbug_left_home", tracker=place, battery=sensor)
    lightbug.set_device(FIRST, batteryPct=battery)
    await pass_time(hass, freezer, POLL)
    assert notes.read == []
    await go(hass, lightbug, freezer, AWAY)
    message = "It is on its way, with 29 % of its battery left."
    assert [text for _, text in notes.read] == ([message] if told else [])
    await restart(hass, entry.entry_id)
    await go(hass, lightbug, freezer, (54.3, 7.5))
    await go(hass, lightbug, freezer, HOME)
    assert len(notes.read) == told


async def test_a_gap_is_no_journey(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    place: str,
) -> None:
    """Who left or came while Home Assistant was away does neither when it is back."""
    calls = [async_mock_service(hass, "light", f"turn_{way}") for way in ("on", "off")]
    lamps = {"entity_id": "light.porch"}
    inputs = {"only_dark": False, "off_again": True}
    await automate(hass, "lightbug_arrival", tracker=place, lamps=lamps, **inputs)
    for where, shown in ((AWAY, "not_home"), (HOME, "home")):
        assert await hass.config_entries.async_unload(entry.entry_id)
        await pass_time(hass, freezer, 60)
        lightbug.move(FIRST, *where)
        await restart(hass, entry.entry_id)
        assert state_of(hass, "device_tracker", unique(FIRST, "location")) == shown
    assert calls == [[], []]


@pytest.mark.parametrize(
    ("inputs", "sun", "calls"),
    [
        ({}, "below_horizon", ["turn_on"]),
        ({}, "above_horizon", []),
        ({"only_dark": False, "off_again": True}, "above_horizon", ["off", "turn_on"]),
    ],
)
async def test_arrival(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    place: str,
    inputs: dict[str, Any],
    sun: str,
    calls: list[str],
) -> None:
    """Arriving lights up in the dark; the rest is what people choose."""
    on = async_mock_service(hass, "light", "turn_on")
    off = async_mock_service(hass, "light", "turn_off")
    hass.states.async_set("sun.sun", sun)
    lamps = {"entity_id": "light.porch"}
    await automate(hass, "lightbug_arrival", tracker=place, lamps=lamps, **inputs)
    await restart(hass, entry.entry_id)
    assert not on
    await go(hass, lightbug, freezer, AWAY)
    assert bool(off) == ("off" in calls)
    await go(hass, lightbug, freezer, HOME)
    await go(hass, lightbug, freezer, HOME)
    assert len(on) == ("turn_on" in calls)
    for call in (*on, *off):
        assert call.data["entity_id"] == ["light.porch"]


async def test_update(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Asked at once, each time."""
    assert await async_setup_component(hass, "homeassistant", {})
    tracker = entity_id(hass, "device_tracker", unique(FIRST, "location"))
    when = [{"trigger": "event", "event_type": "door"}]
    await automate(hass, "lightbug_update", tracker=tracker, when=when)
    for polls in (1, 2):
        await pass_time(hass, freezer, 60)
        lightbug.move(FIRST, *AWAY)
        hass.bus.async_fire("door")
        await settle(hass)
        assert lightbug.count(SUMMARY) == 1 + polls


async def test_silent(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each silence is told once, also over an outage."""
    notes = Notes(hass)
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    sensor = entity_id(hass, "sensor", unique(FIRST, "last_connection"))
    await automate(hass, "lightbug_silent", last_connection=sensor, hours=2)
    await pass_time(hass, freezer, 6600)
    assert notes.read == []
    await pass_time(hass, freezer, 900)
    ((title, message),) = notes.read
    assert title == lightbug.tracker(FIRST).device["name"]
    assert message.startswith("It has not reported since 20")
    assert await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, 60)
    await restart(hass, entry.entry_id)
    await pass_time(hass, freezer, 3600)
    assert len(notes.read) == 1
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert len(notes.read) == 1
    await pass_time(hass, freezer, 7500)
    assert len(notes.read) == 2


async def test_low_batteries(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Low batteries of the entry are told at the chosen time, and no others."""
    notes = Notes(hass)
    await automate(hass, "battery_low", entry=entry.entry_id, percent=20)
    hass.states.async_set("sensor.other", "3", {"device_class": "battery"})
    lightbug.set_device(FIRST + 1, batteryPct=None)
    for day, level in enumerate((20, 19), 1):
        lightbug.set_device(FIRST, batteryPct=level)
        await pass_time(hass, freezer, POLL)
        freezer.move_to(dt_util.start_of_local_day() + timedelta(days=1, hours=18))
        await pass_time(hass, freezer, 0)
        assert len(notes.read) == day - 1
    name = lightbug.tracker(FIRST).device["name"]
    assert notes.read == [("Low batteries", f"{name} (19 %)")]
    # Home Assistant leaves the timer of tomorrow behind.
    data = {"entity_id": "automation.battery_low"}
    await hass.services.async_call("automation", "turn_off", data, blocking=True)

"""The blueprints of the bridge and of its switches."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from simulator.hue import HueBridge
from tests.automations import Notes, automate, restart, until
from tests.common import entity_id, pass_time, settle

from .conftest import POLL, UNIQUE_ID

CONFIG_EVERY = 301


def number_of(hue: HueBridge, kind: str) -> str:
    """Return the number of the first sensor of a type."""
    sensors = hue.house.sensors.items()
    return next(number for number, sensor in sensors if sensor["type"] == kind)


def button_of(hass: HomeAssistant, hue: HueBridge, number: str, button: int) -> str:
    """Return the event of a switch's button."""
    mac = hue.house.sensors[number]["uniqueid"].partition("-")[0]
    return entity_id(hass, "event", f"hue:{mac}_button_{button}")


async def test_application(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A new app is told by its name; one that goes, and a restart, are not."""
    notes = Notes(hass)
    application = entity_id(hass, "event", f"{UNIQUE_ID}_application")
    await automate(hass, "hue_application", application=application)
    await pass_time(hass, freezer, CONFIG_EVERY)
    assert notes.read == []
    key = hue.register("stranger#phone")
    await pass_time(hass, freezer, CONFIG_EVERY)
    ((title, message),) = notes.read
    assert title == "Lighthouse"
    assert "stranger#phone" in message
    await restart(hass, entry.entry_id)
    hue.deregister(key)
    await pass_time(hass, freezer, CONFIG_EVERY)
    assert len(notes.read) == 1


PRESSES = {
    f"{name}_press": [{"event": "done", "event_data": {"press": name}}]
    for name in ("short", "long")
}


@pytest.fixture
def inputs(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return what a person fills in: three things to do."""
    held = [{"event": "done", "event_data": {"press": "held"}}]
    return {**PRESSES, "held": held}


async def test_button(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    inputs: dict[str, Any],
) -> None:
    """Short, held and long do what they should; other buttons and restarts nothing."""
    dimmer = number_of(hue, "ZLLSwitch")
    button = button_of(hass, hue, dimmer, 2)
    done = await automate(hass, "hue_button", button=button, **inputs)
    for number, event in (
        (2, "initial_press"),
        (2, "short_release"),
        (1, "short_release"),
        (2, "initial_press"),
        (2, "repeat"),
        (2, "repeat"),
        (2, "long_release"),
    ):
        hue.press_button(dimmer, number, event)
        await pass_time(hass, freezer, POLL)
    await restart(hass, entry.entry_id)
    pressed = [call.data["press"] for call in done]
    assert pressed == ["short", "held", "held", "long"]


async def test_tap(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    inputs: dict[str, Any],
) -> None:
    """The tap's press is a short one, if one says so."""
    tap = number_of(hue, "ZGPSwitch")
    button = button_of(hass, hue, tap, 3)
    done = await automate(
        hass, "hue_button", button=button, short_event="initial_press", **inputs
    )
    hue.press_button(tap, 3)
    await pass_time(hass, freezer, POLL)
    assert [call.data["press"] for call in done] == ["short"]


async def test_dial(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each turn changes the brightness by its steps; a restart changes nothing."""
    calls = async_mock_service(hass, "light", "turn_on")
    number = number_of(hue, "ZLLRelativeRotary")
    mac = hue.house.sensors[number]["uniqueid"].partition("-")[0]
    dial = entity_id(hass, "event", f"hue:{mac}_rotary")
    lights = {"entity_id": ["light.porch"]}
    await automate(hass, "hue_dial", dial=dial, lights=lights)
    for steps, direction in (
        (60, "clock_wise"),
        (15, "counter_clock_wise"),
        (900, "counter_clock_wise"),
    ):
        hue.turn_dial(number, steps, direction)
        await pass_time(hass, freezer, POLL)
    await restart(hass, entry.entry_id)
    changes = [call.data["brightness_step_pct"] for call in calls]
    assert changes == [12, -3, -100]
    assert all(call.data["entity_id"] == ["light.porch"] for call in calls)


@pytest.mark.parametrize(
    ("dark", "lit", "turned_on"),
    [("on", "off", 1), ("off", "off", 0), ("unavailable", "off", 0), ("on", "on", 0)],
)
async def test_motion(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    dark: str,
    lit: str,
    turned_on: int,
) -> None:
    """Motion in the dark turns lights on, until nothing has moved for a while.

    No bridge is polled: the wait keeps Home Assistant busy.
    """
    on = async_mock_service(hass, "light", "turn_on")
    off = async_mock_service(hass, "light", "turn_off")
    motion, light = "binary_sensor.motion", "light.path"
    inputs = {"motion": motion, "dark": "binary_sensor.dark", "lights": [light]}
    hass.states.async_set(light, lit)
    hass.states.async_set("binary_sensor.dark", dark)
    hass.states.async_set(motion, "unavailable")
    await automate(hass, "hue_motion", **inputs)

    async def pass_busy_time(seconds: float) -> None:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        for _ in range(100):
            await asyncio.sleep(0)

    for state in ("on", "off"):
        hass.states.async_set(motion, state)
        await settle(hass)
    assert not on
    hass.states.async_set(motion, "on")
    await until(lambda: len(on) == turned_on)
    # The light that it turned on makes it bright; somebody moves again.
    hass.states.async_set("binary_sensor.dark", "off")
    for state in ("off", "on", "off"):
        await pass_busy_time(100)
        hass.states.async_set(motion, state)
    await pass_busy_time(170)
    assert not off
    await pass_busy_time(20)
    await settle(hass)
    assert len(off) == turned_on
    assert len(on) == turned_on

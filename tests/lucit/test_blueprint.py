"""The blueprint that turns a reload instruction into an automation."""

import asyncio
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
from tests.automations import automate, restart, until
from tests.common import entity_id, pass_time, settle

from .conftest import UNIQUE_ID
from .test_heartbeat import BEAT, press, switch


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
    assert [instruction.status for instruction in lucit.instructions] == [1, 2]
    await restart(hass, entry.entry_id)
    assert len(calls) == 1


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
    assert [instruction.status for instruction in lucit.instructions] == [1]


@pytest.mark.parametrize("power", [[], "sensor.sign_power"])
async def test_opening_hours(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    power: Any,
) -> None:
    """The sign follows the schedule, and is reported while it runs only."""
    for name in ("open", "sign"):
        hass.states.async_set(f"input_boolean.{name}", "off")

    async def turn(call: ServiceCall) -> None:
        for target in call.data["entity_id"]:
            hass.states.async_set(target, call.service.removeprefix("turn_"))

    for service in ("turn_on", "turn_off"):
        hass.services.async_register("homeassistant", service, turn)
    heartbeat = entity_id(hass, "switch", f"{UNIQUE_ID}_heartbeat")
    await automate(
        hass,
        "lucit_opening_hours",
        hours="input_boolean.open",
        sign="input_boolean.sign",
        heartbeat=heartbeat,
        power=power,
    )

    async def becomes(watts: str | None = None, **states: str) -> tuple[str, str]:
        for name, state in states.items():
            hass.states.async_set(f"input_boolean.{name}", state)
        if power and watts is not None:
            hass.states.async_set(power, watts)
        await settle(hass)
        shown = [
            hass.states.get(target) for target in ("input_boolean.sign", heartbeat)
        ]
        return tuple(state.state for state in shown if state)  # type: ignore[return-value]

    # A sensor that says nothing is no proof that the sign runs.
    assert await becomes(open="on") == ("on", "off" if power else "on")
    assert await becomes(watts="80") == ("on", "on")
    assert len(lucit.heartbeats) == 1
    for nothing in ("5", "unavailable", "unknown"):
        assert await becomes(watts=nothing) == ("on", "off" if power else "on")
        assert await becomes(watts="80") == ("on", "on")
    # Somebody pulls the plug, and puts it back.
    assert await becomes(sign="unavailable") == ("unavailable", "off")
    assert await becomes(sign="off") == ("off", "off")
    assert await becomes(sign="on") == ("on", "on")
    # A schedule that is being edited changes nothing.
    assert await becomes(open="unavailable") == ("on", "on")
    assert await becomes(open="off", watts="80") == ("off", "off")
    sent = len(lucit.heartbeats)
    await pass_time(hass, freezer, 900)
    assert len(lucit.heartbeats) == sent


async def test_a_sign_that_does_not_report(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Somebody is told once, and told when it is over."""
    notified = async_mock_service(hass, "persistent_notification", "create")
    over = async_mock_service(hass, "persistent_notification", "dismiss")
    problem = entity_id(hass, "binary_sensor", f"{UNIQUE_ID}_heartbeat_problem")
    await automate(hass, "lucit_silent", problem=problem)
    lucit.inject(BEAT, "status", times=-1, status=500)
    await switch(hass, on=True)
    for _ in range(2):
        await pass_time(hass, freezer, 300)
        assert not notified
    # What waits for the end keeps Home Assistant busy: no `settle` from here on.
    freezer.tick(300)
    async_fire_time_changed(hass)
    await until(lambda: len(notified) == 1)
    assert notified[0].data["title"] == "Window screen"
    lucit.clear_faults()
    freezer.tick(300)
    async_fire_time_changed(hass)
    await until(lambda: len(over) == 1)
    assert over[0].data["notification_id"] == problem
    await settle(hass)
    assert len(notified) == 1

"""What the coordinator promises all vendors, seen through one of them."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from simulator.lux import Lux

from .common import entity_id, pass_time, settle, state_of
from .lux.conftest import ACCOUNT, BLUE, BLUE_ID, DEVICES, signed_in


async def test_command_during_a_poll_is_not_undone(
    hass: HomeAssistant, hass_storage: dict[str, Any], lux: Lux
) -> None:
    """A poll that was answered before a command does not take it back."""
    entry = await signed_in(hass, lux)
    name = entity_id(hass, "text", f"{BLUE}_alias")
    arrived = asyncio.Event()
    before = lux.count(DEVICES)
    # The answer with the old alias is on its way while the command is given.
    lux.inject(DEVICES, "drip", seconds=0)
    poll = hass.async_create_task(entry.runtime_data.async_refresh())
    while lux.count(DEVICES) == before and not arrived.is_set():
        await asyncio.sleep(0)
        if lux.faults == [] or lux.faults[0].times == 0:
            arrived.set()
    command = {"entity_id": name, "value": "Green mask"}
    await hass.services.async_call("text", "set_value", command, blocking=True)
    await poll
    await settle(hass)
    assert state_of(hass, "text", f"{BLUE}_alias") == "Green mask"


async def test_failing_listener_is_alone(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One listener that fails does not keep the others from their news."""
    entry = await signed_in(hass, lux)

    def fail() -> None:
        raise ValueError("made up")

    remove = entry.runtime_data.async_add_listener(fail)
    lux.phone_upload(BLUE_ID, 1)
    await pass_time(hass, freezer, 900)
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "13"
    assert "A listener of lux" in caplog.text
    remove()


async def test_only_what_changed_is_woken(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    lux: Lux,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Listeners of a device that did not change sleep on."""
    entry = await signed_in(hass, lux)
    woken: list[str] = []
    removals = [
        entry.runtime_data.async_add_listener(
            lambda context=context: woken.append(context), context
        )
        for context in (BLUE, ACCOUNT, None)
    ]
    await pass_time(hass, freezer, 900)
    assert woken == []
    lux.phone_upload(BLUE_ID, 1)
    await pass_time(hass, freezer, 900)
    assert sorted(woken, key=str) == sorted([BLUE, None], key=str)
    for remove in removals:
        remove()

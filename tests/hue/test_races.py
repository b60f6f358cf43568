"""Events, reads and commands that meet: none of them undoes another."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from simulator.hue import HueBridge
from tests.common import add_entry, entity_id, pass_time, state_of

from .conftest import RESOURCES, UNIQUE_ID, Start, group_id, light_id, stored
from .test_stream import SAFETY_READ, eventually, quiet

LAMP = f"{light_id(2)}_light"
ROOM = f"{group_id(1)}_group"


@pytest.fixture
async def bridge(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge whose stream Lantern follows."""
    made = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


async def turns(so: Callable[[], bool]) -> None:
    """Let the sockets go on until it is so, while a read is under way."""
    for _ in range(20000):
        if so():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never was so")


async def read_begins(bridge: HueBridge) -> None:
    """Wait until the bridge has made the answer that it keeps for later."""
    await turns(lambda: not any(one.times for one in bridge.faults))


async def test_an_event_during_a_read_stays(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """What an event told is not undone by an answer that was ready before it."""
    bridge.inject(RESOURCES, "late", seconds=5)
    freezer.tick(timedelta(seconds=SAFETY_READ))
    async_fire_time_changed(hass)
    await read_begins(bridge)
    bridge.set_light("2", on=True, bri=254)
    await turns(lambda: state_of(hass, "light", LAMP) == "on")
    await pass_time(hass, freezer, 5)
    await quiet(hass)
    assert state_of(hass, "light", LAMP) == "on"
    # The next event names the brightness alone: it must not bring the old state back.
    bridge.set_light("2", bri=100)
    await quiet(hass)
    state = hass.states.get(entity_id(hass, "light", LAMP))
    assert state is not None
    assert state.state == "on"
    assert state.attributes["brightness"] == 100


async def test_a_room_that_is_arranged_during_a_change(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A lamp of a room changes while the room's new lamp is being read: both show."""
    room = entity_id(hass, "light", ROOM)
    before = hass.states.get(room)
    assert before is not None
    bridge.inject(RESOURCES, "late", seconds=2)
    bridge.change("groups", "1", lights=["1", "2", "3", "4", "5"])
    await read_begins(bridge)
    bridge.set_light("2", on=True, bri=254)
    await turns(lambda: state_of(hass, "light", LAMP) == "on")
    await pass_time(hass, freezer, 2)
    await quiet(hass)
    state = hass.states.get(room)
    assert state is not None
    more = set(state.attributes["entity_id"]) - set(before.attributes["entity_id"])
    assert more == {entity_id(hass, "light", f"{light_id(5)}_light")}
    assert state_of(hass, "light", LAMP) == "on"


@pytest.mark.parametrize("is_room", [True, False])
@pytest.mark.parametrize("after", range(6))
async def test_what_goes_while_it_is_commanded(
    hass: HomeAssistant, bridge: HueBridge, is_room: bool, after: int
) -> None:
    """A lamp or room that the bridge removes meanwhile: a plain error, or done."""
    (entry,) = hass.config_entries.async_entries("lantern")
    unique_id = ROOM if is_room else LAMP
    device_id = unique_id.rpartition("_")[0]
    data = {"entity_id": entity_id(hass, "light", unique_id)}
    call = hass.services.async_call("light", "turn_on", data, blocking=True)
    task = asyncio.create_task(call)
    for _ in range(after):
        await asyncio.sleep(0)
    coordinator = entry.runtime_data
    data = {key: one for key, one in coordinator.data.items() if key != device_id}
    coordinator.async_set_updated_data(data)
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert outcome is None or isinstance(outcome, HomeAssistantError)

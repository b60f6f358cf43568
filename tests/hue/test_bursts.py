"""Many commands in a moment: the last wish wins, everybody is told."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.lantern.hue.client.models.light import LightCommand, SceneRecall
from simulator.hue import HueBridge
from simulator.hue.house import House
from simulator.hue.lamps import lamp
from tests.common import add_entry, entity_id, state_of

from .conftest import (
    MAC,
    PUT_GROUP,
    PUT_LIGHT,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)
from .test_v2 import V2_GROUP


def wishes(
    hass: HomeAssistant, lamps: list[int], count: int
) -> list[asyncio.Task[Any]]:
    """Turn lamps by turns to rising brightness; return who waits for it."""
    tasks = []
    for number in range(count):
        lamp_id = f"{light_id(lamps[number % len(lamps)])}_light"
        data = {
            "entity_id": entity_id(hass, "light", lamp_id),
            "brightness": number % 254 + 1,
        }
        call = hass.services.async_call("light", "turn_on", data, blocking=True)
        tasks.append(asyncio.create_task(call))
    return tasks


async def done(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, tasks: list[asyncio.Task[Any]]
) -> float:
    """Let time pass until all are told; return the seconds that took."""
    for tenth in range(1000):
        for _ in range(50):
            await asyncio.sleep(0)
        if all(task.done() for task in tasks):
            await asyncio.gather(*tasks)
            return tenth / 10
        # Not `pass_time`: that waits for what we are letting wait.
        freezer.tick(timedelta(seconds=0.1))
        async_fire_time_changed(hass)
    raise AssertionError("somebody waits in vain")


async def test_a_burst_for_one_lamp(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Two hundred changes of one lamp are a few requests, and the last one stays."""
    tasks = wishes(hass, [1], 200)
    took = await done(hass, freezer, tasks)
    assert hue.count(PUT_LIGHT) <= 3
    assert took <= 1
    assert hue.house.lights["1"]["state"]["bri"] == 199
    state = hass.states.get(entity_id(hass, "light", f"{light_id(1)}_light"))
    assert state is not None
    assert state.attributes["brightness"] == 200


async def test_a_burst_across_fifty_lamps(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """Two hundred changes across fifty lamps: each lamp ends as wished last."""
    lights = {
        str(number): lamp("dimmable", f"Lamp {number}", f"{MAC.format(number)}-0b")
        for number in range(1, 51)
    }
    bridge = await make(house=House(lights=lights))
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    tasks = wishes(hass, list(range(1, 51)), 200)
    took = await done(hass, freezer, tasks)
    # One a tenth of a second: the first may go before its lamp's others came.
    assert bridge.count(PUT_LIGHT) <= 52
    assert took <= 6
    for number in range(1, 51):
        wished = 150 + number
        state = hass.states.get(entity_id(hass, "light", f"{light_id(number)}_light"))
        assert state is not None
        assert state.attributes["brightness"] == wished
        bri = bridge.house.lights[str(number)]["state"]["bri"]
        assert bri == round(wished / 255 * 254)


async def test_both_apis_share_one_rate(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """A room's loop of colors, which only API v1 has, takes its turn among others."""
    bridge = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    room = entity_id(hass, "light", f"{group_id(1)}_group")
    tasks = []
    for data in ({"brightness": 20}, {"effect": "colorloop"}, {"brightness": 200}):
        call = hass.services.async_call(
            "light", "turn_on", {"entity_id": room, **data}, blocking=True
        )
        tasks.append(asyncio.create_task(call))
        for _ in range(50):
            await asyncio.sleep(0)
    # Timers fire up to half a second early here: two waits are one second at least.
    assert await done(hass, freezer, tasks) >= 1
    sent = [
        request.key
        for request in bridge.requests
        if request.key in (PUT_GROUP, V2_GROUP)
    ]
    assert sent == [V2_GROUP, PUT_GROUP, V2_GROUP]


async def test_one_who_gives_up_takes_nothing_from_the_others(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A stopped automation among them: the rest is done all the same."""
    tasks = wishes(hass, [1], 4)
    for _ in range(50):
        await asyncio.sleep(0)
    tasks.pop(1).cancel()
    await done(hass, freezer, tasks)
    assert hue.house.lights["1"]["state"]["bri"] == 4


async def test_all_are_told_of_a_refusal(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Every caller whose change was in a refused command gets the error."""
    hue.inject(PUT_LIGHT, "status", status=404, times=9)
    tasks = wishes(hass, [1], 5)
    with pytest.raises(Exception, match="rejected"):
        await done(hass, freezer, tasks)
    assert all(task.exception() is not None for task in tasks)


async def test_scenes_keep_their_place(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What a room is told before and after a scene does not run into one."""
    room = entity_id(hass, "light", f"{group_id(1)}_group")
    scene = entity_id(hass, "scene", f"{group_id(1)}_scene_Rlx4VaVgQzTWlgy")
    calls = [
        ("light", "turn_on", {"entity_id": room, "brightness": 255}),
        ("scene", "turn_on", {"entity_id": scene}),
        ("light", "turn_off", {"entity_id": room}),
    ]
    tasks = [
        asyncio.create_task(hass.services.async_call(*call, blocking=True))
        for call in calls
    ]
    await done(hass, freezer, tasks)
    sent = [list(request.json) for request in hue.requests if request.key == PUT_GROUP]
    assert sent == [["on", "bri"], ["scene"], ["on"]]
    assert state_of(hass, "light", f"{group_id(1)}_group") == "off"


@pytest.mark.parametrize(
    ("before", "after", "both"),
    [
        ({"brightness": 0.1}, {"brightness": 0.9}, {"brightness": 0.9}),
        ({"brightness": 0.1}, {"kelvin": 3000}, {"brightness": 0.1, "kelvin": 3000}),
        ({"xy": (0.1, 0.2), "transition": 0.4}, {"kelvin": 3000}, {"kelvin": 3000}),
        ({"kelvin": 3000, "transition": 1}, {"xy": (0.1, 0.2)}, {"xy": (0.1, 0.2)}),
        ({"brightness": 0.1}, {"on": False}, {"on": False}),
        ({"on": False}, {"brightness": 0.9}, {"brightness": 0.9}),
    ],
)
def test_joining(
    before: dict[str, Any], after: dict[str, Any], both: dict[str, Any]
) -> None:
    """Part by part the last wish wins; an old transition and colour are dropped."""
    on = {"on": True}
    first, last = LightCommand(**on | before), LightCommand(**on | after)
    assert first.followed_by(last) == LightCommand(**on | both)


def test_a_scene_joins_nothing() -> None:
    """What is told before and after a scene keeps its place."""
    scene, on = SceneRecall(scene_id="a"), LightCommand(on=True)
    assert scene.followed_by(on) is None
    assert on.followed_by(scene) is None

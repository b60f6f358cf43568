"""What bridges of other makers, old firmware and third-party devices send."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge
from simulator.hue.accessories import dimmer, friends_of_hue, motion
from simulator.hue.house import room, scene
from simulator.hue.lamps import lamp
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import (
    GROUPS,
    LIGHTS,
    MAC,
    POLL,
    PUT_GROUP,
    PUT_LIGHT,
    SCENES,
    SENSORS,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)
from .linking import linked, linking
from .test_accessories import do
from .test_stream import fired as fired  # noqa: PLC0414  # a fixture

CEILING = f"{light_id(2)}_light"
HEADBOARD = light_id(8)
DIAL_MAC = MAC.format(0xA3)


def device(hass: HomeAssistant, device_id: str) -> dr.DeviceEntry:
    """Return a device of the registry."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    registered_device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )
    assert registered_device is not None
    return registered_device


def shown(hass: HomeAssistant, unique_id: str) -> dict[str, Any]:
    """Return what a light shows."""
    state = hass.states.get(entity_id(hass, "light", unique_id))
    assert state is not None
    return {"state": state.state, **state.attributes}


def error(kind: int, description: str = "") -> str:
    """Return the array of one error."""
    return (
        f'[{{"error":{{"type":{kind},"address":"/","description":"{description}"}}}}]'
    )


async def while_time_passes(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    work: Coroutine[Any, Any, None],
) -> None:
    """Let time pass until something is done that waits in between."""
    task = asyncio.ensure_future(work)
    while not task.done():
        freezer.tick(0.25)
        async_fire_time_changed(hass)
        for _ in range(200):
            await asyncio.sleep(0)
    await task


@pytest.mark.parametrize("absent_as", [3, 4, 404])
@pytest.mark.parametrize("model", ["BSB001", "BSB002"])
async def test_bridge_without_some_collections(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    absent_as: int,
    model: str,
) -> None:
    """An emulator that has lamps only is set up, and keeps working."""
    bridge = await make(
        model=model, missing={"sensors", "groups", "scenes"}, absent_as=absent_as
    )
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{light_id(1)}_light") == "on"
    assert not hass.states.async_all("scene")


@pytest.mark.parametrize(
    ("status", "body"), [(200, "[]"), (200, " null\n"), (200, ""), (405, "no")]
)
async def test_absent_collections_in_other_forms(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    status: int,
    body: str,
) -> None:
    """However an emulator writes that it has none, it is set up, and stays."""
    bridge = await make(model="BSB001")
    for route in (SENSORS, GROUPS, SCENES):
        bridge.inject(route, "status", status=status, body=body, times=-1)
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{light_id(1)}_light") == "on"


@pytest.mark.parametrize("restart", [False, True])
async def test_a_collection_that_is_not_there_for_once(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    restart: bool,
) -> None:
    """Where the bridge had it before, a 404 is a failed read: no device goes."""
    hall = f"hue:{MAC.format(0xA1)}"
    hue.inject(SENSORS, "status", status=404, times=4)
    if restart:
        await hass.config_entries.async_reload(entry.entry_id)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert device(hass, hall)
    hue.clear_faults()
    for _ in range(10):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "binary_sensor", f"{hall}_motion") == "off"


@pytest.mark.parametrize(
    "body", [error(901, "Internal error, 404"), error(951), error(901)]
)
async def test_overload_in_the_body(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    body: str,
) -> None:
    """A busy bridge is asked again a little later, whatever is asked."""
    hue.inject(PUT_LIGHT, "body", times=2, body=body)
    await while_time_passes(hass, freezer, do(hass, "light.turn_on", CEILING))
    assert state_of(hass, "light", CEILING) == "on"
    hue.set_light("2", on=False)
    for times in (2, 10):
        hue.inject(LIGHTS, "body", times=times, body=body)
        asked = hue.count(LIGHTS)

        async def all_answers(most: int = asked + times) -> None:
            while hue.count(LIGHTS) < most:
                await asyncio.sleep(0)

        await while_time_passes(hass, freezer, all_answers())
        assert state_of(hass, "light", CEILING) != STATE_UNAVAILABLE
    await while_time_passes(hass, freezer, asyncio.sleep(POLL))
    assert state_of(hass, "light", CEILING) == "off"


async def test_button_to_be_pressed_with_a_403(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """The errors in the body count before the status."""
    bridge = await make(forbid=True)
    result = await linking(hass, bridge)
    await pass_time(hass, freezer, 1)
    bridge.press_link_button()
    await pass_time(hass, freezer, 1)
    assert (await linked(hass, result)).unique_id == UNIQUE_ID


@pytest.mark.parametrize("group", ["0", "4", "77", None, 77])
async def test_no_scene_is_lost(hass: HomeAssistant, make: Start, group: Any) -> None:
    """Of the home, an entertainment area, a deleted room: it is at the bridge."""
    bridge = await make()
    bridge.house.scenes["Odd"] = scene("Odd one", group, {"2": {"on": True, "bri": 9}})
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    await do(hass, "scene.turn_on", f"{UNIQUE_ID}_scene_Odd")
    (sent,) = [request for request in bridge.requests if request.key == PUT_GROUP]
    assert sent.params["number"] == "0"
    assert shown(hass, CEILING)["brightness"] == 9


@pytest.mark.parametrize("primary", [None, False, "temperature"])
async def test_accessory_is_named_by_what_it_is(
    hass: HomeAssistant, make: Start, primary: Any
) -> None:
    """By its presence or switch resource, whatever the bridge calls primary."""
    bridge = await make()
    sensors = bridge.house.sensors
    sensors.clear()
    parts = motion("Cellar", MAC.format(0xB1))
    parts[2]["name"], parts[1]["name"] = "Hue temperature sensor 1", "Hue level 1"
    parts += dimmer("Stairs", MAC.format(0xB2))
    for number, item in enumerate(reversed(parts), 1):
        item["capabilities"]["primary"] = (
            item["type"] == "ZLLTemperature" if primary == "temperature" else primary
        )
        sensors[str(number)] = item
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    assert device(hass, f"hue:{MAC.format(0xB1)}").name == "Cellar"
    assert device(hass, f"hue:{MAC.format(0xB2)}").name == "Stairs"


async def test_friends_of_hue(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    fired: list[tuple[str, dict[str, Any]]],
) -> None:
    """Each code is the button and event that the switch itself says it is."""
    bridge = await make()
    address = "00:00:00:00:01:71:5f:a1"
    (switch,) = friends_of_hue("Hall rocker", address)
    number = bridge.add_sensor(switch)
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    for button in range(1, 7):
        for event in ("initial_press", "short_release"):
            freezer.tick(1)
            bridge.press_button(number, button, event)
            await pass_time(hass, freezer, POLL)
            own = entity_id(hass, "event", f"hue:{address}_button_{button}")
            assert fired.pop() == (own, {"event_type": event})
    assert fired == []


async def test_codes_beyond_the_thousands(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    fired: list[tuple[str, dict[str, Any]]],
) -> None:
    """A dial's long press, and types that nobody has named yet."""
    bridge = await make()
    number = next(
        n
        for n, sensor in bridge.house.sensors.items()
        if sensor.get("uniqueid", "").startswith(f"{DIAL_MAC}-01")
    )
    events = bridge.house.sensors[number]["capabilities"]["inputs"][2]["events"]
    events += [
        {"buttonevent": 3011, "eventtype": "double_short_release"},
        {"buttonevent": 3012, "eventtype": "thought_about"},
        {"buttonevent": None, "eventtype": "repeat"},
    ]
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    for event in ("long_press", "double_short_release", "thought_about"):
        freezer.tick(1)
        bridge.press_button(number, 3, event)
        await pass_time(hass, freezer, POLL)
    own = entity_id(hass, "event", f"hue:{DIAL_MAC}_button_3")
    assert fired == [
        (own, {"event_type": "long_press"}),
        (own, {"event_type": "double_short_release"}),
    ]


async def test_one_address_for_two_resources(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """A dial's buttons and its rotary have one unique id at an emulator."""
    bridge = await make()
    for sensor in bridge.house.sensors.values():
        if sensor.get("uniqueid", "").startswith(DIAL_MAC):
            sensor["uniqueid"] = f"{DIAL_MAC}-01-fc00"
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    assert state_of(hass, "event", f"hue:{DIAL_MAC}_button_1") == "unknown"
    assert state_of(hass, "event", f"hue:{DIAL_MAC}_rotary") == "unknown"


async def test_two_channels(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each is named as at the bridge, and stays itself when the first is deleted."""
    second = f"{HEADBOARD}_light_0c"
    assert shown(hass, second)["friendly_name"] == "Headboard low"
    hue.house.lights["9"]["name"] = "Picture"
    await pass_time(hass, freezer, POLL)
    assert shown(hass, second)["friendly_name"].endswith("Picture")
    hue.set_light("9", on=True)
    hue.remove_light("8")
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{HEADBOARD}_light") == STATE_UNAVAILABLE
    assert state_of(hass, "light", second) == "on"
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "light", second) == "on"
    assert hass.states.get(entity_id(hass, "light", f"{HEADBOARD}_light")).state == (  # type: ignore[union-attr]  # it is registered
        STATE_UNAVAILABLE
    )
    hue.house.lights["8"] = lamp("dimmable", "Headboard", f"{MAC.format(8)}-0b")
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{HEADBOARD}_light") == "off"
    assert state_of(hass, "light", second) == "on"


async def test_keys_outlive_the_device(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Both channels gone, the device removed, a restart: the second stays second."""
    second = hue.house.lights["9"]
    hue.remove_light("8")
    hue.remove_light("9")
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_reload(entry.entry_id)
    hue.house.lights["9"] = second
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{HEADBOARD}_light_0c") == "off"


async def test_a_lower_endpoint_that_comes_later(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """The endpoint that was `light` stays so."""
    bridge = await make()
    first = bridge.house.lights["8"]
    del bridge.house.lights["8"]
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    bridge.house.lights["9"]["state"]["on"] = True
    bridge.house.lights["8"] = first
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{HEADBOARD}_light") == "on"
    assert state_of(hass, "light", f"{HEADBOARD}_light_0b") == "off"
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "light", f"{HEADBOARD}_light") == "on"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"on": True, "bri": 255}, {"state": "on", "brightness": 255}),
        ({"on": "true", "bri": "120"}, {"state": "on", "brightness": 120}),
        ({"on": 1, "bri": 254.0}, {"state": "on", "brightness": 255}),
        ({"on": "False"}, {"state": "off"}),
        ({"on": "maybe", "bri": -1}, {"state": "unknown"}),
        ({"on": True, "bri": 256}, {"state": "on", "brightness": None}),
    ],
)
async def test_states_in_other_forms(
    hass: HomeAssistant, make: Start, state: dict[str, Any], expected: dict[str, Any]
) -> None:
    """A value that is meant is read; one that cannot be meant is unknown."""
    bridge = await make()
    bridge.house.lights["2"]["state"] |= state
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    attributes = shown(hass, CEILING)
    assert {key: attributes[key] for key in expected} == expected


@pytest.mark.parametrize(
    "kind",
    [
        "Range extender",
        "Configuration tool",
        "Window covering device",
        "Window Covering Controller",
        "Door Lock",
        "Warning device",
    ],
)
async def test_types_that_are_no_lamps(
    hass: HomeAssistant, make: Start, kind: str
) -> None:
    """They have no light, and do no harm in rooms."""
    bridge = await make()
    bridge.house.lights["2"]["type"] = kind
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    assert not [
        state for state in hass.states.async_all("light") if "Ceiling" in state.name
    ]
    assert state_of(hass, "light", f"{group_id(1)}_group") == "on"


async def test_room_is_the_mean_of_its_lit_lamps(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """Brightness and white of those that are on; by polls and by commands."""
    bridge = await make()
    bridge.house.groups["1"]["lights"] = ["1", "2", "3"]
    for number, state in {
        "1": {"on": True, "bri": 100, "ct": 200, "colormode": "ct"},
        "2": {"on": False, "bri": 254},
        "3": {"on": True, "bri": 200, "ct": 300, "colormode": "ct"},
    }.items():
        bridge.house.lights[number]["state"] |= state
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    living_room = f"{group_id(1)}_group"
    attributes = shown(hass, living_room)
    assert (attributes["brightness"], attributes["color_temp_kelvin"]) == (151, 4000)
    freezer.tick(1)
    await do(hass, "light.turn_off", f"{light_id(1)}_light")
    attributes = shown(hass, living_room)
    assert (attributes["brightness"], attributes["color_temp_kelvin"]) == (201, 3333)
    bridge.set_light("1", on=True, xy=[0.3, 0.2])
    await pass_time(hass, freezer, POLL)
    attributes = shown(hass, living_room)
    assert attributes["color_mode"] == "xy"


async def test_areas(hass: HomeAssistant, make: Start) -> None:
    """Each lamp is suggested its room, and so is an accessory that is in one."""
    bridge = await make()
    bridge.house.groups["1"]["lights"] = [1, "2", 2, None]
    bridge.house.groups["1"]["sensors"] = [2]
    bridge.house.groups["5"] = room("Everything", ["1", "10"], kind="LightGroup")
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    areas = ar.async_get(hass)

    def area(device_id: str) -> str | None:
        area_id = device(hass, device_id).area_id
        return area_id and (areas.async_get_area(area_id) or areas).name  # type: ignore[union-attr,return-value]  # it is there

    assert area(light_id(1)) == "Living room"
    assert area(light_id(8)) == "Bedroom"
    assert area(light_id(10)) is None
    assert area(f"hue:{MAC.format(0xA1)}") == "Living room"


FADE = {"transition": 2}


@pytest.mark.parametrize("restart", [False, True])
async def test_brightness_before_a_fade(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    restart: bool,
) -> None:
    """Off with a transition leaves 1 % at the bridge; on comes back as before."""
    await do(hass, "light.turn_on", CEILING, brightness=150)
    for _ in range(2):
        freezer.tick(1)
        await do(hass, "light.turn_off", CEILING, **FADE)
        await pass_time(hass, freezer, POLL)
    assert hue.house.lights["2"]["state"]["bri"] == 1
    if restart:
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    await do(hass, "light.turn_on", CEILING)
    assert shown(hass, CEILING)["brightness"] == 150
    await pass_time(hass, freezer, POLL)
    assert shown(hass, CEILING)["brightness"] == 150


async def test_lamp_that_is_off_when_its_room_fades(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It comes back as it was, too: the bridge keeps 1 % of it as of the others."""
    await do(hass, "light.turn_on", CEILING, brightness=150)
    for lights in (CEILING, f"{group_id(1)}_group", f"{group_id(1)}_group"):
        freezer.tick(2)
        await do(hass, "light.turn_off", lights, **({} if lights == CEILING else FADE))
        await pass_time(hass, freezer, POLL)
    assert hue.house.lights["2"]["state"]["bri"] == 1
    freezer.tick(2)
    await do(hass, "light.turn_on", CEILING)
    assert shown(hass, CEILING)["brightness"] == 150


async def test_a_brightness_that_is_past(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What somebody else set meanwhile counts, and so does a brightness asked for."""
    await do(hass, "light.turn_on", CEILING, brightness=150)
    freezer.tick(1)
    await do(hass, "light.turn_off", CEILING, **FADE)
    hue.set_light("2", on=True, bri=80)
    await pass_time(hass, freezer, POLL)
    hue.set_light("2", on=False)
    await pass_time(hass, freezer, POLL)
    await do(hass, "light.turn_on", CEILING)
    assert hue.house.lights["2"]["state"]["bri"] == 80
    freezer.tick(1)
    await do(hass, "light.turn_off", CEILING, **FADE)
    freezer.tick(1)
    await do(hass, "light.turn_on", CEILING, brightness=30)
    assert hue.house.lights["2"]["state"]["bri"] == 30


@pytest.mark.parametrize("bris", [{"1": 90, "2": 90, "3": 90}, {"1": 40, "2": 200}])
async def test_room_before_a_fade(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    bris: dict[str, int],
) -> None:
    """Each lamp of a room gets its own brightness back."""
    bridge = await make()
    bridge.house.groups["1"]["lights"] = list(bris)
    for number, bri in bris.items():
        bridge.house.lights[number]["state"] |= {"on": True, "bri": bri}
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    living_room = f"{group_id(1)}_group"
    await do(hass, "light.turn_off", living_room, **FADE)
    await pass_time(hass, freezer, POLL)
    await while_time_passes(hass, freezer, do(hass, "light.turn_on", living_room))
    levels = {bri: bridge.house.lights[bri]["state"]["bri"] for bri in bris}
    assert levels == bris

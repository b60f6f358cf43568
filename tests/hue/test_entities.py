"""What a bridge, its lamps, rooms and accessories show, and how they are set."""

import asyncio
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.light import DOMAIN as LIGHT_DOMAIN
from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    Platform,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.lantern.diagnostics import async_get_config_entry_diagnostics
from custom_components.lantern.hue.client.v1 import to_bri as to_steps
from custom_components.lantern.hue.light import to_brightness as from_level
from simulator.hue import HueBridge
from simulator.hue.lamps import lamp
from tests.common import add_entry, entity_id, pass_time, snapshot_entities, state_of

from .conftest import (
    GROUPS,
    LIGHTS,
    POLL,
    PUT_GROUP,
    PUT_LIGHT,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)

COLOUR = f"{light_id(1)}_light"
DIMMER = f"{light_id(2)}_light"
WHITE = f"{light_id(3)}_light"
PLUG = f"{light_id(4)}_light"
NARROW = f"{light_id(6)}_light"
BALCONY = f"{light_id(7)}_light"
LIVING_ROOM = f"{group_id(1)}_group"
BEDROOM = f"{group_id(2)}_group"
ZONE = f"{group_id(3)}_group"
HALL = "hue:00:17:88:01:00:00:00:a1"


def light(hass: HomeAssistant, unique_id: str) -> State:
    """Return the state of a light."""
    state = hass.states.get(entity_id(hass, "light", unique_id))
    assert state is not None
    return state


def to_bri(brightness: int) -> int:
    """Return what a bridge is sent for Home Assistant's brightness."""
    return to_steps(brightness / 255)


def to_brightness(bri: int) -> int:
    """Return what Home Assistant shows for a bridge's brightness."""
    return from_level(bri / 254)


async def command(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    service: str,
    unique_id: str,
    **data: Any,
) -> None:
    """Command a light, a second after the last one."""
    freezer.tick(1)
    target = {ATTR_ENTITY_ID: entity_id(hass, "light", unique_id)}
    await hass.services.async_call(LIGHT_DOMAIN, service, data | target, blocking=True)


def sent(bridge: HueBridge, key: str = PUT_LIGHT) -> list[Any]:
    """Return the bodies of the commands that the bridge received."""
    return [request.json for request in bridge.requests if request.key == key]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    "platform", [Platform.LIGHT, Platform.SENSOR, Platform.BINARY_SENSOR]
)
async def test_entities(
    hass: HomeAssistant,
    hue: HueBridge,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """All entities of a house with every lamp and accessory type."""
    freezer.move_to("2026-11-01 12:00:00+00:00")
    entry = await add_entry(hass, UNIQUE_ID, stored(hue), "Hue Lighthouse")
    snapshot_entities(hass, entry, snapshot, platform)


def test_brightness() -> None:
    """1 is 1, 255 is 254, and every step comes back as it was."""
    assert (to_bri(1), to_bri(255)) == (1, 254)
    assert (to_brightness(1), to_brightness(254)) == (1, 255)
    assert to_brightness(0) == 1
    for bri in range(1, 255):
        assert to_bri(to_brightness(bri)) == bri


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({}, {"on": True}),
        ({"brightness": 1}, {"on": True, "bri": 1}),
        ({"brightness": 255}, {"on": True, "bri": 254}),
        ({"brightness_pct": 50}, {"on": True, "bri": 127}),
        ({"color_temp_kelvin": 6535}, {"on": True, "ct": 153}),
        ({"color_temp_kelvin": 2000}, {"on": True, "ct": 500}),
        ({"color_temp_kelvin": 1000}, {"on": True, "ct": 500}),
        ({"color_temp_kelvin": 10000}, {"on": True, "ct": 153}),
        ({"xy_color": [0.5614, 0.4058]}, {"on": True, "xy": [0.5614, 0.4058]}),
        ({"rgb_color": [255, 0, 0]}, {"on": True, "xy": [0.701, 0.299]}),
        ({"effect": "colorloop"}, {"on": True, "effect": "colorloop"}),
        ({"effect": "off"}, {"on": True, "effect": "none"}),
        ({"flash": "short"}, {"on": True, "alert": "select"}),
        ({"flash": "long"}, {"on": True, "alert": "lselect"}),
        ({"transition": 2.5}, {"on": True, "transitiontime": 25}),
        ({"transition": 6553}, {"on": True, "transitiontime": 65530}),
        (
            {"brightness": 128, "color_temp_kelvin": 2732, "transition": 0},
            {"on": True, "transitiontime": 0, "bri": 127, "ct": 366},
        ),
    ],
)
async def test_turn_on(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    data: dict[str, Any],
    body: dict[str, Any],
) -> None:
    """What is asked for goes out in one request, with `on`; no poll follows."""
    hue.set_light("1", on=False)
    polls = hue.count(LIGHTS)
    await command(hass, freezer, SERVICE_TURN_ON, COLOUR, **data)
    assert sent(hue) == [body]
    assert light(hass, COLOUR).state == "on"
    assert hue.count(LIGHTS) == polls


async def test_what_was_confirmed_is_shown_at_once(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Brightness, colours and effect follow each command, without a poll."""
    wanted: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (
            {"brightness": 200},
            {"brightness": 200, "color_mode": "color_temp", "color_temp_kelvin": 2732},
        ),
        (
            {"xy_color": [0.5, 0.4]},
            {"xy_color": (0.5, 0.4), "color_mode": "xy", "color_temp_kelvin": None},
        ),
        (
            {"color_temp_kelvin": 4000},
            {"color_mode": "color_temp", "color_temp_kelvin": 4000},
        ),
        ({"effect": "colorloop"}, {"effect": "colorloop"}),
        ({"effect": "off"}, {"effect": "off"}),
    ]
    for data, shown in wanted:
        await command(hass, freezer, SERVICE_TURN_ON, COLOUR, **data)
        attributes = light(hass, COLOUR).attributes
        assert {key: attributes[key] for key in shown} == shown
    await command(hass, freezer, SERVICE_TURN_OFF, COLOUR, transition=1, flash="short")
    assert sent(hue)[-1] == {"on": False, "transitiontime": 10}
    assert light(hass, COLOUR).state == "off"
    # The next poll finds what was shown.
    await pass_time(hass, freezer, POLL)
    assert light(hass, COLOUR).state == "off"


async def test_lamps_that_can_do_less(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each lamp gets only what it can do, within its own range."""
    for unique_id, data, body in (
        (PLUG, {"brightness": 10, "transition": 2}, {"on": True}),
        (DIMMER, {"brightness": 10, "rgb_color": [1, 2, 3]}, {"on": True, "bri": 10}),
        (NARROW, {"color_temp_kelvin": 6500}, {"on": True, "ct": 250}),
        (NARROW, {"color_temp_kelvin": 2000}, {"on": True, "ct": 420}),
    ):
        await command(hass, freezer, SERVICE_TURN_ON, unique_id, **data)
        assert sent(hue)[-1] == body


async def test_room_is_one_request(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A room is commanded as a whole; its lamps and their zones follow at once."""
    assert (light(hass, BEDROOM).state, light(hass, ZONE).state) == ("off", "on")
    await command(
        hass, freezer, SERVICE_TURN_ON, BEDROOM, brightness=100, color_temp_kelvin=2000
    )
    assert sent(hue, PUT_GROUP) == [{"on": True, "bri": 100, "ct": 500}]
    assert sent(hue) == []
    narrow = light(hass, NARROW)
    assert (narrow.state, narrow.attributes["brightness"]) == ("on", 100)
    assert narrow.attributes["color_temp_kelvin"] == 2380
    assert light(hass, f"{light_id(8)}_light_0c").state == "on"
    assert light(hass, BEDROOM).attributes["brightness"] == 100

    await command(hass, freezer, SERVICE_TURN_OFF, LIVING_ROOM)
    states = [light(hass, lamp).state for lamp in (COLOUR, DIMMER, WHITE, PLUG)]
    assert states == ["off"] * 4
    # The shelf of the bedroom is in the zone, too.
    assert light(hass, ZONE).state == "on"
    shown = {state.entity_id: state.state for state in hass.states.async_all("light")}
    await pass_time(hass, freezer, POLL)
    assert shown == {
        state.entity_id: state.state for state in hass.states.async_all("light")
    }


async def test_rooms_follow_their_lamps(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A room is on while one of its lamps is, without waiting for a poll."""
    await command(hass, freezer, SERVICE_TURN_ON, f"{light_id(8)}_light_0c")
    assert light(hass, BEDROOM).state == "on"
    assert light(hass, f"{light_id(8)}_light").state == "off"
    await command(hass, freezer, SERVICE_TURN_OFF, f"{light_id(8)}_light_0c")
    assert light(hass, BEDROOM).state == "off"
    assert light(hass, LIVING_ROOM).state == "on"


async def test_partial_failure(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What was refused is told in the bridge's words; what it says now is shown."""
    hue.set_light("1", on=False)
    await pass_time(hass, freezer, POLL)
    hue.inject(
        PUT_LIGHT,
        "body",
        body='[{"success": {"/lights/1/state/on": true}},'
        ' {"error": {"type": 7, "address": "/lights/1/state/bri",'
        ' "description": "invalid value, 254, for parameter, bri"}}]',
    )
    with pytest.raises(HomeAssistantError) as err:
        await command(hass, freezer, SERVICE_TURN_ON, COLOUR, brightness=255)
    assert err.value.translation_key == "hue_refused"
    assert err.value.translation_placeholders == {
        "reasons": "invalid value, 254, for parameter, bri"
    }
    # The simulated lamp did not do what the answer claims: the bridge was asked.
    assert light(hass, COLOUR).state == "off"


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"kind": "reset", "times": 2}, "cannot_connect"),
        ({"kind": "status", "status": 500}, "cannot_connect"),
        ({"kind": "html"}, "bad_answer"),
        ({"kind": "empty"}, "bad_answer"),
        ({"kind": "status", "status": 404}, "refused"),
        (
            {"kind": "body", "body": '[{"error": {"type": 1, "address": "/"}}]'},
            "invalid_auth",
        ),
        ({"kind": "status", "status": 403}, "invalid_auth"),
    ],
)
async def test_failed_commands(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
    key: str,
) -> None:
    """A command that failed is told, and nothing is shown that is not so."""
    for route, unique_id in ((PUT_LIGHT, DIMMER), (PUT_GROUP, BEDROOM)):
        hue.inject(route, **fault)
        with pytest.raises(HomeAssistantError) as err:
            await command(hass, freezer, SERVICE_TURN_ON, unique_id)
        assert err.value.translation_key == key
        assert light(hass, unique_id).state == "off"
        hue.clear_faults()


@pytest.mark.parametrize("unique_id", [DIMMER, BEDROOM])
async def test_lamp_that_the_bridge_does_not_know(
    unique_id: str,
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A lamp and a room that are gone by now: the bridge says so."""
    hue.remove_light("2")
    hue.remove_group("2")
    with pytest.raises(HomeAssistantError) as err:
        await command(hass, freezer, SERVICE_TURN_ON, unique_id)
    assert err.value.translation_key == "hue_refused"


async def test_pace(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Ten lamp commands a second and one for a room, in order; the rest waits."""

    def burst(first: int, *unique_ids: str) -> list[asyncio.Task[None]]:
        return [
            hass.async_create_task(
                hass.services.async_call(
                    LIGHT_DOMAIN,
                    SERVICE_TURN_ON,
                    {
                        ATTR_ENTITY_ID: entity_id(hass, "light", unique_id),
                        "brightness": first + lamp,
                    },
                    blocking=True,
                )
            )
            for lamp, unique_id in enumerate(unique_ids)
        ]

    async def after(seconds: float) -> tuple[int, int]:
        freezer.tick(seconds)
        async_fire_time_changed(hass)
        done = -1
        while done != (done := hue.count()):
            for _ in range(300):
                await asyncio.sleep(0)
        return len(sent(hue)), len(sent(hue, PUT_GROUP))

    lights = (f"{light_id(number)}_light" for number in (1, 2, 3, 5, 6, 8))
    waiting = burst(10, *lights) + burst(100, LIVING_ROOM, BEDROOM, ZONE)
    assert await after(0) == (1, 1)
    assert await after(0.1) == (2, 1)
    assert await after(0.1) == (3, 1)
    for _ in range(4):
        lamps = await after(0.2)
    assert lamps == (6, 2)
    assert await after(1) == (6, 3)
    await asyncio.gather(*waiting)
    assert [command["bri"] for command in sent(hue)] == [
        to_bri(10 + n) for n in range(6)
    ]
    assert hue.violations == []


async def test_silent_bridge_fails_all_who_wait(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Five commands to a bridge that says nothing take ten seconds, not fifty."""
    hue.inject(PUT_LIGHT, "latency", seconds=20)
    waiting = [
        asyncio.create_task(command(hass, freezer, SERVICE_TURN_ON, DIMMER))
        for _ in range(5)
    ]
    while hue.faults[0].times:
        await asyncio.sleep(0)
    freezer.tick(11)
    async_fire_time_changed(hass)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in results] == [HomeAssistantError] * 5
    await pass_time(hass, freezer, 20)
    assert len(sent(hue)) == 1


async def test_unreachable(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What the bridge does not reach is unavailable; a flat battery still shows."""
    assert light(hass, BALCONY).state == "unavailable"
    hue.set_light("7", reachable=True)
    hue.set_light("1", reachable=False)
    for number in ("2", "3", "4"):
        hue.set_sensor(number, config={"reachable": False, "battery": 1})
    await pass_time(hass, freezer, POLL)
    assert light(hass, BALCONY).state == "off"
    assert light(hass, COLOUR).state == "unavailable"
    assert state_of(hass, "binary_sensor", f"{HALL}_motion") == "unavailable"
    assert state_of(hass, "sensor", f"{HALL}_temperature") == "unavailable"
    assert state_of(hass, "sensor", f"{HALL}_illuminance") == "unavailable"
    assert state_of(hass, "sensor", f"{HALL}_battery") == "1"


async def test_endpoint_that_goes(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The second lamp of a housing is unavailable once the bridge has it no more."""
    second = f"{light_id(8)}_light_0c"
    assert light(hass, second).attributes["friendly_name"] == "Headboard low"
    hue.remove_light("9")
    await pass_time(hass, freezer, POLL)
    assert light(hass, second).state == "unavailable"
    assert light(hass, f"{light_id(8)}_light").state == "off"


async def test_accessories_live(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Motion, temperature, light and battery follow the sensors."""
    hue.set_sensor("2", {"presence": True}, {"battery": 41})
    hue.set_sensor("3", {"lightlevel": 10001})
    hue.set_sensor("4", {"temperature": -1050}, {"battery": 42})
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "binary_sensor", f"{HALL}_motion") == "on"
    assert state_of(hass, "sensor", f"{HALL}_illuminance") == "10.0"
    assert state_of(hass, "sensor", f"{HALL}_temperature") == "-10.5"
    assert state_of(hass, "sensor", f"{HALL}_battery") == "41"


@pytest.mark.parametrize("nothing", [None, "much", [], [7, 7], {}, 10**400])
async def test_what_is_not_told_is_unknown(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    nothing: Any,
) -> None:
    """Nulls and nonsense become unknown; the rest stays."""
    hue.house.lights["2"]["state"] |= dict.fromkeys(("on", "bri", "reachable"), nothing)
    hue.house.lights["1"]["state"] |= dict.fromkeys(
        ("bri", "ct", "xy", "effect", "colormode"), nothing
    )
    hue.house.lights["3"]["state"]["ct"] = nothing
    hue.house.sensors["2"]["state"]["presence"] = nothing
    hue.house.sensors["3"]["state"]["lightlevel"] = nothing
    hue.house.sensors["4"]["state"]["temperature"] = nothing
    for number in ("2", "3", "4"):
        hue.house.sensors[number]["config"]["battery"] = nothing
    hue.set_config(
        **dict.fromkeys(("zigbeechannel", "swupdate2", "internetservices"), nothing)
    )
    await pass_time(hass, freezer, POLL)
    assert light(hass, DIMMER).state == "unknown"
    shown = light(hass, COLOUR)
    assert (shown.state, shown.attributes["brightness"]) == ("on", None)
    assert light(hass, WHITE).attributes["color_temp_kelvin"] is None
    assert state_of(hass, "binary_sensor", f"{HALL}_motion") == "unknown"
    for key in ("temperature", "illuminance", "battery"):
        assert state_of(hass, "sensor", f"{HALL}_{key}") == "unknown"


@pytest.mark.parametrize(
    ("level", "lux"), [(0, "0.0"), (1, "1.0"), (65535, "3576020.5"), (65536, "unknown")]
)
async def test_light_levels(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    level: int,
    lux: str,
) -> None:
    """Lux of 10000·log10(lux)+1, from darkness to the end of the scale."""
    hue.set_sensor("3", {"lightlevel": level})
    await pass_time(hass, freezer, POLL)
    shown = state_of(hass, "sensor", f"{HALL}_illuminance")
    assert shown == lux or float(shown) == pytest.approx(float(lux), rel=1e-4)


async def test_bridge_sensors(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What the config tells, every five minutes."""
    freezer.move_to("2026-12-24 18:00:00+00:00")
    hue.register("somebody else")
    hue.set_config(swupdate2={"bridge": {"state": "readytoinstall"}})
    await pass_time(hass, freezer, 300)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_registered_applications") == "3"
    shown = state_of(hass, "sensor", f"{UNIQUE_ID}_last_registration")
    assert shown == "2026-12-24T18:00:00+00:00"
    assert state_of(hass, "binary_sensor", f"{UNIQUE_ID}_update_available") == "on"
    hue.set_config(swupdate2={"bridge": {"state": "something new"}})
    await pass_time(hass, freezer, 300)
    assert state_of(hass, "binary_sensor", f"{UNIQUE_ID}_update_available") == "unknown"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_bridge_sensors_off_by_default(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """The button, the internet, the channel, and updates of lamps."""
    hue.set_config(internetservices={"internet": "disconnected"}, zigbeechannel=11)
    hue.change("lights", "1", swupdate={"state": "readytoinstall"})
    hue.change("lights", "2", swupdate={"state": "notupdatable"})
    hue.change("lights", "3", swupdate={"state": "unheard of"})
    hue.press_link_button()
    await add_entry(hass, UNIQUE_ID, stored(hue))
    assert state_of(hass, "binary_sensor", f"{UNIQUE_ID}_link_button") == "on"
    assert state_of(hass, "binary_sensor", f"{UNIQUE_ID}_internet") == "off"
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_zigbee_channel") == "11"
    for number, state in ((1, "on"), (2, "off"), (3, "unknown")):
        unique_id = f"{light_id(number)}_update_available"
        assert state_of(hass, "binary_sensor", unique_id) == state


async def test_odd_lamps(hass: HomeAssistant, make: Start) -> None:
    """Unknown types, no unique id, no state, wrong ranges: what is told is shown."""
    bridge = await make()
    odd = bridge.house.lights
    odd.clear()
    odd["1"] = {"name": "Of 2013"}
    odd["2"] = lamp("extended_color", "New type", "") | {"type": "Smoke light"}
    odd["3"] = lamp("color_temperature", "Wide", "00:17:88:01:00:00:00:03-0b")
    odd["3"]["capabilities"]["control"]["ct"] = {"min": 0, "max": 65535}
    odd["4"] = lamp("dimmable", "Short address", "AA:bb:cc:dd:ee:ff-0b")
    odd["5"] = lamp("dimmable", "Odd address", "my-own-lamp")
    odd["6"] = {"name": None, "type": "Dimmable light"}
    odd["7"] = "no object"  # type: ignore[assignment]  # that is the point
    rooms = {
        "1": {"name": "Odd", "type": "Room", "lights": None},
        "2": {"name": "Odd", "type": "Room", "lights": ["1", 2]},
    }
    bridge.inject(GROUPS, "body", body=json.dumps(rooms))
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    old = light(hass, f"{UNIQUE_ID}:light:1_light")
    assert old.state == "unknown"
    assert old.attributes["supported_color_modes"] == ["onoff"]
    new = light(hass, f"{UNIQUE_ID}:light:2_light")
    assert new.attributes["supported_color_modes"] == ["color_temp", "xy"]
    wide = light(hass, "hue:00:17:88:01:00:00:00:03_light").attributes
    assert (wide["min_color_temp_kelvin"], wide["max_color_temp_kelvin"]) == (
        2000,
        6535,
    )
    assert light(hass, "hue:aa:bb:cc:dd:ee:ff_light").state == "off"
    assert light(hass, f"{UNIQUE_ID}:light:5_light").state == "off"
    assert light(hass, f"{UNIQUE_ID}:group:2_group").state == "unknown"
    assert len(hass.states.async_all("light")) == 6


async def test_diagnostics(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """They tell states and kinds, no names, addresses or keys."""
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    kinds = [device["model"] for device in diagnostics["devices"]]
    assert kinds.count("Bridge") == 1
    assert (kinds.count("Device"), kinds.count("Group")) == (15, 3)
    text = json.dumps(diagnostics, default=str)
    for secret in ("Lighthouse", "Reading lamp", "Living room", "00:17:88", "0a0b0c"):
        assert secret.lower() not in text.lower()
    assert entry.data["application_key"] not in text
    assert '"brightness": 0.5669' in text

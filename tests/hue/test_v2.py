"""A bridge that speaks API v2: the same entities, by events and its own commands."""

from collections.abc import Callable
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from simulator.hue.house import House, generate
from simulator.hue.v2.houses import full_house
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import (
    LIGHTS,
    MAC,
    POLL,
    PUT_GROUP,
    PUT_LIGHT,
    RESOURCES,
    SENSORS,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)
from .test_accessories import do
from .test_odd_bridges import while_time_passes
from .test_setup import log_levels
from .test_stream import CHECK, HALL, SAFETY_READ, eventually, quiet, sensor_number

LAMP = f"{light_id(2)}_light"
DOOR = f"hue:{MAC.format(0xB1)}"
COLOUR = f"{light_id(1)}_light"
V2_LIGHT = "PUT /clip/v2/resource/light/{id}"
V2_GROUP = "PUT /clip/v2/resource/grouped_light/{id}"
V2_SCENE = "PUT /clip/v2/resource/scene/{id}"
V2_MOTION = "PUT /clip/v2/resource/motion/{id}"


@pytest.fixture
async def bridge(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge whose stream Lantern follows."""
    made = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


def registered(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return what the registries hold of an entry."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        **{
            str(device.identifiers): (device.name, device.area_id) for device in devices
        },
        **{
            f"{entity.domain} {entity.unique_id}": (
                entity.entity_id,
                entity.original_name,
            )
            for entity in entities
        },
    }


def unavailable(hass: HomeAssistant, entry: MockConfigEntry) -> list[str]:
    """Return the entities of an entry that are unavailable."""
    return [
        one.entity_id
        for one in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        if not one.disabled
        and state_of(hass, one.domain, one.unique_id) == STATE_UNAVAILABLE
    ]


def sent(bridge: HueBridge, key: str) -> list[Any]:
    """Return the bodies of the requests to a route."""
    return [request.json for request in bridge.requests if request.key == key]


@pytest.mark.parametrize(
    "house", [generate, full_house], ids=["60 lamps", "everything"]
)
async def test_ids_are_those_of_v1(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    house: Callable[..., House],
) -> None:
    """A bridge that learns API v2 loses no entity and gets no second one."""
    bridge = await make(
        house=generate(60, accessories=60) if house is generate else full_house()
    )
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    before, missing = registered(hass, entry), unavailable(hass, entry)
    assert bridge.count(LIGHTS) == 1
    bridge.clip_v2 = True
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await eventually(hass, lambda: len(bridge.streams) == 1)
    for _ in range(4):
        await pass_time(hass, freezer, SAFETY_READ)
        await quiet(hass)
    after = registered(hass, entry)
    assert before.items() <= after.items()
    more = {key.rpartition("_")[2] for key in after.keys() - before.keys()}
    # Of lamps, switches and rooms that v1 knows, only v2 knows this besides.
    settings = {"identify", "connection", "on", "scene"}
    assert (more == settings) is (house is generate), more
    assert unavailable(hass, entry) == missing
    # And back, for a bridge whose firmware lost it again.
    bridge.clip_v2 = False
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert before.items() <= registered(hass, entry).items()


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({}, {}),
        ({"brightness": 255}, {"dimming": {"brightness": 100.0}}),
        ({"brightness": 1}, {"dimming": {"brightness": 0.39}}),
        ({"color_temp_kelvin": 4000}, {"color_temperature": {"mirek": 250}}),
        ({"color_temp_kelvin": 1000}, {"color_temperature": {"mirek": 500}}),
        ({"xy_color": [0.3, 0.2]}, {"color": {"xy": {"x": 0.3, "y": 0.2}}}),
        (
            {"brightness": 51, "transition": 1.5},
            {"dimming": {"brightness": 20.0}, "dynamics": {"duration": 1500}},
        ),
        ({"transition": 0}, {"dynamics": {"duration": 0}}),
    ],
)
async def test_commands(
    hass: HomeAssistant, bridge: HueBridge, data: dict[str, Any], body: dict[str, Any]
) -> None:
    """One request with what was asked for, in the units of API v2."""
    await do(hass, "light.turn_on", COLOUR, **data)
    assert sent(bridge, V2_LIGHT) == [{"on": {"on": True}} | body]
    assert bridge.count(PUT_LIGHT) == 0
    assert bridge.violations == []
    assert state_of(hass, "light", COLOUR) == "on"


async def test_off_and_rooms_and_scenes(hass: HomeAssistant, bridge: HueBridge) -> None:
    """An off carries nothing but its transition; rooms and scenes are one request."""
    room = f"{group_id(1)}_group"
    await do(hass, "light.turn_off", room, transition=2)
    assert sent(bridge, V2_GROUP) == [
        {"on": {"on": False}, "dynamics": {"duration": 2000}}
    ]
    assert state_of(hass, "light", room) == "off"
    assert state_of(hass, "light", COLOUR) == "off"
    await quiet(hass)
    assert sent(bridge, V2_LIGHT) == []
    assert bridge.count(PUT_GROUP) == 0


async def test_scene(hass: HomeAssistant, bridge: HueBridge) -> None:
    """A scene is recalled at its own address; what it did comes by events."""
    asked = bridge.count(RESOURCES)
    scene = f"{group_id(1)}_scene_Rlx4VaVgQzTWlgy"
    await do(hass, "scene.turn_on", scene, transition=1)
    assert sent(bridge, V2_SCENE) == [
        {"recall": {"action": "active", "duration": 1000}}
    ]
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")
    assert bridge.count(RESOURCES) == asked


async def test_motion_sensor(hass: HomeAssistant, bridge: HueBridge) -> None:
    """It is switched off and made more sensitive; while off its motion is unknown."""
    sensor = HALL.removesuffix("_motion")
    await do(hass, "number.set_value", f"{sensor}_sensitivity", value=1)
    await do(hass, "switch.turn_off", f"{sensor}_enabled")
    assert sent(bridge, V2_MOTION) == [
        {"sensitivity": {"sensitivity": 1}},
        {"enabled": False},
    ]
    await quiet(hass)
    assert state_of(hass, "switch", f"{sensor}_enabled") == "off"
    assert state_of(hass, "binary_sensor", HALL) == "unknown"


async def test_colorloop(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """The one effect of API v1 is sent by that, and ended by that."""
    await do(hass, "light.turn_on", COLOUR, effect="colorloop")
    freezer.tick(1)
    await do(hass, "light.turn_on", COLOUR, effect="off")
    bodies = sent(bridge, PUT_LIGHT)
    assert [body["effect"] for body in bodies] == ["colorloop", "none"]


async def test_not_reached(hass: HomeAssistant, bridge: HueBridge) -> None:
    """A lamp that the bridge loses is unavailable at once, and back at once."""
    for status, state in (
        ("connectivity_issue", STATE_UNAVAILABLE),
        ("unidirectional_incoming", STATE_UNAVAILABLE),
        ("connected", "off"),
    ):
        bridge.set_connection("/lights/2", status)
        await eventually(
            hass,
            lambda wanted=state: state_of(hass, "light", LAMP) == wanted,  # type: ignore[misc]  # bound now
        )


async def test_silent_stream(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A minute without a word: the bridge is asked for something small, not written to."""
    written = len(
        [request for request in bridge.requests if request.key.startswith("PUT")]
    )
    for _ in range(3):
        await pass_time(hass, freezer, 61)
        await quiet(hass)
    assert 2 <= bridge.count(CHECK) <= 3
    assert bridge.streams.opened == 1
    assert written == len(
        [request for request in bridge.requests if request.key.startswith("PUT")]
    )
    bridge.inject(CHECK, "status", status=404, times=1)
    await pass_time(hass, freezer, 61)
    await quiet(hass)
    await pass_time(hass, freezer, 1)
    await eventually(hass, lambda: bridge.streams.opened == 2)


async def test_deaf_stream(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A subscription that the bridge lost is found out by the safety read."""
    bridge.shape_stream(is_silent=True)
    bridge.set_light("2", on=True, bri=200)
    for _ in range(11):
        await pass_time(hass, freezer, 60)
        await quiet(hass)
    assert state_of(hass, "light", LAMP) == "on"
    bridge.shape_stream(is_silent=False)
    for _ in range(3):
        await pass_time(hass, freezer, 11)
        await quiet(hass)
    await eventually(hass, lambda: bridge.streams.opened == 2)
    bridge.set_light("2", on=False)
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "off")


async def test_fallback(
    hass: HomeAssistant,
    bridge: HueBridge,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """API v2 fails, v1 works: Lantern says so once, polls, and returns by itself."""
    bridge.inject(RESOURCES, "status", status=500, times=-1)
    bridge.drop_streams()
    for _ in range(12):
        await pass_time(hass, freezer, POLL)
        await quiet(hass)
    bridge.set_light("2", on=True)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "on"
    dimmer = sensor_number(bridge, "ZLLSwitch")
    bridge.press_button(dimmer, 2, "short_release")
    await pass_time(hass, freezer, POLL)
    button = f"{MAC.format(0xA2)}_button_2"
    assert state_of(hass, "event", f"hue:{button}") != "unknown"
    assert log_levels(caplog) == ["WARNING"], caplog.text[-3000:]
    bridge.clear_faults()
    freezer.tick(3600)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
        await quiet(hass)
    await eventually(hass, lambda: len(bridge.streams) == 1)
    assert log_levels(caplog) == ["WARNING", "INFO"]


async def test_ghosts(hass: HomeAssistant, bridge: HueBridge) -> None:
    """Buttons that a bridge names without a report were not pressed."""
    own = entity_id(hass, "event", "hue:00:17:88:01:00:00:00:a2_button_3")
    bridge.ghost_buttons()
    await quiet(hass)
    state = hass.states.get(own)
    assert state is not None
    assert state.state == "unknown"


async def test_v1_is_read_seldom(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """At rest: fewer than 1,900 requests a day, most of them very small."""
    asked = bridge.count()
    for _ in range(60):
        await pass_time(hass, freezer, 61)
        await quiet(hass)
    assert bridge.count() - asked <= 1900 / 24
    assert bridge.count(SENSORS) <= 5
    assert bridge.violations == []


@pytest.fixture
async def full(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge with all that only API v2 has."""
    made = await make(stream=True, house=full_house())
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


async def test_contact_sensor(hass: HomeAssistant, full: HueBridge) -> None:
    """A door that opens, a battery door too; nothing is known while it is off."""
    door, tampered = f"{DOOR}_open", f"{DOOR}_tampered"
    for is_open in (True, False):
        full.set_contact("back-door", is_open=is_open)
        full.set_tamper("back-door", is_tampered=is_open)
        wanted = "on" if is_open else "off"
        await eventually(
            hass,
            lambda state=wanted: state_of(hass, "binary_sensor", door) == state,  # type: ignore[misc]  # bound now
        )
        assert state_of(hass, "binary_sensor", tampered) == wanted
    assert state_of(hass, "sensor", f"{DOOR}_battery") != "unknown"


@pytest.mark.parametrize(
    "features",
    [
        {"contact_report": None},
        {"contact_report": "<absent>"},
        {"contact_report": {"state": "ajar"}},
        {"contact_report": {"state": ["contact"]}},
        {"enabled": False},
    ],
)
async def test_contact_that_is_not_known(
    hass: HomeAssistant, full: HueBridge, features: dict[str, Any]
) -> None:
    """Whatever else the bridge says of a door, it is unknown."""
    full.set_contact("back-door", is_open=True)
    full.change_v2("/v2/back-door#contact", **features)
    entry = hass.config_entries.async_entries("lantern")[0]
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "binary_sensor", f"{DOOR}_open") == "unknown"


async def test_smart_scene(hass: HomeAssistant, full: HueBridge) -> None:
    """It is a scene of its room, and activated at its own address."""
    own = full.v2_id("/v2/natural-light#smart_scene")
    await do(hass, "scene.turn_on", f"{group_id(1)}_scene_{own}")
    assert sent(full, "PUT /clip/v2/resource/smart_scene/{id}") == [
        {"recall": {"action": "activate"}}
    ]
    assert full.violations == []


@pytest.mark.parametrize("with_room", [True, False])
@pytest.mark.parametrize("stream", [True, False], ids=["v2", "v1"])
async def test_a_room_lights_up_at_once(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    stream: bool,
    with_room: bool,
) -> None:
    """All lamps of a room in one call, with the room's light or not: one request."""
    bridge = await make(stream=stream, house=generate(10, room_size=10))
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    lamps = [entity_id(hass, "light", f"{light_id(n)}_light") for n in range(1, 11)]
    room = [entity_id(hass, "light", f"{group_id(1)}_group")] if with_room else []
    for data in ({"brightness": 99}, None):
        bridge.requests.clear()
        call = "turn_off" if data is None else "turn_on"
        await hass.services.async_call(
            "light", call, {"entity_id": [*lamps, *room], **(data or {})}, blocking=True
        )
        sent_now = [
            request.key for request in bridge.requests if request.key.startswith("PUT")
        ]
        assert sent_now == [V2_GROUP if stream else PUT_GROUP]
        on = {light["state"]["on"] for light in bridge.house.lights.values()}
        assert on == {data is not None}
        assert {hass.states.get(lamp).state for lamp in lamps} == {  # type: ignore[union-attr]  # they exist
            "on" if data else "off"
        }
        freezer.tick(2)
    assert bridge.violations == []


async def test_most_of_a_room_is_not_the_room(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """One lamp left out, or told something else: each lamp is told by itself."""
    bridge = await make(stream=True, house=generate(3, room_size=3))
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    lamps = [entity_id(hass, "light", f"{light_id(n)}_light") for n in (1, 2)]
    call = hass.services.async_call(
        "light", "turn_on", {"entity_id": lamps, "brightness": 99}, blocking=True
    )
    await while_time_passes(hass, freezer, call)
    assert bridge.count(V2_LIGHT) == 2
    assert bridge.count(V2_GROUP) == 0


async def test_ids_without_end(hass: HomeAssistant, make: Start) -> None:
    """An id of whatever kind that is longer than any bridge's gets into no registry."""
    made = await make(stream=True)
    resources = json.dumps([*made.view().everything().values()])
    long = "i" * 200_000
    body = resources.replace('"/groups/1"', f'"/groups/{long}"')
    body = body.replace('"/lights/2"', f'"/lights/{long}"')
    assert len(body) > 400_000
    rooms = [
        resource
        for resource in made.view().everything().values()
        if resource["type"] == "room"
    ]
    more = json.dumps({**rooms[0], "id": long, "id_v1": None})
    body = f'{{"errors": [], "data": [{more}, {body[1:]}}}'
    made.inject(RESOURCES, "body", times=-1, body=body)
    entry = await add_entry(hass, UNIQUE_ID, stored(made))
    assert entry.state is ConfigEntryState.LOADED
    assert max(map(len, registered(hass, entry))) < 200

"""What happens at the bridge, the moment it happens; and presses seen by polls."""

import asyncio
from collections.abc import Callable
import json
import tracemalloc
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant, callback
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from simulator.hue.house import generate
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import (
    BRIDGE_ID,
    INTRODUCTION,
    LIGHTS,
    POLL,
    RESOURCES,
    SENSORS,
    STREAM,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)

LAMP = f"{light_id(2)}_light"
SWITCH = "hue:00:17:88:01:00:00:00:a2"
DIAL = "hue:00:17:88:01:00:00:00:a3"
CHECK = "GET /clip/v2/resource/bridge"
SAFETY_READ = 600
HALL = "hue:00:17:88:01:00:00:00:a1_motion"


async def eventually(hass: HomeAssistant, so: Callable[[], bool]) -> None:
    """Give the sockets time, while time stands still."""
    for _ in range(20000):
        if so():
            break
        await asyncio.sleep(0)
    assert so()
    await settle(hass)


async def quiet(hass: HomeAssistant) -> None:
    """Let whatever is under way arrive."""
    for _ in range(500):
        await asyncio.sleep(0)
    await settle(hass)


def sensor_number(bridge: HueBridge, kind: str) -> str:
    """Return the number of the first sensor of a type."""
    sensors = bridge.house.sensors.items()
    return next(number for number, sensor in sensors if sensor["type"] == kind)


@pytest.fixture
async def bridge(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge with a stream that Lantern follows."""
    made = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


@pytest.fixture
def fired(hass: HomeAssistant) -> list[tuple[str, dict[str, Any]]]:
    """Return the events that are written, by unique id's end."""
    events: list[tuple[str, dict[str, Any]]] = []

    @callback
    def look(event: Event[Any]) -> None:
        new, old = event.data["new_state"], event.data["old_state"]
        if not event.data["entity_id"].startswith("event.") or not new or not old:
            return
        if new.state not in ("unknown", "unavailable", old.state) or (
            new.attributes != old.attributes
        ):
            attributes = dict(new.attributes)
            del attributes["event_types"]
            attributes.pop("device_class", None)
            attributes.pop("friendly_name", None)
            events.append((event.data["entity_id"], attributes))

    hass.bus.async_listen("state_changed", look)
    return events


async def test_a_change_arrives_without_a_read(
    hass: HomeAssistant, bridge: HueBridge
) -> None:
    """A switched lamp is shown, and its room follows."""
    asked = bridge.count()
    bridge.set_light("2", on=True, bri=254)
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")
    assert bridge.count() == asked
    assert state_of(hass, "light", f"{group_id(1)}_group") == "on"


async def test_motion_at_once(hass: HomeAssistant, bridge: HueBridge) -> None:
    """Motion that begins and ends within a moment is shown both times."""
    motion = sensor_number(bridge, "ZLLPresence")
    asked = bridge.count()
    for presence in (True, False, True):
        bridge.set_sensor(motion, {"presence": presence})
        wanted = "on" if presence else "off"
        await eventually(
            hass,
            lambda state=wanted: state_of(hass, "binary_sensor", HALL) == state,  # type: ignore[misc]  # bound now
        )
    assert bridge.count() == asked


async def test_many_changes_are_no_read(hass: HomeAssistant, make: Start) -> None:
    """Fifty lamps at once, as one message or as fifty."""
    bridge = await make(stream=True, house=generate(50))
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    await eventually(hass, lambda: len(bridge.streams) == 1)
    last = f"{light_id(50)}_light"
    for on in (True, False):
        bridge.set_group("0", on=not on)
        await quiet(hass)
        before = bridge.count()
        bridge.set_group("0", on=on)
        wanted = "on" if on else "off"
        await eventually(
            hass,
            lambda state=wanted: state_of(hass, "light", last) == state,  # type: ignore[misc]  # bound now
        )
        assert bridge.count() == before


async def test_reads_are_seldom_while_the_stream_is_up(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """Every ten minutes with the stream, every 10 s without, and on return."""
    reads = bridge.count(RESOURCES)
    for _ in range(10):
        await pass_time(hass, freezer, 61)
        await quiet(hass)
    assert bridge.count(RESOURCES) == reads + 1
    assert bridge.count(CHECK) <= 10
    bridge.inject(STREAM, "status", status=500, times=50)
    bridge.drop_streams()
    await eventually(hass, lambda: bridge.count(RESOURCES) == reads + 2)
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, POLL)
    assert bridge.count(RESOURCES) == reads + 4


async def test_the_stream_comes_back(
    hass: HomeAssistant,
    bridge: HueBridge,
    freezer: FrozenDateTimeFactory,
    fired: list[tuple[str, dict[str, Any]]],
) -> None:
    """After a cut everything is read again; what was pressed meanwhile is past."""
    dimmer = sensor_number(bridge, "ZLLSwitch")
    polls = bridge.count(RESOURCES)
    bridge.drop_streams()
    await eventually(hass, lambda: bridge.count(RESOURCES) == polls + 1)
    bridge.set_light("2", on=True)
    bridge.press_button(dimmer, 1)
    assert bridge.streams.opened == 1
    await pass_time(hass, freezer, 1)
    await eventually(hass, lambda: bridge.streams.opened == 2)
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")
    await pass_time(hass, freezer, 60)
    assert fired == []
    bridge.press_button(dimmer, 2)
    await eventually(hass, lambda: len(fired) == 1)


async def test_every_press_once_and_in_order(
    hass: HomeAssistant, bridge: HueBridge, fired: list[tuple[str, dict[str, Any]]]
) -> None:
    """Four events in a moment are four events; none of them costs a read."""
    dimmer = sensor_number(bridge, "ZLLSwitch")
    asked = bridge.count()
    for event in ("initial_press", "repeat", "repeat", "long_release"):
        bridge.clock.advance(0.8)
        bridge.press_button(dimmer, 3, event)
    await eventually(hass, lambda: len(fired) == 4)
    own = entity_id(hass, "event", f"{SWITCH}_button_3")
    assert fired == [
        (own, {"event_type": event})
        for event in ("initial_press", "repeat", "repeat", "long_release")
    ]
    assert bridge.count() == asked
    state = hass.states.get(own)
    assert state is not None
    assert state.name == "Bedroom switch Button 3"


async def test_presses_while_reads_fail(
    hass: HomeAssistant,
    bridge: HueBridge,
    freezer: FrozenDateTimeFactory,
    fired: list[tuple[str, dict[str, Any]]],
) -> None:
    """They are past when the bridge can be read again; the next one counts."""
    dimmer = sensor_number(bridge, "ZLLSwitch")
    dial = sensor_number(bridge, "ZLLRelativeRotary")
    own = entity_id(hass, "event", f"{SWITCH}_button_1")
    for route in (LIGHTS, RESOURCES):
        bridge.inject(route, "status", status=500, times=-1)
    for _ in range(9):
        await pass_time(hass, freezer, 300)
    state = hass.states.get(own)
    assert state is not None
    assert state.state == "unavailable"
    for _ in range(5):
        bridge.press_button(dimmer, 1)
        bridge.turn_dial(dial, 15)
        await quiet(hass)
        await pass_time(hass, freezer, 60)
    bridge.clear_faults()
    for _ in range(3):
        await pass_time(hass, freezer, 60)
        await quiet(hass)
    state = hass.states.get(own)
    assert state is not None
    assert state.state == "unknown"
    assert not [event for event in fired if event[1].get("event_type")]
    fired.clear()
    bridge.clock.advance(1)
    bridge.press_button(dimmer, 1)
    await eventually(hass, lambda: len(fired) == 1)


async def test_resources_that_the_bridge_does_not_list(
    hass: HomeAssistant,
    bridge: HueBridge,
    freezer: FrozenDateTimeFactory,
    fired: list[tuple[str, dict[str, Any]]],
) -> None:
    """The house is read once for them; what it does not have then is passed over."""
    read = bridge.count(RESOURCES)
    report = {"event": "initial_press", "updated": "2026-11-22T10:00:00.000Z"}
    item = {"type": "button", "button": {"button_report": report}}
    for number in range(50):
        bridge.publish("update", [{**item, "id": f"made-up-{number}"}])
        bridge.update_unknown()
    await quiet(hass)
    for _ in range(20):
        await pass_time(hass, freezer, POLL)
        bridge.publish("update", [{**item, "id": "made-up-7"}])
        await quiet(hass)
    assert bridge.count(RESOURCES) <= read + 2
    assert fired == []
    bridge.press_button(sensor_number(bridge, "ZLLSwitch"), 1)
    await eventually(hass, lambda: len(fired) == 1)


async def test_dials_that_nobody_has(
    hass: HomeAssistant, bridge: HueBridge, fired: list[tuple[str, dict[str, Any]]]
) -> None:
    """They cost no request and no memory, and real ones are heard as before."""
    report = {
        "rotation": {"direction": "clock_wise", "steps": 30, "duration": 400},
        "updated": "2026-11-22T10:00:00.000Z",
    }
    asked = bridge.count()
    tracemalloc.start()
    try:
        for number in range(20):
            items = [
                {
                    "type": "relative_rotary",
                    "id": f"{number:018}-{one:018}",
                    "id_v1": f"/sensors/{number}{one}",
                    "relative_rotary": {"rotary_report": report},
                }
                for one in range(1000)
            ]
            message = [{"type": "update", "data": items}]
            bridge.send_stream(f"data: {json.dumps(message)}\n\n")
            await quiet(hass)
        del items, message
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 4_000_000
    assert bridge.count() <= asked + 2
    bridge.turn_dial(sensor_number(bridge, "ZLLRelativeRotary"), 15)
    await eventually(hass, lambda: len(fired) == 1)


async def test_motion_behind_busy_lamps(hass: HomeAssistant, bridge: HueBridge) -> None:
    """However many lamps change: motion and the last of their values are shown."""
    asked = bridge.count()
    for step in range(40):
        for lamp in ("1", "2", "3"):
            bridge.set_light(lamp, on=True, bri=100 + step)
    bridge.set_sensor(sensor_number(bridge, "ZLLPresence"), {"presence": True})
    await eventually(hass, lambda: state_of(hass, "binary_sensor", HALL) == "on")
    for lamp in (1, 3):
        state = hass.states.get(entity_id(hass, "light", f"{light_id(lamp)}_light"))
        assert state is not None
        assert state.attributes["brightness"] == 139
    assert bridge.count() == asked


async def test_dial(
    hass: HomeAssistant, bridge: HueBridge, fired: list[tuple[str, dict[str, Any]]]
) -> None:
    """A turned dial tells which way, how far and how long."""
    dial = sensor_number(bridge, "ZLLRelativeRotary")
    bridge.turn_dial(dial, 15)
    bridge.clock.advance(1)
    bridge.turn_dial(dial, 30, "counter_clock_wise", "repeat", 800)
    await eventually(hass, lambda: len(fired) == 2)
    own = entity_id(hass, "event", f"{DIAL}_rotary")
    assert fired == [
        (own, {"event_type": "clockwise", "steps": 15, "duration_ms": 400}),
        (own, {"event_type": "counter_clockwise", "steps": 30, "duration_ms": 800}),
    ]


async def test_the_stream_ends_with_the_entry(
    hass: HomeAssistant, bridge: HueBridge
) -> None:
    """An unloaded entry listens no more, and the key is in no address."""
    (entry,) = hass.config_entries.async_entries("lantern")
    await hass.config_entries.async_unload(entry.entry_id)
    await quiet(hass)
    asked = bridge.count(RESOURCES)
    bridge.set_light("2", on=True)
    await quiet(hass)
    assert bridge.count(RESOURCES) == asked
    key = entry.data["application_key"]
    assert not [request for request in bridge.requests if key in str(request.query)]


async def test_another_certificate_gets_no_stream(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """Who shows another certificate is not told the key, in no header either."""
    await bridge.stop()
    bridge.new_certificate()
    await bridge.start()
    asked = bridge.count() - bridge.count(INTRODUCTION)
    await quiet(hass)
    for _ in range(6):
        await pass_time(hass, freezer, 61)
    assert bridge.count() - bridge.count(INTRODUCTION) == asked


async def test_press_seen_by_a_poll(
    hass: HomeAssistant,
    make: Start,
    freezer: FrozenDateTimeFactory,
    fired: list[tuple[str, dict[str, Any]]],
) -> None:
    """A round bridge has no stream: the last press is told, once, none at start."""
    bridge = await make(model="BSB001")
    dimmer = sensor_number(bridge, "ZLLSwitch")
    bridge.press_button(dimmer, 1)
    await add_entry(hass, UNIQUE_ID, stored(bridge, bridge_id=BRIDGE_ID))
    await pass_time(hass, freezer, POLL)
    assert fired == []
    assert bridge.count(STREAM) == 0
    bridge.press_button(dimmer, 2, "short_release")
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, POLL)
    own = entity_id(hass, "event", f"{SWITCH}_button_2")
    assert fired == [(own, {"event_type": "short_release"})]
    bridge.press_button(sensor_number(bridge, "ZGPSwitch"), 4)
    bridge.turn_dial(sensor_number(bridge, "ZLLRelativeRotary"), 5)
    await pass_time(hass, freezer, POLL)
    assert {attributes["event_type"] for _, attributes in fired[1:]} == {
        "initial_press",
        "clockwise",
    }
    bridge.inject(SENSORS, "status", status=500, times=1)
    bridge.press_button(dimmer, 1)
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, POLL)
    assert len(fired) == 3, "what was pressed in an outage is past"


async def test_bridge_without_a_stream(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hue: HueBridge,
    fired: list[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is asked for API v2 once an hour, and polled through v1."""
    dimmer = sensor_number(hue, "ZLLSwitch")
    hue.press_button(dimmer, 4)
    for _ in range(12):
        await pass_time(hass, freezer, POLL)
    assert hue.count(RESOURCES) == 1
    assert hue.count(STREAM) == 0
    assert len(fired) == 1


async def test_what_comes_and_goes(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A new lamp is there at once; the stream says that something was added."""
    before = len(hass.states.async_entity_ids("light"))
    bridge.add_light("dimmable", "New lamp", None, "00:17:88:01:00:00:00:ee-0b")
    await pass_time(hass, freezer, 11)
    await eventually(
        hass, lambda: len(hass.states.async_entity_ids("light")) == before + 1
    )


async def test_a_room_that_is_arranged_anew(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A new name is read and shown; a room's own light event is no reason to read."""
    read = bridge.count(RESOURCES)
    bridge.change_v2("/groups/2#grouped_light", dimming={"brightness": 12.0})
    await quiet(hass)
    await pass_time(hass, freezer, 11)
    assert bridge.count(RESOURCES) == read
    bridge.change_v2("/groups/2#room", metadata={"name": "Den"})
    await quiet(hass)
    await pass_time(hass, freezer, 11)
    await eventually(hass, lambda: bridge.count(RESOURCES) == read + 1)
    state = hass.states.get(entity_id(hass, "light", f"{group_id(2)}_group"))
    assert state is not None
    assert state.name == "Den"


async def test_item_in_pieces(
    hass: HomeAssistant, bridge: HueBridge, fired: list[tuple[str, dict[str, Any]]]
) -> None:
    """A message is heard when its last piece has come, wherever it was cut."""
    number = sensor_number(bridge, "ZLLRelativeRotary")
    report = {"rotation": {"direction": "clock_wise", "steps": 30, "duration": 400}}
    own = bridge.v2_id(f"/sensors/{number}#relative_rotary")
    item: dict[str, Any] = {"type": "relative_rotary", "id": own}
    item |= {"relative_rotary": {"rotary_report": report}}
    text = f"data: {json.dumps([{'type': 'update', 'data': [item]}])}\n\n"
    for start in range(0, len(text) - 1, 7):
        assert fired == []
        bridge.send_stream(text[start : start + 7])
        await quiet(hass)
    bridge.send_stream(text[-1] if len(text) % 7 == 1 else "\n")
    await eventually(hass, lambda: len(fired) == 1)
    assert fired[0][1]["steps"] == 30


async def test_stream_without_end(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A message that does not end is given up; polls go on, then a new stream."""
    polls = bridge.count(RESOURCES)
    bridge.send_stream("data: " + "x" * 9 * 1024 * 1024)
    await eventually(hass, lambda: bridge.count(RESOURCES) == polls + 1)
    bridge.set_light("2", on=True)
    await pass_time(hass, freezer, 1)
    await eventually(hass, lambda: bridge.streams.opened == 2)
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")


async def test_too_many_streams(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """A 429 of the stream is waited out; the polls do as well without it."""
    bridge = await make(stream=True)
    bridge.inject(STREAM, "status", status=429, headers={"Retry-After": "3"})
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    await eventually(hass, lambda: bridge.count(STREAM) == 1)
    asked = bridge.count()
    await pass_time(hass, freezer, 1)
    assert bridge.count() == asked
    bridge.set_light("2", on=True)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "on"
    await eventually(hass, lambda: len(bridge.streams) == 1)


async def test_nonsense_in_the_stream(
    hass: HomeAssistant, bridge: HueBridge, fired: list[tuple[str, dict[str, Any]]]
) -> None:
    """What is no message, no event or split over lines does no harm."""
    for text in (
        "data: {not json}\n\n",
        "data: 5\n\n",
        ": a comment\n\n",
        'data: [{"type":"update","data":[{"type":"button","id":"x"}]}]\n\n',
        'data: [{"type":"update","data":[{"type":"relative_rotary","id":"x"}]}]\n\n',
        'data: [{"type":"update",\ndata: "data":[5, null]}]\n\n',
    ):
        bridge.send_stream(text)
    await quiet(hass)
    assert fired == []
    assert len(bridge.streams) == 1
    bridge.set_light("2", on=True, bri=254)
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")

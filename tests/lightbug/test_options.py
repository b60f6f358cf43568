"""The options of an account, and what is computed here: overdue, geofences, pace."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.lantern.lightbug.client.geofences import make_geofence
from simulator.lightbug import Lightbug
from tests.common import entity_id, pass_time, settle, state_of

from .conftest import POLL, SUMMARY, unique

FIRST = 2_370_001
GEOFENCES = "GET /api/users/{id}/geofences"
HOME = (54.0, 7.9)
THERE = (54.25, 8.5)


def place(hass: HomeAssistant) -> tuple[Any, Any]:
    """Return where the first tracker is on the map."""
    state = hass.states.get(
        entity_id(hass, "device_tracker", unique(FIRST, "location"))
    )
    assert state is not None
    return state.attributes.get("latitude"), state.attributes.get("longitude")


def sensor(hass: HomeAssistant, key: str) -> str:
    """Return the state of a sensor of the first tracker."""
    return state_of(hass, "sensor", unique(FIRST, key))


def binary(hass: HomeAssistant, key: str) -> str:
    """Return the state of a binary sensor of the first tracker."""
    return state_of(hass, "binary_sensor", unique(FIRST, key))


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **chosen: Any) -> None:
    """Choose options in the form."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    shown = form["data_schema"]({})
    result = await hass.config_entries.options.async_configure(
        form["flow_id"], shown | chosen
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle(hass)


# Places ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "fields", "is_shown"),
    [
        ({}, {"locationType": "gsm", "accuracy": 5000}, True),
        ({"max_accuracy": 50}, {"accuracy": 50}, True),
        ({"max_accuracy": 50}, {"accuracy": 51}, False),
        ({"max_accuracy": 50}, {"accuracy": None}, True),
        ({"max_accuracy": 50}, {"locationType": "gsm", "accuracy": None}, False),
        ({"ignore_cell": True}, {"locationType": "gsm"}, False),
        ({"ignore_cell": True}, {"locationType": "wifi"}, True),
        ({"ignore_wifi": True}, {"locationType": "wifi"}, False),
        ({"ignore_wifi": True}, {"locationType": "gps"}, True),
    ],
)
async def test_places_that_are_not_shown(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    chosen: dict[str, Any],
    fields: dict[str, Any],
    is_shown: bool,
) -> None:
    """The tracker stays where it was; all else of the point counts."""
    await choose(hass, entry, **chosen)
    assert place(hass) == HOME
    freezer.tick(60)
    lightbug.add_point(
        FIRST,
        location={"lat": THERE[0], "lng": THERE[1]},
        sendReason=1 | 32,
        **fields,
    )
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (THERE if is_shown else HOME)
    assert binary(hass, "moving") == "on"


# Pace --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "interval", "mode", "polls"),
    [
        ({}, 299, 0, 10),
        ({}, 300, 0, 2),
        ({}, 60, 1, 2),
        ({"fast_while_moving": False}, 60, 0, 2),
    ],
)
async def test_poll_faster_while_moving(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    chosen: dict[str, Any],
    interval: int,
    mode: int,
    polls: int,
) -> None:
    """Every minute while a tracker is awake that sends more often than that."""
    await choose(hass, entry, **chosen)
    lightbug.tracker(FIRST).config["interval"] = interval
    lightbug.tracker(FIRST).device["currentMode"] = mode
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    lightbug.requests.clear()
    for _ in range(10):
        await pass_time(hass, freezer, 60)
    assert lightbug.count(SUMMARY) == polls
    assert lightbug.count() - lightbug.count("GET /api/devices/{id}/readings") == (
        3 * polls
    )


async def test_poll_faster_until_it_is_silent(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A tracker that fell silent while it was awake is not asked for for ever."""
    lightbug.tracker(FIRST).config["interval"] = 60
    lightbug.connect(FIRST)
    for _ in range(25):
        await pass_time(hass, freezer, 60)
    assert binary(hass, "overdue") == "on"
    await pass_time(hass, freezer, POLL)
    lightbug.requests.clear()
    for _ in range(10):
        await pass_time(hass, freezer, 60)
    assert lightbug.count(SUMMARY) == 2


async def test_poll_faster_after_an_alert(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """For ten minutes; never while requests are scarce."""
    lightbug.add_activity(FIRST, "button")
    await pass_time(hass, freezer, POLL)
    lightbug.requests.clear()
    for _ in range(20):
        await pass_time(hass, freezer, 60)
    assert lightbug.count(SUMMARY) == 12

    lightbug.add_activity(FIRST, "button", created=lightbug.moment())
    lightbug.set_limits(normal=30, seconds=600)
    await pass_time(hass, freezer, POLL)
    for _ in range(10):
        await pass_time(hass, freezer, 60)
    assert lightbug.normal.limit == 30
    assert not [request for request in lightbug.requests if request.status == 429]


async def test_update_entity(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """People can poll at once, with Home Assistant's own action."""
    assert await async_setup_component(hass, "homeassistant", {})
    lightbug.move(FIRST, *THERE)
    entity = entity_id(hass, "device_tracker", unique(FIRST, "location"))
    await hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": entity}, blocking=True
    )
    await settle(hass)
    assert place(hass) == THERE


# Overdue -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "fields", "due"),
    [(0, {"interval": 600}, 2100), (1, {"sleepInterval": 3600}, 8100)],
)
async def test_overdue(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    mode: int,
    fields: dict[str, int],
    due: int,
) -> None:
    """Twice the interval of its mode and a quarter of an hour; it moves, who knows."""
    tracker = lightbug.tracker(FIRST)
    tracker.config |= fields
    tracker.device["currentMode"] = mode
    lightbug.connect(FIRST)
    lightbug.add_point(FIRST, sendReason=17 | 32)
    await pass_time(hass, freezer, due)
    assert binary(hass, "overdue") == "off"
    moving = "on" if mode == 0 else "off"
    assert (binary(hass, "moving"), binary(hass, "motion")) == (moving, moving)
    await pass_time(hass, freezer, POLL)
    assert binary(hass, "overdue") == "on"
    assert (binary(hass, "moving"), binary(hass, "motion")) == ("unknown", "unknown")
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert binary(hass, "overdue") == "off"


@pytest.mark.parametrize("fields", [{"active": False}, {"currentMode": 6}])
async def test_nobody_waits_for_it(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fields: dict[str, Any],
) -> None:
    """A tracker without service, or in flight mode, is not expected."""
    lightbug.tracker(FIRST).device.update(fields)
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, 50_000)
    await pass_time(hass, freezer, 50_000)
    assert binary(hass, "overdue") == "unknown"


@pytest.mark.parametrize("interval", [2**53 - 1, -300, 0])
async def test_interval_that_is_none(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    interval: int,
) -> None:
    """It says nothing, of this tracker alone; polls go on as before."""
    lightbug.tracker(FIRST).config["interval"] = interval
    lightbug.tracker(FIRST).device |= {"lastConnection": "9999-12-31T23:59:59Z"}
    lightbug.set_device(FIRST, batteryPct=12)
    await pass_time(hass, freezer, POLL)
    lightbug.requests.clear()
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "battery") == "12.0"
    assert binary(hass, "overdue") == "unknown"
    assert lightbug.count(SUMMARY) == 1


async def test_asleep_since_then(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It went to sleep without a word: its journey has ended."""
    lightbug.move(FIRST, *THERE, speed=36, sendReason=17)
    await pass_time(hass, freezer, POLL)
    assert (binary(hass, "motion"), sensor(hass, "speed")) == ("on", "36.0")
    lightbug.tracker(FIRST).device["currentMode"] = 1
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert (binary(hass, "moving"), binary(hass, "motion")) == ("off", "off")
    assert sensor(hass, "speed") == "unknown"


# Geofences ---------------------------------------------------------------------


async def test_geofence(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The names of those that hold the fix; asked for once an hour, if shown."""
    await pass_time(hass, freezer, 2 * POLL)
    assert lightbug.count(GEOFENCES) == 0
    sensor_id = entity_id(hass, "sensor", unique(FIRST, "geofence"))
    er.async_get(hass).async_update_entity(sensor_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer, 11)
    assert sensor(hass, "geofence") == "Anchorage"
    # Home Assistant reloads once more, because an entity was enabled.
    await pass_time(hass, freezer, 31)
    await pass_time(hass, freezer, 11)
    lightbug.requests.clear()
    # The polygon, and what lies in no area.
    for where, shown in (
        ((54.15, 8.0), "Fishing ground"),
        ((54.15, 8.11), "none"),
        ((54.0044, 7.9), "Anchorage"),
        ((54.0046, 7.9), "none"),
    ):
        lightbug.move(FIRST, *where)
        await pass_time(hass, freezer, POLL)
        assert sensor(hass, "geofence") == shown
    lightbug.add_geofence("Second", *HOME, 5000)
    lightbug.geofences.append({"name": "Broken", "outline": [{"lat": 1}], "id": 7})
    lightbug.geofences.append(
        lightbug.geofences[0] | {"id": 8, "name": "Another's", "deviceId": FIRST + 1}
    )
    lightbug.move(FIRST, *HOME)
    await pass_time(hass, freezer, 3600)
    assert sensor(hass, "geofence") == "Anchorage, Second"
    assert lightbug.count(GEOFENCES) == 1
    lightbug.inject(GEOFENCES, "status", status=403, times=-1)
    for _ in range(4):
        await pass_time(hass, freezer, 3600)
    assert sensor(hass, "geofence") == "unknown"
    lightbug.clear_faults()


DATE_LINE = ((1, 179), (1, -179), (-1, -179), (-1, 179))
WIDE = ((0, -150), (0, 0), (0, 100), (50, 100), (50, 0), (50, -150))
NORTH = ((80, 0), (80, 90), (80, 180), (80, -90))
SOUTH = ((-70, 0), (-80, -90), (-70, 180), (-80, 90))


@pytest.mark.parametrize(
    ("corners", "inside", "outside"),
    [
        (
            DATE_LINE,
            [(0.5, 179.5), (0.5, -179.5), (0, 180)],
            [(0.5, 178.5), (0.5, 0.5)],
        ),
        (WIDE, [(20, -149), (20, 30), (20, 99)], [(20, 120), (20, -170), (60, 0)]),
        (NORTH, [(85, 45), (89, -170), (81, 180)], [(79, 45), (-85, 45)]),
        (SOUTH, [(-85, 45), (-79, 180), (-75, 0)], [(-75, 90), (85, 0)]),
    ],
)
def test_outlines(corners: Any, inside: Any, outside: Any) -> None:
    """An area may cross the date line, be wider than half the globe, or hold a pole."""
    outline = [{"lat": lat, "lng": lng} for lat, lng in corners]
    for turned in (outline, outline[::-1], outline[2:] + outline[:2]):
        fence = make_geofence({"name": "Area", "outline": turned})
        assert fence is not None
        assert all(fence.contains(*place) for place in inside)
        assert not any(fence.contains(*place) for place in outside)


@pytest.mark.parametrize(
    ("fields", "is_known"),
    [
        ({"radius": 0}, True),
        ({"radius": "500"}, True),
        ({"radius": 10**400}, False),
        ({"radius": -1}, False),
        ({"radius": None}, False),
        ({"center": {"lat": 91, "lng": 0}}, False),
        ({"center": [54, 7.9]}, False),
        ({"center": None}, False),
        ({"outline": [None, 1, "x"]}, True),
        ({"outline": [{"lat": 54, "lng": 7}] * 2}, False),
        ({"name": None}, False),
        ({"name": "\x00"}, False),
    ],
)
def test_odd_geofences(fields: dict[str, Any], is_known: bool) -> None:
    """Half of an area is none."""
    row = {"name": "Pier", "center": {"lat": 54, "lng": 7.9}, "radius": 500}
    fence = make_geofence(row | fields)
    assert (fence is not None) is is_known
    if fence is not None:
        assert fence.contains(54, 7.9)
        assert not fence.contains(54, 8.9)


async def test_names_of_geofences(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Areas of one name are named once; no name is taken for what a state means."""
    lightbug.geofences.clear()
    for name in ("Home", "none", "unknown", "Home"):
        lightbug.add_geofence(name, *HOME, 5000)
    sensor_id = entity_id(hass, "sensor", unique(FIRST, "geofence"))
    er.async_get(hass).async_update_entity(sensor_id, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer, 11)
    assert sensor(hass, "geofence") == 'Home, "none", "unknown"'
    lightbug.move(FIRST, 1.0, 1.0)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "geofence") == "none"

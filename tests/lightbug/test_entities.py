"""What Home Assistant shows of trackers, and what it must not believe."""

from datetime import datetime
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
from syrupy.assertion import SnapshotAssertion

from simulator.lightbug import Lightbug
from tests.common import (
    add_entry,
    entity_id,
    pass_time,
    settle,
    snapshot_entities,
    state_of,
)

from .conftest import POINTS, POLL, SUMMARY, UNIQUE_ID, stored, unique

DEVICE_ID = 2_370_001
"""The first tracker, a dinghy that lies at 54.0, 7.9."""

HOME = (54.0, 7.9)
THERE = (54.25, 8.5)
DAY = 86_400
TIMES = {"timestamp", "created"}


def place(hass: HomeAssistant, device_id: int = DEVICE_ID) -> tuple[Any, Any] | None:
    """Return where a tracker is on the map."""
    shown = location(hass, device_id)
    if shown.state == "unknown":
        assert "latitude" not in shown.attributes
        return None
    return shown.attributes["latitude"], shown.attributes["longitude"]


def location(hass: HomeAssistant, device_id: int = DEVICE_ID) -> State:
    """Return the state of a tracker's main entity."""
    state = hass.states.get(
        entity_id(hass, "device_tracker", unique(device_id, "location"))
    )
    assert state is not None
    return state


def sensor(hass: HomeAssistant, key: str, device_id: int = DEVICE_ID) -> str:
    """Return the state of a tracker's sensor."""
    return state_of(hass, "sensor", unique(device_id, key))


def binary(hass: HomeAssistant, key: str, device_id: int = DEVICE_ID) -> str:
    """Return the state of a tracker's binary sensor."""
    return state_of(hass, "binary_sensor", unique(device_id, key))


def at(where: tuple[float, float], **fields: Any) -> dict[str, Any]:
    """Return the fields of a point at a place."""
    return {"location": {"lat": where[0], "lng": where[1]}} | fields


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    "platform", [Platform.DEVICE_TRACKER, Platform.SENSOR, Platform.BINARY_SENSOR]
)
async def test_entities(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """All entities of a tracker on its way, a BLE tag, and one that is deactivated."""
    freezer.move_to("2026-11-01 12:00:00+00:00")
    lightbug = Lightbug(trackers=1)
    await lightbug.start()
    for name in ("invalid", "epoch", "check_in"):
        lightbug.remove_tracker(lightbug.odd[name])
    lightbug.move(DEVICE_ID, 54.25, 8.5, speed=14.5, course=90, sendReason=17 | 32)
    lightbug.add_point(
        DEVICE_ID, **at(THERE, speed=15.5, sendReason=25, averageCharge=255)
    )
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    snapshot_entities(hass, entry, snapshot, platform)
    await lightbug.stop()
    assert lightbug.violations == []


# Where it is -------------------------------------------------------------------


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_tracker_moves(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A new fix moves the tracker, with all that belongs to it."""
    assert place(hass) == HOME
    before = sensor(hass, "last_fix")
    lightbug.move(
        DEVICE_ID,
        *THERE,
        accuracy=25,
        speed=36.5,
        altitude=12,
        course=271,
        locationType="wifi",
    )
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    assert location(hass).attributes["gps_accuracy"] == 25
    assert sensor(hass, "speed") == "36.5"
    assert sensor(hass, "altitude") == "12.0"
    assert sensor(hass, "course") == "271.0"
    assert sensor(hass, "location_source") == "wifi"
    assert sensor(hass, "last_fix") > before


@pytest.mark.parametrize(
    "fields",
    [
        at(THERE, sendReason=255),
        at(THERE, locationType="invalid"),
        at(THERE, locationType="Invalid"),
        at(THERE, locationType=None),
        at((0, 0)),
        at((0.0, -0.0), locationType="gsm"),
        {"location": None},
        {"location": {}},
        {"location": [54.25, 8.5]},
        {"location": {"lat": "north", "lng": 8.5}},
        {"location": {"lat": 54.25}},
        at((91, 8.5)),
        at((54.25, -181)),
        at((0.01, -0.01)),
        at((0.0099, 0.005), locationType="gsm"),
        at(THERE, timestamp=-100 * DAY),
        at(THERE, timestamp=-100 * DAY, created=-100 * DAY + 7),
        at(THERE, timestamp=None, created=None),
        at(THERE, timestamp="1970-01-01T00:00:07.000Z", created=None),
        at(
            THERE,
            timestamp="1970-01-01T00:00:07.000Z",
            created="2026-01-01T00:00:07.000Z",
        ),
    ],
)
async def test_what_does_not_move_a_tracker(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fields: dict[str, Any],
) -> None:
    """What is no place, not believable or older never moves a tracker."""
    # The order of arrival: so that an older fix comes as the newest point.
    lightbug.summary_by = "created"
    before = location(hass), sensor(hass, "last_fix"), sensor(hass, "speed")
    await pass_time(hass, freezer, 1)
    lightbug.add_point(DEVICE_ID)
    new = lightbug.tracker(DEVICE_ID).points[-1]
    new |= {
        # Seconds from now.
        name: lightbug.moment(value)
        if isinstance(value, int) and name in TIMES
        else value
        for name, value in fields.items()
    }
    lightbug.inject(
        SUMMARY, "body", body=summary(new), times=2, content_type="application/json"
    )
    lightbug.inject(POINTS, "body", body="[]", times=-1)
    writes = async_capture_events(hass, "state_changed")
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert (location(hass), sensor(hass, "last_fix"), sensor(hass, "speed")) == (
            before
        )
    assert not [
        write for write in writes if "device_tracker" in write.data["entity_id"]
    ]
    # And it does not stand in the way of the next fix.
    lightbug.clear_faults()
    lightbug.tracker(DEVICE_ID).points.remove(new)
    lightbug.move(DEVICE_ID, *THERE)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE


def summary(*points: dict[str, Any], **fields: Any) -> str:
    """Return `getDeviceSummary`'s answer about the dinghy alone."""
    device = {"id": DEVICE_ID, "imei": "350000000000001", "latestPoints": list(points)}
    return json.dumps([device | fields])


async def test_clock_that_starts_at_1970(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """A device that had no time: the time at the service counts."""
    buoy = lightbug.odd["epoch"]
    (point,) = lightbug.tracker(buoy).points
    assert place(hass, buoy) == (54.06, 7.9)
    assert sensor(hass, "last_fix", buoy) == f"{point['created'][:19]}+00:00"


async def test_clock_that_is_ahead(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A fix cannot be newer than its arrival: it must not block the next ones."""
    lightbug.add_point(DEVICE_ID, **at((55, 9), timestamp="2038-01-01T00:00:00.000Z"))
    created = lightbug.tracker(DEVICE_ID).points[-1]["created"]
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (55, 9)
    assert sensor(hass, "last_fix") == f"{created[:19]}+00:00"
    lightbug.tracker(DEVICE_ID).points.pop()
    lightbug.move(DEVICE_ID, *THERE)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE


async def test_newest_point_is_no_fix(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """At the start, too, the newest valid fix is shown, not just the newest point."""
    assert place(hass, lightbug.odd["invalid"]) == (54.05, 7.9)
    assert place(hass, lightbug.odd["check_in"]) == (54.07, 7.9)


async def test_fix_just_before_a_point_that_is_none(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The fix at the garage's door counts, although the last point is from inside."""
    lightbug.move(DEVICE_ID, *THERE)
    await pass_time(hass, freezer, 1)
    lightbug.add_point(DEVICE_ID, location=None, locationType="invalid", sendReason=66)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    assert binary(hass, "moving") == "off"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_no_fix_yet(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """A tracker that never sent a place is unknown, and then it is there."""
    device_id = lightbug.add_tracker(points=0)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert place(hass, device_id) is None
    for key in ("speed", "altitude", "course", "last_fix", "location_source"):
        assert sensor(hass, key, device_id) == "unknown"
    for key in ("moving", "motion", "outside_safe_zone", "charging"):
        assert binary(hass, key, device_id) == "unknown"
    assert sensor(hass, "battery", device_id) == "33.0"
    lightbug.move(device_id, *THERE)
    await pass_time(hass, freezer, POLL)
    assert place(hass, device_id) == THERE


async def test_place_that_is_only_repeated(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """`sendReason` 128: the place is the last one known, so the fix is not new."""
    fix = sensor(hass, "last_fix")
    lightbug.add_point(DEVICE_ID, sendReason=2 | 128)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == HOME
    assert sensor(hass, "last_fix") == fix
    # A place whose own fix was missed: we know where, but not since when.
    lightbug.add_point(DEVICE_ID, **at(THERE, sendReason=2 | 128))
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    assert sensor(hass, "last_fix") == "unknown"
    lightbug.move(DEVICE_ID, *THERE)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "last_fix") > fix


async def test_nothing_is_written_for_what_did_not_change(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll without news writes no state; a parked tracker writes no position."""
    changes = async_capture_events(hass, "state_changed")
    before = {state.entity_id: state.last_reported for state in hass.states.async_all()}
    await pass_time(hass, freezer, POLL)
    assert not changes
    lightbug.move(DEVICE_ID, *HOME)
    await pass_time(hass, freezer, POLL)
    changed = {
        entity_id(hass, "sensor", unique(DEVICE_ID, "last_fix")),
        entity_id(hass, "sensor", unique(DEVICE_ID, "last_connection")),
    }
    assert {change.data["entity_id"] for change in changes} == changed
    written = {
        state.entity_id
        for state in hass.states.async_all()
        if state.last_reported != before[state.entity_id]
    }
    assert written == changed


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    ("fields", "key", "state"),
    [
        ({"speed": None}, "speed", "unknown"),
        ({"speed": -1}, "speed", "unknown"),
        ({"speed": "fast"}, "speed", "unknown"),
        ({"altitude": -3.5}, "altitude", "-3.5"),
        ({"altitude": True}, "altitude", "unknown"),
        ({"course": 361}, "course", "unknown"),
        ({"locationType": "uwb"}, "location_source", "unknown"),
        ({"locationType": "gsm"}, "location_source", "gsm"),
    ],
)
async def test_what_belongs_to_a_fix(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fields: dict[str, Any],
    key: str,
    state: str,
) -> None:
    """What a fix does not tell, or cannot be, is unknown; the place is not."""
    lightbug.move(DEVICE_ID, *THERE)
    lightbug.tracker(DEVICE_ID).points[-1].update(accuracy=None, **fields)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    accuracy = 1000 if state == "gsm" else 0
    assert location(hass).attributes["gps_accuracy"] == accuracy
    assert sensor(hass, key) == state


@pytest.mark.parametrize(
    ("source", "told", "shown"),
    [
        ("gsm", None, 1000),
        ("gsm", 0, 1000),
        ("gsm", -1, 1000),
        ("GSM", "far", 1000),
        ("gsm", 350, 350),
        ("gps", 4.5, 4.5),
    ],
)
async def test_accuracy(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    source: str,
    told: Any,
    shown: float,
) -> None:
    """A fix by gsm without an accuracy is not the best there is."""
    lightbug.move(DEVICE_ID, *THERE, locationType=source, accuracy=told)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    assert location(hass).attributes["gps_accuracy"] == shown


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("reason", [64, 2, 2 | 128, 1 | 64])
async def test_end_of_a_journey(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    reason: int,
) -> None:
    """What was true on a journey ends with it, although the place stays."""
    lightbug.move(DEVICE_ID, *THERE, speed=52, course=90, sendReason=17)
    await pass_time(hass, freezer, POLL)
    assert (sensor(hass, "speed"), sensor(hass, "course")) == ("52.0", "90.0")
    where = {"location": None, "locationType": "invalid"}
    if reason & 128:
        where = at(THERE, speed=52, course=90)
    lightbug.add_point(DEVICE_ID, **where, sendReason=reason)
    for restart in (False, True):
        await pass_time(hass, freezer, POLL)
        if restart:
            assert await hass.config_entries.async_reload(entry.entry_id)
            await settle(hass)
        assert place(hass) == THERE
        assert (sensor(hass, "speed"), sensor(hass, "course")) == ("unknown",) * 2
    # Awake again, still without a fix: the old speed does not come back.
    lightbug.add_point(
        DEVICE_ID, location=None, locationType="invalid", sendReason=17, speed=None
    )
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "speed") == "unknown"
    lightbug.move(DEVICE_ID, *THERE, speed=30, sendReason=17)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "speed") == "30.0"


async def test_safe_zone_through_a_restart(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """That a tracker has a safe zone is not forgotten."""
    assert binary(hass, "outside_safe_zone") == "unknown"
    lightbug.add_point(DEVICE_ID, sendReason=9)
    await pass_time(hass, freezer, POLL)
    assert binary(hass, "outside_safe_zone") == "on"
    # So long ago that the point is not read again after a start.
    freezer.tick(2 * 86_400)
    for _ in range(6):
        lightbug.add_point(DEVICE_ID, sendReason=1)
    await pass_time(hass, freezer, POLL)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert binary(hass, "outside_safe_zone") == "off"


# How it is ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sensor_key", "state"),
    [
        ({"batteryPct": 77.5}, "battery", "78.0"),
        ({"batteryPct": 0}, "battery", "0.0"),
        ({"batteryPct": 255}, "battery", "unknown"),
        ({"batteryPct": None}, "battery", "unknown"),
        ({"currentMode": 0}, "mode", "awake"),
        ({"currentMode": 1}, "mode", "sleep"),
        ({"currentMode": 2}, "mode", "available"),
        ({"currentMode": 6}, "mode", "flight"),
        ({"currentMode": 3}, "mode", "unknown"),
        ({"currentMode": None}, "mode", "unknown"),
        (
            {"lastConnection": "2026-11-01T10:00:00.500Z"},
            "last_connection",
            "2026-11-01T10:00:00+00:00",
        ),
        ({"lastConnection": "yesterday"}, "last_connection", "unknown"),
        ({"lastConnection": None}, "last_connection", "unknown"),
    ],
)
async def test_sensors(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fields: dict[str, Any],
    sensor_key: str,
    state: str,
) -> None:
    """What the service holds is shown; what it does not hold is unknown."""
    lightbug.set_device(DEVICE_ID, **fields)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, sensor_key) == state


async def test_deactivated(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A deactivated tracker stays available and says so."""
    device_id = lightbug.odd["deactivated"]
    assert binary(hass, "active", device_id) == "off"
    assert place(hass, device_id) == (54.04, 7.9)
    lightbug.set_device(device_id, active=True)
    await pass_time(hass, freezer, POLL)
    assert binary(hass, "active", device_id) == "on"


@pytest.mark.parametrize(
    ("reasons", "moving", "motion", "outside"),
    [
        ([0], "unknown", "off", "unknown"),
        ([1], "unknown", "off", "unknown"),
        ([2], "off", "off", "unknown"),
        ([16], "unknown", "on", "unknown"),
        ([8], "unknown", "off", "on"),
        ([4], "unknown", "off", "unknown"),
        ([1 | 16], "on", "on", "unknown"),
        ([1 | 32], "on", "off", "unknown"),
        ([2 | 32], "on", "off", "unknown"),
        ([1 | 16 | 64], "off", "off", "unknown"),
        ([32 | 64], "off", "off", "unknown"),
        ([32, 1], "on", "off", "unknown"),
        ([64, 16], "off", "on", "unknown"),
        ([32, 2], "off", "off", "unknown"),
        ([8, 1], "unknown", "off", "off"),
        ([8, 255, 2], "off", "off", "off"),
        ([1 | 8 | 16 | 32, 255], "on", "on", "on"),
        ([1 | 8 | 16 | 32, 255, 255], "on", "on", "on"),
        ([1 | 8 | 16 | 32, None], "unknown", "unknown", "unknown"),
        ([1 | 8 | 16 | 32, 256], "unknown", "unknown", "unknown"),
        ([1 | 8 | 16 | 32, "x"], "unknown", "unknown", "unknown"),
    ],
)
async def test_status(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    reasons: list[Any],
    moving: str,
    motion: str,
    outside: str,
) -> None:
    """The bits of `sendReason`; 255 leaves them as they were.

    Whether a tracker is inside a safe zone is known once it was outside of one.
    """
    for reason in reasons:
        await pass_time(hass, freezer, 1)
        lightbug.add_point(DEVICE_ID, sendReason=reason)
        await pass_time(hass, freezer, POLL)
    assert binary(hass, "moving") == moving
    assert binary(hass, "motion") == motion
    assert binary(hass, "outside_safe_zone") == outside


async def test_more_is_told_of_a_point(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What the service adds to a point later, or corrects, is shown."""
    lightbug.move(DEVICE_ID, *THERE, accuracy=500)
    await pass_time(hass, freezer, POLL)
    assert location(hass).attributes["gps_accuracy"] == 500
    lightbug.tracker(DEVICE_ID).points[-1]["accuracy"] = 20
    await pass_time(hass, freezer, POLL)
    assert location(hass).attributes["gps_accuracy"] == 20


async def test_status_of_an_older_point(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A point that arrives late does not tell how it is now."""
    lightbug.summary_by = "created"
    lightbug.add_point(DEVICE_ID, sendReason=1 | 8 | 16 | 32)
    await pass_time(hass, freezer, POLL)
    lightbug.add_point(DEVICE_ID, sendReason=2, timestamp=lightbug.moment(-100 * DAY))
    await pass_time(hass, freezer, POLL)
    assert binary(hass, "moving") == "on"
    assert binary(hass, "motion") == "on"
    assert binary(hass, "outside_safe_zone") == "on"


@pytest.mark.parametrize(
    ("charges", "state"),
    [
        ([255], "on"),
        ([100], "off"),
        ([0], "off"),
        ([None], "unknown"),
        ([255, None], "unknown"),
        ([255, 100], "off"),
    ],
)
async def test_charging(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    charges: list[Any],
    state: str,
) -> None:
    """`averageCharge` 255 is plugged in; where nothing is told, it is unknown."""
    for charge in charges:
        await pass_time(hass, freezer, 1)
        lightbug.add_point(DEVICE_ID, averageCharge=charge)
        await pass_time(hass, freezer, POLL)
    assert binary(hass, "charging") == state
    lightbug.add_point(DEVICE_ID, averageCharge=7, sendReason=255)
    await pass_time(hass, freezer, POLL)
    assert binary(hass, "charging") == state


async def test_tag_has_only_what_it_has_data_for(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A BLE tag has no tracker's entities until it has data for them."""
    tag = lightbug.odd["tag"]

    def keys() -> set[str]:
        prefix = unique(tag, "")
        entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        ids = [entity.unique_id for entity in entities]
        return {
            unique_id.removeprefix(prefix)
            for unique_id in ids
            if unique_id.startswith(prefix)
        }

    settings = {"wake_interval", "sleep_interval", "config_pending"}
    assert keys() == {"battery", "mode", "active"} | settings
    lightbug.set_device(tag, batteryPct=None, lastConnection="2026-11-01T10:00:00Z")
    await pass_time(hass, freezer, POLL)
    assert keys() == {"battery", "mode", "active", "last_connection"} | settings
    assert sensor(hass, "battery", tag) == "unknown"
    lightbug.move(tag, *THERE)
    await pass_time(hass, freezer, POLL)
    assert place(hass, tag) == THERE
    assert len(keys()) == 27


# The summary's other shape, and the budget ---------------------------------------


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_bare_summary(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """What the bare summary leaves out is read from the newest valid point, once."""
    lightbug.summary_shape = "bare"
    lightbug.move(DEVICE_ID, *THERE, altitude=7, averageCharge=255)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    # All but the tag, which has no points.
    assert lightbug.count(POINTS) == len(lightbug.trackers) - 1
    assert place(hass) == THERE
    assert sensor(hass, "altitude") == "7.0"
    assert sensor(hass, "location_source") == "gps"
    assert sensor(hass, "battery") == "33.0"
    assert binary(hass, "charging") == "on"
    assert place(hass, lightbug.odd["epoch"]) == (54.06, 7.9)
    assert place(hass, lightbug.odd["invalid"]) == (54.05, 7.9)
    assert place(hass, lightbug.odd["check_in"]) == (54.07, 7.9)

    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == len(lightbug.trackers) - 1
    lightbug.move(DEVICE_ID, *HOME, sendReason=17)
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == len(lightbug.trackers)
    assert place(hass) == HOME
    assert binary(hass, "moving") == "on"


async def test_bare_point_is_not_assumed_valid(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A point that does not tell how it was found moves nothing by itself."""
    lightbug.summary_shape = "bare"
    lightbug.add_point(DEVICE_ID, **at(THERE, locationType="invalid", sendReason=1 | 8))
    await pass_time(hass, freezer, POLL)
    assert place(hass) == HOME
    assert binary(hass, "outside_safe_zone") == "on"


async def test_point_that_tells_no_source(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A place the service vouches for is one, though its source is unknown."""
    lightbug.summary_shape = "bare"
    lightbug.move(DEVICE_ID, *THERE)
    new = dict(lightbug.tracker(DEVICE_ID).points[-1])
    del new["locationType"]
    lightbug.inject(POINTS, "body", body=json.dumps([new]))
    await pass_time(hass, freezer, POLL)
    assert place(hass) == THERE
    assert sensor(hass, "location_source") == "unknown"


async def test_scarce_budget(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """When requests are scarce, only the poll itself is sent; the rest is caught up."""
    lightbug.add_point(DEVICE_ID, averageCharge=255)
    await pass_time(hass, freezer, POLL)
    read = lightbug.count(POINTS)
    lightbug.set_limits(normal=100, seconds=3600)
    lightbug.normal.used = 95
    lightbug.summary_shape = "bare"
    lightbug.move(DEVICE_ID, *THERE)
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == read
    assert place(hass) == HOME
    # Nobody said anything else of it.
    assert binary(hass, "charging") == "on"
    lightbug.set_limits(normal=2000)
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == read + 1
    assert place(hass) == THERE
    assert binary(hass, "charging") == "unknown"


async def test_large_fleet_is_read_in_turns(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """A bare summary of a fleet does not make hundreds of requests at once."""
    fleet = lightbug.generate(130)
    lightbug.summary_shape = "bare"
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert lightbug.count(POINTS) == 100
    assert place(hass, fleet[99]) is not None
    assert place(hass, fleet[100]) is None
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == 130
    assert place(hass, fleet[129]) is not None


async def test_slow_service_is_not_waited_for(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading points ends after a while, so that a start of HA is not held up."""
    fleet = lightbug.generate(60)
    lightbug.summary_shape = "bare"
    now = lightbug.clock.now

    def later() -> datetime:
        freezer.tick(0.3)
        return now()

    monkeypatch.setattr(lightbug.clock, "now", later)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert 5 <= lightbug.count(POINTS) < 60
    monkeypatch.undo()
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == 60
    assert place(hass, fleet[59]) is not None


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "html"},
        {"kind": "truncated"},
        {"kind": "body", "body": "{}"},
        {"kind": "status", "status": 429, "headers": {"X-Ratelimit-Window": "30"}},
    ],
)
async def test_points_in_trouble(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
) -> None:
    """Trouble with the points fails no poll; they are read when it is over."""
    lightbug.summary_shape = "bare"
    ids = [tracker for tracker in lightbug.trackers if tracker != lightbug.odd["tag"]]
    for device_id in ids:
        lightbug.move(device_id, *THERE, batteryPct=50)
    lightbug.inject(POINTS, times=-1, **fault)
    read = lightbug.count(POINTS)
    await pass_time(hass, freezer, POLL)
    # One batch told enough.
    assert lightbug.count(POINTS) == read + 5
    assert sensor(hass, "battery") == "50.0"
    assert place(hass) == HOME
    lightbug.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert {place(hass, device_id) for device_id in ids} == {THERE}


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_points_that_are_not_for_us(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    status: int,
) -> None:
    """What is refused of one tracker is asked for again after an hour."""
    lightbug.summary_shape = "bare"
    lightbug.move(DEVICE_ID, *THERE)
    lightbug.inject(POINTS, "status", status=status, body="{}")
    await pass_time(hass, freezer, POLL)
    read = lightbug.count(POINTS)
    lightbug.move(DEVICE_ID, *THERE)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == read
    assert place(hass) == HOME
    assert sensor(hass, "mode") == "awake"
    await pass_time(hass, freezer, 3600)
    assert place(hass) == THERE


async def test_what_is_off_by_default(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Few people want these; what a tracker can be told is there at once."""
    registry = er.async_get(hass)
    off = {
        one.unique_id.removeprefix(f"lightbug:{DEVICE_ID}_")
        for one in er.async_entries_for_config_entry(registry, entry.entry_id)
        if one.disabled_by and one.unique_id.startswith(f"lightbug:{DEVICE_ID}_")
    }
    assert off == {
        *("address", "altitude", "battery_voltage", "course", "distance_today"),
        *("geofence", "gsm_signal", "plan_expires", "trips"),
    }


async def test_device_leads_to_lightbug(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A device's page has a link to where people set up their trackers."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    urls = {device.configuration_url for device in devices}
    assert urls == {"https://admin.lightbug.cloud"}

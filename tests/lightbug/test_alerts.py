"""Alerts as events: every one once, in time order, across restarts."""

from datetime import UTC, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lightbug import Lightbug
from simulator.lightbug.household import TRIGGERS
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import ACTIVITY, POLL, SUMMARY, UNIQUE_ID, Heard, stored, unique

FIRST = 2_370_001
HOUR = 3600
DAY = 24 * HOUR


async def test_alert(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """An alert is told with all that the service says of it, once."""
    await pass_time(hass, freezer, 10)
    made = lightbug.add_activity(
        FIRST, "button", name="SOS", zones=["Harbour"], message="[Lights on]"
    )
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    (alert,) = heard.attributes
    assert alert["event_type"] == "button"
    assert alert["name"] == "SOS"
    assert alert["zones"] == ["Harbour"]
    assert alert["message"] == "[Lights on]"
    assert alert["time"][:19] == made["created"][:19]


@pytest.mark.parametrize(
    ("kind", "subtype", "event_type"),
    [
        ("button", None, "button"),
        ("lowBat", None, "low_battery"),
        ("geoEntry", None, "geofence_enter"),
        ("geoEntry", "geoExit", "geofence_exit"),
        ("geofence", "enter", "geofence_enter"),
        ("geofence", "Entered", "geofence_enter"),
        ("geofence", "left", "geofence_exit"),
        ("geofence", None, "geofence"),
        ("speed", None, "speed"),
        ("temp", None, "temperature"),
        ("temp_bme", "high", "temperature"),
        ("humidity", None, "humidity"),
        ("pressure", None, "pressure"),
        ("distance", None, "distance"),
        ("proximity", None, "proximity"),
        ("alertMode", "rotation", "rotation"),
        ("alertMode", None, "other"),
        ("expiresDaily", None, "plan_expires"),
        ("expiresWeekly", None, "plan_expires"),
        ("acc", None, "other"),
        ("extAccel", "high", "other"),
        ("newLoc", None, None),
        ("newWakeLoc", None, None),
        ("newReading", "temp", None),
        ("never heard of", None, "other"),
    ],
)
async def test_kinds(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    kind: str,
    subtype: str | None,
    event_type: str | None,
) -> None:
    """Every type of trigger has its event type; new places and readings are none."""
    await pass_time(hass, freezer, 10)
    made = lightbug.add_activity(FIRST, kind, subtype)
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ([event_type] if event_type else [])
    for alert in heard.attributes:
        assert alert["type"] == kind
        assert alert["subtype"] == (subtype or kind)
        assert alert["trigger_id"] == made["triggerId"]
        assert alert["point_id"] == made["pointId"]


def test_every_documented_trigger_is_tried() -> None:
    """The documents' list of triggers is covered above."""
    (cases,) = (mark for mark in test_kinds.pytestmark if "kind" in mark.args[0])  # type: ignore[attr-defined]  # pytest puts it there
    assert set(TRIGGERS) <= {case[0] for case in cases.args[1]}


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (1, ["drop"]),
        (2, ["rotation"]),
        (4, ["jamming"]),
        (8, ["button"]),
        (16, ["generic"]),
        (32, ["ignition"]),
        (1 | 8, ["drop", "button"]),
        (0, []),
        (64, []),
        (None, []),
        ("high", []),
        (-1, []),
    ],
)
@pytest.mark.parametrize("shape", ["rich", "bare"])
async def test_alert_types(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    value: Any,
    kinds: list[str],
    shape: Any,
) -> None:
    """The bits of `alertType` are alerts, too, in both shapes, once."""
    lightbug.summary_shape = shape
    await pass_time(hass, freezer, 10)
    lightbug.add_point(FIRST, alertType=value)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds == kinds


async def test_check_in_alerts_of_nothing(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """`sendReason` 255: "ignore all data"."""
    await pass_time(hass, freezer, 10)
    lightbug.add_point(FIRST, alertType=8, sendReason=255)
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == []


@pytest.mark.parametrize("activity", ["before", "same", "later"])
async def test_same_alert_from_both(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    activity: str,
) -> None:
    """An alert that both activity and its point tell is one."""
    await pass_time(hass, freezer, 10)
    point = lightbug.add_point(FIRST)
    if activity == "before":
        lightbug.add_activity(FIRST, "button", name="SOS")
        await pass_time(hass, freezer, POLL)
        lightbug.tracker(FIRST).points[-1]["alertType"] = 8
        assert await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    lightbug.tracker(FIRST).points[-1]["alertType"] = 8
    if activity == "same":
        lightbug.add_activity(FIRST, "alertMode", name="SOS")
    await pass_time(hass, freezer, POLL)
    if activity == "later":
        assert lightbug.add_activity(FIRST, "button")["pointId"] == point
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["button"]
    assert heard.attributes[0]["name"] == (None if activity == "later" else "SOS")


async def test_alert_from_the_future(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """An alert whose time lies ahead hides none of those that follow."""
    ahead = freezer.time_to_freeze.replace(tzinfo=UTC) + timedelta(hours=20)
    lightbug.add_activity(FIRST, "speed", created=ahead.isoformat())
    await pass_time(hass, freezer, POLL)
    lightbug.add_activity(FIRST, "distance")
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["speed", "distance"]


async def test_two_triggers_of_one_point(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """Two zones entered at once are two alerts, although all else is the same."""
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "geoEntry", zones=["Harbour"])
    lightbug.add_activity(FIRST, "geoEntry", zones=["Town"])
    await pass_time(hass, freezer, POLL)
    assert sorted(attribute["zones"] for attribute in heard.attributes) == [
        ["Harbour"],
        ["Town"],
    ]


async def test_time_order(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """Alerts of one poll are told in the order in which they happened."""
    for kind in ("speed", "lowBat", "distance"):
        await pass_time(hass, freezer, 10)
        lightbug.add_activity(FIRST, kind)
        await pass_time(hass, freezer, 10)
        lightbug.add_point(FIRST, alertType=1)
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["speed", "drop", "low_battery", "drop", "distance", "drop"]
    times = [attribute["time"] for attribute in heard.attributes]
    assert times == sorted(times)


async def test_first_poll_only_remembers(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """What happened before the entry was added is not told, not even later."""
    lightbug.add_activity(FIRST, "button")
    lightbug.add_point(FIRST, alertType=4)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    heard = Heard(hass)
    await pass_time(hass, freezer, POLL)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == []
    assert state_of(hass, "event", unique(FIRST, "alert")) == "unknown"


async def test_first_answer_comes_late(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """Activity that fails at the start: what happened before stays untold."""
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "button")
    await pass_time(hass, freezer, 10)
    lightbug.inject(ACTIVITY, "status", status=500)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    heard = Heard(hass)
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["speed"]


@pytest.mark.parametrize("through", ["reload", "outage"])
async def test_restart_and_gap(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    through: str,
) -> None:
    """After a gap the alerts of the last 24 hours are told, each once."""
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["speed"]
    if through == "reload":
        assert await hass.config_entries.async_unload(entry.entry_id)
    else:
        lightbug.inject("*", "status", status=503, times=-1)
    await pass_time(hass, freezer, HOUR)
    lightbug.add_activity(FIRST, "lowBat")
    await pass_time(hass, freezer, DAY - HOUR)
    lightbug.add_activity(FIRST, "distance")
    lightbug.add_point(FIRST, alertType=2)
    await pass_time(hass, freezer, HOUR + 600)
    if through == "reload":
        assert await hass.config_entries.async_setup(entry.entry_id)
        await settle(hass)
    else:
        lightbug.clear_faults()
        await pass_time(hass, freezer, POLL)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds[0] == "speed"
    assert sorted(heard.kinds[1:]) == ["distance", "rotation"]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await pass_time(hass, freezer, POLL)
    assert len(heard.kinds) == 3


async def test_wrong_clock(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """Days and ages are the service's: a wrong clock of ours loses no alert."""
    lightbug.clock.advance(-3 * DAY)
    lightbug.tracker(FIRST).points.clear()
    await hass.config_entries.async_remove(entry.entry_id)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["speed"]


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ({"kind": "status", "status": 500}, ["speed", "distance"]),
        ({"kind": "html"}, ["speed", "distance"]),
        ({"kind": "nulls"}, ["speed", "distance"]),
        ({"kind": "status", "status": 404, "body": "{}"}, []),
    ],
)
async def test_activity_in_trouble(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    fault: dict[str, Any],
    kinds: list[str],
) -> None:
    """Trouble with the activity fails no poll, and no alert is lost by it."""
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    lightbug.inject(ACTIVITY, **fault)
    lightbug.move(FIRST, 54.25, 8.5, batteryPct=50)
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == []
    assert state_of(hass, "sensor", unique(FIRST, "battery")) == "50.0"
    lightbug.add_activity(FIRST, "distance")
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds == kinds


async def test_alerts_of_a_failed_poll(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """An alert of an outage is told once the entities are back, not before."""
    lightbug.inject(SUMMARY, "status", status=500, times=3)
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    alert = entity_id(hass, "event", unique(FIRST, "alert"))
    state = hass.states.get(alert)
    assert state is not None
    assert state.state == "unavailable"
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["speed"]


async def test_little_is_asked_for(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll asks for what came since the last alert, and a little before."""
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, POLL)
    last = [request for request in lightbug.requests if request.key == ACTIVITY][-1]
    since, until = last.query["dateRange"].strip("[]").split(",")
    now = freezer().timestamp()  # type: ignore[operator]  # its type knows no call
    assert timedelta(hours=1) < timedelta(seconds=now - int(since) / 1000)
    assert timedelta(seconds=now - int(since) / 1000) < timedelta(hours=2)
    assert int(until) / 1000 > now

"""Trackers whose own clock is wrong, and times that are none."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lightbug import Lightbug
from simulator.lightbug.trackers import GO_ZERO
from tests.common import add_entry, entity_id, pass_time, state_of

from .conftest import POINTS, POLL, SUMMARY, UNIQUE_ID, stored, unique

FIRST = 2_370_001
DAY = 86_400


def place(hass: HomeAssistant) -> tuple[Any, Any]:
    """Return where the first tracker is on the map."""
    state = hass.states.get(
        entity_id(hass, "device_tracker", unique(FIRST, "location"))
    )
    assert state is not None
    return state.attributes.get("latitude"), state.attributes.get("longitude")


def sensor(hass: HomeAssistant, key: str) -> str:
    """Return the state of the first tracker's sensor."""
    return state_of(hass, "sensor", unique(FIRST, key))


@pytest.mark.parametrize("shape", ["rich", "bare"])
@pytest.mark.parametrize("by", ["timestamp", "created"])
@pytest.mark.parametrize("clock", ["ahead", "rolled_over", "reset"])
async def test_wrong_for_one_point(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    clock: Any,
    by: Any,
    shape: Any,
) -> None:
    """A point with a wrong clock counts by its arrival, and hides none after it."""
    lightbug.summary_by, lightbug.summary_shape = by, shape
    lightbug.set_clock(FIRST, clock)
    await pass_time(hass, freezer, POLL)
    lightbug.move(FIRST, 55, 9)
    created = lightbug.tracker(FIRST).points[-1]["created"]
    await pass_time(hass, freezer, POLL)
    if by == "created" or clock == "ahead":
        assert place(hass) == (55, 9)
        assert sensor(hass, "last_fix") == f"{created[:19]}+00:00"
    lightbug.set_clock(FIRST, "right")
    for step in range(1, 4):
        lightbug.move(FIRST, 55, 9 + step)
        await pass_time(hass, freezer, POLL)
        assert place(hass) == (55, 9 + step)


@pytest.mark.parametrize("clock", ["ahead", "rolled_over", "reset"])
async def test_wrong_for_good(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    clock: Any,
) -> None:
    """A tracker whose clock stays wrong is followed, also if the summary hides it.

    The summary is sorted by the trackers' clocks: what was sent before a rollover
    stays on top. Once the tracker connected twice without a new point, what arrived
    last is asked for.
    """
    for _ in range(6):
        lightbug.add_point(FIRST)
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    lightbug.set_clock(FIRST, clock)
    for step in range(2):
        await pass_time(hass, freezer, POLL)
        lightbug.move(FIRST, 55, 9 + step)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (55, 10)
    for step in range(3):
        lightbug.move(FIRST, 56, 9 + step)
        await pass_time(hass, freezer, POLL)
        assert place(hass) == (56, 9 + step)


async def test_connections_without_points(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A tracker that connects and sends nothing is asked once, then hardly ever."""
    read = lightbug.count(POINTS)
    for _ in range(3):
        lightbug.connect(FIRST)
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) == read + 1
    for _ in range(13):
        lightbug.connect(FIRST)
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(POINTS) <= read + 4


@pytest.mark.parametrize(
    "timestamp",
    [
        "2000-02-25T00:00:00.000Z",
        "2007-04-12T00:00:00.000Z",
        "1999-08-22T00:00:00.000Z",
        "2099-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        GO_ZERO,
        "soon",
        -5,
        None,
    ],
)
@pytest.mark.parametrize("first_seen", ["told", None, GO_ZERO, "2090-01-01T00:00:00Z"])
async def test_bad_dates(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    timestamp: Any,
    first_seen: Any,
) -> None:
    """A date that cannot be true is none; the arrival counts."""
    if first_seen != "told":
        lightbug.set_device(FIRST, firstSeen=first_seen)
    await pass_time(hass, freezer, POLL)
    lightbug.move(FIRST, 55, 9)
    point = lightbug.tracker(FIRST).points[-1]
    point["timestamp"] = timestamp
    row = lightbug.tracker(FIRST).device | {"latestPoints": [point]}
    lightbug.inject(
        SUMMARY, "body", body=json.dumps([row]), content_type="application/json"
    )
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (55, 9)
    assert sensor(hass, "last_fix") == f"{point['created'][:19]}+00:00"
    lightbug.tracker(FIRST).points.remove(point)
    lightbug.move(FIRST, 55, 10)
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (55, 10)


async def test_before_the_first_connection(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A time before a tracker was there is none; the arrival counts."""
    lightbug.summary_by = "created"
    lightbug.set_device(FIRST, firstSeen=lightbug.moment(-DAY))
    await pass_time(hass, freezer, POLL)
    lightbug.move(FIRST, 55, 9, timestamp=lightbug.moment(-2 * DAY))
    created = lightbug.tracker(FIRST).points[-1]["created"]
    await pass_time(hass, freezer, POLL)
    assert place(hass) == (55, 9)
    assert sensor(hass, "last_fix") == f"{created[:19]}+00:00"


@pytest.mark.parametrize("value", [GO_ZERO, "1970-01-01T00:00:00.000Z", "", 0])
async def test_times_that_are_none(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    entity_registry_enabled_by_default: None,
    value: Any,
) -> None:
    """Go's zero time, and all before 2000, is not shown and hides no real time."""
    lightbug.set_device(FIRST, lastConnection=value, expires=value)
    lightbug.tracker(FIRST).config["receivedAt"] = value
    lightbug.tracker(FIRST).subscription = {"expires": value}
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert sensor(hass, "last_connection") == "unknown"
    assert sensor(hass, "plan_expires") == "unknown"
    lightbug.set_device(FIRST, expires="2027-05-01T00:00:00.000Z")
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "plan_expires") == "2027-05-01T00:00:00+00:00"


async def test_zero_time_hides_nothing(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Where v2 has only Go's zero time, v1's time is shown."""
    lightbug.zero_times = True
    device = lightbug.tracker(FIRST).device
    row = device | {"lastConnection": "2026-11-01T10:00:00.000Z"}
    device["lastConnection"] = None
    lightbug.inject(
        SUMMARY, "body", body=json.dumps([row]), content_type="application/json"
    )
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert sensor(hass, "last_connection") == "2026-11-01T10:00:00+00:00"


async def test_reading_with_a_wrong_clock(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A reading from the future is not the newest for ever."""
    await pass_time(hass, freezer, POLL)
    lightbug.add_reading(FIRST, "light", 5, timestamp="2099-01-01T00:00:00.000Z")
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "light") == "5.0"
    lightbug.add_reading(FIRST, "light", 6, timestamp="2007-04-12T00:00:00.000Z")
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "light") == "6.0"

"""The way that a tracker took: every fix between two polls, distance, journeys."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.lantern.lightbug.client import history
from custom_components.lantern.store import LanternStore
from simulator.lightbug import Lightbug
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import POINTS, POLL, SUMMARY, UNIQUE_ID, stored, unique

FIRST = 2_370_001
NOON = "2026-11-28 12:00:00+00:00"
KM = 1 / 111.195
"""So many degrees north are a kilometre."""
STATISTIC = f"lantern:lightbug_{sha256(str(FIRST).encode()).hexdigest()[:16]}_distance"

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


def north(kilometres: float) -> dict[str, Any]:
    """Return the fields of a point so far north of the first one."""
    return {"location": {"lat": round(54 + kilometres * KM, 7), "lng": 7.9}}


def today(hass: HomeAssistant) -> float:
    """Return the distance of the day in km."""
    return float(state_of(hass, "sensor", unique(FIRST, "distance_today")))


def last_reset(hass: HomeAssistant) -> Any:
    """Return when the day began, of a total."""
    sensor = entity_id(hass, "sensor", unique(FIRST, "distance_today"))
    state = hass.states.get(sensor)
    assert state is not None
    assert state.attributes["state_class"] == "total"
    return state.attributes["last_reset"]


class Trail:
    """Where the map saw the tracker, in km north of the first place."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Watch from now on."""
        self.seen: list[float] = []
        self._entity = entity_id(hass, "device_tracker", unique(FIRST, "location"))
        hass.bus.async_listen("state_changed", self._changed)

    @callback
    def _changed(self, event: Event[Any]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] == self._entity and "latitude" in new.attributes:
            self.seen.append(round((new.attributes["latitude"] - 54) / KM, 3))


async def hourly(hass: HomeAssistant) -> dict[str, tuple[float, float]]:
    """Return the way and the sum of each hour in the statistics."""
    await async_wait_recording_done(hass)
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2000, 1, 1, tzinfo=UTC),
        None,
        {STATISTIC},
        "hour",
        None,
        {"state", "sum"},
    )
    return {
        datetime.fromtimestamp(row["start"], UTC).strftime("%d %H"): (
            round(row["state"] or 0, 2),
            round(row["sum"] or 0, 2),
        )
        for row in rows.get(STATISTIC, [])
    }


@pytest.fixture
async def quiet(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return an entry of a tracker that has sent one fix, at the first place."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(NOON)
    for device_id in list(lightbug.trackers):
        if device_id != FIRST:
            lightbug.remove_tracker(device_id)
    lightbug.tracker(FIRST).points.clear()
    lightbug.move(FIRST, 54.0, 7.9)
    return await add_entry(hass, UNIQUE_ID, stored(lightbug))


# Every point -------------------------------------------------------------------


@pytest.mark.parametrize(("fast", "polls"), [(True, 60), (False, 12)])
async def test_hour_of_sixty_fixes(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fast: bool,
    polls: int,
) -> None:
    """The map has all 60, the distance is all of the way; three requests a poll."""
    options = {"fast_while_moving": fast}
    hass.config_entries.async_update_entry(quiet, options=options)
    lightbug.tracker(FIRST).config["interval"] = 60
    await hass.config_entries.async_reload(quiet.entry_id)
    await settle(hass)
    await pass_time(hass, freezer, POLL)
    trail = Trail(hass)
    lightbug.requests.clear()
    for minute in range(60):
        freezer.tick(59)
        lightbug.connect(FIRST)
        lightbug.add_point(
            FIRST, **north(minute + 1), sendReason=17 | 32 * (minute == 0)
        )
        await pass_time(hass, freezer, 1)
    await pass_time(hass, freezer, POLL)
    assert trail.seen == [minute + 1.0 for minute in range(60)]
    assert today(hass) == pytest.approx(60, abs=0.01)
    assert lightbug.count(SUMMARY) == pytest.approx(polls, abs=6)
    assert lightbug.count(POINTS) <= 1


async def test_more_than_a_summary_holds(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The rest is read beside; what is older than a poll counts, and is not shown."""
    trail = Trail(hass)
    freezer.tick(1200)
    lightbug.send_packed(FIRST, [north(number + 1) for number in range(20)], seconds=60)
    await pass_time(hass, freezer, 1)
    assert lightbug.count(POINTS) == 1
    assert trail.seen == [15.0, 16.0, 17.0, 18.0, 19.0, 20.0]
    assert today(hass) == pytest.approx(20, abs=0.01)
    await pass_time(hass, freezer, POLL)
    assert len(trail.seen) == 6
    assert today(hass) == pytest.approx(20, abs=0.01)


async def test_longer_summary(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Old points that more room in the summary shows are no news."""
    for number in range(8):
        freezer.tick(1)
        lightbug.move(FIRST, **north(number + 1)["location"])
    await pass_time(hass, freezer, POLL)
    lightbug.requests.clear()
    before = today(hass)
    hass.config_entries.async_update_entry(quiet, options={"fast_while_moving": False})
    lightbug.tracker(FIRST).config["interval"] = 30
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert lightbug.requests[-3].query["pointCount"] == "11"
    assert lightbug.count(POINTS) == 0
    assert today(hass) == before


# Distance ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "way"),
    [
        ({}, 10),
        ({"accuracy": 99}, 10),
        ({"accuracy": 100}, 0),
        ({"accuracy": None}, 0),
        ({"locationType": "gsm", "accuracy": 900}, 0),
        ({"locationType": "invalid"}, 0),
        ({"sendReason": 1 | 128}, 0),
        ({"sendReason": 255}, 0),
    ],
)
async def test_fixes_that_count(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fields: dict[str, Any],
    way: float,
) -> None:
    """There and back; no jump from a stale or approximate fix."""
    freezer.tick(60)
    lightbug.add_point(FIRST, **north(5) | fields)
    await pass_time(hass, freezer, POLL)
    lightbug.add_point(FIRST, **north(0))
    await pass_time(hass, freezer, POLL)
    assert today(hass) == pytest.approx(way, abs=0.01)


async def test_fix_that_comes_late(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The way leads through it, and once."""
    freezer.tick(200)
    lightbug.add_point(FIRST, **north(0.5))
    await pass_time(hass, freezer, POLL)
    assert today(hass) == pytest.approx(0.5, abs=0.01)
    aside = {"location": {"lat": 54 + 0.5 * KM, "lng": 8.0}}
    lightbug.add_point(FIRST, **aside, timestamp=lightbug.moment(-400))
    await pass_time(hass, freezer, POLL)
    longer = today(hass)
    assert longer > 12
    await pass_time(hass, freezer, POLL)
    assert today(hass) == longer


async def test_midnight(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The day begins anew at midnight of Home Assistant, and not with the next poll."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-28 22:50:00+00:00")
    assert await hass.config_entries.async_reload(quiet.entry_id)
    await settle(hass)
    lightbug.move(FIRST, **north(3)["location"])
    await pass_time(hass, freezer, POLL)
    assert today(hass) == pytest.approx(3, abs=0.01)
    freezer.move_to("2026-11-28 23:00:00+00:00")
    lightbug.requests.clear()
    lightbug.inject("*", "status", status=503, times=-1)
    await pass_time(hass, freezer, 1)
    assert today(hass) == 0
    lightbug.clear_faults()


async def test_late_fix_of_the_day_before(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its way is yesterday's: today's falls, in a total that began at midnight."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-28 23:10:00+00:00")
    lightbug.move(FIRST, **north(10)["location"])
    await pass_time(hass, freezer, POLL)
    assert today(hass) == pytest.approx(10, abs=0.01)
    late = "2026-11-28T22:50:00.000Z"
    lightbug.add_point(FIRST, **north(7), timestamp=late)
    await pass_time(hass, freezer, POLL)
    assert today(hass) == pytest.approx(3, abs=0.01)
    # A fall is a reset of what only increases: all of it would be counted once more.
    assert last_reset(hass) == "2026-11-29T00:00:00+01:00"


async def test_day_of_a_service_whose_clock_is_slow(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The day is Home Assistant's: once begun, it does not end again."""
    lightbug.clock.advance(-400)
    freezer.move_to("2026-11-29 00:00:00+00:00")
    for _ in range(3):
        await pass_time(hass, freezer, POLL / 2)
        assert last_reset(hass) == "2026-11-29T00:00:00+00:00"


@pytest.mark.usefixtures("recorder_mock")
async def test_statistics(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each hour has its way, those in which Home Assistant slept, too."""
    freezer.tick(60)
    lightbug.move(FIRST, **north(1)["location"])
    await pass_time(hass, freezer, POLL)
    assert await hourly(hass) == {}
    await pass_time(hass, freezer, 3600)
    assert await hourly(hass) == {"28 12": (1.0, 1.0)}

    assert await hass.config_entries.async_unload(quiet.entry_id)
    for number in range(180):
        freezer.tick(60)
        lightbug.move(FIRST, **north(1 + (number + 1) / 60)["location"])
    lightbug.requests.clear()
    assert await hass.config_entries.async_setup(quiet.entry_id)
    await settle(hass)
    assert lightbug.count(POINTS) == 1
    assert today(hass) == pytest.approx(4, abs=0.02)
    await pass_time(hass, freezer, 3600)
    assert await hourly(hass) == {
        "28 12": (1.0, 1.0),
        "28 13": (0.88, 1.88),
        "28 14": (1.0, 2.88),
        "28 15": (1.0, 3.88),
        "28 16": (0.12, 4.0),
    }

    # The file is lost: the sum goes on.
    assert await hass.config_entries.async_unload(quiet.entry_id)
    await LanternStore(hass, quiet.entry_id).async_remove()
    assert await hass.config_entries.async_setup(quiet.entry_id)
    await settle(hass)
    lightbug.move(FIRST, **north(9)["location"])
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, 3600)
    sums = [total for _, total in (await hourly(hass)).values()]
    assert sums == sorted(sums)
    assert sums[-1] >= 9

    assert await hass.config_entries.async_remove(quiet.entry_id)
    assert await hourly(hass) == {}


# Journeys ----------------------------------------------------------------------


async def trips(hass: HomeAssistant, start: str, end: str) -> list[dict[str, Any]]:
    """Return the journeys of a range."""
    calendar = entity_id(hass, "calendar", unique(FIRST, "trips"))
    answer: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": calendar, "start_date_time": start, "end_date_time": end},
        blocking=True,
        return_response=True,
    )
    events: list[dict[str, Any]] = answer[calendar]["events"]
    return events


async def test_trips(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """From started to stopped; the one under way is none yet."""
    addresses = ("1, Harbour Lane", "2, Harbour Lane", "3, Harbour Lane")
    for reasons in ((1 | 32, 17, 17 | 64), (1 | 32, 17)):
        for address, reason in zip(addresses, reasons, strict=False):
            freezer.tick(600)
            where = north(freezer.time_to_freeze.minute / 10)
            lightbug.add_point(FIRST, **where, sendReason=reason, address=address)
    lightbug.requests.clear()
    (trip,) = await trips(hass, "2026-11-28 00:00:00", "2026-11-29 00:00:00")
    assert trip == {
        "start": "2026-11-28T12:10:00+00:00",
        "end": "2026-11-28T12:30:00+00:00",
        "summary": "1, Harbour Lane – 3, Harbour Lane",
        "description": "2.0 km, 20 min",
        "location": "3, Harbour Lane",
    }
    assert lightbug.count(POINTS) == 2
    # It touches the range, though it began before.
    assert await trips(hass, "2026-11-28 12:20:00", "2026-11-28 12:25:00") == [trip]
    assert await trips(hass, "2026-11-28 12:40:00", "2026-11-28 12:50:00") == []
    lightbug.requests.clear()
    assert await trips(hass, "2027-01-01 00:00:00", "2027-01-02 00:00:00") == []
    assert lightbug.count() == 0
    # The tracker begins another journey: the one before ended where it was last seen.
    freezer.tick(3600)
    lightbug.add_point(FIRST, **north(1), sendReason=1 | 32)
    ends = [
        trip["end"]
        for trip in await trips(hass, "2026-11-28 00:00:00", "2026-11-29 00:00:00")
    ]
    assert ends == ["2026-11-28T12:30:00+00:00", "2026-11-28T12:50:00+00:00"]


@pytest.mark.parametrize("without", ["started", "stopped"])
async def test_trip_that_begins_or_ends_without_a_place(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    without: str,
) -> None:
    """In a garage, a tracker knows that it moves or stands, and not where."""
    for name, reason in (("started", 33), ("", 17), ("stopped", 65), ("later", 17)):
        freezer.tick(600)
        source = "invalid" if name == without else "gps"
        where = north(freezer.time_to_freeze.minute / 10)
        lightbug.add_point(FIRST, **where, sendReason=reason, locationType=source)
    (trip,) = await trips(hass, "2026-11-28 00:00:00", "2026-11-29 00:00:00")
    assert trip["start"] == "2026-11-28T12:10:00+00:00"
    assert trip["end"] == "2026-11-28T12:30:00+00:00"
    assert trip["description"] == "1.0 km, 20 min"


async def test_long_trip(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A day shows the journey that began many hours before it."""
    freezer.tick(3600)
    lightbug.add_point(FIRST, **north(1), sendReason=33)
    freezer.tick(20 * 3600)
    lightbug.add_point(FIRST, **north(99), sendReason=65)
    (trip,) = await trips(hass, "2026-11-29 00:00:00", "2026-11-30 00:00:00")
    assert trip["start"] == "2026-11-28T13:00:00+00:00"


async def test_trips_over_places_that_are_not_shown(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is ignored counts for no trip's distance or address either."""
    options = {"ignore_wifi": True}
    hass.config_entries.async_update_entry(quiet, options=options)
    await hass.config_entries.async_reload(quiet.entry_id)
    await settle(hass)
    for way, reason, source in ((1, 33, "gps"), (9, 17, "wifi"), (2, 65, "gps")):
        freezer.tick(600)
        lightbug.add_point(
            FIRST,
            **north(way),
            sendReason=reason,
            locationType=source,
            address=f"{way}, Harbour Lane",
        )
    (trip,) = await trips(hass, "2026-11-28 00:00:00", "2026-11-29 00:00:00")
    assert trip["description"] == "1.0 km, 20 min"


async def test_too_many_points_for_trips(
    hass: HomeAssistant,
    lightbug: Lightbug,
    quiet: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The calendar says so, and shows no part of the range as all of it."""
    monkeypatch.setattr(history, "MOST", 3)
    for _ in range(5):
        lightbug.move(FIRST, 54.0, 7.9)
    with pytest.raises(HomeAssistantError, match="shorter range"):
        await trips(hass, "2026-11-28 00:00:00", "2026-11-29 00:00:00")


async def test_trips_that_cannot_be_read(
    hass: HomeAssistant, lightbug: Lightbug, quiet: MockConfigEntry
) -> None:
    """The calendar says why."""
    lightbug.inject(POINTS, "status", status=503, times=-1)
    with pytest.raises(HomeAssistantError):
        await trips(hass, "2026-11-28 00:00:00", "2026-11-29 00:00:00")
    lightbug.clear_faults()

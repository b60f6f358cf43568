"""What Home Assistant knows of the treatments that Lantern carries."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from syrupy.assertion import SnapshotAssertion

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, snapshot_entities, state_of

from .carrying import hand_over, treatment
from .conftest import BLUE, BLUE_ID, PLAIN, POLL, signed_in

ZONE = "Europe/Berlin"


def shown(hass: HomeAssistant, *keys: str) -> list[str]:
    """Return what some of the first device's sensors show."""
    return [state_of(hass, "sensor", f"{BLUE}_{key}") for key in keys]


def day(hass: HomeAssistant) -> list[str]:
    """Return today's count, today's time and the streak."""
    return shown(hass, "treatments_today", "treatment_time_today", "treatment_streak")


def in_progress(hass: HomeAssistant) -> str:
    """Return whether a treatment goes on."""
    return state_of(hass, "binary_sensor", f"{BLUE}_treatment_in_progress")


def local(text: str) -> datetime:
    """Return a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=dt_util.get_default_time_zone())


@pytest.fixture
async def home(
    hass: HomeAssistant, hass_storage: dict[str, Any], freezer: FrozenDateTimeFactory
) -> None:
    """Live in Berlin, on the evening before the clocks go back."""
    freezer.move_to("2026-10-24 18:00:00+00:00")
    await hass.config.async_set_time_zone(ZONE)


@pytest.fixture
async def entry(home: None, hass: HomeAssistant, lux: Lux) -> ConfigEntry:
    """Sign in there."""
    return await signed_in(hass, lux)


async def events(
    hass: HomeAssistant, start: str, end: str
) -> list[tuple[str, str, str]]:
    """Return what the calendar has in a range of local times."""
    calendar = entity_id(hass, "calendar", f"{BLUE}_treatments")
    answer: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": calendar,
            "start_date_time": local(start),
            "end_date_time": local(end),
        },
        blocking=True,
        return_response=True,
    )
    return [
        (event["start"], event["end"], event["description"])
        for event in answer[calendar]["events"]
    ]


def fired_logs(changes: list[Any]) -> list[dict[str, Any]]:
    """Return the treatment events that were shown, without Home Assistant's names."""
    fired = [change.data["new_state"].attributes for change in changes]
    fired = [event for event in fired if event.get("event_type")]
    names = ("event_type", "start", "duration", "intensity", "ending", "log_file_id")
    return [{k: v for k, v in event.items() if k in names} for event in fired]


async def test_no_guess_where_the_phone_carries(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Without logs of its own, Lantern claims nothing: there is no such entity."""
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    registry = er.async_get(hass)
    for platform, key in (
        ("sensor", "last_treatment"),
        ("sensor", "treatments_today"),
        ("sensor", "treatment_streak"),
        ("calendar", "treatments"),
        ("binary_sensor", "treatment_in_progress"),
    ):
        assert not registry.async_get_entity_id(platform, DOMAIN, f"{BLUE}_{key}")


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize(
    "platform", [Platform.BINARY_SENSOR, Platform.CALENDAR, Platform.SENSOR]
)
async def test_entities_of_a_carried_device(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """All entities of a device whose logs Lantern carries."""
    await hand_over(hass, entry, treatment(13))
    snapshot_entities(hass, entry, snapshot, platform)


async def test_last_treatment(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """The last treatment is the last by its start, however late its log comes."""
    start = dt_util.now() - timedelta(hours=2)
    await hand_over(
        hass, entry, treatment(13, start, intensity=7, ending="faulty_contacts")
    )
    await hand_over(hass, entry, treatment(14, start - timedelta(days=3)))
    keys = ("", "_duration", "_intensity", "_ending")
    assert shown(hass, *(f"last_treatment{key}" for key in keys)) == [
        dt_util.as_utc(start).isoformat(timespec="seconds"),
        "20.0",
        "7",
        "faulty_contacts",
    ]
    registry = er.async_get(hass)
    other = f"{PLAIN}_last_treatment"
    assert not registry.async_get_entity_id("sensor", DOMAIN, other)


async def test_today_through_midnights_and_dst(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Days are local, also the one of 25 hours; midnight needs no poll."""
    await hand_over(hass, entry, treatment(13, local("2026-10-23 23:59:59")))
    assert day(hass) == ["0", "0.0", "1"]
    await hand_over(hass, entry, treatment(14, local("2026-10-24 00:00:00")))
    await hand_over(hass, entry, treatment(15, local("2026-10-24 19:00:00")))
    assert day(hass) == ["2", "40.0", "2"]
    freezer.move_to("2026-10-24 21:59:30+00:00")
    await pass_time(hass, freezer, 0)
    assert day(hass) == ["2", "40.0", "2"]
    lux.requests.clear()
    await pass_time(hass, freezer, 30)  # 00:00 in summer time
    assert lux.count() == 0
    assert day(hass) == ["0", "0.0", "2"]


async def test_day_of_25_hours(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The day on which the clocks go back ends an hour later."""
    freezer.move_to("2026-10-25 22:30:00+00:00")  # 23:30 in winter time
    await hand_over(hass, entry, treatment(13, local("2026-10-25 23:10:00")))
    await hand_over(hass, entry, treatment(14, local("2026-10-24 23:59:00")))
    assert day(hass) == ["1", "20.0", "2"]
    await pass_time(hass, freezer, 29 * 60 + 59)
    assert day(hass) == ["1", "20.0", "2"]
    await pass_time(hass, freezer, 1)
    assert day(hass) == ["0", "0.0", "2"]


async def test_a_day_that_nobody_can_know(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """On a day with the phone's logs, today and streak are unknown, not zero."""
    await hand_over(hass, entry, treatment(13))
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert day(hass) == ["unknown"] * 3
    await hand_over(hass, entry, treatment(15))
    assert day(hass) == ["unknown"] * 3
    await pass_time(hass, freezer, 86_400)  # the next evening
    await hand_over(hass, entry, treatment(16))
    assert day(hass) == ["1", "20.0", "2"]


async def test_a_gap_in_the_row_that_may_be_none(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A row that meets a day with the phone's logs may go on: nobody knows."""
    await hand_over(hass, entry, treatment(13))
    await pass_time(hass, freezer, 86_400)
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, 86_400)
    await hand_over(hass, entry, treatment(15))
    assert day(hass) == ["1", "20.0", "unknown"]


async def test_days_while_home_assistant_was_off(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Logs that came while nobody looked may be of any of those days."""
    await hand_over(hass, entry, treatment(13))
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(days=3))
    lux.phone_upload(BLUE_ID)
    await hass.config_entries.async_setup(entry.entry_id)
    assert day(hass) == ["unknown"] * 3
    await pass_time(hass, freezer, 86_400)
    await hand_over(hass, entry, treatment(15))
    assert day(hass) == ["1", "20.0", "unknown"]


async def test_events(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """A treatment begins once and ends once, however often its log is updated."""
    changes = async_capture_events(hass, "state_changed")
    start = dt_util.now() - timedelta(minutes=20)
    utc = dt_util.as_utc(start).replace(microsecond=0).isoformat()
    await hand_over(hass, entry, treatment(start=start, duration=30))
    await hand_over(hass, entry, treatment(start=start, duration=600))
    assert in_progress(hass) == "on"
    assert shown(hass, "last_treatment_ending") == ["in_progress"]
    await hand_over(hass, entry, treatment(13, start, ending="charger"))
    assert in_progress(hass) == "off"
    assert fired_logs(changes) == [
        {"event_type": "started", "start": utc, "intensity": 4},
        {
            "event_type": "finished",
            "start": utc,
            "duration": 1200,
            "intensity": 4,
            "ending": "charger",
            "log_file_id": 13,
        },
    ]


async def test_events_of_an_outage(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What was handed over while set-up was retried is told once, later."""
    await lux.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    await hand_over(hass, entry, treatment(13))
    changes = async_capture_events(hass, "state_changed")
    await lux.start()
    lux.inject("POST /api/v1/lux/device/devlog", "status", times=-1, status=500)
    await pass_time(hass, freezer, 600)
    assert [event["log_file_id"] for event in fired_logs(changes)] == [13]
    await hass.config_entries.async_reload(entry.entry_id)
    await pass_time(hass, freezer, POLL)
    assert len({event["log_file_id"] for event in fired_logs(changes)}) == 1
    times = {
        change.data["new_state"].state
        for change in changes
        if change.data["entity_id"] == entity_id(hass, "event", f"{BLUE}_treatment")
        and change.data["new_state"].attributes.get("log_file_id")
    } - {"unavailable"}
    assert len(times) == 1


async def test_in_progress_for_too_long(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After 12 h nobody believes it any more, poll or not."""
    began = dt_util.now() - timedelta(hours=11, minutes=50)
    await hand_over(hass, entry, treatment(start=began))
    lux.requests.clear()
    await pass_time(hass, freezer, 599)
    assert in_progress(hass) == "on"
    await pass_time(hass, freezer, 1)
    assert in_progress(hass) == "unknown"
    assert lux.count() == 0


async def test_in_progress_and_the_phone(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log of the phone's may be the end of what goes on: nobody knows."""
    await hand_over(hass, entry, treatment())
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert in_progress(hass) == "unknown"
    await hand_over(hass, entry, treatment(14, dt_util.now() - timedelta(minutes=1)))
    assert in_progress(hass) == "off"


async def test_calendar(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Each treatment once, what waits too, in any range, also after a restart."""
    await hand_over(
        hass,
        entry,
        treatment(13, local("2026-10-22 20:00:00")),
        treatment(14, local("2026-10-23 20:00:00"), ending="app", intensity=9),
        treatment(16, local("2026-10-24 19:00:00")),
    )
    everything = ("2026-10-01 00:00:00", "2026-11-01 00:00:00")
    shown = await events(hass, *everything)
    assert [event[0] for event in shown] == [
        "2026-10-22T20:00:00+02:00",
        "2026-10-23T20:00:00+02:00",
        "2026-10-24T19:00:00+02:00",
    ]
    assert shown[1][1:] == (
        "2026-10-23T20:20:00+02:00",
        "Ending: Turned off in the app\nIntensity: 9",
    )
    assert await events(hass, "2026-10-22 20:20:00", "2026-10-23 20:00:00") == []
    assert (
        await events(hass, "2026-10-23 20:19:59", "2026-10-23 20:30:00") == shown[1:2]
    )
    await hass.config_entries.async_reload(entry.entry_id)
    assert await events(hass, *everything) == shown


async def test_kept_for_five_years(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Older treatments are dropped with the next one."""
    await hand_over(hass, entry, treatment(13, local("2021-10-20 20:00:00")))
    await hand_over(hass, entry, treatment(14, local("2021-10-28 20:00:00")))
    shown = await events(hass, "2021-01-01 00:00:00", "2022-01-01 00:00:00")
    assert [event[0] for event in shown] == ["2021-10-28T20:00:00+02:00"]


@pytest.mark.parametrize("wrong", ["clock", "clock of both"])
async def test_clock_that_jumps_ahead(
    home: None,
    hass: HomeAssistant,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    wrong: str,
) -> None:
    """A clock that is six years ahead for one upload drops nothing."""
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    entry = await signed_in(hass, lux)
    await hand_over(
        hass,
        entry,
        treatment(13, local("2021-11-20 20:00:00")),
        treatment(14, local("2026-10-20 20:00:00")),
    )
    if wrong == "clock":
        lux.clock.advance(-6 * 365 * 86_400)
    freezer.move_to("2032-10-24 18:00:00+00:00")
    await hand_over(hass, entry, treatment(15))
    assert len(lux.logs[BLUE_ID]) == 3
    lux.clock.advance(6 * 365 * 86_400 * (wrong == "clock"))
    freezer.move_to("2026-10-24 19:00:00+00:00")
    await hand_over(hass, entry, treatment(16))
    await hass.config_entries.async_reload(entry.entry_id)
    shown = await events(hass, "2021-01-01 00:00:00", "2030-01-01 00:00:00")
    assert [event[0][:10] for event in shown] == [
        "2021-11-20",
        "2026-10-20",
        "2026-10-24",
    ]

"""How many logs LUX received, by the day on which its number grew."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, state_of

from .carrying import hand_over, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL, signed_in

DAY = 86_400
FIRST, SECOND = 7301, 7302


def received(hass: HomeAssistant) -> list[str]:
    """Return today's count, this week's, and the days in a row."""
    keys = ("logs_today", "logs_this_week", "days_in_a_row")
    return [state_of(hass, "sensor", f"{BLUE}_{key}") for key in keys]


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    lux: Lux,
) -> ConfigEntry:
    """Sign in on a Tuesday at noon, in Berlin."""
    freezer.move_to("2026-10-20 10:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Berlin")
    return await signed_in(hass, lux)


async def upload_by_phone(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory, logs: int = 1
) -> None:
    """Let the phone upload logs, and Lantern look."""
    lux.phone_upload(BLUE_ID, logs)
    await pass_time(hass, freezer, POLL)


async def test_first_day(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What came earlier on the first day nobody knows; from the next day on it counts."""
    assert received(hass) == ["unknown", "unknown", "0"]
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["unknown", "unknown", "1"]
    await pass_time(hass, freezer, DAY)
    assert received(hass) == ["0", "1", "1"]
    await upload_by_phone(hass, lux, freezer, 2)
    assert received(hass) == ["2", "3", "2"]


async def test_midnight_week_and_dst(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Days are local, one has 25 hours; weeks begin on Monday; no poll is needed."""
    await pass_time(hass, freezer, 4 * DAY)
    freezer.move_to("2026-10-24 20:00:00+00:00")
    await pass_time(hass, freezer, 0)
    await upload_by_phone(hass, lux, freezer)
    freezer.move_to("2026-10-25 21:00:00+00:00")
    await pass_time(hass, freezer, 0)
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["1", "2", "2"]
    freezer.move_to("2026-10-25 22:59:30+00:00")  # 23:59:30 in winter time
    await pass_time(hass, freezer, 0)
    assert received(hass) == ["1", "2", "2"]
    lux.requests.clear()
    await pass_time(hass, freezer, 30)
    assert lux.count() == 0
    assert received(hass) == ["0", "0", "2"]
    await pass_time(hass, freezer, DAY)
    assert received(hass) == ["0", "0", "0"]


async def test_own_logs_are_received_too(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """LUX received what Lantern uploaded."""
    await pass_time(hass, freezer, DAY)
    await hand_over(hass, entry, treatment(13), treatment(14))
    assert received(hass) == ["2", "2", "1"]


async def test_restart_in_between(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Counts outlive a restart; logs that came meanwhile are counted once."""
    await pass_time(hass, freezer, DAY)
    await upload_by_phone(hass, lux, freezer)
    await hass.config_entries.async_unload(entry.entry_id)
    lux.phone_upload(BLUE_ID)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert received(hass) == ["2", "2", "1"]
    await hass.config_entries.async_reload(entry.entry_id)
    assert received(hass) == ["2", "2", "1"]


async def test_days_without_a_look(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Logs count for the day on which they are seen; whether the row broke is unknown."""
    await pass_time(hass, freezer, DAY)
    await upload_by_phone(hass, lux, freezer)
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(days=3))
    lux.phone_upload(BLUE_ID, 3)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert received(hass) == ["3", "4", "unknown"]
    # Without growth there was none on those days either.
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(timedelta(days=3))
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert received(hass) == ["0", "0", "0"]
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["1", "1", "1"]


@pytest.mark.parametrize("number", [2, None, 50_000])
async def test_number_that_proves_nothing(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    number: int | None,
) -> None:
    """A number that falls, is missing or cannot be, makes the day unknown, not zero."""
    await pass_time(hass, freezer, DAY)
    await upload_by_phone(hass, lux, freezer)
    lux.set_device(BLUE_ID, last_log_file_id=number)
    await pass_time(hass, freezer, POLL)
    assert received(hass) == ["unknown"] * 3
    if number == 2:
        await upload_by_phone(hass, lux, freezer)
        assert received(hass) == ["unknown"] * 3
        await pass_time(hass, freezer, DAY)
        assert received(hass)[0] == "0"
        return
    lux.set_device(BLUE_ID, last_log_file_id=15)
    await pass_time(hass, freezer, POLL)
    assert received(hass) == ["3", "3", "1"]


async def test_two_children(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Each child has its own counts, also when the device comes back."""
    await pass_time(hass, freezer, DAY)
    await upload_by_phone(hass, lux, freezer, 2)
    lux.set_device(BLUE_ID, real_user_id=SECOND)
    await pass_time(hass, freezer, POLL)
    assert received(hass) == ["0", "0", "0"]
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["1", "1", "1"]
    lux.set_device(BLUE_ID, real_user_id=FIRST)
    await pass_time(hass, freezer, POLL)
    assert received(hass) == ["2", "2", "1"]


async def test_log_that_comes_with_the_move(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Whose a log is that came between two looks, nobody knows: it is no child's."""
    await pass_time(hass, freezer, DAY)
    lux.set_device(BLUE_ID, real_user_id=SECOND)
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["unknown"] * 3
    lux.set_device(BLUE_ID, real_user_id=FIRST)
    await pass_time(hass, freezer, POLL)
    assert received(hass) == ["unknown"] * 3
    await pass_time(hass, freezer, DAY)
    assert received(hass) == ["0", "unknown", "unknown"]


@pytest.mark.parametrize("is_ours", [False, True])
@pytest.mark.parametrize("hours", [3, 23, 72, -3, -20])
async def test_clock_that_is_wrong(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    hours: int,
    is_ours: bool,
) -> None:
    """Where two clocks name different days, no day is told that nothing came."""
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    freezer.move_to("2026-10-21 20:30:00+00:00" if hours > 0 else "2026-10-20 23:00Z")
    await pass_time(hass, freezer, 0)
    wrong = timedelta(hours=hours)
    lux.clock.advance(wrong.total_seconds() * (-1 if is_ours else 1))
    if is_ours:
        freezer.tick(wrong)
    lux.phone_upload(BLUE_ID)
    for _ in range(2):  # LUX's clock is believed when it says the same again
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        # Unknown, whichever clock is right.
        assert received(hass) == ["unknown"] * 3
    lux.clock.advance(wrong.total_seconds() * (1 if is_ours else -1))
    if is_ours:
        freezer.tick(-wrong)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert received(hass)[0] == "unknown"
    last = dt_util.parse_datetime(state_of(hass, "sensor", f"{BLUE}_last_log_received"))
    assert last is not None


@pytest.mark.parametrize("hours", [-8, 8])
async def test_wrong_clock_on_the_same_day(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    hours: int,
) -> None:
    """A log counts for the day that both clocks name."""
    await pass_time(hass, freezer, DAY)
    lux.clock.advance(hours * 3600)
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["1", "1", "1"]
    last = dt_util.parse_datetime(state_of(hass, "sensor", f"{BLUE}_last_log_received"))
    assert last is not None
    assert abs(last - dt_util.utcnow()) <= timedelta(minutes=15)


async def test_one_wrong_date(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """One wrong `Date` of LUX moves no log into another year; the next look counts."""
    await pass_time(hass, freezer, DAY)
    await upload_by_phone(hass, lux, freezer)
    wrong = {"Date": "Mon, 02 Oct 2056 10:00:00 GMT"}
    lux.inject(DEVICES, "headers", headers=wrong)
    await upload_by_phone(hass, lux, freezer)
    assert received(hass) == ["unknown"] * 3
    await pass_time(hass, freezer, POLL)
    assert received(hass) == ["2", "2", "1"]
    last = state_of(hass, "sensor", f"{BLUE}_last_log_received")
    assert last.startswith("2026-10-21")


async def test_odd_stored_counts(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Stored counts that cannot be read are unknown, and nothing fails."""
    await pass_time(hass, freezer, DAY)
    await upload_by_phone(hass, lux, freezer)
    await hass.config_entries.async_unload(entry.entry_id)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["received_logs"][BLUE]
    days = {"2026-10-21": ["x", 10**400], "no day": 1, "2026-10-20": 7}
    stored["children"][str(FIRST)] = {"days": days, "first": 3, "last": "2026-99-99"}
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert received(hass) == ["unknown"] * 3
    stored["children"] = [None]
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await upload_by_phone(hass, lux, freezer)
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "14"


async def set_goal(hass: HomeAssistant, goal: int) -> None:
    """Set the weekly goal."""
    number = entity_id(hass, "number", f"{BLUE}_weekly_goal")
    data = {"entity_id": number, "value": goal}
    await hass.services.async_call("number", "set_value", data, blocking=True)
    await settle(hass)


async def test_weekly_goal(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The goal lives in the options; a log counts once, no matter who uploaded it."""
    goal, done = f"{BLUE}_weekly_goal", f"{BLUE}_goal_this_week"
    assert state_of(hass, "number", goal) == "0"
    assert not er.async_get(hass).async_get_entity_id("sensor", DOMAIN, done)
    await pass_time(hass, freezer, DAY)
    await set_goal(hass, 4)
    assert state_of(hass, "sensor", done) == "0"
    await upload_by_phone(hass, lux, freezer)
    assert state_of(hass, "sensor", done) == "25"
    await hand_over(hass, entry, treatment(14))
    assert state_of(hass, "sensor", done) == "50"
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "number", goal) == "4"
    assert state_of(hass, "sensor", done) == "50"
    freezer.move_to("2026-10-25 23:00:00+00:00")
    await pass_time(hass, freezer, 0)  # Monday
    assert state_of(hass, "sensor", done) == "0"
    await set_goal(hass, 0)
    assert state_of(hass, "sensor", done) == "unknown"


@pytest.mark.parametrize("odd", [[], {BLUE: "x"}, {BLUE: 10**400}, {BLUE: -3}])
async def test_odd_goal(hass: HomeAssistant, entry: ConfigEntry, odd: Any) -> None:
    """A goal in the options that is none counts as none."""
    hass.config_entries.async_update_entry(entry, options={"weekly_goals": odd})
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "number", f"{BLUE}_weekly_goal") == "0"
    await set_goal(hass, 7)
    assert state_of(hass, "number", f"{BLUE}_weekly_goal") == "7"

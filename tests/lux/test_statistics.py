"""Statistics and history of the treatments that Lantern carries, on two engines."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
import sqlalchemy as sa

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from custom_components.lantern.lux.statistics import (
    async_fill_statistics,
    async_write_statistics,
)
from custom_components.lantern.lux.treatment_store import DeviceTreatments
from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle
from tests.postgresql import database, server

from .carrying import hand_over, registry_id, treatment
from .conftest import BLUE, POLL, signed_in

PREFIX = f"lantern:lux_{sha256(b'lux-unit-0001').hexdigest()[:16]}"
TIME, INTENSITY = f"{PREFIX}_treatment_time", f"{PREFIX}_intensity"
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("recorder_mock")


@pytest.fixture(scope="session")
def postgresql() -> Generator[sa.URL]:
    """Run PostgreSQL: what people move to when one file is too small."""
    with server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def recorder_db_url(
    request: pytest.FixtureRequest, hass_fixture_setup: list[bool]
) -> Generator[str]:
    """Give the recorder each engine in turn."""
    assert not hass_fixture_setup
    if request.param == "sqlite":
        yield "sqlite://"
        return
    with database(request.getfixturevalue("postgresql"), "lantern") as url:
        yield url


async def rows(hass: HomeAssistant, statistic: str, what: str) -> dict[str, Any]:
    """Return a value of each row, by the hour in UTC."""
    await async_wait_recording_done(hass)
    statistics = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime(2000, 1, 1, tzinfo=UTC),
        None,
        {statistic},
        "hour",
        None,
        {what},
    )
    return {
        datetime.fromtimestamp(row["start"], UTC).strftime("%d %H:%M"): row[what]
        for row in statistics.get(statistic, [])
    }


async def test_split_over_hours_and_out_of_order(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """Seconds go to the hours they were in; an older log moves all later sums."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-10-20 18:00:00+00:00")
    entry = await signed_in(hass, lux)
    start = datetime(2026, 10, 20, 10, 50)
    await hand_over(hass, entry, treatment(13, start, duration=4800, intensity=6))
    await hand_over(
        hass, entry, treatment(14, start.replace(hour=12), duration=60, intensity=2)
    )
    assert await rows(hass, TIME, "sum") == {
        "20 10:00": 600,
        "20 11:00": 4200,
        "20 12:00": 4860,
    }
    older = treatment(15, datetime(2026, 10, 19, 9, 0), duration=100, intensity=2)
    await hand_over(hass, entry, older)
    expected = {
        "19 09:00": 100,
        "20 10:00": 700,
        "20 11:00": 4300,
        "20 12:00": 4960,
    }
    assert await rows(hass, TIME, "sum") == expected
    assert await rows(hass, INTENSITY, "mean") == {
        "19 09:00": 2,
        "20 10:00": 6,
        "20 11:00": 6,
        "20 12:00": 4,
    }
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert await rows(hass, TIME, "sum") == expected


async def test_back_filled(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """Rows that a kill kept from being written are written at the next start."""
    entry = await signed_in(hass, lux)
    await hand_over(hass, entry, treatment(13))
    before = await rows(hass, TIME, "sum")
    assert before
    get_instance(hass).async_clear_statistics([TIME, INTENSITY])
    assert await rows(hass, TIME, "sum") == {}
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert await rows(hass, TIME, "sum") == before


async def test_pruned_treatments_stay_in_the_sum(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """What is dropped after five years goes on counting; later sums do not fall."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-10-20 18:00:00+00:00")
    lux.access_lifetime = 10**9
    entry = await signed_in(hass, lux)
    await hand_over(hass, entry, treatment(13, datetime(2026, 10, 20, 10), duration=50))
    freezer.move_to("2031-10-25 18:00:00+00:00")
    await hand_over(hass, entry, treatment(14, datetime(2031, 10, 25, 10), duration=7))
    assert await rows(hass, TIME, "sum") == {"20 10:00": 50, "25 10:00": 57}


def _file(hass: HomeAssistant) -> Path:
    """Return the file of the treatments."""
    (file,) = Path(hass.config.path(".storage")).glob("lantern.lux_treatments.*")
    return file


@pytest.mark.parametrize("fate", ["lost", "restored", "damaged"])
async def test_sums_never_fall(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory, fate: str
) -> None:
    """After a file was lost or restored, the recorder's sum is the base."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-10-20 18:00:00+00:00")
    entry = await signed_in(hass, lux)
    start = datetime(2026, 10, 20, 10)
    await hand_over(hass, entry, treatment(13, start, duration=600))
    backup = _file(hass).read_text()
    more = [treatment(14, start + 2 * HOUR), treatment(15, start + 4 * HOUR)]
    await hand_over(hass, entry, *more)
    before = await rows(hass, TIME, "sum")
    assert list(before.values()) == [600, 1800, 3000]
    await hass.config_entries.async_unload(entry.entry_id)
    if fate == "lost":
        _file(hass).unlink()
    else:
        _file(hass).write_text(backup if fate == "restored" else "{")
    hass.data.pop("lantern_lux_treatments")  # as after a restart
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert await rows(hass, TIME, "sum") == before
    # One after all others, and one that comes late, between two that are lost.
    await hand_over(hass, entry, treatment(16, start + 6 * HOUR, duration=60))
    await hand_over(hass, entry, treatment(17, start + 3 * HOUR, duration=30))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert await rows(hass, TIME, "sum") == {
        "20 10:00": 600,
        "20 12:00": 1800,
        "20 13:00": 1830,
        "20 14:00": 3030,
        "20 16:00": 3090,
    }


async def test_another_child_has_statistics_of_its_own(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """The seconds of a child are never added to another's, and go with the entry."""
    entry = await signed_in(hass, lux)
    await hand_over(hass, entry, treatment(13, duration=100))
    lux.set_device(811, real_user_id=7302)
    await pass_time(hass, freezer, POLL)
    await hand_over(hass, entry, treatment(14, duration=70))
    assert list((await rows(hass, TIME, "sum")).values())[-1] == 100
    name = sha256(b"lux-unit-0001/7302").hexdigest()[:16]
    other = f"lantern:lux_{name}_treatment_time"
    assert list((await rows(hass, other, "sum")).values())[-1] == 70
    await hass.config_entries.async_remove(entry.entry_id)
    assert await rows(hass, other, "sum") == {}


async def test_cleared_at_removal(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """Removing the entry takes the statistics with it."""
    entry = await signed_in(hass, lux)
    await hand_over(hass, entry, treatment(13))
    assert await rows(hass, TIME, "sum")
    await hass.config_entries.async_remove(entry.entry_id)
    await async_wait_recording_done(hass)
    ids = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    assert [statistic for statistic in ids if statistic["source"] == "lantern"] == []


async def history(hass: HomeAssistant, platform: str, key: str) -> list[State]:
    """Return the states of an entity that were recorded, unavailable ones aside."""
    name = entity_id(hass, platform, f"{BLUE}_{key}")
    await async_wait_recording_done(hass)
    states = await get_instance(hass).async_add_executor_job(
        get_significant_states, hass, datetime(2000, 1, 1, tzinfo=UTC), None, [name]
    )
    return [state for state in states[name] if isinstance(state, State)]


async def test_history(
    hass: HomeAssistant,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    request: pytest.FixtureRequest,
) -> None:
    """A treatment is a stretch in the calendar's history, and its event is kept."""
    entry = await signed_in(hass, lux)
    assert get_instance(hass).dialect_name == request.node.callspec.id
    start = dt_util.now().replace(tzinfo=None, microsecond=0)
    await hand_over(hass, entry, treatment(13, start, duration=2 * POLL))
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, POLL + 1)
    shown = [state.state for state in await history(hass, "calendar", "treatments")]
    assert shown == ["on", "off"]  # there is none before the first log
    attributes = (await history(hass, "event", "treatment"))[-1].attributes
    assert attributes["event_type"] == "finished"
    assert (attributes["duration"], attributes["ending"]) == (2 * POLL, "normal")


async def test_treatment_that_comes_while_years_are_written(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What is filled in is what is known at the end, not what was at the beginning."""
    first = datetime(2026, 10, 19, 9, tzinfo=UTC)
    before = DeviceTreatments(
        (TreatmentLog(first, 60, 3), TreatmentLog(first + HOUR, 70, 3))
    )
    # An older one: it moves the sums of all hours after it.
    after = before.with_logs([TreatmentLog(first - HOUR, 80, 3, Ending.NORMAL, 15)])
    asked: list[DeviceTreatments] = []

    class Store:
        def at(self, key: str) -> DeviceTreatments:
            # Once the rows are made, and before they are written, it is carried.
            asked.append(before if len(asked) < 2 else after)
            if len(asked) == 3:
                async_write_statistics(hass, key, "Blue", after, first - HOUR)
            return asked[-1]

    store: Any = Store()
    await async_fill_statistics(hass, "lux:lux-unit-0001", "Blue", store)
    sums = await rows(hass, TIME, "sum")
    assert list(sums.values()) == [80, 140, 210]
    assert len(await rows(hass, INTENSITY, "mean")) == 3


async def call(
    hass: HomeAssistant, entry: ConfigEntry, action: str, **fields: Any
) -> None:
    """Call an action about recorded treatments."""
    target = {"device_id": registry_id(hass, entry)}
    await hass.services.async_call(DOMAIN, action, target | fields, blocking=True)
    await settle(hass)


def recorded(start: datetime, **other: Any) -> dict[str, Any]:
    """Return a treatment as it is recorded."""
    return {"start": start.isoformat(), "duration": 600, "intensity": 6, **other}


async def test_recorded_corrected_and_deleted(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """What a person takes back is taken out of all later sums, also after a kill."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-10-20 18:00:00+00:00")
    entry = await signed_in(hass, lux)
    start = datetime(2026, 10, 20, 10, 55)
    record = partial(call, hass, entry, "lux_record_treatments")
    await record(treatments=[recorded(start), recorded(start + 4 * HOUR)])
    assert await rows(hass, TIME, "sum") == {
        "20 10:00": 300,
        "20 11:00": 600,
        "20 14:00": 900,
        "20 15:00": 1200,
    }
    await record(treatments=[recorded(start, duration=120, intensity=None)])
    assert await rows(hass, TIME, "sum") == {
        "20 10:00": 120,
        "20 11:00": 120,
        "20 14:00": 420,
        "20 15:00": 720,
    }
    levels = await rows(hass, INTENSITY, "mean")
    assert {k: v for k, v in levels.items() if v is not None} == {
        "20 14:00": 6,
        "20 15:00": 6,
    }
    # Killed before the recorder heard of it: the next start puts it right.
    await hass.config_entries.async_unload(entry.entry_id)
    await call(
        hass,
        entry,
        "lux_delete_treatment",
        start=(start + 4 * HOUR).isoformat(),
        confirm=True,
    )
    assert list((await rows(hass, TIME, "sum")).values())[-1] == 720
    hass.data.pop("lantern_lux_treatments")
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert set((await rows(hass, TIME, "sum")).values()) == {120}
    # An earlier one moves the sums of the hours that were emptied, too.
    await record(treatments=[recorded(start - 5 * HOUR)])
    sums = list((await rows(hass, TIME, "sum")).values())
    assert sums == sorted(sums)
    assert sums[-1] == 720


async def test_log_of_what_was_recorded(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """A treatment that is recorded, and then uploaded, is counted once."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to("2026-10-20 18:00:00+00:00")
    entry = await signed_in(hass, lux)
    start = datetime(2026, 10, 20, 10, 55)
    await call(hass, entry, "lux_record_treatments", treatments=[recorded(start)])
    await hand_over(hass, entry, treatment(13, start + timedelta(minutes=8)))
    assert await rows(hass, TIME, "sum") == {"20 10:00": 0, "20 11:00": 1200}

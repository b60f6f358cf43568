"""What a day costs the database: rows by service."""

from collections import Counter
from contextlib import closing
from datetime import datetime
import logging
from pathlib import Path
import sqlite3

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.lantern.const import DOMAIN
from simulator.world import World
from tests.common import pass_time

from .home import home
from .household import Household, move_in

MIDNIGHT = "2026-10-20 22:00:12+00:00"
DAY, STEP, LONG_STEP = 86_400, 300, 900
HEARTBEAT = "sensor.window_screen_last_heartbeat"
TABLES = {
    "states": "SELECT states_meta.entity_id FROM states "
    "JOIN states_meta USING (metadata_id) WHERE last_updated_ts > ?",
    "5 minutes": "SELECT statistic_id FROM statistics_short_term "
    "JOIN statistics_meta ON metadata_id = statistics_meta.id WHERE start_ts > ?",
    "hours": "SELECT statistic_id FROM statistics "
    "JOIN statistics_meta ON metadata_id = statistics_meta.id WHERE start_ts > ?",
    "events": "SELECT event_types.event_type FROM events "
    "JOIN event_types USING (event_type_id) WHERE time_fired_ts > ?",
}
# docs/development/reliability.md states these.
STATES = {"Hue": 220, "Lucit": 290, "Lightbug": 123, "LUX": 20}
STATISTICS = {"Hue": 9, "Lightbug": 34, "LUX": 4}


@pytest.fixture(autouse=True)
def quiet_database() -> None:
    """Keep the database's statements out of the log: there are too many."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


async def rows(
    hass: HomeAssistant, folder: Path, table: str, since: datetime
) -> Counter[str]:
    """Return how many rows there are since a moment, by what they are of."""
    await async_wait_recording_done(hass)
    with closing(sqlite3.connect(folder / "recorded.db")) as connection:
        found = connection.execute(TABLES[table], [since.timestamp()])
        return Counter(name for (name,) in found)


def by_service(hass: HomeAssistant, found: Counter[str]) -> dict[str, int]:
    """Return the numbers by the service whose entities, or statistics, they are of."""
    entities = er.async_get(hass)
    services: Counter[str] = Counter()
    for name, number in found.items():
        if name.startswith(f"{DOMAIN}:lux_"):
            services["LUX"] += number
        elif (one := entities.async_get(name)) is not None:
            entry = hass.config_entries.async_get_entry(one.config_entry_id or "")
            assert entry is not None
            services[entry.title.split()[0]] += number
    return dict(services)


def assert_at_most(found: dict[str, int], stated: dict[str, int]) -> None:
    """Assert that each service has some rows, and no more than is stated."""
    assert found.keys() == stated.keys()
    assert {name: n for name, n in found.items() if n > stated[name]} == {}


@pytest.mark.timeout(300)
async def test_rows(world: World, folder: Path, freezer: FrozenDateTimeFactory) -> None:
    """Only what changed is recorded: on a quiet day nothing but that we are alive."""
    freezer.move_to(MIDNIGHT)
    recorder = {"db_url": f"sqlite:///{folder}/recorded.db", "commit_interval": 1}
    async with home(folder, recorder) as hass:
        await move_in(hass, world)
        household = Household(world)
        await pass_time(hass, freezer, STEP)
        quiet = dt_util.utcnow()
        for _ in range(DAY // LONG_STEP):
            await pass_time(hass, freezer, LONG_STEP)
        assert await rows(hass, folder, "states", quiet) == {
            HEARTBEAT: DAY // LONG_STEP
        }
        lived = dt_util.utcnow()
        for _ in range(DAY // STEP):
            await household.live(hass)
            await pass_time(hass, freezer, STEP)
        states = await rows(hass, folder, "states", lived)
        assert_at_most(by_service(hass, states), STATES)
        assert states.most_common(1)[0][0] == HEARTBEAT
        for table, each in (("5 minutes", 288), ("hours", 24)):
            found = await rows(hass, folder, table, lived)
            most = {service: each * many for service, many in STATISTICS.items()}
            assert_at_most(by_service(hass, found), most)
        events = await rows(hass, folder, "events", quiet)
        assert [one for one in events if DOMAIN in one] == []

"""What a day costs the database: rows by service."""

from collections import Counter, defaultdict
from contextlib import closing
from datetime import datetime
import logging
from pathlib import Path
import re
import sqlite3

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.lantern.const import CONF_VENDOR, DOMAIN
from custom_components.lantern.vendors import VENDORS
from simulator.world import World
from tests.common import pass_time

from .home import home
from .household import Household, move_in

# Before midnight: what is counted by day is unknown on the first day of a device.
EVENING = "2026-10-20 21:55:12+00:00"
DAY, STEP, LONG_STEP = 86_400, 300, 900
PAGE = Path(__file__).parents[2] / "docs" / "development" / "reliability.md"
ROW = r"^\| %s \| \d+ \| (\d+)\b"
EXTERNAL = f"{DOMAIN}:lux_"
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


@pytest.fixture(autouse=True)
def quiet_database() -> None:
    """Keep the database's statements out of the log: there are too many."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


async def rows(
    hass: HomeAssistant, folder: Path, table: str, since: datetime
) -> Counter[str]:
    """Return how many rows there are since a moment, by what they are of."""
    # The first wait may end before the last state is committed, on a busy machine.
    for _ in range(2):
        await async_wait_recording_done(hass)
    with closing(sqlite3.connect(folder / "recorded.db")) as connection:
        written = connection.execute(TABLES[table], [since.timestamp()])
        return Counter(name for (name,) in written)


def by_service(hass: HomeAssistant, counted: Counter[str]) -> dict[str, Counter[str]]:
    """Return the rows of entities by the service that they are of."""
    entities = er.async_get(hass)
    services: dict[str, Counter[str]] = defaultdict(Counter)
    for name, number in counted.items():
        entity = entities.async_get(name)
        assert entity is not None
        entry = hass.config_entries.async_get_entry(entity.config_entry_id or "")
        assert entry is not None
        vendor = VENDORS[entry.data[CONF_VENDOR]]
        services[vendor.coordinator.service][name] = number
    return services


def stated(service: str) -> int:
    """Return how many states a day costs, as the page says it."""
    row = re.search(ROW % service, PAGE.read_text(), re.MULTILINE)
    assert row is not None, f"{PAGE.name} has no row for {service}: add one"
    return int(row[1])


def assert_stated(counted: Counter[str], service: str) -> None:
    """Assert that a service's states are no more than the page says, by a tenth."""
    number, most = sum(counted.values()), stated(service)
    assert 0 < number <= most * 1.1, (
        f"{PAGE.name} says {most} states a day for {service}, now there are {number}: "
        f"{counted.most_common(5)} … If each of them is worth it, write {number} there"
    )


def measured(hass: HomeAssistant) -> set[str]:
    """Return the entities with statistics: their descriptions have a state class."""
    return {
        state.entity_id
        for state in hass.states.async_all("sensor")
        if "state_class" in state.attributes
    }


@pytest.mark.timeout(300)
async def test_rows(world: World, folder: Path, freezer: FrozenDateTimeFactory) -> None:
    """Only what changed is recorded: on a quiet day nothing but that we are alive."""
    freezer.move_to(EVENING)
    recorder = {"db_url": f"sqlite:///{folder}/recorded.db", "commit_interval": 1}
    async with home(folder, recorder) as hass:
        await move_in(hass, world)
        household = Household(world)
        for _ in range(2):
            await pass_time(hass, freezer, STEP)
        quiet = dt_util.utcnow()
        for _ in range(DAY // LONG_STEP):
            await pass_time(hass, freezer, LONG_STEP)
        assert await rows(hass, folder, "states", quiet) == {
            HEARTBEAT: DAY // LONG_STEP
        }, "on a quiet day nothing else may be written: see which value changes"
        lived = dt_util.utcnow()
        for _ in range(DAY // STEP):
            await household.live(hass)
            await pass_time(hass, freezer, STEP)
        states = await rows(hass, folder, "states", lived)
        services = by_service(hass, states)
        assert len(services) == len(VENDORS)
        for service, counted in services.items():
            assert_stated(counted, service)
        assert states.most_common(1)[0][0] == HEARTBEAT
        for table, each in (("5 minutes", 288), ("hours", 24)):
            counts = await rows(hass, folder, table, lived)
            treated = sum(n for name, n in counts.items() if name.startswith(EXTERNAL))
            assert treated <= 2 * household.treatments
            own = {name: n for name, n in counts.items() if name.startswith("sensor.")}
            assert own.keys() == measured(hass)
            assert max(own.values()) <= each
        events = await rows(hass, folder, "events", quiet)
        assert [name for name in events if DOMAIN in name] == []

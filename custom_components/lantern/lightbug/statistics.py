"""Long-term statistics of distance: the kilometres of each hour."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from homeassistant.components.recorder import DOMAIN as RECORDER, get_instance
from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_last_statistics,
)
from homeassistant.const import UnitOfLength
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import UnsupportedStorageVersionError

from ..background import BackgroundWork
from ..const import DOMAIN
from ..coordinator import LanternConfigEntry
from ..storage import StorageError, short_hash
from ..store import LanternStore
from .shared_trackers import shared_trackers
from .tracker_state import TrackerState


def _id_of(number: int | str) -> str:
    """Return the id of a tracker's statistics; no number of it is read."""
    return f"{DOMAIN}:lightbug_{short_hash(str(number))}_distance"


class DistanceStatistics:
    """Writes the hours of an entry's trackers once they have ended.

    Sums never fall: what the recorder has more, of a file that was lost or restored,
    is taken over first. `save` stores a tracker's state.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: LanternConfigEntry,
        save: Callable[[TrackerState], None],
    ) -> None:
        """Take where to write; nothing is written yet."""
        self._hass = hass
        self._work = BackgroundWork(hass, entry, "statistics of distance")
        self._save = save
        self._task: asyncio.Task[None] | None = None

    @callback
    def async_start(self, states: Iterable[TrackerState], now: datetime) -> None:
        """Write what is due, beside the polls."""
        until = now.replace(minute=0, second=0, microsecond=0)
        due = [
            state
            for state in states
            if state.distance.unsaved is not None and state.distance.unsaved < until
        ]
        if due and (self._task is None or self._task.done()):
            write = partial(self._async_write_all, due, until)
            self._task = self._work.async_start(write)

    async def _async_write_all(
        self, states: Iterable[TrackerState], until: datetime
    ) -> None:
        for state in states:
            if RECORDER in self._hass.config.components:
                if not state.distance.is_joined:
                    state.distance.join(*await _get_last(self._hass, state.number))
                _write(self._hass, state, until)
            state.distance.mark_saved(until)
            self._save(state)


@callback
def _write(hass: HomeAssistant, state: TrackerState, until: datetime) -> None:
    """Write a tracker's hours that statistics lack."""
    rows = state.distance.rows(until)
    async_add_external_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{state.name or 'Lightbug'} distance",
            source=DOMAIN,
            statistic_id=_id_of(state.number),
            unit_class="distance",
            unit_of_measurement=UnitOfLength.KILOMETERS,
        ),
        [{"start": hour, "state": way, "sum": total} for hour, way, total in rows],
    )


async def _get_last(hass: HomeAssistant, number: int) -> tuple[datetime | None, float]:
    """Return the last hour in the recorder, and its sum."""
    statistic = _id_of(number)
    last = await get_instance(hass).async_add_executor_job(
        get_last_statistics, hass, 1, statistic, False, {"sum"}
    )
    if not (rows := last.get(statistic)):
        return None, 0.0
    return datetime.fromtimestamp(rows[0]["start"], UTC), rows[0].get("sum") or 0.0


async def async_clear_statistics(hass: HomeAssistant, entry_id: str) -> None:
    """Delete the statistics of the trackers that an entry has shown.

    Another account may show one of them by now, and goes on writing.
    """
    if RECORDER not in hass.config.components:
        return
    store = LanternStore(hass, entry_id)
    with suppress(UnsupportedStorageVersionError, StorageError):
        await store.async_load()
        others = shared_trackers(hass)
        get_instance(hass).async_clear_statistics(
            [
                _id_of(own)
                for own in store.section("trackers")
                if not others.is_held_elsewhere(entry_id, own)
            ]
        )

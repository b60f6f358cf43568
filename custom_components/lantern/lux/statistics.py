"""Long-term statistics of treatments: seconds and intensity by the hour."""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime

from homeassistant.components.recorder import DOMAIN as RECORDER, get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_last_statistics,
    statistics_during_period,
)
from homeassistant.const import UnitOfTime
from homeassistant.core import HomeAssistant, callback

from ..batching import async_batched
from ..const import DOMAIN
from ..storage import short_hash
from .client.treatment_log import TreatmentLog
from .device_queue import LONGEST_TRUSTED
from .treatment_store import DeviceTreatments, TreatmentStore

_SLICE = 2000


def statistic_ids(key: str) -> tuple[str, str]:
    """Return the ids of time and intensity of a device's child; no serial is read."""
    prefix = f"{DOMAIN}:lux_{short_hash(key.removeprefix('lux:'))}"
    return f"{prefix}_treatment_time", f"{prefix}_intensity"


def _by_hour(
    logs: Iterable[TreatmentLog],
) -> dict[datetime, list[tuple[float, int | None]]]:
    """Return seconds and intensity of each treatment in each hour, by hour."""
    hours: dict[datetime, list[tuple[float, int | None]]] = {}
    for log in logs:
        for hour, seconds in log.hours:
            hours.setdefault(hour, []).append((seconds, log.intensity))
    return dict(sorted(hours.items()))


type _Rows = tuple[list[StatisticData], list[StatisticData]]


def _rows(stored: DeviceTreatments, first: datetime | None) -> _Rows:
    """Return the rows of time and intensity, from an hour on.

    The sum goes on from what the store carries, so that a row is the same however
    often, and in whatever order, it is written.
    """
    logs, recovered = stored.trusted, stored.recovered
    if first is not None:
        # A trusted treatment that began earlier is over by then.
        since = bisect_left(logs, first - LONGEST_TRUSTED, key=lambda one: one.start)
        logs = logs[since:]
    by_hour = _by_hour(logs)
    hours = [
        (hour, sum(one for one, _ in by_hour.get(hour, ())) + recovered.get(hour, 0))
        for hour in sorted(by_hour.keys() | recovered.keys())
        if first is None or hour >= first
    ]
    total = float(stored.total - sum(seconds for _, seconds in hours))
    time: list[StatisticData] = []
    intensity: list[StatisticData] = []
    for hour, seconds in hours:
        total += seconds
        time.append({"start": hour, "state": seconds, "sum": total})
        levels = [one for _, one in by_hour.get(hour, ()) if one is not None]
        if levels:
            mean = sum(levels) / len(levels)
            intensity.append(
                {"start": hour, "mean": mean, "min": min(levels), "max": max(levels)}
            )
        elif hour in stored.taken_back:
            intensity.append({"start": hour})  # of others the recorder has its own
    return time, intensity


@callback
def async_write_statistics(
    hass: HomeAssistant,
    device_id: str,
    name: str,
    stored: DeviceTreatments,
    since: datetime,
) -> None:
    """Write a device's rows from the hour of `since` on."""
    if RECORDER in hass.config.components:
        first = since.replace(minute=0, second=0, microsecond=0)
        time, intensity = _rows(stored, first)
        _write_time(hass, device_id, name, time)
        _write_intensity(hass, device_id, name, intensity)


@callback
def _write_time(
    hass: HomeAssistant, device_id: str, name: str, rows: list[StatisticData]
) -> None:
    async_add_external_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{name} treatment time",
            source=DOMAIN,
            statistic_id=statistic_ids(device_id)[0],
            unit_class="duration",
            unit_of_measurement=UnitOfTime.SECONDS,
        ),
        rows,
    )


@callback
def _write_intensity(
    hass: HomeAssistant, device_id: str, name: str, rows: list[StatisticData]
) -> None:
    async_add_external_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC,
            has_sum=False,
            name=f"{name} treatment intensity",
            source=DOMAIN,
            statistic_id=statistic_ids(device_id)[1],
            unit_class=None,
            unit_of_measurement=None,
        ),
        rows,
    )


async def async_fill_statistics(
    hass: HomeAssistant, key: str, name: str, treatments: TreatmentStore
) -> None:
    """Write all rows of a device's child if its last sum is not what the store says.

    Sums never fall: what the recorder has more, of a file that was lost or restored,
    is taken over first. Years are worked through beside the event loop, and a slice
    at a time.
    """
    if RECORDER not in hass.config.components:
        return
    last = await get_instance(hass).async_add_executor_job(
        get_last_statistics, hass, 1, statistic_ids(key)[0], True, {"sum"}
    )
    recorded = (last.get(statistic_ids(key)[0]) or [{}])[0].get("sum")
    total = treatments.at(key).total
    if recorded == total or (recorded is None and not total):
        return
    if recorded is not None and recorded > total:
        await _async_recover(hass, key, treatments)
    while not await _async_fill(hass, key, name, treatments):
        pass  # A treatment came meanwhile, and what was made lacks it.


async def _async_recover(
    hass: HomeAssistant, key: str, treatments: TreatmentStore
) -> None:
    """Keep the seconds of which only the recorder knows, by hour."""
    statistic = statistic_ids(key)[0]
    rows = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        datetime.fromtimestamp(0, UTC),
        None,
        {statistic},
        "hour",
        None,
        {"state", "sum"},
    )
    stored = {
        hour: sum(one for one, _ in parts)
        for hour, parts in _by_hour(treatments.at(key).trusted).items()
    }
    pruned, before = None, 0.0
    # Of these hours the recorder may still have what a person took back.
    taken_back = treatments.at(key).taken_back
    recovered = dict.fromkeys(taken_back, 0)
    for row in rows.get(statistic, []):
        total = row.get("sum") or 0.0
        if pruned is None:
            pruned = before = total - (row.get("state") or 0.0)
        hour = datetime.fromtimestamp(row["start"], UTC)
        more = round(total - before - stored.get(hour, 0.0))
        if more > 0 and hour not in taken_back:
            recovered[hour] = more
        before = max(before, total)
    await treatments.async_recover(key, round(pruned or 0), recovered)


async def _async_fill(
    hass: HomeAssistant, key: str, name: str, treatments: TreatmentStore
) -> bool:
    """Write all rows of a device's child; return whether that was all there is."""
    stored = treatments.at(key)
    rows = await hass.async_add_executor_job(_rows, stored, None)
    for write, some in zip((_write_time, _write_intensity), rows, strict=True):
        async for part in async_batched(some, _SLICE):
            if treatments.at(key) is not stored:
                return False
            write(hass, key, name, list(part))
        await asyncio.sleep(0)
    return treatments.at(key) is stored


@callback
def async_clear_statistics(hass: HomeAssistant, keys: Iterable[str]) -> None:
    """Delete the statistics of devices."""
    if RECORDER in hass.config.components:
        ids = [one for key in keys for one in statistic_ids(key)]
        get_instance(hass).async_clear_statistics(ids)

"""Long-term statistics of treatments: seconds and intensity by the hour."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from homeassistant.components.recorder import DOMAIN as RECORDER, get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_last_statistics,
)
from homeassistant.const import UnitOfTime
from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from .disk import short_hash
from .logs import TreatmentLog
from .treatments import Known

_HOUR = timedelta(hours=1)


def _ids(device_id: str) -> tuple[str, str]:
    """Return the ids of a device's time and intensity; nobody reads a serial."""
    prefix = f"{DOMAIN}:lux_{short_hash(device_id.removeprefix('lux:'))}"
    return f"{prefix}_treatment_time", f"{prefix}_intensity"


def _hours(log: TreatmentLog) -> Iterator[tuple[datetime, float]]:
    """Yield the clock hours that a treatment covers, and its seconds in each."""
    hour = log.start.replace(minute=0, second=0, microsecond=0)
    while hour < log.end:
        covered = min(log.end, hour + _HOUR) - max(log.start, hour)
        yield hour, covered.total_seconds()
        hour += _HOUR


def _by_hour(
    logs: Iterable[TreatmentLog],
) -> dict[datetime, list[tuple[float, int]]]:
    """Return seconds and intensity of each treatment in each hour, by hour."""
    hours: dict[datetime, list[tuple[float, int]]] = {}
    for log in logs:
        for hour, seconds in _hours(log):
            hours.setdefault(hour, []).append((seconds, log.intensity))
    return dict(sorted(hours.items()))


@callback
def write_statistics(
    hass: HomeAssistant,
    device_id: str,
    name: str,
    known: Known,
    since: datetime | None = None,
) -> None:
    """Write a device's rows from the hour of `since` on; all without it.

    The sum goes on from what the store carries, so that a row is the same however
    often, and in whatever order, it is written.
    """
    if RECORDER not in hass.config.components:
        return
    first = since.replace(minute=0, second=0, microsecond=0) if since else None
    total = float(known.pruned)
    time: list[StatisticData] = []
    intensity: list[StatisticData] = []
    for hour, parts in _by_hour(known.logs).items():
        seconds = sum(one for one, _ in parts)
        total += seconds
        if first is not None and hour < first:
            continue
        levels = [one for _, one in parts]
        mean = sum(levels) / len(levels)
        time.append({"start": hour, "state": seconds, "sum": total})
        intensity.append(
            {"start": hour, "mean": mean, "min": min(levels), "max": max(levels)}
        )
    time_id, intensity_id = _ids(device_id)
    async_add_external_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{name} treatment time",
            source=DOMAIN,
            statistic_id=time_id,
            unit_class="duration",
            unit_of_measurement=UnitOfTime.SECONDS,
        ),
        time,
    )
    async_add_external_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC,
            has_sum=False,
            name=f"{name} treatment intensity",
            source=DOMAIN,
            statistic_id=intensity_id,
            unit_class=None,
            unit_of_measurement=None,
        ),
        intensity,
    )


async def fill_statistics(
    hass: HomeAssistant, device_id: str, name: str, known: Known
) -> None:
    """Write all rows of a device whose last sum is not what the store says."""
    if RECORDER not in hass.config.components or not known.logs:
        return
    time_id, _ = _ids(device_id)
    last = await get_instance(hass).async_add_executor_job(
        get_last_statistics, hass, 1, time_id, True, {"sum"}
    )
    rows = last.get(time_id) or [{}]
    if rows[0].get("sum") != known.pruned + sum(one.duration for one in known.logs):
        write_statistics(hass, device_id, name, known)


@callback
def clear_statistics(hass: HomeAssistant, device_ids: Iterable[str]) -> None:
    """Forget the statistics of devices."""
    if RECORDER in hass.config.components:
        found = [one for device_id in device_ids for one in _ids(device_id)]
        get_instance(hass).async_clear_statistics(found)

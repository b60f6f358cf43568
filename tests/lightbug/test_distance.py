"""The sums of distance in statistics, whatever comes late."""

from datetime import UTC, datetime, timedelta
import itertools
from random import Random

import pytest

from custom_components.lantern.lightbug.client.distance import DistanceState, kilometres
from custom_components.lantern.lightbug.client.models import Fix
from custom_components.lantern.lightbug.client.points import Point

START = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def point(number: int, time: datetime, north: float) -> Point:
    """Return a point with an accurate fix."""
    return Point(
        id=number,
        taken=time,
        created=time,
        time=time,
        reason=1,
        fix=Fix(54 + north, 7.9, 5.0, time=time),
        charging=None,
        tells_charging=False,
        signal=None,
        tells_signal=False,
        alerts=(),
        complete=True,
        check_in=False,
        stale=False,
    )


@pytest.mark.parametrize("seed", range(25))
def test_sums_of_a_tracker_whose_fixes_come_late(seed: int) -> None:
    """Sums rise from hour to hour, end with the whole way, and no row is torn out.

    The tracker reports a few times a day; a fix may come days late, into an hour
    whose row was written long ago.
    """
    chance = Random(seed)
    fixes = []
    time = START
    for number in range(50):
        time += chance.uniform(0.5, 20) * HOUR
        fixes.append((number + 1, time, chance.uniform(0, 0.3)))
    way = sum(
        kilometres(54 + first[2], 7.9, 54 + two[2], 7.9)
        for first, two in itertools.pairwise(fixes)
    )
    late = {
        place: chance.uniform(10, 200) * HOUR for place in chance.sample(fixes[1:-1], 8)
    }
    arrivals = sorted((fix[1] + late.get(fix, HOUR / 60), fix) for fix in fixes)

    state = DistanceState()
    table: dict[datetime, float] = {}
    for now, fix in arrivals:
        state.take(point(*fix), now)
        until = now.replace(minute=0, second=0, microsecond=0) + HOUR
        if state.unsaved is not None and state.unsaved < until:
            table |= {hour: total for hour, _, total in state.rows(until)}
            state.mark_saved(until)
            sums = [table[hour] for hour in sorted(table)]
            assert sums == sorted(sums)
    assert max(table.values()) == pytest.approx(way)

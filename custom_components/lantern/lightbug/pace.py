"""How often to poll, and how many points of each tracker to ask for."""

from collections.abc import Collection
from datetime import timedelta
from math import ceil

from .tracker_state import TrackerState

FAST = timedelta(minutes=1)
# So many points of each tracker come with a summary, more where a tracker sends more
# between two polls, and all together no more than make an answer too long.
_LEAST = 5
_MOST = 60
_ALL = 10_000


def _shortest(states: Collection[TrackerState]) -> float:
    """Return how often (s) the fastest of the trackers sends that are awake."""
    intervals = (state.awake_interval for state in states)
    return min((every for every in intervals if every), default=float("inf"))


def is_moving(states: Collection[TrackerState], interval: timedelta) -> bool:
    """Return True if a tracker sends more often than polls come."""
    return _shortest(states) < interval.total_seconds()


def points_needed(states: Collection[TrackerState], interval: timedelta) -> int:
    """Return how many points a summary must hold to miss none until the next poll."""
    room = _ALL // max(len(states), 1)
    if room < _LEAST:
        return 1
    sent = ceil(interval.total_seconds() / _shortest(states)) + 1
    return min(max(sent, _LEAST), _MOST, room)

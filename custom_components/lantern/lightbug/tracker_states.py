"""The states of an entry's trackers, and what is stored of them."""

from collections.abc import MutableMapping
from typing import Any

from ..store import LanternStore
from ..transport import parsing
from .client.points import FixFilter
from .shared_trackers import DEVICE_PREFIX
from .tracker_state import TrackerState

# Sections of earlier versions, and what they are now called in a tracker's row.
_MOVED = {"config": "changed", "safe_zones": "safe_zone"}


class TrackerStates:
    """Makes the state of each tracker, from what an earlier run stored."""

    def __init__(self, store: LanternStore, fix_filter: FixFilter) -> None:
        """Initialize without trackers; the store may still be loaded."""
        self._store = store
        self._fix_filter = fix_filter
        self._states: dict[int, TrackerState] = {}

    @property
    def _stored(self) -> MutableMapping[str, Any]:
        """Return what is on disk of each tracker, by its number."""
        return self._store.section("trackers")

    def get(self, number: int) -> TrackerState:
        """Return a tracker's state; a new one has what an earlier run stored."""
        if (state := self._states.get(number)) is None:
            state = TrackerState(number, f"{DEVICE_PREFIX}{number}", self._fix_filter)
            state.restore(parsing.as_dict(self._stored.get(str(number))))
            self._states[number] = state
        return state

    def remove(self, number: int) -> None:
        """Forget a tracker's state; what is stored of it stays."""
        self._states.pop(number, None)

    def save(self, state: TrackerState) -> None:
        """Store what must survive a restart, if it is something else than before."""
        own = str(state.number)
        if (stored := state.as_dict()) != self._stored.get(own, {}):
            self._stored[own] = stored
            self._store.async_delay_save()

    def move_sections(self) -> None:
        """Move what earlier versions stored in sections into the trackers' rows."""
        trackers = self._stored
        for section, name in _MOVED.items():
            moved = self._store.section(section)
            for number, value in moved.items():
                stored = parsing.as_dict(trackers.get(number))
                trackers[number] = {**stored, name: value}
            moved.clear()

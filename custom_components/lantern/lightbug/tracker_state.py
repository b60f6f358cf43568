"""What earlier polls left of one tracker: only what is new is read again."""

from dataclasses import dataclass, field
from datetime import datetime

from .client.devices import NO_ROW, TrackerRow, tracker_of
from .client.models import Tracker
from .client.points import PositionState
from .client.readings import ReadingState

_NEVER = object()


@dataclass(slots=True)
class TrackerState:
    """One tracker, by Lightbug's number and under its device id.

    `listed` and `summed` are the rows that the two APIs have of it; `connected` is
    when it connected last.
    """

    number: int
    device_id: str
    listed: TrackerRow = NO_ROW
    summed: TrackerRow = NO_ROW
    track: PositionState = field(default_factory=PositionState)
    sensed: ReadingState = field(default_factory=ReadingState)
    connected: object = _NEVER

    def hear(self, listed: TrackerRow, summed: TrackerRow) -> bool:
        """Take what was told; return whether anything of it was read anew."""
        if listed is self.listed and summed is self.summed:
            return False
        self.listed, self.summed = listed, summed
        return True

    def connected_anew(self) -> bool:
        """Return whether it connected since the last time that this was asked."""
        connected = self.listed.last_connection or self.summed.last_connection
        is_new = self.connected != connected
        self.connected = connected
        return bool(is_new)

    def tracker(self, changed: datetime | None) -> Tracker:
        """Return the tracker; `changed` is when we last changed its settings."""
        return tracker_of(
            self.listed,
            self.summed,
            fix=self.track.fix,
            status=self.track.status,
            readings=self.sensed.values,
            changed=changed,
        )

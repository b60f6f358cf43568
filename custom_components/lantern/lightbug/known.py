"""What earlier polls left of one tracker: only what is new is read again."""

from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from .models import Row, Tracker, read_tracker
from .points import Track
from .readings import Sensed

_NEVER = object()
NO_ROW: Row = MappingProxyType({})


@dataclass(slots=True)
class Known:
    """One tracker under its device id.

    `listed` and `summed` are the rows that the two APIs have of it; `connected` is
    when it connected last, as the service wrote it.
    """

    device_id: str
    listed: Row = NO_ROW
    summed: Row = NO_ROW
    track: Track = field(default_factory=Track)
    sensed: Sensed = field(default_factory=Sensed)
    connected: object = _NEVER

    def hear(self, listed: Row, summed: Row) -> bool:
        """Take what was told; return whether anything of it was read anew."""
        if listed is self.listed and summed is self.summed:
            return False
        self.listed, self.summed = listed, summed
        return True

    def connected_anew(self) -> bool:
        """Return whether it connected since the last time that this was asked."""
        connected = self.listed.get("lastConnection", self.summed.get("lastConnection"))
        is_new = self.connected != connected
        self.connected = connected
        return bool(is_new)

    def tracker(self, changed: datetime | None) -> Tracker:
        """Return the tracker; `changed` is when we last changed its settings."""
        return read_tracker(
            self.listed,
            self.summed,
            fix=self.track.fix,
            status=self.track.status,
            readings=self.sensed.values,
            changed=changed,
        )

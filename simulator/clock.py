"""The simulated services' clock: the machine's, moved on by hand."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Time as the services see it, in UTC."""

    def __init__(self) -> None:
        """Start at the machine's own time."""
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time, with zone UTC."""
        return datetime.now(UTC) + self._ahead

    def time(self) -> float:
        """Return the time in seconds since the epoch."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Move the services' time on by so many seconds."""
        self._ahead += timedelta(seconds=seconds)

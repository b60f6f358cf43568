"""Counting what comes within one second."""

from collections import deque


class Rate:
    """Counts what happens within any `seconds`, of which `most` are allowed."""

    def __init__(self, most: int, seconds: float = 1.0) -> None:
        """Allow so many in any such span."""
        self.most = most
        self.seconds = seconds
        self._times: deque[float] = deque()

    def exceeded(self, now: float) -> bool:
        """Count one more at this time (s); return whether it was too many."""
        self._times.append(now)
        while self._times[0] <= now - self.seconds:
            self._times.popleft()
        return len(self._times) > self.most

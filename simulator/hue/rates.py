"""Counting what comes within one second."""

from collections import deque


class Rate:
    """Tells when more than `most` things happen within any `seconds`."""

    def __init__(self, most: int, seconds: float = 1.0) -> None:
        """Allow so many in any such span."""
        self.most = most
        self.seconds = seconds
        self._times: deque[float] = deque()

    def exceeded(self, now: float) -> bool:
        """Count one thing at this time (s) and tell whether it was too many."""
        self._times.append(now)
        while self._times[0] <= now - self.seconds:
            self._times.popleft()
        return len(self._times) > self.most

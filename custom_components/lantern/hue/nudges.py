"""Reading what the event stream named, without asking the bridge too much."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from .pace import pause

_SPACING = 1.0
_MANY = 5
# After so many seconds a lamp is read although sensors are due, too.
_OVERDUE = 5.0
_URGENT = "sensors"
_ORDER = (_URGENT, "lights", "groups", "scenes")


class Nudges:
    """Reads one v1 resource a second; of many at once, the whole collection.

    Sensors are read first: motion cannot wait. Of one kind, the oldest is first.
    `read` takes a collection and a number, None for all of it.
    """

    def __init__(self, read: Callable[[str, str | None], Awaitable[None]]) -> None:
        """Start with nothing to read."""
        self._read = read
        # Since when each is due.
        self._due: dict[tuple[str, str | None], float] = {}
        self._was_urgent = False
        self._wake = asyncio.Event()

    def add(self, collection: str, number: str | None) -> None:
        """Note that something is to be read."""
        if collection not in _ORDER:
            return
        self._due.setdefault((collection, number), monotonic())
        if len(self._due) > _MANY:
            due: dict[tuple[str, str | None], float] = {}
            for (one, _), since in self._due.items():
                due.setdefault((one, None), since)
            self._due = due
        self._wake.set()

    def clear(self) -> None:
        """Forget what was to be read: everything is."""
        self._due.clear()

    def _next(self) -> tuple[str, str | None]:
        found = min(self._due, key=lambda one: _ORDER.index(one[0]))
        oldest = min(self._due, key=self._due.__getitem__)
        if self._was_urgent and monotonic() - self._due[oldest] > _OVERDUE:
            found = oldest
        self._was_urgent = found[0] == _URGENT
        del self._due[found]
        return found

    async def run(self) -> None:
        """Read what is due until cancelled."""
        while True:
            await self.pause()
            await self._read(*self._next())
            await pause(_SPACING)

    async def pause(self) -> None:
        """Wait until something is due."""
        while not self._due:
            self._wake.clear()
            await self._wake.wait()

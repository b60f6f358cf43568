"""Reading what the event stream named, without asking the bridge too much."""

import asyncio
from collections.abc import Awaitable, Callable

from .pace import pause

_SPACING = 1.0
_MANY = 5
# Lamps first: people look at them, and rooms follow from them.
_ORDER = ("lights", "sensors", "groups", "scenes")


class Nudges:
    """Reads one v1 resource a second; of many at once, the whole collection.

    `read` takes a collection and a number, None for all of it.
    """

    def __init__(self, read: Callable[[str, str | None], Awaitable[None]]) -> None:
        """Start with nothing to read."""
        self._read = read
        self._due: dict[tuple[str, str | None], None] = {}
        self._wake = asyncio.Event()

    def add(self, collection: str, number: str | None) -> None:
        """Note that something is to be read."""
        if collection in _ORDER:
            self._due[collection, number] = None
            self._wake.set()

    def clear(self) -> None:
        """Forget what was to be read: everything is."""
        self._due.clear()

    def _next(self) -> tuple[str, str | None]:
        if len(self._due) > _MANY:
            self._due = {(collection, None): None for collection, _ in self._due}
        found = min(self._due, key=lambda one: _ORDER.index(one[0]))
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

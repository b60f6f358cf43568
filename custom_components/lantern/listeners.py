"""Wakes those who listen to what changed: a slice at a time, a kind in a row."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice, zip_longest
from typing import Any

from homeassistant.core import CALLBACK_TYPE

from .const import LOGGER

_WAKE_UPS = 500
"""So many entities write their state in about ten milliseconds."""


class Listeners(list[CALLBACK_TYPE]):
    """Those who listen to one device, or to all; `leave` is called after the last."""

    __slots__ = ("leave",)

    def __init__(self, leave: CALLBACK_TYPE) -> None:
        """Have no listeners yet."""
        super().__init__()
        self.leave = leave


class ListenerIndex:
    """Who listens to the devices of one entry, by device id, and who is still asleep.

    Those of no device (None) watch them all; they are woken at once, the others in
    slices, between which everybody else has a turn.
    """

    def __init__(self, name: str) -> None:
        """Have nobody to wake; `name` is the entry's in the log."""
        self.listeners: dict[Any, Listeners] = {}
        self._name = name
        # Whose listeners are to be woken, in that order.
        self._sleepers: dict[Any, None] = {}
        self._writes: list[CALLBACK_TYPE] = []

    @property
    def is_under_way(self) -> bool:
        """Tell whether somebody is still to be woken."""
        return bool(self._sleepers)

    def add(
        self, context: Any, wake: CALLBACK_TYPE, join: Callable[[], CALLBACK_TYPE]
    ) -> CALLBACK_TYPE:
        """Add a listener and return what removes it.

        `join` is called for the first of a device, what it returns after the last.
        """
        if (listeners := self.listeners.get(context)) is None:
            listeners = self.listeners[context] = Listeners(join())
        listeners.append(wake)
        # There are very many of them: lighter than a function of its own.
        return partial(self._remove, context, wake)

    def _remove(self, context: Any, wake: CALLBACK_TYPE) -> None:
        listeners = self.listeners[context]
        listeners.remove(wake)
        if not listeners:
            del self.listeners[context]
            listeners.leave()

    def want(self, device_ids: Iterable[Any]) -> None:
        """Have the listeners of these devices woken, after those who wait already."""
        self._sleepers.update(dict.fromkeys(device_ids))
        self._sleepers.pop(None, None)

    def wake_watchers(self) -> None:
        """Wake those who watch all devices."""
        self._call(list(self.listeners.get(None, ())))

    def wake_slice(self) -> None:
        """Wake some of those who are to be woken."""
        woken: list[tuple[CALLBACK_TYPE, ...]] = []
        count = 0
        for device_id in list(islice(self._sleepers, _WAKE_UPS)):
            del self._sleepers[device_id]
            if listeners := self.listeners.get(device_id):
                woken.append(tuple(listeners))
                count += len(listeners)
            if count >= _WAKE_UPS:
                break
        # The first of each device, then the second, and all have a look before any of
        # them is written: work of a kind in a row, whose code is still at hand, takes
        # three quarters of the time.
        for alike in zip_longest(*woken):
            self._call(filter(None, alike))
        writes, self._writes = self._writes, []
        self._call(writes)

    def write_soon(self, write: CALLBACK_TYPE) -> None:
        """Have a listener's state written once the others had their look."""
        self._writes.append(write)

    def _call(self, calls: Iterable[CALLBACK_TYPE]) -> None:
        """Call one after the other; the failure of one is not the others'."""
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001  # anything can go wrong in an entity
                LOGGER.exception("A listener of %s failed", self._name)

"""Coordinator listeners, indexed by device id."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from homeassistant.core import CALLBACK_TYPE, callback

from .const import LOGGER

_BATCH = 500
"""So many entities write their state in about ten milliseconds."""


class _Listeners(list[CALLBACK_TYPE]):
    """The listeners of one device; `leave` is called after the last one left."""

    __slots__ = ("leave",)

    def __init__(self, leave: CALLBACK_TYPE) -> None:
        """Initialize without listeners."""
        super().__init__()
        self.leave = leave


class ListenerIndex:
    """The listeners of one entry by device id, and the devices still to be notified.

    Listeners without a device (None) are notified of every change.
    """

    def __init__(self, name: str) -> None:
        """Initialize without listeners; `name` is the entry's in the log."""
        self._by_device: dict[str | None, _Listeners] = {}
        self._pending: dict[str, None] = {}
        self._name = name

    @property
    def device_ids(self) -> list[str]:
        """Return the devices that have listeners."""
        return [device_id for device_id in self._by_device if device_id is not None]

    def count(self, device_id: str | None) -> int:
        """Return how many listeners a device has."""
        return len(self._by_device.get(device_id, ()))

    @property
    def has_pending(self) -> bool:
        """Return True if devices are still to be notified."""
        return bool(self._pending)

    @callback
    def async_add(
        self,
        device_id: str | None,
        listener: CALLBACK_TYPE,
        join: Callable[[], CALLBACK_TYPE],
    ) -> CALLBACK_TYPE:
        """Add a listener and return what removes it.

        `join` is called for the first of a device, what it returns after the last.
        """
        if (listeners := self._by_device.get(device_id)) is None:
            listeners = self._by_device[device_id] = _Listeners(join())
        listeners.append(listener)
        # A partial is smaller than a closure, and there is one for each entity.
        return partial(self._remove, device_id, listener)

    @callback
    def _remove(self, device_id: str | None, listener: CALLBACK_TYPE) -> None:
        listeners = self._by_device[device_id]
        listeners.remove(listener)
        if not listeners:
            del self._by_device[device_id]
            listeners.leave()

    @callback
    def async_schedule(self, device_ids: Iterable[str]) -> None:
        """Add devices to those that are to be notified."""
        self._pending.update(dict.fromkeys(device_ids))

    @callback
    def async_notify_batch(self) -> None:
        """Notify the listeners of pending devices, until about 500 were called."""
        called = 0
        for device_id in list(islice(self._pending, _BATCH)):
            del self._pending[device_id]
            called += self._notify(device_id)
            if called >= _BATCH:
                return

    @callback
    def async_notify_watchers(self) -> None:
        """Notify the listeners that are notified of every change."""
        self._notify(None)

    def _notify(self, device_id: str | None) -> int:
        """Call the listeners of a device; a failure of one does not stop the others."""
        listeners = tuple(self._by_device.get(device_id, ()))
        for listener in listeners:
            try:
                listener()
            except Exception:  # noqa: BLE001  # anything can go wrong in an entity
                LOGGER.exception("A listener of %s failed", self._name)
        return len(listeners)

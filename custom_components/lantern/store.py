"""Values that are kept over restarts and may be lost, one private file per entry."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN, LOGGER
from .storage import async_remove_unreadable, async_show_unreadable, put_aside
from .transport.bounds import bounded_json

_VERSION = 1
# What Home Assistant's Store raises for JSON that it did not write.
_OTHER_SHAPE = (TypeError, LookupError, AttributeError)
_SAVE_DELAY = 1.0
_MOST_BYTES = 4 * 1024 * 1024


class _Store(Store[dict[str, Any]]):
    """A file of the one version that there has been."""

    @override
    async def _async_migrate_func(self, *_: Any) -> dict[str, Any]:
        raise TypeError("no version of Lantern's")


class LanternStore:
    """Holds JSON values that may be lost, by name; saved a second after a change."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the entry's file; `async_load` reads it."""
        self._store = _Store(
            hass, _VERSION, f"{DOMAIN}.{entry_id}", private=True, atomic_writes=True
        )
        self._hass = hass
        self._data: dict[str, Any] = {}
        self._changed = False

    async def async_load(self) -> None:
        """Read what an earlier run stored; put aside what has another shape."""
        path = Path(self._store.path)
        try:
            data = await self._store.async_load()
            if data is not None and not isinstance(data, dict):
                raise TypeError("no object")
        except _OTHER_SHAPE:
            await self._hass.async_add_executor_job(_put_aside, path)
            data = None
        self._data = data or {}
        await async_show_unreadable(self._hass, path)

    def section(self, name: str) -> MutableMapping[str, Any]:
        """Return the values stored under a name; call `async_delay_save` after a change."""
        section = self._data.get(name)
        if not isinstance(section, dict):
            section = self._data[name] = {}
        return section

    @callback
    def async_delay_save(self) -> None:
        """Write soon, and at the latest when Home Assistant stops."""
        self._changed = True
        self._store.async_delay_save(self._bounded, _SAVE_DELAY)

    def _bounded(self) -> dict[str, Any]:
        bounded: dict[str, Any] = bounded_json(self._data, _MOST_BYTES)
        return bounded

    async def async_flush(self) -> None:
        """Write now what is not written yet: the next set-up reads it."""
        if self._changed:
            self._changed = False
            await self._store.async_save(self._bounded())

    async def async_remove(self) -> None:
        """Delete everything, on disk too."""
        await self._store.async_remove()
        await async_remove_unreadable(self._hass, Path(self._store.path))


def _put_aside(path: Path) -> None:
    """Put a file aside of which nothing can be read."""
    LOGGER.error("A stored file cannot be read; it was put aside")
    put_aside(path, path.read_bytes())
    path.unlink()

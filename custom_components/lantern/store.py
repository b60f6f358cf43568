"""What must survive a restart besides tokens, one private file per entry."""

from collections.abc import MutableMapping
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from .const import DOMAIN

_VERSION = 1
_SAVE_DELAY = 1.0


class LanternStore:
    """Remembers JSON values by name; saved a second after the last change."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the entry's file; `load` reads it."""
        self._store = Store[dict[str, Any]](
            hass, _VERSION, f"{DOMAIN}.{entry_id}", private=True, atomic_writes=True
        )
        self._data: dict[str, Any] = {}
        self._changed = False

    async def load(self) -> None:
        """Read what an earlier run remembered."""
        self._data = await self._store.async_load() or {}

    def section(self, name: str) -> MutableMapping[str, Any]:
        """Return the values remembered under a name; call `save` after a change."""
        section: MutableMapping[str, Any] = self._data.setdefault(name, {})
        return section

    @callback
    def save(self) -> None:
        """Write soon, and at the latest when Home Assistant stops."""
        self._changed = True
        self._store.async_delay_save(lambda: self._data, _SAVE_DELAY)

    async def flush(self) -> None:
        """Write now what is not written yet: the next set-up reads it."""
        if self._changed:
            self._changed = False
            await self._store.async_save(self._data)

    async def remove(self) -> None:
        """Forget everything, on disk too."""
        await self._store.async_remove()

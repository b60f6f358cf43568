"""A value that counts only once it is on disk."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
import json
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.file import WriteError, write_utf8_file_atomic

from ..const import DOMAIN, LOGGER

_VERSION = 1


def short_hash(text: str) -> str:
    """Return a name for what has an id that nobody shall read."""
    return sha256(text.encode()).hexdigest()[:16]


class NotKept(HomeAssistantError):
    """The disk did not take it, or did not give it back."""

    key = "not_saved"

    def __init__(self) -> None:
        """Say so in words that hold no path."""
        super().__init__(translation_domain=DOMAIN, translation_key=self.key)


class LaterVersion(NotKept):
    """A later Lantern wrote it, and this one would spoil it."""

    key = "later_version"


class Kept[StateT]:
    """One value in one private file: a change counts when it is written.

    Home Assistant's `Store` delays, and swallows write errors; what must not be
    lost is written here, at once and atomically. `plain` makes JSON of a value,
    `read` a value of JSON.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        name: str,
        empty: StateT,
        read: Callable[[Any], StateT],
        plain: Callable[[StateT], Any],
    ) -> None:
        """Name the file; `load` reads it."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{name}"))
        self._empty = empty
        self._read = read
        self._plain = plain
        self._lock = asyncio.Lock()
        self._loaded = False
        self.value = empty

    async def load(self) -> None:
        """Read the file, once; raise NotKept if it cannot be read."""
        async with self._lock:
            if not self._loaded:
                self.value = await self._hass.async_add_executor_job(self._from_disk)
                self._loaded = True

    async def change(self, change: Callable[[StateT], StateT]) -> None:
        """Make another value of the value, on disk first; raise NotKept if it fails.

        Who waits may be cancelled; the write is not, or disk and memory would differ.
        """
        await asyncio.shield(self._hass.async_create_task(self._changed(change)))

    async def remove(self) -> None:
        """Delete the file and forget the value."""
        async with self._lock:
            await self._hass.async_add_executor_job(self._delete)
            self.value = self._empty

    async def _changed(self, change: Callable[[StateT], StateT]) -> None:
        async with self._lock:
            if (value := change(self.value)) is self.value:
                return
            plain = self._plain(value)
            try:
                await self._hass.async_add_executor_job(self._to_disk, plain)
            except (OSError, WriteError) as err:
                raise NotKept from err
            self.value = value

    def _to_disk(self, plain: Any) -> None:
        self._path.parent.mkdir(exist_ok=True)
        text = json.dumps({"version": _VERSION, "data": plain})
        write_utf8_file_atomic(str(self._path), text, private=True)

    def _from_disk(self) -> StateT:
        try:
            content = json.loads(self._path.read_bytes())
            if (version := content["version"]) == _VERSION:
                return self._read(content["data"])
        except FileNotFoundError:
            return self._empty
        except OSError as err:
            raise NotKept from err
        except ValueError, TypeError, LookupError, AttributeError:
            # It is put aside, not overwritten: people can still read it.
            self._path.replace(self._path.with_suffix(".unreadable"))
            LOGGER.error("A file of treatment logs cannot be read; it was put aside")
            return self._empty
        LOGGER.error("A file of treatment logs has the unknown version %s", version)
        raise LaterVersion

    def _delete(self) -> None:
        self._path.unlink(missing_ok=True)

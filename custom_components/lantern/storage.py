"""What must not be lost: on disk before it is promised, fired or sent.

Home Assistant's `Store` delays writes and swallows their errors. It holds only what
may be lost.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.file import WriteError, write_utf8_file_atomic
import orjson

from .const import DOMAIN, LOGGER
from .repair import isolate_failures

UNREADABLE_ROWS = "unreadable_rows"
UNREADABLE_FILE = "unreadable_file"

_VERSION = 1
_CORRUPT = ".corrupt."
_LOST_CHARACTER = "\ufffd"
_INVALID = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


def short_hash(text: str) -> str:
    """Return a name that does not show the text it is made of."""
    return sha256(text.encode()).hexdigest()[:16]


def stored_names(hass: HomeAssistant, prefix: str) -> list[str]:
    """Return the names of the stored files that begin so."""
    path = Path(hass.config.path(STORAGE_DIR))
    paths = path.glob(f"{DOMAIN}.{prefix}*")
    return sorted(path.name.removeprefix(f"{DOMAIN}.") for path in paths)


class StorageError(HomeAssistantError):
    """The disk did not take something, or did not give it back."""

    key = "not_saved"

    def __init__(self) -> None:
        """Say so in words that hold no path."""
        super().__init__(translation_domain=DOMAIN, translation_key=self.key)


class StorageWriteError(StorageError):
    """Nothing was written; what was on disk before is still there."""


class NewerVersionError(StorageError):
    """A newer version of Lantern wrote the file; this one would spoil it."""

    key = "later_version"


class RowReader:
    """Reads the rows of a file one by one; keeps those that cannot be read."""

    def __init__(self, *, is_damaged: bool = False) -> None:
        """Start; a damaged file has bytes that are no characters."""
        self.unreadable: list[dict[str, Any]] = []
        self._is_damaged = is_damaged

    def read[RowT](
        self, parse: Callable[[Any], RowT], row: Any, where: str
    ) -> RowT | None:
        """Return a row, or None if it cannot be read."""
        try:
            if self._is_damaged and _LOST_CHARACTER in f"{where}{_own_text(row)}":
                raise ValueError("a character is lost")  # one way out
            return parse(row)
        except _INVALID:
            self.unreadable.append({"where": where, "row": row})
            return None

    def read_list[RowT](
        self, parse: Callable[[Any], RowT], rows: Any, where: str
    ) -> tuple[RowT, ...]:
        """Return the rows of a list that can be read."""
        if not isinstance(rows, list):
            self.unreadable.append({"where": where, "row": rows})
            return ()
        parsed = (self.read(parse, row, where) for row in rows)
        return tuple(row for row in parsed if row is not None)

    def read_dict[RowT](
        self, parse: Callable[[Any, RowReader, str], RowT], rows: Mapping[str, Any]
    ) -> dict[str, RowT]:
        """Return the rows of an object that can be read; each may hold rows itself."""
        parsed: dict[str, RowT] = {}
        for name, row in rows.items():
            value = self.read(partial(self._parse, parse, name), row, name)
            if value is not None:
                parsed[name] = value
        return parsed

    def _parse[RowT](
        self, parse: Callable[[Any, RowReader, str], RowT], name: str, row: Any
    ) -> RowT:
        return parse(row, self, name)


def _own_text(row: Any) -> str:
    """Return the text of a row without that of the rows in it."""
    if isinstance(row, dict):
        values = (value for value in row.values() if isinstance(value, str))
        return "".join((*row, *values))
    return row if isinstance(row, str) else ""


def unknown_keys(row: Mapping[str, Any], read: Iterable[str]) -> dict[str, Any]:
    """Return what another version of Lantern wrote into a row: it is written back."""
    return {key: row[key] for key in row.keys() - set(read)}


class DurableStore[ValueT]:
    """One value in one private file: a change counts once it is written.

    `from_dict` reads the value from the file's JSON with a `RowReader`, `as_dict`
    makes JSON of it, both in an executor: values are immutable. A file that cannot be read, or a row of it, is put aside and
    an issue is created.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        name: str,
        empty: ValueT,
        from_dict: Callable[[Any, RowReader], ValueT],
        as_dict: Callable[[ValueT], Any],
    ) -> None:
        """Name the file; `async_load` reads it."""
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{name}"))
        self._empty = empty
        self._from_dict = from_dict
        self._as_dict = as_dict
        self._lock = asyncio.Lock()
        self._is_loaded = False
        self._unknown: dict[str, Any] = {}
        self.value = empty

    async def async_load(self) -> None:
        """Read the file, once; raise StorageError if the disk does not give it."""
        async with self._lock:
            if not self._is_loaded:
                run = self._hass.async_add_executor_job
                try:
                    self.value = await run(self._read)
                    await async_show_unreadable(self._hass, self._path)
                except (OSError, WriteError) as err:
                    raise StorageError from err
                self._is_loaded = True

    async def async_update(self, change: Callable[[ValueT], ValueT]) -> None:
        """Change the value, on disk first; raise StorageWriteError if that fails.

        Who waits may be cancelled; the write is not, or disk and memory would differ.
        """
        await asyncio.shield(self._hass.async_create_task(self._update(change)))

    async def async_remove(self, *, keep_unreadable: bool = False) -> None:
        """Delete the file, and what was put aside of it; forget the value."""
        async with self._lock:
            run = self._hass.async_add_executor_job
            try:
                await run(lambda: self._path.unlink(missing_ok=True))
                self.value = self._empty
                if not keep_unreadable:
                    await async_remove_unreadable(self._hass, self._path)
            except OSError as err:
                raise StorageError from err

    async def _update(self, change: Callable[[ValueT], ValueT]) -> None:
        async with self._lock:
            if (value := change(self.value)) is self.value:
                return
            try:
                await self._hass.async_add_executor_job(self._write, value)
            except (OSError, WriteError, TypeError) as err:
                raise StorageWriteError from err
            self.value = value

    def _write(self, value: ValueT) -> None:
        self._path.parent.mkdir(exist_ok=True)
        content = {"version": _VERSION, "data": self._as_dict(value)}
        text = orjson.dumps({**self._unknown, **content})
        write_utf8_file_atomic(str(self._path), text.decode(), private=True)

    def _read(self) -> ValueT:
        """Return the value on disk; put aside what cannot be read."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return self._empty
        text = content.decode(errors="replace")
        reader = RowReader(is_damaged=text.encode() != content)
        try:
            document = orjson.loads(text)
            # Deeper than can be written again, or put aside row by row.
            orjson.dumps([[document]])
            version = document["version"]
            if type(version) is not int or version < _VERSION:
                raise ValueError("no version")  # one way out
            if version > _VERSION:
                LOGGER.error("A stored file has the unknown version %s", version)
                raise NewerVersionError
            value = self._from_dict(document["data"], reader)
        except _INVALID:
            put_aside(self._path, content)
            LOGGER.error("A stored file cannot be read; it was put aside")
            # It was copied: from now on this one is Lantern's again.
            self._path.unlink()
            return self._empty
        self._unknown = unknown_keys(document, ("version", "data"))
        if reader.unreadable:
            rows = {"file": self._path.name, "rows": reader.unreadable}
            put_aside(self._path, orjson.dumps(rows, option=orjson.OPT_INDENT_2))
            self._write(value)
            LOGGER.error(
                "%d rows of a stored file cannot be read; they were put aside",
                len(reader.unreadable),
            )
        return value


def put_aside(path: Path, content: bytes) -> None:
    """Write what cannot be read into a new file that only its owner may read."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in count():
        more = f"-{number}" if number else ""
        other = path.with_name(f"{path.name}.unreadable-{time}{more}")
        if not other.exists():
            write_utf8_file_atomic(str(other), content, private=True, mode="wb")
            return


async def async_show_unreadable(hass: HomeAssistant, path: Path) -> None:
    """Create an issue for each file put aside, now or in an earlier run."""
    files = await hass.async_add_executor_job(_files_put_aside, path)
    for name, rows in files.items():
        _create_issue(hass, name, rows)


@isolate_failures
def _create_issue(hass: HomeAssistant, name: str, rows: int | None) -> None:
    kind = UNREADABLE_FILE if rows is None else UNREADABLE_ROWS
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(name),
        data={"kind": kind, "file": name},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=kind,
        translation_placeholders={"file": name, "rows": str(rows or "")},
    )


async def async_show_all_unreadable(hass: HomeAssistant) -> None:
    """Create an issue for each file put aside, of removed entries as well.

    A repair that was confirmed while Lantern was not loaded did nothing: Home
    Assistant closes it by itself then.
    """
    path = Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.*"))
    with suppress(OSError):
        await async_show_unreadable(hass, path)


async def async_remove_unreadable(hass: HomeAssistant, path: Path) -> None:
    """Delete all that was put aside of a file."""
    for name in await hass.async_add_executor_job(_files_put_aside, path):
        await async_delete_unreadable(hass, name)


def _issue_id(name: str) -> str:
    return f"unreadable_{short_hash(name)}"


def _files_put_aside(path: Path) -> dict[str, int | None]:
    """Return the files put aside of one, with their rows; None is a whole file."""
    rows: dict[str, int | None] = {}
    ours = path.parent.glob(f"{path.name}.unreadable-*")
    # Home Assistant's own Store renames what is no JSON.
    renamed = path.parent.glob(f"{path.name}{_CORRUPT}*")
    for file in sorted((*ours, *renamed)):
        try:
            rows[file.name] = len(orjson.loads(file.read_bytes())["rows"])
        except _INVALID:
            rows[file.name] = None
    return rows


async def async_delete_unreadable(hass: HomeAssistant, name: str) -> None:
    """Delete a file that was put aside, and its issues."""
    path = Path(hass.config.path(STORAGE_DIR, name))
    try:
        await hass.async_add_executor_job(lambda: path.unlink(missing_ok=True))
    except OSError as err:
        raise StorageError from err
    ir.async_delete_issue(hass, DOMAIN, _issue_id(name))
    key, _, time = name.partition(_CORRUPT)
    if time:
        # Home Assistant has created an issue, too.
        issue_id = f"storage_corruption_{key}_{time}"
        ir.async_delete_issue(hass, HOMEASSISTANT_DOMAIN, issue_id)

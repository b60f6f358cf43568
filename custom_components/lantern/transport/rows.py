"""Arrays of objects that are asked for again and again, and hardly change."""

from collections.abc import Callable, Mapping
from itertools import chain, repeat
import re
from typing import Any

import orjson

from . import fields
from .errors import BadAnswer
from .http import Answer

_BEGINNING = rb'\[\s*(?P<key>\{\s*"[^"\\]*"\s*:)'
_UNKNOWN: tuple[bytes, Any] = (b"", None)


class Rows[RowT]:
    """Reads an answer's array of objects; `read` makes a row of an object.

    The array is the answer, or its member `within`. A row whose text is what it
    was the last time is the same object again: nothing of it is read. All objects
    of such an array begin with the same key, so the text is cut there; a cut in a
    wrong place leaves something that is no JSON, and all is read in the plain way.
    """

    def __init__(
        self, read: Callable[[Mapping[str, Any]], RowT], within: str | None = None
    ) -> None:
        """Take how a row is read; there are none yet."""
        self._read = read
        self._within = within
        before = rb"\s*" if within is None else rb'.*?"%b"\s*:\s*' % within.encode()
        self._beginning = re.compile(before + _BEGINNING, re.DOTALL)
        self._key = b""
        self._known: list[tuple[bytes, RowT]] = []

    def take(self, answer: Answer) -> tuple[Mapping[str, Any], list[RowT]]:
        """Return what is around the rows, if anything, and the rows.

        Raises BadAnswer if there is no array.
        """
        try:
            around, rows = self._cut(answer.body)
        except ValueError:
            self._known = []
            around = answer.json()
            rows = [self._read(one) for one in fields.objects(self._array(around))]
        if self._array(around) is None:
            raise BadAnswer(answer.endpoint, "no list")
        return fields.mapping(around), rows

    def _array(self, value: object) -> list[Any] | None:
        if self._within is not None:
            value = fields.mapping(value).get(self._within)
        return value if isinstance(value, list) else None

    def _cut(self, body: bytes) -> tuple[Any, list[RowT]]:
        """Read what is new; raise ValueError where the body is not easily cut."""
        beginning = self._beginning.match(body)
        if beginning is None:
            raise ValueError
        key, at = beginning["key"], beginning.end()
        end = body.rindex(b"}", at, body.rindex(b"]"))
        around = orjson.loads(body[: beginning.start("key")] + body[end + 1 :])
        if self._array(around) != []:
            raise ValueError
        found = re.compile(rb"\}\s*,\s*" + re.escape(key)).search(body, at, end)
        between = found[0] if found else body[end:]
        known = chain(self._known if key == self._key else (), repeat(_UNKNOWN))
        rows = []
        while at < end:
            text, row = next(known)
            stop = at + len(text)
            is_same = text and body.startswith(text, at)
            if not is_same or not (stop == end or body.startswith(between, stop)):
                stop = body.find(between, at, end)
                stop = end if stop < 0 else stop
                text = body[at:stop]
                row = self._read(orjson.loads(key + text + b"}"))
            rows.append((text, row))
            at = stop + len(between)
        self._key, self._known = key, rows
        return around, [row for _, row in rows]

"""Answers that are asked for again and again, and hardly change."""

from collections.abc import Callable, Mapping
from itertools import chain, repeat
import operator
import re
from typing import Any

import orjson

from . import parsing
from .errors import BadAnswer
from .http import Answer

_BEGINNING = rb'\[\s*(?P<key>\{\s*"[^"\\]*"\s*:)'
_UNKNOWN: tuple[int, int, Any] = (0, 0, None)


class Same[ValueT]:
    """Makes something of an answer's text, anew only where the text is another."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._made: tuple[bytes, tuple[object, ...], ValueT] | None = None

    def of(self, body: bytes, make: Callable[[], ValueT], *others: object) -> ValueT:
        """Return what was made of the same text, and of the very same other things."""
        if self._made is not None:
            text, before, made = self._made
            if text == body and _are(before, others):
                return made
        made = make()
        self._made = (body, others, made)
        return made


class Members[ThingT]:
    """Reads an answer's JSON object of things; what did not change is the same again."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._all: Same[dict[str, ThingT]] = Same()
        self._each: dict[str, tuple[object, ThingT | None]] = {}
        self._of: tuple[object, ...] = ()

    def take(
        self,
        body: bytes,
        parse: Callable[[], Mapping[str, Any]],
        read: Callable[[str, Mapping[str, Any]], ThingT | None],
        *of: object,
    ) -> dict[str, ThingT]:
        """Return what can be read of an answer, by name; `of` is what it is read with."""

        def things() -> dict[str, ThingT]:
            known = self._each if _are(self._of, of) else {}
            self._each = {}
            for name, value in parse().items():
                before = known.get(name)
                if before is None or before[0] != value:
                    before = (value, read(name, parsing.as_dict(value)))
                self._each[name] = before
            self._of = of
            return {n: one for n, (_, one) in self._each.items() if one is not None}

        return self._all.of(body, things, *of)


def _are(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    """Tell whether all are the very same objects."""
    return len(before) == len(now) and all(map(operator.is_, before, now))


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
        # Of each row: its text's length and hash, which weigh less than the text.
        self._known: list[tuple[int, int, RowT]] = []

    def take(self, answer: Answer) -> tuple[Mapping[str, Any], list[RowT]]:
        """Return what is around the rows, if anything, and the rows.

        Null is an empty array: so Go writes it. Raises BadAnswer if there is none.
        """
        try:
            around, rows = self._cut(answer.body)
        except ValueError:
            self._known = []
            around = answer.json()
            rows = [self._read(one) for one in parsing.iter_dicts(self._array(around))]
        if self._array(around) is None:
            raise BadAnswer(answer.endpoint, "no list")
        return parsing.as_dict(around), rows

    def _array(self, value: object) -> list[Any] | None:
        if self._within is not None:
            value = parsing.as_dict(value).get(self._within, "")
        if value is None:
            return []
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
            length, mark, row = next(known)
            stop = at + length
            if (
                not length
                or not (stop == end or body.startswith(between, stop))
                or hash(body[at:stop]) != mark
            ):
                stop = body.find(between, at, end)
                stop = end if stop < 0 else stop
                text = body[at:stop]
                mark = hash(text)
                row = self._read(orjson.loads(key + text + b"}"))
            rows.append((stop - at, mark, row))
            at = stop + len(between)
        self._key, self._known = key, rows
        return around, [row for _, _, row in rows]

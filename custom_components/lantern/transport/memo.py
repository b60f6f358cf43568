"""Answers that are asked for again and again, and hardly change."""

from collections.abc import Callable, Mapping
import operator
from typing import Any

import orjson

from . import parsing
from .errors import BadAnswer
from .http import Answer


class Same[ValueT]:
    """Makes something of an answer's text, anew only where the text is another."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._made: tuple[tuple[int, int], tuple[object, ...], ValueT] | None = None

    def of(self, body: bytes, make: Callable[[], ValueT], *others: object) -> ValueT:
        """Return what was made of the same text, and of the very same other things."""
        # The text itself would be as large as all that is made of it.
        text = (len(body), hash(body))
        if self._made is not None and self._made[0] == text:
            _, before, made = self._made
            if _are(before, others):
                return made
        made = make()
        self._made = (text, others, made)
        return made


class Members[MemberT]:
    """Reads an answer's JSON object of things; what did not change is the same again."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._all: Same[dict[str, MemberT]] = Same()
        self._each: dict[str, tuple[object, MemberT | None]] = {}
        self._of: tuple[object, ...] = ()

    def take(
        self,
        body: bytes,
        parse: Callable[[], Mapping[str, Any]],
        read: Callable[[str, Mapping[str, Any]], MemberT | None],
        *of: object,
    ) -> dict[str, MemberT]:
        """Return what can be read of an answer, by name; `of` is what it is read with."""

        def members() -> dict[str, MemberT]:
            before = self._each if _are(self._of, of) else {}
            self._each = {}
            for name, value in parse().items():
                member = before.get(name)
                if member is None or member[0] != value:
                    member = (value, read(name, parsing.as_dict(value)))
                self._each[name] = member
            self._of = of
            return {
                name: member
                for name, (_, member) in self._each.items()
                if member is not None
            }

        return self._all.of(body, members, *of)


def _are(before: tuple[object, ...], now: tuple[object, ...]) -> bool:
    """Return whether all are the very same objects."""
    return len(before) == len(now) and all(map(operator.is_, before, now))


class Rows[RowT]:
    """Reads an answer's array of objects; an equal object gives the same row again.

    The array is the answer, or its member `within`; `read` makes a row of an object.
    Of an object only a hash of its JSON is kept: it is small, and nobody can
    make two objects with the same one.
    """

    def __init__(
        self, read: Callable[[Mapping[str, Any]], RowT], within: str | None = None
    ) -> None:
        """Initialize without rows."""
        self._read = read
        self._within = within
        self._answer: Same[tuple[Mapping[str, Any], list[RowT]]] = Same()
        self._by_hash: dict[int, RowT] = {}

    def take(self, answer: Answer) -> tuple[Mapping[str, Any], list[RowT]]:
        """Return what is around the rows, if anything, and the rows.

        Null is an empty array: so Go writes it. Raises BadAnswer if there is none.
        """
        return self._answer.of(answer.body, lambda: self._parse(answer))

    def _parse(self, answer: Answer) -> tuple[Mapping[str, Any], list[RowT]]:
        value = answer.json()
        around = parsing.as_dict(value)
        array = value if self._within is None else around.get(self._within, "")
        if array is not None and not isinstance(array, list):
            raise BadAnswer(answer.endpoint, "no list")
        before, self._by_hash = self._by_hash, {}
        rows = []
        for item in parsing.iter_dicts(array):
            key = _hash(item)
            if key is None or (row := before.get(key)) is None:
                row = self._read(item)
            if key is not None:
                self._by_hash[key] = row
            rows.append(row)
        return {name: around[name] for name in around if name != self._within}, rows


def _hash(item: Mapping[str, Any]) -> int | None:
    """Return a hash of an object's JSON, None if it is nested too deep for that."""
    try:
        return hash(orjson.dumps(item))
    except orjson.JSONEncodeError:
        return None

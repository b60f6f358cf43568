"""Bounds of what Home Assistant can hold in states, attributes, events, stored data.

JSON lets in what Home Assistant cannot write: numbers beyond 64 bit, NaN, half
characters, any depth. A single such value breaks `GET /api/states` and the file of
last states for all of Home Assistant.
"""

from collections.abc import Mapping
import math
from typing import Any

import orjson

MAX_INTEGER = 2**53
"""The largest whole number that every reader of JSON understands."""
MAX_STATE = 255
MAX_BYTES = 8 * 1024
"""More than this is of no use in an attribute: recorders leave it out."""
MARK = "…"
"""Stands where something was cut."""

_MAX_DEPTH = 32
_FRAME_BYTES = 16


def bounded_text(text: str, longest: int) -> str:
    """Return a text that can be written, cut to so many characters."""
    if not text.isascii():
        text = text.encode(errors="replace").decode()
    return text if len(text) <= longest else text[: longest - len(MARK)] + MARK


def bounded_number[NumberT: (int, float)](number: NumberT) -> NumberT | None:
    """Return a number that can be written, or None."""
    if isinstance(number, float):
        return number if math.isfinite(number) else None
    return number if abs(number) <= MAX_INTEGER else None


def bounded_state[ValueT](value: ValueT) -> ValueT | None:
    """Return a value that a state can hold; None where it is no such value."""
    bounded: Any = value
    if isinstance(value, str):
        bounded = bounded_text(value, MAX_STATE)
    elif isinstance(value, (int, float)):
        bounded = bounded_number(value)
    return bounded  # type: ignore[no-any-return]  # of the same type


def bounded_json(value: Any, max_bytes: int = MAX_BYTES) -> Any:
    """Return a value of JSON as Home Assistant can write it, cut to so many bytes."""
    return _Cutter(max_bytes).cut(value)


def is_writable(value: Any) -> bool:
    """Return True if all texts of a value can be written: half a character cannot."""
    try:
        orjson.dumps(value, default=str)
    except TypeError:
        return False
    return True


def json_size(value: Any) -> int:
    """Return how many bytes a value of JSON takes on disk."""
    return len(orjson.dumps(value))


class _Cutter:
    """Copies a value until its bytes are used up."""

    def __init__(self, max_bytes: int) -> None:
        """Start with all bytes left."""
        self._left = max_bytes

    def cut(self, value: Any, depth: int = 0) -> Any:
        """Return the value, as far as it is allowed."""
        if isinstance(value, str):
            return self._cut_text(value)
        if isinstance(value, (int, float)):
            bounded = value if isinstance(value, bool) else bounded_number(value)
            self._left -= len(str(bounded)) + 2
            return bounded
        if isinstance(value, Mapping):
            return self._cut_dict(value, depth)
        if isinstance(value, (list, tuple)):
            return self._cut_list(value, depth)
        self._left -= len("null,")
        return None

    def _cut_text(self, value: str) -> str:
        text = bounded_text(value, max(self._left, len(MARK)))
        # A character is up to six bytes.
        while (size := len(orjson.dumps(text))) > self._left and len(text) > 1:
            text = bounded_text(text, len(text) // 2)
        self._left -= size + 1
        return text

    def _cut_dict(self, value: Mapping[Any, Any], depth: int) -> Any:
        if depth >= _MAX_DEPTH:
            return MARK
        self._left -= _FRAME_BYTES
        copied: dict[str, Any] = {}
        for key, item in value.items():
            if self._left <= 0:
                copied[MARK] = MARK
                break
            name = self.cut(str(key))
            copied[name] = self.cut(item, depth + 1)
        return copied

    def _cut_list(self, value: list[Any] | tuple[Any, ...], depth: int) -> Any:
        if depth >= _MAX_DEPTH:
            return MARK
        self._left -= _FRAME_BYTES
        copied: list[Any] = []
        for item in value:
            if self._left <= 0:
                copied.append(MARK)
                break
            copied.append(self.cut(item, depth + 1))
        return copied

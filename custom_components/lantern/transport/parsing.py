"""Tolerant reading of JSON: the value in the wanted type, or None.

Services send strings for numbers, empty arrays for objects, and nulls; a value
that is not what it should be is as good as one that is not there.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
import json
import math
import re
from typing import Any
from unicodedata import category

import orjson

from .bounds import bounded_number

_MAX_DIGITS = 18
"""Longer integers are no service's number, and Python would take long over them."""
_LONG = 20
_LONGEST_ODD = 256 * 1024
"""A longer body is read only if it is JSON: Python's own reader takes seconds."""

_LONGEST_NAME = 64
_LONGEST_ID = 100
_JOINERS = "\u200c\u200d"
"""Invisible, but Persian words and emoji are spelled with them."""
_ESCAPE_CODE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|\x1b[]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # strings, as a window's title
    r"|\x1b[ -/]*[0-~]"
)
_MARKDOWN = re.compile(
    r"[\\`*\[\]<~@]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it is an underscore
    r"|&(?=#?\w+;)|:(?=//)|(?<=www)\."
    r"|^[#>+=-]|(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)](?=\s|$)",
    re.IGNORECASE | re.MULTILINE,
)


def loads(body: bytes | bytearray) -> Any:
    """Return a body's JSON value; raise ValueError or RecursionError if it is none.

    What is almost JSON is read up to 256 KiB: an infinite number as null, half a
    character as "?". Home Assistant could save neither, nor the names beside it.
    """
    try:
        return orjson.loads(body)
    except ValueError:
        if len(body) > _LONGEST_ODD:
            raise
        value = json.loads(
            body.decode(json.detect_encoding(body)),
            parse_constant=lambda _: None,
            parse_float=_finite,
            parse_int=_whole,
        )
    if value is None:
        raise ValueError("a number that is none")
    return orjson.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _whole(text: str) -> float | None:
    return int(text) if len(text) < _LONG else _finite(text)


def as_dict(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def iter_dicts(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an array."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def as_str(value: object) -> str | None:
    """Return a text that is not empty; a number becomes its digits."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def as_id(value: object) -> str | None:
    """Return an id that is a text; what is longer than any service's is none.

    Registries and stored files are full of them.
    """
    text = as_str(value) if isinstance(value, str) else None
    return text if text and len(text) <= _LONGEST_ID else None


def as_name(value: object, longest: int = _LONGEST_NAME) -> str | None:
    """Return a name as people may see it: one line of at most 64 characters.

    Anybody on the network can name a bridge. Line breaks become spaces; escape codes,
    control characters and those that turn the direction of writing are dropped.
    """
    if (text := as_str(value)) is None:
        return None
    visible = "".join(
        " " if character.isspace() else character
        for character in _ESCAPE_CODE.sub("", text)
        if character.isspace()
        or character in _JOINERS
        or category(character) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(visible.split())[:longest].strip() or None


def escape_markdown(words: str) -> str:
    """Return words so that they stay as they are where Home Assistant renders Markdown.

    What means nothing in Markdown is left alone: titles show the same words as they are.
    """
    return _MARKDOWN.sub(r"\\\g<0>", words)


def as_float(value: object) -> float | None:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError, OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_int(value: object) -> int | None:
    """Return a whole number that every reader of JSON understands."""
    if isinstance(value, str) and len(value) <= _MAX_DIGITS:
        with suppress(ValueError):
            value = int(value)
    if type(value) is int:
        return bounded_number(value)
    number = as_float(value)
    if number is None or not number.is_integer():
        return None
    return bounded_number(int(number))


def as_bool(value: object) -> bool | None:
    """Return a boolean; 0 and 1, "true" and "false" are taken for one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if value in (0, 1) and isinstance(value, int) else None


def as_datetime(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC; without a zone it is UTC already."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value.strip())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except ValueError, OverflowError:
        return None

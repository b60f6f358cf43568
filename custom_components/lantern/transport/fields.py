"""Tolerant reading of JSON: the value in the wanted type, or None.

Services send strings for numbers, empty arrays for objects, and nulls; a value
that is not what it should be is as good as one that is not there.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
import math
from typing import Any

_MAX_DIGITS = 18
"""Longer integers are no service's number, and Python would take long over them."""
_TOO_BIG = 10**_MAX_DIGITS


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an array."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def text(value: object) -> str | None:
    """Return a text that is not empty; a number becomes its digits."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None


def number(value: object) -> float | None:
    """Return a finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except ValueError, OverflowError:
        return None
    return found if math.isfinite(found) else None


def integer(value: object) -> int | None:
    """Return a whole number of at most 18 digits."""
    if isinstance(value, str) and len(value) <= _MAX_DIGITS:
        with suppress(ValueError):
            value = int(value)
    if type(value) is int:
        return value if abs(value) < _TOO_BIG else None
    found = number(value)
    if found is None or not found.is_integer() or abs(found) >= _TOO_BIG:
        return None
    return int(found)


def flag(value: object) -> bool | None:
    """Return a boolean; 0 and 1 are taken for one."""
    if isinstance(value, bool):
        return value
    return bool(value) if value in (0, 1) and isinstance(value, int) else None


def moment(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC; without a zone it is UTC already."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except ValueError, OverflowError:
        return None

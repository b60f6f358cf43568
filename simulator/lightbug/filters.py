"""LoopBack's `filter`: where, order, skip, limit and fields over plain rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import json
from typing import Any

from . import moments

type Row = dict[str, Any]
type Test = Callable[[Row], bool]

TIMES = frozenset(
    {
        "created",
        "expires",
        "firstSeen",
        "lastChecked",
        "lastConnection",
        "modified",
        "receivedAt",
        "timestamp",
    }
)


class BadFilter(ValueError):
    """The filter is not one that the documents know."""


def _value(prop: str, value: Any) -> Any:
    """Return what a row's property is compared with: times as the rows hold them."""
    if prop not in TIMES or value is None:
        return value
    try:
        return moments.text_of(value)
    except ValueError as err:
        raise BadFilter(str(err)) from err


def _listed(prop: str, values: Any, length: int | None = None) -> list[Any]:
    if not isinstance(values, list) or length not in (None, len(values)):
        raise BadFilter(f"{prop}: not a list of the right length: {values!r}")
    return [_value(prop, value) for value in values]


def _ordered(prop: str, compare: Callable[[Any], bool]) -> Test:
    """Return a comparison that null and values of other types never pass."""

    def test(row: Row) -> bool:
        value = row.get(prop)
        try:
            return value is not None and compare(value)
        except TypeError:
            return False

    return test


def _operator(prop: str, operator: str, operand: Any) -> Test:
    """Return the test of one documented operator; null behaves as in SQL."""
    if operator == "between":
        low, high = _listed(prop, operand, 2)
        return _ordered(prop, lambda value: bool(low <= value <= high))
    if operator in ("inq", "nin"):
        wanted = _listed(prop, operand)
        inside = operator == "inq"
        return lambda row: (
            row.get(prop) is not None and ((row[prop] in wanted) is inside)
        )
    right = _value(prop, operand)
    match operator:
        case "neq":
            return lambda row: row.get(prop) is not None and row[prop] != right
        case "gt":
            return _ordered(prop, lambda value: bool(value > right))
        case "gte":
            return _ordered(prop, lambda value: bool(value >= right))
        case "lt":
            return _ordered(prop, lambda value: bool(value < right))
        case "lte":
            return _ordered(prop, lambda value: bool(value <= right))
    raise BadFilter(f"{prop}: unknown operator {operator!r}")


def _equal(prop: str, value: Any) -> Test:
    return lambda row: bool(row.get(prop) == value)


def _joined(how: str, tests: list[Test]) -> Test:
    if how == "or":
        return lambda row: any(test(row) for test in tests)
    return lambda row: all(test(row) for test in tests)


def _where(where: Any) -> Test:
    """Return the test of a `where` object."""
    if not isinstance(where, dict):
        raise BadFilter("where is not an object")
    tests: list[Test] = []
    for prop, condition in where.items():
        if prop in ("and", "or"):
            if not isinstance(condition, list):
                raise BadFilter(f"{prop} is not a list")
            tests.append(_joined(prop, [_where(part) for part in condition]))
        elif isinstance(condition, dict):
            tests += [_operator(prop, *pair) for pair in condition.items()]
        else:
            tests.append(_equal(prop, _value(prop, condition)))
    return _joined("and", tests)


def _order(order: Any) -> list[tuple[str, bool]]:
    """Return the properties to sort by, and whether each falls."""
    keys: list[tuple[str, bool]] = []
    for rule in [order] if isinstance(order, str) else order:
        prop, _, direction = str(rule).strip().partition(" ")
        if direction.upper() not in ("", "ASC", "DESC"):
            raise BadFilter(f"order: {rule!r}")
        keys.append((prop, direction.upper() == "DESC"))
    return keys


def _sort_key(prop: str) -> Callable[[Row], Any]:
    """Return a key that puts null before everything, as the database does."""
    return lambda row: (row.get(prop) is not None, row.get(prop))


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadFilter(f"{name} is not a whole number: {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter; `raw` is the object as it came."""

    raw: dict[str, Any]
    where: Test
    order: list[tuple[str, bool]]
    skip: int
    limit: int | None

    def bounds(self, prop: str) -> tuple[str | None, str | None]:
        """Return the range of a time property that `where` asks for, as texts."""
        conditions = [self.raw.get("where", {})]
        conditions += conditions[0].get("and", [])
        low: str | None = None
        high: str | None = None
        for where in conditions:
            condition = where.get(prop)
            if not isinstance(condition, dict):
                continue
            first, last = condition.get("between", (None, None))
            first = condition.get("gt", condition.get("gte", first))
            last = condition.get("lt", condition.get("lte", last))
            low = low if first is None else _value(prop, first)
            high = high if last is None else _value(prop, last)
        return low, high

    def rows(self, rows: Iterable[Row], most: int | None = None) -> list[Row]:
        """Return the rows that pass, in order, at most `most` of them."""
        matching = [row for row in rows if self.where(row)]
        for prop, falling in reversed(self.order):
            matching.sort(key=_sort_key(prop), reverse=falling)
        ends = [end for end in (self.limit, most) if end is not None]
        matching = matching[self.skip :][: min(ends, default=None)]
        return [self.shown(row) for row in matching]

    def shown(self, row: Row) -> Row:
        """Return a row with the fields that were asked for."""
        fields = self.raw.get("fields")
        if not fields:
            return row
        if isinstance(fields, dict):
            hidden = {name for name, wanted in fields.items() if not wanted}
            wanted = {name for name, yes in fields.items() if yes}
        else:
            hidden, wanted = set(), set(fields)
        return {
            name: value
            for name, value in row.items()
            if name not in hidden and (not wanted or name in wanted)
        }


def parse(source: str | None) -> Filter:
    """Return the filter that a query's JSON text describes, or raise BadFilter."""
    try:
        raw = json.loads(source or "{}")
    except ValueError as err:
        raise BadFilter("filter is not JSON") from err
    if not isinstance(raw, dict):
        raise BadFilter("filter is not an object")
    limit = raw.get("limit")
    return Filter(
        raw=raw,
        where=_where(raw.get("where", {})),
        order=_order(raw.get("order", "id ASC")),
        skip=_whole("skip", raw.get("skip", raw.get("offset", 0))),
        limit=None if limit is None else _whole("limit", limit),
    )

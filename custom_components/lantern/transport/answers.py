"""The shapes of a service's answers, for reports: field paths and types, no value.

Nobody of the project has met the real services; what they send beyond their documents,
or never send, is worth knowing. A path is written as `[].config.interval`, a key that
is data (an ID, a name) as `*`.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
import re
from time import monotonic
from typing import Any

MAX_PATHS = 300
"""Of one endpoint."""
MAX_DEPTH = 8
_MAX_ENDPOINTS = 60
_MAX_STATUSES = 20
_MAX_HEADERS = 40
_MAX_ITEMS = 20
"""Of a long array or object, so many are looked at."""
_MAX_NODES = 2_000
_SHORTEST_ID = 8
_MAX_KEY = 30
_LONGEST_KEY = 64
_FIRST_LOOKS = 3
_LOOK_EVERY = 3600.0
"""Seconds: looking costs more than decoding does."""

_ID = re.compile(r"(?=.*\d)[0-9a-f:-]{4,}|\d+", re.IGNORECASE)
_FIELD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_LIMIT_HEADER = re.compile(r"(x-)?rate-?limit[a-z-]{0,40}|retry-after", re.IGNORECASE)
ANY_KEY = "*"
ITEMS = "[]"

type Path = tuple[str, ...]
type _Tree = dict[str, _Tree]


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _sample(items: list[Any]) -> list[Any]:
    """Return a long list's items at even distances."""
    return items[:: -(-len(items) // _MAX_ITEMS)] if items else []


def _nested(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what lies in an array or object, by path segment."""
    if isinstance(value, list):
        yield from ((ITEMS, item) for item in _sample(value))
    elif isinstance(value, Mapping):
        is_map = _is_map(value)
        for key in _sample(list(value)):
            is_data = is_map or len(key) > _LONGEST_KEY or _ID.fullmatch(key)
            yield ANY_KEY if is_data else key, value[key]


def _is_map(value: Mapping[str, Any]) -> bool:
    """Return True for an object whose members are alike, so that its keys are data."""
    members = list(value.values())
    if len(members) < 2 or not all(isinstance(member, Mapping) for member in members):
        return False
    lengths = {len(key) for key in value}
    are_ids = len(lengths) == 1 and lengths.pop() >= _SHORTEST_ID
    return are_ids or all(member.keys() == members[0].keys() for member in members)


class _Shape:
    """What the answers of one endpoint looked like."""

    def __init__(self) -> None:
        """Initialize without answers."""
        self.statuses: Counter[int] = Counter()
        self.types: dict[Path, set[str]] = {}
        self._texts: set[str] = set()
        self._looks = 0
        self._next_look = 0.0

    def observe(self, value: Any) -> None:
        """Add the paths and types of an answer, now and then."""
        now = monotonic()
        if self._looks >= _FIRST_LOOKS and now < self._next_look:
            return
        self._looks += 1
        self._next_look = now + _LOOK_EVERY
        keys: set[str] = set()
        texts: set[str] = set()
        waiting: deque[tuple[Path, Any]] = deque([((), value)])
        for _ in range(_MAX_NODES):
            if not waiting:
                break
            path, item = waiting.popleft()
            if isinstance(item, str):
                texts.add(item)
            inside = list(_nested(item)) if len(path) < MAX_DEPTH else []
            if inside:
                waiting.extend(((*path, key), child) for key, child in inside)
                keys.update(key for key, _ in inside)
            elif path in self.types or len(self.types) < MAX_PATHS:
                self.types.setdefault(path, set()).add(_type(item))
        # A key that an answer has as a text, too, is rather a name than a field.
        self._texts |= keys & texts

    def paths(self, documented: Iterable[str]) -> dict[str, str]:
        """Return the types by path; only fields are named, everything else is `*`."""
        tree: _Tree = {}
        for text in documented:
            node = tree
            for key in split_path(text):
                node = node.setdefault(key, {})
        named: dict[str, set[str]] = {}
        for path, types in self.types.items():
            keys = self._named(path, tree)
            named.setdefault(join_path(keys), set()).update(types)
        return {path: "|".join(sorted(types)) for path, types in sorted(named.items())}

    def _named(self, path: Path, node: _Tree) -> Iterator[str]:
        """Yield a path's segments, `*` for those that may be data."""
        for key in path:
            if key not in node and (ANY_KEY in node or not self._is_field(key)):
                name = ANY_KEY
            else:
                name = key
            node = node.get(name, {})
            yield name

    def _is_field(self, key: str) -> bool:
        """Return True for what looks like a field's name, documented or not."""
        is_named_so = _FIELD.fullmatch(key) and key not in self._texts
        return key == ITEMS or bool(is_named_so and len(key) <= _MAX_KEY)


def join_path(keys: Iterable[str]) -> str:
    """Return path segments as text; the whole answer is an empty text."""
    return ".".join(keys).replace(f".{ITEMS}", ITEMS)


def split_path(path: str) -> list[str]:
    """Return the segments of a path."""
    return [key for key in path.replace(ITEMS, f".{ITEMS}").split(".") if key]


def _prefixes(path: str) -> Iterator[str]:
    """Yield the paths of all objects and arrays around a field, and its own."""
    keys = split_path(path)
    return (join_path(keys[:end]) for end in range(len(keys) + 1))


class AnswerLog:
    """What came from one account's service since Home Assistant started."""

    def __init__(self) -> None:
        """Initialize without answers."""
        self._shapes: dict[str, _Shape] = {}
        self._headers: set[str] = set()

    def _shape(self, endpoint: str) -> _Shape | None:
        shape = self._shapes.get(endpoint)
        if shape is None and len(self._shapes) < _MAX_ENDPOINTS:
            shape = self._shapes[endpoint] = _Shape()
        return shape

    def count(self, endpoint: str, status: int, headers: Mapping[str, str]) -> None:
        """Count an answer; remember the names of its headers on rate limits."""
        if (shape := self._shape(endpoint)) is None:
            return
        statuses = shape.statuses
        if status in statuses or len(statuses) < _MAX_STATUSES:
            statuses[status] += 1
        if shape.statuses.total() == 1 or status >= 400:
            names = {name.lower() for name in headers if _LIMIT_HEADER.fullmatch(name)}
            self._headers |= set(sorted(names)[: _MAX_HEADERS - len(self._headers)])

    def observe(self, endpoint: str, value: Any) -> None:
        """Look at a decoded answer, as far as its shape may be new."""
        if (shape := self._shape(endpoint)) is not None:
            shape.observe(value)

    def as_dict(self, documented: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return what came; `documented` holds the paths of each endpoint."""
        endpoints: dict[str, Any] = {}
        for endpoint, shape in sorted(self._shapes.items()):
            stated = documented.get(endpoint, [])
            paths = shape.paths(stated)
            # Null, or an empty list, stands for what would be below.
            covered = {"", *(part for path in stated for part in _prefixes(path))}
            came = {part for path in paths for part in _prefixes(path)}
            endpoints[endpoint] = {
                "statuses": {
                    str(status): n for status, n in sorted(shape.statuses.items())
                },
                "fields": paths,
                "not_documented": [path for path in paths if path not in covered],
                "never_came": [path for path in stated if path not in came],
            }
        return {"endpoints": endpoints, "rate_limit_headers": sorted(self._headers)}

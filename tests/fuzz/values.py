"""JSON of all kinds: any at all, and what services really answer with faults in it."""

from collections.abc import Callable, Iterator
import copy
import json
from typing import Any

from hypothesis import strategies as st

# Half of a pair, which JSON can carry and UTF-8 cannot.
_HALVES = st.sampled_from(["\ud800", "\udfff", "a\udc00b"])
ODD_TEXTS = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "0",
        "1",
        "-1",
        "1e999",
        "nan",
        "Infinity",
        "9" * 400,
        "true",
        "null",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999-14:00",
        "1970-01-01T00:00:00Z",
        "2026-02-30T25:61:61Z",
        "🙂" * 100,
        "x" * 300,
        "../../etc",
        "a.b.c",
    ]
)
_ODD_NUMBERS = st.sampled_from(
    [0, -0.0, 1, -1, 254, 255, 256, 65535, 2**31, 2**63, 10**18, 10**400, 1e308]
)
TEXTS = st.one_of(st.text(max_size=20), ODD_TEXTS, _HALVES)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    _ODD_NUMBERS,
    st.floats(),
    TEXTS,
)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)

type Path = tuple[Any, ...]


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _paths(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _paths(child, (*path, index))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


type Change = Callable[[Any, st.DrawFn], Any]


def _replaced(_: Any, draw: st.DrawFn) -> Any:
    return draw(ANY_JSON)


def _wrapped(value: Any, _: st.DrawFn) -> Any:
    return [value]


def _named(value: Any, _: st.DrawFn) -> Any:
    return {"": value}


def _as_text(value: Any, _: st.DrawFn) -> Any:
    return str(value)


def _twice(value: Any, _: st.DrawFn) -> Any:
    return [*value, *copy.deepcopy(value)] if isinstance(value, list) else [value] * 2


def _grown(value: Any, draw: st.DrawFn) -> Any:
    other = draw(ANY_JSON)
    return value | {draw(TEXTS): other} if isinstance(value, dict) else other


def _emptied(value: Any, _: st.DrawFn) -> Any:
    return type(value)() if value is not None else {}


_OTHERS = (_wrapped, _named, _as_text, _twice, _grown, _emptied)
_CHANGES = st.sampled_from([_replaced, _replaced, _replaced, *_OTHERS])


def changed(answer: Any) -> st.SearchStrategy[Any]:
    """Return answers with up to three of their parts replaced, removed or doubled."""
    # Long lists of the same would leave the parts beside them out.
    by_shape: dict[Path, list[Path]] = {}
    for path in _paths(answer):
        shape = tuple("" if isinstance(step, int) else step for step in path)
        by_shape.setdefault(shape, []).append(path)
    places = st.sampled_from([st.sampled_from(group) for group in by_shape.values()])

    @st.composite
    def spoilt(draw: st.DrawFn) -> Any:
        value = copy.deepcopy(answer)
        for _ in range(draw(st.integers(1, 3))):
            # The whole is in a list, so that it has a place to be changed in, too.
            path = (0, *draw(draw(places)))
            value = _changed_at([value], path, draw)[0]
        return value

    return spoilt()


def _changed_at(value: Any, path: Path, draw: st.DrawFn) -> Any:
    """Change the part at a path, unless an earlier change took it away."""
    try:
        parent = _at(value, path[:-1])
        part = parent[path[-1]]
    except KeyError, IndexError, TypeError:
        return value
    if not isinstance(parent, dict | list):
        return value
    if len(path) > 1 and draw(st.integers(0, 5)) == 0:
        del parent[path[-1]]
    else:
        parent[path[-1]] = draw(_CHANGES)(part, draw)
    return value


def shortened(answer: Any) -> Any:
    """Return an answer with the first of its many equals only."""
    if isinstance(answer, list):
        return [shortened(item) for item in answer[:4]]
    if isinstance(answer, dict):
        alike = all(isinstance(item, dict) for item in answer.values())
        return {
            key: shortened(item)
            for key, item in list(answer.items())[: 6 if alike else None]
        }
    return answer


def encoded(value: Any) -> bytes:
    """Return a value as a body: what is no JSON to the letter, too (NaN, halves)."""
    return json.dumps(value).encode()


def bodies(answer: bytes) -> st.SearchStrategy[bytes]:
    """Return bodies: a real one with faults, any JSON, and what is no JSON."""
    real = changed(shortened(json.loads(answer))) if answer else ANY_JSON
    spoilt, anything = real.map(encoded), ANY_JSON.map(encoded)
    return st.one_of(spoilt, spoilt, spoilt, anything, st.binary(max_size=40))

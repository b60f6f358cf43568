"""What a report tells of a service's answers: fields and types, never a value."""

import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.lantern.transport import answers
from custom_components.lantern.transport.answers import AnswerLog
from custom_components.lantern.vendors import VENDORS

LANTERN = Path(answers.__file__).parents[1]


def fields(*values: Any, documented: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the fields of an endpoint that gave these answers."""
    log = AnswerLog()
    for value in values:
        log.observe("a", value)
    shape: dict[str, str] = log.as_dict({"a": list(documented)})["endpoints"]["a"][
        "fields"
    ]
    return shape


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"a": {"b": 1}}, {"a": {"b": None}}], {"[].a.b": "null|number"}),
        ({"a": "x", "b": True, "c": [], "d": {}}, {"a": "string", "b": "boolean", "c": "array", "d": "object"}),
        ({"a": [[1, 2], ["x"]]}, {"a[][]": "number|string"}),
        ([], {"": "array"}),
        ("x", {"": "string"}),
        (None, {"": "null"}),
    ],
)  # fmt: skip
def test_fields(value: Any, expected: dict[str, str]) -> None:
    """Paths with their JSON types, what differs between items joined."""
    assert fields(value) == expected


SECRET_KEYS = [
    "1",
    "0123456",
    "00:17:88:01:00:00:00:01-0b",
    "6a1c0cbe-5b0a-4a53-9a4a-0a6a7d5a3a11",
    "83b7780291a6ceffbe0bd049104df",
    "x" * 31,
    "x" * 100_000,
    "Anna Miller",
    "anna@example.org",
    "a\x1b[31m",
    "\ud800",
    "",
    "54.1234",
    "名前",
]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_keys_that_are_data(key: str) -> None:
    """An ID, a name or an address as a key is not told."""
    assert fields({key: {"name": 1}}) == {"*.name": "number"}
    assert fields([{"deep": {key: 1}}]) == {"[].deep.*": "number"}


def test_maps() -> None:
    """Keys of members that are alike, or stand in the place of documented ones, are data."""
    assert fields({"Anna": {"age": 1}, "Ben": {"age": 2}}) == {"*.age": "number"}
    scenes = {"Brt9kLmPq2XsWe1": {"a": 1}, "Zrt9kLmPq2XsWe2": {"b": 1}}
    assert fields(scenes) == {"*.a": "number", "*.b": "number"}
    config = {"whitelist": {"newdeveloper": {"name": "x", "extra": 1}}, "name": "y"}
    documented = ("whitelist.*.name", "name")
    assert fields(config, documented=documented) == {
        "name": "string",
        "whitelist.*.extra": "number",
        "whitelist.*.name": "string",
    }


def test_a_name_that_is_a_value_elsewhere() -> None:
    """A key that the answer also has as a text is told only if it is documented."""
    value = {"children": {"Anna": 1}, "first": "Anna", "type": "light", "light": 2}
    assert fields(value, documented=("light",)) == {
        "children.*": "number",
        "first": "string",
        "light": "number",
        "type": "string",
    }


def test_documented_and_not() -> None:
    """What no document names, and what never came; null stands for what is below."""
    log = AnswerLog()
    log.observe("a", {"size": None, "options": [], "extra": {"deep": 1}})
    documented = {"a": ["options.x", "size.width", "name"], "b": ["c"]}
    endpoints = log.as_dict(documented)["endpoints"]
    assert endpoints.keys() == {"a"}
    assert endpoints["a"]["not_documented"] == ["extra.deep"]
    assert endpoints["a"]["never_came"] == ["options.x", "size.width", "name"]


def test_statuses_and_headers() -> None:
    """How often which status came; the names of headers on limits, no value."""
    log = AnswerLog()
    log.count("a", 200, {"X-RateLimit-Limit": "2000", "Set-Cookie": "secret"})
    log.count("a", 200, {})
    log.count("a", 429, {"Retry-After": "7", "ratelimit-policy": "x", "X-Name": "y"})
    result = log.as_dict({})
    assert result["endpoints"]["a"]["statuses"] == {"200": 2, "429": 1}
    limits = ["ratelimit-policy", "retry-after", "x-ratelimit-limit"]
    assert result["rate_limit_headers"] == limits
    assert "secret" not in json.dumps(result)


def test_bounds() -> None:
    """However large, deep and odd, a report stays small."""
    deep: Any = 0
    for _ in range(200):
        deep = {"a": [deep]}
    many = {f"field_{chr(97 + n % 26)}{chr(97 + n // 26)}": n for n in range(600)}
    log = AnswerLog()
    for number in range(200):
        log.observe(f"endpoint {number}", [deep, many])
        for status in range(100, 600):
            log.count(f"endpoint {number}", status, {f"x-ratelimit-{'a' * n}": "1" for n in range(90)})  # fmt: skip
    for _ in range(3):
        log.observe("endpoint 0", {"other": many, "third": many})
    result = log.as_dict({})
    assert len(result["endpoints"]) <= 60
    assert len(result["rate_limit_headers"]) <= 40
    for shape in result["endpoints"].values():
        assert len(shape["fields"]) <= answers.MAX_PATHS
        assert len(shape["statuses"]) <= 20
        assert all(path.count(".") < answers.MAX_DEPTH for path in shape["fields"])


def test_looks_seldom(freezer: FrozenDateTimeFactory) -> None:
    """After three answers, one an hour is looked at: decoding is not made dearer."""
    log = AnswerLog()

    def seen() -> set[str]:
        return set(log.as_dict({})["endpoints"]["a"]["fields"])

    for name in ("b", "c", "d", "e"):
        log.observe("a", {name: 1})
    assert seen() == {"b", "c", "d"}
    freezer.tick(3599)
    log.observe("a", {"f": 1})
    assert seen() == {"b", "c", "d"}
    freezer.tick(2)
    log.observe("a", {"g": 1})
    assert seen() == {"b", "c", "d", "g"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_documented(vendor: str) -> None:
    """Each vendor's list holds sorted paths without a value in them."""
    path = LANTERN / vendor / "client" / "documented.json"
    documented: dict[str, list[str]] = json.loads(path.read_text())
    assert documented
    for endpoint, paths in documented.items():
        assert paths == sorted(set(paths)), endpoint
        for joined in paths:
            assert answers.join_path(answers.split_path(joined)) == joined

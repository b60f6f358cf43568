"""Rows of an answer: those of its JSON, and the same objects where they are equal."""

import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.lantern.transport.errors import BadAnswer
from custom_components.lantern.transport.http import Answer
from custom_components.lantern.transport.memo import Rows

_SCALARS = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab},{[]:"\\', max_size=6)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda deeper: (
        st.lists(deeper, max_size=3)
        | st.dictionaries(st.sampled_from(("id", "name", "data")), deeper, max_size=3)
    ),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(st.sampled_from(("id", "name", "data")), _VALUES, max_size=3)
_SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")])


def _answer(value: Any, spaces: tuple[str, str] = (",", ":")) -> Answer:
    return Answer("made-up", 200, {}, json.dumps(value, separators=spaces).encode())


@given(st.lists(st.lists(_OBJECTS, max_size=4), min_size=1, max_size=4), _SPACES)
@settings(max_examples=300, deadline=None)
def test_rows_are_those_of_the_json(
    answers: list[list[dict[str, Any]]], spaces: tuple[str, str]
) -> None:
    """Whatever changes from one answer to the next."""
    plain, paged = Rows(dict), Rows(dict, within="data")
    for rows in answers:
        assert plain.take(_answer(rows, spaces))[1] == rows
        page = {"page": 1, "data": rows, "total": [len(rows)]}
        around, page_rows = paged.take(_answer(page, spaces))
        assert page_rows == rows
        assert around["page"] == 1


def test_only_what_changed_is_read_again() -> None:
    """A row with the same text is the same object, before and behind changed ones."""
    read: list[int] = []

    def one(row: Any) -> Any:
        read.append(row["id"])
        return row

    rows = Rows(one)
    first = [{"id": number, "mode": "awake"} for number in range(5)]
    _, before = rows.take(_answer(first))
    read.clear()
    first[2]["mode"] = "sleep, but longer"
    _, after = rows.take(_answer(first))
    assert read == [2]
    assert [new is old for new, old in zip(after, before, strict=True)] == [
        True,
        True,
        False,
        True,
        True,
    ]
    read.clear()
    assert rows.take(_answer([*first, {"id": 5}][::-1]))[1] == [{"id": 5}, *after[::-1]]
    assert read == [5]
    assert rows.take(_answer([*first, {"id": 5}]))[1][0] is after[0]
    assert rows.take(_answer(first[:2]))[1] == first[:2]
    assert rows.take(_answer([]))[1] == []


@pytest.mark.parametrize(
    "body",
    [b"{}", b"", b"<html>", b'[{"id":1}', b'[{"id":1},{"id":]', b"7", b'{"data":7}'],
)
@pytest.mark.parametrize("within", [None, "data"])
def test_no_rows(body: bytes, within: str | None) -> None:
    """What has no array is a bad answer, and the next good one is read."""
    rows = Rows(dict, within)
    with pytest.raises(BadAnswer):
        rows.take(Answer("made-up", 200, {}, body))
    good: Any = [{"id": 1}]
    assert rows.take(_answer({"data": good} if within else good))[1] == good


def test_rows_elsewhere_are_not_these() -> None:
    """Another array of objects in the answer is not taken for the wanted one."""
    rows = Rows(dict, within="data")
    for around in (
        {"meta": {"data": [{"id": 7}]}, "data": [{"id": 1}, {"id": 2}]},
        {"data": [{"id": 1}, {"id": 2}], "errors": [{"id": 8}]},
        {"text": '"data":[{"id":', "data": [{"id": 1}, {"id": 2}]},
        {"data": [{"id": 1}, 5, {"id": 2}]},
        {"data": [{"id": 1}, {"other": 3, "id": 2}]},
    ):
        assert [row["id"] for row in rows.take(_answer(around))[1]] == [1, 2]


@pytest.mark.parametrize("depth", [253, 254, 255, 1020])
def test_deep_rows(depth: int) -> None:
    """What can be read and not be written again is a row like any other."""
    nested = b'{"id": 1, "odd": ' + b"[" * depth + b"]" * depth + b"}"
    rows = Rows(lambda row: row["id"])
    for _ in range(2):
        answer = Answer("made-up", 200, {}, b"[" + nested + b', {"id": 2} ]')
        assert rows.take(answer)[1] == [1, 2]

"""Tolerant reading: the value in the wanted type, or None."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.lantern.transport import parsing
from custom_components.lantern.transport.jwt import claims


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (7.0, 7),
        ("7.0", 7),
        ("-7", -7),
        ("--7", None),
        (7.5, None),
        ("x", None),
        (True, None),
        (None, None),
        ([], None),
        (10**18, None),
        ("9" * 5000, None),
        (1e300, None),
        (float("nan"), None),
    ],
)
def test_integer(value: Any, expected: int | None) -> None:
    """Whole numbers in whatever form, and nothing else."""
    assert parsing.as_int(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.5, 1.5), ("1.5", 1.5), ("inf", None), (False, None), ({}, None), ("", None)],
)
def test_number(value: Any, expected: float | None) -> None:
    """Finite numbers, also as text."""
    assert parsing.as_float(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(" a ", "a"), ("", None), (5, "5"), (True, None), ([], None)],
)
def test_text(value: Any, expected: str | None) -> None:
    """Texts that say something."""
    assert parsing.as_str(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Window screen", "Window screen"),
        (" Window\r\n\tscreen\u2028", "Window screen"),
        ("x" * 200_000, "x" * 64),
        ("y" * 63 + " y", "y" * 63),
        ("\x1b[1;31mRed\x1b[0m lamp\x07", "Red lamp"),
        ("\x9b31mRed\x1b]0;a title\x07 lamp\x1bc", "Red lamp"),
        ("gnp\u202e.exe\u2066\ufeff\u200b", "gnp.exe"),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
            "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        ),
        ("A\ud800B", "AB"),
        (12, "12"),
        ("\n\x00\x1b[0m", None),
        (None, None),
        (["a"], None),
    ],
)
def test_as_name(value: Any, expected: str | None) -> None:
    """A name is one short line that changes nothing around it."""
    assert parsing.as_name(value) == expected


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        ("Hue_Bridge 2.0 (R&D) – 536-659-653", "Hue_Bridge 2.0 (R&D) – 536-659-653"),
        ("![a](https://x.org) <b>&lt;", r"!\[a\](https\://x.org) \<b>\&lt;"),
        ("_a_ *b* `c` ~~d~~ \\*", r"\_a\_ \*b\* \`c\` \~\~d\~\~ \\\*"),
        ("a@example.org www.example.org", r"a\@example.org www\.example.org"),
        ("# a", r"\# a"),
        ("- a", r"\- a"),
        ("12. a", r"12\. a"),
    ],
)
def test_escape_markdown(words: str, escaped: str) -> None:
    """Words keep their meaning where Markdown is rendered, and most their look."""
    assert parsing.escape_markdown(words) == escaped


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((True, True), (0, False), (1, True), (2, None), (1.0, None), (None, None)),
        *(("true", True), (" False", False), ("yes", None), ("1", None)),
    ],
)
def test_flag(value: Any, expected: bool | None) -> None:
    """Booleans, also as 0 and 1, and in words."""
    assert parsing.as_bool(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-07T00:45:26.000000Z", datetime(2026, 1, 7, 0, 45, 26, tzinfo=UTC)),
        ("2026-01-07 00:45:26", datetime(2026, 1, 7, 0, 45, 26, tzinfo=UTC)),
        ("2026-01-07T01:45:26+01:00", datetime(2026, 1, 7, 0, 45, 26, tzinfo=UTC)),
        ("none", None),
        ("0001-01-01T00:00:00+14:00", None),
        (5, None),
    ],
)
def test_moment(value: Any, expected: datetime | None) -> None:
    """Times in UTC; without a zone they are UTC already."""
    assert parsing.as_datetime(value) == expected


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (rb'["\ud83d\ude00", "a\ud83db", "\\ud83d"]', ["😀", "a?b", "\\ud83d"]),
        (rb'{"\uDC00": NaN}', {"?": None}),
        ("\ufeff[1]".encode(), [1]),
        ('["ü"]'.encode("utf-16"), ["ü"]),
    ],
)
def test_texts_can_be_saved(body: bytes, value: Any) -> None:
    """Half a character, which no file and no frontend can have, becomes a mark."""
    assert parsing.loads(body) == value


@pytest.mark.parametrize("body", [b"", b"{", b'["\xed\xa0\x80"]', b'["\xff"]'])
def test_no_json(body: bytes) -> None:
    """What is no JSON, or no UTF-8, is told as such."""
    with pytest.raises(ValueError, match=r"."):
        parsing.loads(body)


def test_objects_and_mappings() -> None:
    """PHP's empty arrays, nulls and strings are no objects."""
    assert list(parsing.iter_dicts([{"a": 1}, None, 5])) == [{"a": 1}]
    assert list(parsing.iter_dicts("ab")) == []
    assert parsing.as_dict([]) == {}
    assert parsing.as_dict({"a": 1}) == {"a": 1}


@pytest.mark.parametrize("token", ["", "a.b", "a.!!!.c", "a.bnVsbA.c", "a.e30.c"])
def test_claims_of_what_is_no_jwt(token: str) -> None:
    """Whatever is pasted is read or not, but never fails."""
    assert claims(token) == {}


def test_claims() -> None:
    """A JWT's payload is read without its padding."""
    assert claims("h.eyJzdWIiOiAzODA4fQ.s") == {"sub": 3808}

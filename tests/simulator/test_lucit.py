"""The forms of Lucit's codes and bearers."""

import base64
import json

import pytest

from simulator.lucit import identifiers


@pytest.mark.parametrize(
    ("code", "text"), [(1234567, "001-234-567"), (536659653, "536-659-653")]
)
def test_code_string(code: int, text: str) -> None:
    """A code is shown with its leading zeros."""
    assert identifiers.code_string(code) == text


def test_bearer() -> None:
    """The claims are those of the documents' sample, for a year."""
    part = identifiers.bearer("7314", 1767744926.5).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert list(claims) == ["aud", "jti", "iat", "nbf", "exp", "sub", "scopes"]
    assert claims["exp"] - claims["iat"] == 365 * 24 * 3600

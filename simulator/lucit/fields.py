"""Checks of a body's fields, with Laravel's texts, and PHP's way with lists."""

from typing import Any, Literal

type Kind = Literal["string", "number", "string?", "object?", "strings?"]


def _is(value: Any, kind: Kind) -> bool:
    """Return whether a value is of a kind; a question mark allows none."""
    match kind.rstrip("?"):
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case "strings":
            return isinstance(value, list) and all(isinstance(v, str) for v in value)
        case _:
            return isinstance(value, str)


def problems(body: dict[str, Any], kinds: dict[str, Kind]) -> dict[str, str]:
    """Return by field what is wrong with a body."""
    problems = {}
    for field, kind in kinds.items():
        words = field.replace("_", " ")
        if body.get(field) in (None, ""):
            if not kind.endswith("?"):
                problems[field] = f"The {words} field is required."
        elif not _is(body[field], kind):
            noun = {"object": "array", "strings": "array"}.get(kind[:-1], kind)
            problems[field] = f"The {words} field must be {noun.rstrip('?')}."
    return problems


def with_holes(rows: list[Any]) -> dict[str, Any]:
    """Return a list as PHP writes it once something was taken out of its middle."""
    return {str(2 * number): row for number, row in enumerate(rows)}

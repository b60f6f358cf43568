"""Reading a request's fields as FastAPI does, with its texts for wrong ones."""

from datetime import datetime
from typing import Any

# FastAPI's machine-readable kind of a problem, and its text.
TEXTS = {
    "missing": "Field required",
    "int_type": "Input should be a valid integer",
    "int_parsing": "Input should be a valid integer,"
    " unable to parse string as an integer",
    "string_type": "Input should be a valid string",
    "bool_type": "Input should be a valid boolean",
    "list_type": "Input should be a valid list",
    "dict_type": "Input should be a valid dictionary",
    "datetime_from_date_parsing": "Input should be a valid datetime",
    "less_than_equal": "Input should be less than or equal to 6",
}


class Fields:
    """Reads typed fields of one object; keeps a problem for each wrong one.

    A reader returns a placeholder for a wrong field: look at `problems` (the
    list that a 422 carries) before using what was read.
    """

    def __init__(
        self, given: Any, *loc: str | int, problems: list[dict[str, Any]] | None = None
    ) -> None:
        """Read from an object that lies at `loc` of the request."""
        self._loc = loc
        self.problems: list[dict[str, Any]] = [] if problems is None else problems
        self._given: dict[str, Any] = {}
        if isinstance(given, dict):
            self._given = given
        else:
            self._wrong("dict_type", given)

    def _wrong(self, kind: str, given: Any, *name: str) -> None:
        """Keep a problem as FastAPI with Pydantic 2.5 writes it."""
        self.problems.append(
            {
                "type": kind,
                "loc": [*self._loc, *name],
                "msg": TEXTS[kind],
                "input": given,
                "url": f"https://errors.pydantic.dev/2.5/v/{kind}",
            }
        )

    def _value(self, name: str) -> Any:
        """Return a field's value, None with a problem if it is missing."""
        if name not in self._given:
            self._wrong("missing", self._given, name)
            return None
        return self._given[name]

    def _typed(self, name: str, wanted: type | tuple[type, ...], kind: str) -> Any:
        """Return a field's value, None with a problem if it is of another type."""
        value = self._value(name)
        is_bool = isinstance(value, bool) and wanted is int
        if name in self._given and (is_bool or not isinstance(value, wanted)):
            self._wrong(kind, value, name)
            return None
        return value

    def text(self, name: str) -> str:
        """Read a string."""
        return self._typed(name, str, "string_type") or ""

    def integer(self, name: str) -> int:
        """Read an integer."""
        return self._typed(name, int, "int_type") or 0

    def maybe_integer(self, name: str, at_most: int | None = None) -> int | None:
        """Read an integer that may be null or absent, and not below 1."""
        if self._given.get(name) is None:
            return None
        value = self.integer(name)
        if at_most is not None and not 1 <= value <= at_most:
            self._wrong("less_than_equal", value, name)
        return value

    def query_integer(self, name: str) -> int:
        """Read an integer of the query."""
        text = self._typed(name, str, "int_type")
        if text is None:
            return 0
        try:
            return int(text)
        except ValueError:
            self._wrong("int_parsing", text, name)
            return 0

    def boolean(self, name: str) -> bool:
        """Read a boolean, or the 1 or 0 that the pages send."""
        value = self._value(name)
        if name in self._given and value not in (0, 1):
            self._wrong("bool_type", value, name)
        return bool(value)

    def moment(self, name: str) -> datetime:
        """Read an ISO 8601 date and time, with or without a zone."""
        placeholder = datetime.min
        text = self._typed(name, str, "string_type")
        if text is None:
            return placeholder
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            self._wrong("datetime_from_date_parsing", text, name)
            return placeholder

    def inner(self, name: str) -> Fields:
        """Return a reader of an object in a field."""
        value = self._value(name)
        if name not in self._given:
            return Fields({})
        return Fields(value, *self._loc, name, problems=self.problems)

    def items(self, name: str) -> list[Fields]:
        """Return readers of the objects of a list in a field."""
        values = self._typed(name, list, "list_type") or []
        return [
            Fields(value, *self._loc, name, index, problems=self.problems)
            for index, value in enumerate(values)
        ]

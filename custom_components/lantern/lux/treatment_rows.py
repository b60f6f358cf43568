"""Treatments that a person writes down: rows of an action, or of a CSV text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
import csv
from datetime import datetime, timedelta
import io
from typing import Any, NoReturn

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import DOMAIN
from ..transport import parsing
from .client.treatment_log import Ending, TreatmentLog
from .treatment_store import KEPT_FOR

MOST_ROWS = 10_000
LONGEST_CSV = 4_000_000
LONGEST_NOTE = 500
COLUMNS = ("start", "end", "duration", "intensity", "ending", "source", "note")
RECORDED, UPLOADED, RECEIVED = "recorded", "uploaded", "received"
ENDINGS = {ending.name.lower(): ending for ending in Ending}

_FIELDS = {"start", "duration", "intensity", "ending", "note"}
_AHEAD = timedelta(minutes=5)
_DAY = 86_400
_ONE_DAY = timedelta(seconds=_DAY)
# A spreadsheet takes a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DELIMITERS = (",", ";", "\t")

type Row = tuple[int, Mapping[str, Any]]
"""A row and its number, as people count."""


def invalid(key: str, **placeholders: object) -> ServiceValidationError:
    """Return an error in words."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={k: str(v) for k, v in placeholders.items()},
    )


def as_seconds(value: Any) -> int:
    """Return a duration in seconds: a number, or what a form's duration has."""
    try:
        if isinstance(value, Mapping):
            value = cv.time_period_dict(value).total_seconds()
        elif isinstance(value, str) and ":" in value:
            value = cv.time_period_str(value).total_seconds()
    except OverflowError, ValueError:
        raise vol.Invalid("no duration") from None
    if (seconds := parsing.as_int(value)) is None or seconds < 0:
        raise vol.Invalid("no duration")
    return seconds


class Uploaded:
    """Tells whether the device's own log of a treatment is there."""

    def __init__(self, logs: Iterable[TreatmentLog]) -> None:
        """Take all treatments, by start."""
        self._logs = [log for log in logs if not log.is_recorded]

    def has(self, start: datetime) -> bool:
        """Return True if one began then."""
        return any(log.start == start for log in self._logs)

    def covers(self, log: TreatmentLog) -> bool:
        """Return True if one was going on at the time of another."""
        first = bisect_left(self._logs, log.start - _ONE_DAY, key=_start)
        after = bisect_right(self._logs, log.end, key=_start)
        return any(other.overlaps(log) for other in self._logs[first:after])


def _start(log: TreatmentLog) -> datetime:
    return log.start


def read_treatments(
    rows: Iterable[Row], now: datetime, child: int | None, uploaded: Uploaded
) -> list[TreatmentLog]:
    """Return the treatments of rows; raise an error that names the first wrong one."""
    logs: dict[datetime, TreatmentLog] = {}
    for number, row in rows:
        log = _read_row(number, row, child)
        if log.start > now + _AHEAD:
            raise invalid("lux_row_in_future", row=number)
        if log.start < now - KEPT_FOR:
            raise invalid("lux_row_too_old", row=number)
        if uploaded.covers(log):
            raise invalid("lux_row_uploaded", row=number)
        if log.start in logs:
            raise invalid("lux_row_twice", row=number)
        logs[log.start] = log
    if not logs:
        raise invalid("lux_nothing_to_record")
    return list(logs.values())


def _read_row(number: int, row: Mapping[str, Any], child: int | None) -> TreatmentLog:
    def refuse(field: str) -> NoReturn:
        raise invalid("lux_row_refused", row=number, field=field)

    if unknown := row.keys() - _FIELDS:
        refuse(parsing.as_name(min(map(str, unknown))) or "?")
    try:
        start = as_start(row.get("start"))
    except vol.Invalid, OverflowError:
        refuse("start")
    try:
        duration = as_seconds(row.get("duration"))
    except vol.Invalid:
        refuse("duration")
    if duration > _DAY:
        refuse("duration")
    given = row.get("intensity")
    intensity = None if given is None else parsing.as_int(given)
    if given is not None and (intensity is None or intensity < 0):
        refuse("intensity")
    ending = row.get("ending")
    if ending is not None and (
        not isinstance(ending, str) or ending.lower() not in ENDINGS
    ):
        refuse("ending")
    note = row.get("note")
    if note is not None and (not isinstance(note, str) or len(note) > LONGEST_NOTE):
        refuse("note")
    return TreatmentLog(
        start=start,
        duration=duration,
        intensity=intensity,
        ending=None if ending is None else ENDINGS[ending.lower()],
        real_user_id=child,
        is_recorded=True,
        note=parsing.as_name(note, LONGEST_NOTE),
    )


def as_start(value: Any) -> datetime:
    """Return a start in UTC, whole seconds; one without a zone is local."""
    start: datetime = cv.datetime(value)
    return dt_util.as_utc(start).replace(microsecond=0)


def read_csv(text: str) -> Iterator[Row]:
    """Yield the rows of a CSV text with a header, as a spreadsheet numbers them.

    What `lux_get_treatments` returns can be corrected and read again: rows of
    another source are left out.
    """
    text = text.removeprefix("\ufeff")
    first = 1
    delimiter = ""
    if text[:4].lower() == "sep=":  # Excel's own line
        line, _, text = text.partition("\n")
        delimiter, first = line[4:5], 2
    header_line = text.partition("\n")[0]
    delimiter = delimiter or max(_DELIMITERS, key=header_line.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header = _header(lines)
    for number in range(first + 1, MOST_ROWS + first + 2):
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error:
            raise invalid("lux_row_refused", row=number, field="CSV") from None
        row = _row(number, header, cells)
        if row and row.pop("source", RECORDED).lower() == RECORDED:
            yield number, row
    raise invalid("lux_too_many_rows", count=MOST_ROWS)


def _header(lines: Iterator[list[str]]) -> list[str]:
    """Return the names of the columns."""
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
    except csv.Error:
        header = []
    named = [cell for cell in header if cell]
    are_columns = set(named) <= {*COLUMNS, "log_file_id"}
    if not are_columns or len(set(named)) < len(named) or "start" not in named:
        raise invalid("lux_csv_header")
    return header


def _row(number: int, header: list[str], cells: list[str]) -> dict[str, str]:
    """Return the cells that hold something, by their column."""
    if any(cell.strip() for cell in cells[len(header) :]):
        raise invalid("lux_row_refused", row=number, field="CSV")
    row = {
        name: _without_mark(text.strip())
        for name, text in zip(header, cells, strict=False)
        if name and text.strip()
    }
    for name in ("end", "log_file_id"):
        row.pop(name, None)
    return row


def _without_mark(text: str) -> str:
    return text[1:] if text.startswith("'") and _is_marked(text) else text


def _is_marked(text: str) -> bool:
    """Return True for a formula, and for one that is marked as a text already."""
    return text.lstrip("'").startswith(_FORMULA)


def write_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV; no text of them is taken for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = ("" if row[name] is None else str(row[name]) for name in COLUMNS)
        writer.writerow(f"'{cell}" if _is_marked(cell) else cell for cell in cells)
    return text.getvalue()

"""How many logs LUX received of each device, by the day on which its number grew."""

from collections.abc import Mapping, MutableMapping
from datetime import date, timedelta
from typing import Any

from ..store import LanternStore
from ..transport import parsing
from .client.models import ReceivedSummary

_SECTION = "received_logs"
_DAY = timedelta(days=1)
_KEPT_DAYS = 14


def as_day(value: object) -> date | None:
    """Return a stored day, or None if it is none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


class ReceivedLogs:
    """Counts for each device and child, in the entry's own store.

    A day holds all logs and those that others carried, or None where nobody can tell
    whose they were. A row is the first and the last of days that follow each other.
    """

    def __init__(self, store: LanternStore) -> None:
        """Use the entry's store. The caller saves it after a change."""
        self._store = store

    def begin(self, device_id: str, today: date) -> None:
        """Remember since when a device is watched."""
        device = _member(self._store.section(_SECTION), device_id)
        device.setdefault("since", today.isoformat())

    def add(
        self,
        device_id: str,
        child: int | None,
        today: date,
        counts: tuple[int, int],
        *,
        is_gap: bool,
    ) -> None:
        """Count logs, and those of others among them; after a gap no day is empty."""
        row = self._row(device_id, child)
        days = _days(row)
        before = days.get(today, (0, 0))
        if before is not None:
            all_logs, foreign = counts
            days[today] = (before[0] + all_logs, before[1] + foreign)
        first, last = as_day(row.get("first")), as_day(row.get("last"))
        if first is None or last is None or not today - _DAY <= last <= today:
            is_open = is_gap or days.get(today - _DAY, ()) is None
            row.update(first=today.isoformat(), is_open=is_open)
        row["last"] = today.isoformat()
        _set_days(row, days, today)

    def mark_unknown(self, device_id: str, child: int | None, today: date) -> None:
        """Remember that nobody can tell how many logs of a child came on a day."""
        row = self._row(device_id, child)
        _set_days(row, _days(row) | {today: None}, today)

    def summary(
        self, device_id: str, child: int | None, today: date
    ) -> ReceivedSummary:
        """Return what is shown of a device's child on a day."""
        device = parsing.as_dict(self._store.section(_SECTION).get(device_id))
        row = parsing.as_dict(parsing.as_dict(device.get("children")).get(str(child)))
        days = _days(row)
        monday = today - today.weekday() * _DAY
        since = as_day(device.get("since"))
        is_first_day = since is None or today <= since
        week = [counts for day, counts in days.items() if monday <= day <= today]
        counted = [counts for counts in week if counts is not None]
        is_week_known = len(counted) == len(week) and not is_first_day
        now = days.get(today, (0, 0))
        return ReceivedSummary(
            today=None if now is None or is_first_day else now[0],
            this_week=sum(received for received, _ in counted)
            if is_week_known
            else None,
            days_in_a_row=_days_in_a_row(row, days, today),
            of_others=sum(foreign for _, foreign in counted) if is_week_known else None,
        )

    def _row(self, device_id: str, child: int | None) -> MutableMapping[str, Any]:
        """Return the row of a device's child, to be changed."""
        device = _member(self._store.section(_SECTION), device_id)
        return _member(_member(device, "children"), str(child))


type _Days = dict[date, tuple[int, int] | None]


def _member(row: MutableMapping[str, Any], name: str) -> MutableMapping[str, Any]:
    """Return an object in an object; an odd one is replaced."""
    if not isinstance(member := row.get(name), dict):
        member = row[name] = {}
    return member


def _days(row: Mapping[str, Any]) -> _Days:
    """Return the stored days; a count that cannot be read is unknown."""
    days: _Days = {}
    for text, counts in parsing.as_dict(row.get("days")).items():
        if (day := as_day(text)) is not None:
            pair = counts if isinstance(counts, list) and len(counts) == 2 else [None]
            numbers = [
                number for number in map(parsing.as_int, pair) if number is not None
            ]
            days[day] = (numbers[0], numbers[1]) if len(numbers) == 2 else None
    return days


def _set_days(row: MutableMapping[str, Any], days: _Days, today: date) -> None:
    recent = {
        day: counts for day, counts in days.items() if today - day < _KEPT_DAYS * _DAY
    }
    row["days"] = {
        day.isoformat(): None if counts is None else list(counts)
        for day, counts in recent.items()
    }


def _days_in_a_row(row: Mapping[str, Any], days: _Days, today: date) -> int | None:
    """Return on how many days in a row logs came, today or not yet."""
    first, last = as_day(row.get("first")), as_day(row.get("last"))
    yesterday = today - _DAY
    if days.get(today, ()) is None:
        return None
    if first is None or last is None or last < yesterday:
        return None if days.get(yesterday, ()) is None else 0
    return None if row.get("is_open") is not False else (last - first).days + 1

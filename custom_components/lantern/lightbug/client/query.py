"""The filters (LoopBack) with which v1 is asked for points and readings."""

from collections.abc import Sequence
from datetime import datetime
import json

from .models import Row, as_time
from .readings import TYPES

# "Ignore all data" is what 255 means.
_NO_CHECK_IN = {"sendReason": {"neq": 255}}
_VALID = {"locationType": {"neq": "invalid"}, **_NO_CHECK_IN}
# By their arrival: a tracker's clock may be wrong. Points and readings are of 90 days
# at most, which count by what is asked for.
_ARRIVED = {"created": {"gt": "2000-01-01T00:00:00.000Z"}}
NEWEST = json.dumps(
    {
        "limit": 10,
        "order": "created DESC",
        "where": _VALID | _ARRIVED,
    }
)
ARRIVED_PAGE = 1000
PAGE = 10_000
"""The most points that one answer holds."""
READINGS = json.dumps(
    {
        "limit": 100,
        "order": "created DESC",
        "where": {"type": {"inq": TYPES}} | _ARRIVED,
    }
)
_HISTORY_FIELDS = [
    "id",
    "timestamp",
    "created",
    "location",
    "accuracy",
    "speed",
    "altitude",
    "course",
    "locationType",
    "sendReason",
    "address",
]
ONE_ID = json.dumps({"limit": 1, "fields": ["id"]})


def arrived_between(since: str, until: str | None, skip: int) -> str:
    """Return the filter of points that arrived in a range; also those without a place.

    The newest first: a page ends at the time with which the next one begins.
    """
    arrived = {"gt": since} if until is None else {"gt": since, "lte": until}
    return json.dumps(
        {
            "limit": ARRIVED_PAGE,
            "skip": skip,
            "order": ["created DESC", "id DESC"],
            "where": {"created": arrived},
        }
    )


def next_page(
    rows: Sequence[Row], by: str, before: str | None, skip: int
) -> tuple[str, datetime, int] | None:
    """Return with which time the page after some rows begins, and how many it skips.

    It skips its own rows of that time: points that arrive meanwhile move nothing.
    `before` and `skip` are those of the rows' page. None if the last row has no time.
    """
    last = rows[-1].get(by) if rows else None
    if not isinstance(last, str) or (time := as_time(last)) is None:
        return None
    same = sum(1 for row in rows if row.get(by) == last)
    return last, time, skip + same if last == before else same


def history_page(
    by: str, ends: tuple[str, str], skip: int, *, places_only: bool
) -> str:
    """Return the filter of a page of history: by a time, oldest first."""
    valid = _VALID if places_only else _NO_CHECK_IN
    return json.dumps(
        {
            "limit": PAGE,
            "skip": skip,
            "order": [f"{by} ASC", "id ASC"],
            "fields": _HISTORY_FIELDS,
            "where": valid | {by: {"between": list(ends)}},
        }
    )

"""The filters (LoopBack) with which v1 is asked for points and readings."""

import json

from .history import PAGE
from .readings import TYPES

# "Ignore all data" is what 255 means.
_VALID = {"locationType": {"neq": "invalid"}, "sendReason": {"neq": 255}}
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


def arrived_between(since: str, until: str | None) -> str:
    """Return the filter of points that arrived in a range; also those without a place.

    The newest first: a page ends at the time with which the next one begins.
    """
    arrived = {"gt": since} if until is None else {"gt": since, "lte": until}
    return json.dumps(
        {
            "limit": ARRIVED_PAGE,
            "order": "created DESC",
            "where": {"created": arrived},
        }
    )


def history_page(by: str, ends: tuple[str, str], skip: int) -> str:
    """Return the filter of a page of history: by a time, oldest first."""
    return json.dumps(
        {
            "limit": PAGE,
            "skip": skip,
            "order": [f"{by} ASC", "id ASC"],
            "fields": _HISTORY_FIELDS,
            "where": _VALID | {by: {"between": list(ends)}},
        }
    )

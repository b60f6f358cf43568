"""How Lightbug writes and reads moments of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(moment: datetime) -> str:
    """Return "2024-01-22T12:30:22.708Z": equally long, so that it sorts as text."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{plain.isoformat(timespec='milliseconds')}Z"


def read(value: Any) -> datetime:
    """Return the moment of epoch milliseconds or of ISO text, else raise ValueError."""
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return EPOCH + timedelta(milliseconds=value)
    except (OverflowError, TypeError) as err:
        raise ValueError(f"not a time: {value!r}") from err


def text_of(value: Any) -> str:
    """Return epoch milliseconds or ISO text as Lightbug writes it, else ValueError."""
    return text(read(value))


def go_text(seconds: float, form: str) -> str:
    """Return an expiry as v2 may write it: the documents do not state the format.

    `form`: "rfc3339", "nanoseconds" (both are what Go writes) or "words".
    """
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    if form == "nanoseconds":
        return f"{moment.isoformat(timespec='microseconds')}789Z"
    if form == "words":
        return "in a while"
    return f"{moment.isoformat(timespec='seconds')}Z"

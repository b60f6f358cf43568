"""Events that are on disk until they are delivered, one private file per entry."""

from collections.abc import Iterable, Mapping
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .storage import DurableStore, RowReader, unknown_keys
from .transport import parsing

MOST_DELIVERED = 1000
"""So many ids of delivered events are remembered for each event entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableEvent:
    """An event that is on disk until it is delivered; its entity hears an id once.

    It counts as delivered on disk just before it is fired: an automation that runs
    twice is worse than one that a kill in that very moment leaves out. While the disk
    refuses that, it is not fired.

    With `is_urgent` it is fired all the same, and its id is not remembered; it is
    dropped once it is a day old.
    """

    event_id: str
    event_type: str
    attributes: Mapping[str, Any]
    is_urgent: bool = False
    created: datetime = field(default_factory=dt_util.utcnow, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the event as JSON has it."""
        return {
            "id": self.event_id,
            "type": self.event_type,
            "attributes": self.attributes,
            "is_urgent": self.is_urgent,
            "created": self.created.isoformat(),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """Return the event that `as_dict` wrote; raise ValueError if it is none."""
        event_id, event_type, attributes = row["id"], row["type"], row["attributes"]
        created = parsing.as_datetime(row["created"])
        if not (
            isinstance(event_id, str)
            and isinstance(event_type, str)
            and isinstance(attributes, dict)
            and created is not None
        ):
            raise ValueError("no event")  # one way out
        return cls(
            event_id=event_id,
            event_type=event_type,
            attributes=attributes,
            is_urgent=row.get("is_urgent") is True,
            created=created,
        )


@dataclass(frozen=True, slots=True)
class SavedEvents:
    """What is on disk of one event entity: its events, and the ids of delivered ones."""

    waiting: tuple[DurableEvent, ...] = ()
    delivered: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the row as JSON has it."""
        waiting = [event.as_dict() for event in self.waiting]
        return {**self.extra, "waiting": waiting, "delivered": list(self.delivered)}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any], reader: RowReader, where: str) -> Self:
        """Return what `as_dict` wrote."""
        return cls(
            reader.read_list(DurableEvent.from_dict, row["waiting"], where),
            reader.read_list(_text, row["delivered"], where),
            unknown_keys(row, ("waiting", "delivered")),
        )

    def without_delivered(
        self, events: Iterable[DurableEvent]
    ) -> tuple[DurableEvent, ...]:
        """Return what waits here, and those of other events that are new."""
        ids = {event.event_id for event in self.waiting} | set(self.delivered)
        new = (event for event in events if event.event_id not in ids)
        return (*self.waiting, *new)

    def with_delivered(self, events: Iterable[DurableEvent]) -> SavedEvents:
        """Return the row once all that waits here, and more, was delivered."""
        ids = (event.event_id for event in events if not event.is_urgent)
        delivered = (*self.delivered, *ids)[-MOST_DELIVERED:]
        return replace(self, waiting=(), delivered=delivered)


type AllSaved = Mapping[str, SavedEvents]

NOTHING = SavedEvents()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")  # one way out
    return value


def _from_dict(rows: Mapping[str, Any], reader: RowReader) -> AllSaved:
    return reader.read_dict(SavedEvents.from_dict, rows)


def _as_dict(saved: AllSaved) -> dict[str, Any]:
    return {name: row.as_dict() for name, row in saved.items()}


def events_store(hass: HomeAssistant, entry_id: str) -> DurableStore[AllSaved]:
    """Return the file of an entry's durable events."""
    return DurableStore(hass, f"events.{entry_id}", {}, _from_dict, _as_dict)

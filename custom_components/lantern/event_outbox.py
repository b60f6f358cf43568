"""Delivers each event once, when automations can hear it.

Events of the moment wait in memory. Those that were promised wait on disk, over
restarts and kills: see `durable_events`.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .background import BackgroundWork
from .const import LOGGER
from .durable_events import (
    MOST_DELIVERED,
    NOTHING,
    AllSaved,
    DurableEvent,
    SavedEvents,
    events_store,
)
from .storage import StorageWriteError
from .transport.bounds import bounded_json, json_size

type Deliver = Callable[[str, Mapping[str, Any]], None]
type _Key = tuple[str, str]
"""The id of a device, and the key of its event entity."""

_MOST_WAITING = 100
_MOST_BYTES = 12 * 1024
_MOST_BYTES_WAITING = 256 * 1024
"""What waits on disk is written as a whole, each time that something changes."""
_LATEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Recipient:
    """An event entity: how it takes an event, and whether its state is shown."""

    deliver: Deliver
    is_shown: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Event:
    """An event that waits; it is dropped after `expires`, on the monotonic clock."""

    event_type: str
    attributes: Mapping[str, Any]
    expires: float | None


def _name(key: _Key) -> str:
    return f"{key[1]}/{key[0]}"


class EventOutbox:
    """The events of one entry, by device id and the key of their event entity.

    Automations hear an event only if Home Assistant is running, and if the event
    entity was there and available before. Until then an event waits here, and until
    the entry's other entities are there: an automation may look at them.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Start with no events and no entities; `async_load` reads those on disk."""
        self._hass = hass
        self._entry = entry
        self._recipients: dict[_Key, _Recipient] = {}
        self._waiting: dict[_Key, deque[_Event]] = {}
        self._store = events_store(hass, entry.entry_id)
        self._lock = asyncio.Lock()
        # Durable events that the disk has not taken yet, by their id.
        self._unsaved: dict[_Key, dict[str, DurableEvent]] = {}
        self._pending: set[_Key] = set()
        self._is_refused = self._is_open = False
        self._work = BackgroundWork(hass, entry, "events")

    async def async_load(self) -> None:
        """Read what earlier runs did not deliver; raise StorageError."""
        await self._store.async_load()
        for name, saved in self._store.value.items():
            key, _, device_id = name.partition("/")
            if saved.waiting:
                self._pending.add((device_id, key))

    @callback
    def async_fire(
        self,
        device_id: str,
        key: str,
        event_type: str,
        attributes: Mapping[str, Any] | None = None,
        *,
        max_age: float | None = None,
    ) -> None:
        """Deliver an event, now or once it can be heard.

        After `max_age` seconds the event is dropped, for example a button press.
        """
        expires = None if max_age is None else monotonic() + max_age
        waiting = self._waiting.setdefault(
            (device_id, key), deque(maxlen=_MOST_WAITING)
        )
        bounded = bounded_json(attributes or {}, _MOST_BYTES)
        waiting.append(_Event(event_type, bounded, expires))
        self._deliver((device_id, key))

    async def async_fire_durable(
        self, device_id: str, key: str, *events: DurableEvent
    ) -> bool:
        """Deliver events, now or once they can be heard, be it after a restart.

        Return True if they are on disk, or delivered. Otherwise they wait in memory
        until the disk takes them.
        """
        self._add((device_id, key), events)
        return await asyncio.shield(self._start_durable((device_id, key)))

    @callback
    def async_queue_durable(
        self, device_id: str, key: str, *events: DurableEvent
    ) -> None:
        """Deliver events as `async_fire_durable` does, without waiting for the disk."""
        self._add((device_id, key), events)
        self._deliver_durable((device_id, key))

    @callback
    def _add(self, key: _Key, events: Iterable[DurableEvent]) -> None:
        unsaved = self._unsaved.setdefault(key, {})
        for event in events:
            bounded = bounded_json(event.attributes, _MOST_BYTES)
            unsaved.setdefault(event.event_id, replace(event, attributes=bounded))
        self._pending.add(key)

    async def async_adopt(
        self,
        device_id: str,
        key: str,
        waiting: Iterable[DurableEvent],
        delivered: Iterable[str],
    ) -> None:
        """Take over what an earlier version kept elsewhere; raise StorageError."""
        saved = self._store.value.get(_name((device_id, key)), NOTHING)
        older = tuple(
            event_id for event_id in delivered if event_id not in saved.delivered
        )
        ids = (*older, *saved.delivered)[-MOST_DELIVERED:]
        saved = replace(saved, delivered=ids)
        after = replace(saved, waiting=saved.without_delivered(waiting))
        await self._save((device_id, key), after)
        if after.waiting:
            self._pending.add((device_id, key))

    @callback
    def can_deliver(self, device_id: str, key: str) -> bool:
        """Return True if automations would hear an event now."""
        recipient = self._recipients.get((device_id, key))
        return (
            self._is_open
            and recipient is not None
            and self._hass.state is CoreState.running
            and recipient.is_shown()
        )

    @callback
    def async_attach(
        self, device_id: str, key: str, deliver: Deliver, is_shown: Callable[[], bool]
    ) -> CALLBACK_TYPE:
        """Deliver to an event entity; return what detaches it."""
        self._recipients[device_id, key] = _Recipient(deliver, is_shown)
        self._deliver((device_id, key))
        self._deliver_durable((device_id, key))
        return partial(self._detach, (device_id, key))

    @callback
    def _detach(self, key: _Key) -> None:
        self._recipients.pop(key, None)

    @callback
    def async_open(self) -> None:
        """Deliver from now on: all entities were added."""
        self._is_open = True
        self.async_deliver_pending()

    @callback
    def async_deliver_pending(self) -> None:
        """Deliver what waits and can be heard by now."""
        for key in list(self._waiting):
            self._deliver(key)
        for key in list(self._pending):
            self._deliver_durable(key)

    @callback
    def _deliver(self, key: _Key) -> None:
        if not self.can_deliver(*key):
            return
        recipient = self._recipients[key]
        for event in self._waiting.pop(key, ()):
            if event.expires is None or monotonic() <= event.expires:
                recipient.deliver(event.event_type, event.attributes)

    @callback
    def _deliver_durable(self, key: _Key) -> None:
        if key in self._pending and (self._unsaved.get(key) or self.can_deliver(*key)):
            work = self._work.async_try(partial(self._async_deliver_durable, key))
            self._entry.async_create_task(self._hass, work, "lantern events")

    @callback
    def _start_durable(self, key: _Key) -> asyncio.Task[bool]:
        """Start what an unload waits for: the next set-up reads what it writes."""
        work = self._async_deliver_durable(key)
        return self._entry.async_create_task(self._hass, work, "lantern events")

    async def _async_deliver_durable(self, key: _Key) -> bool:
        """Save what is new, and deliver all that can be heard."""
        async with self._lock:
            new = dict(self._unsaved.get(key, {}))
            before = self._store.value.get(_name(key), NOTHING)
            due = before.without_delivered(new.values())
            is_heard = self.can_deliver(*key)
            after = before.with_delivered(due) if is_heard else self._bounded(key, due)
            is_saved = await self._async_save(key, after)
            if is_heard and not self.can_deliver(*key):
                # The entity went away during the write: another time, then.
                row = replace(before, waiting=due)
                is_saved, is_heard = (
                    is_saved and await self._async_save(key, row),
                    False,
                )
            if not is_saved:
                due = tuple(
                    event for event in new.values() if event.is_urgent and is_heard
                )
            for event_id in new if is_saved else [event.event_id for event in due]:
                self._unsaved[key].pop(event_id)
            if is_heard:
                self._fire(key, due)
            waiting = self._store.value.get(_name(key), NOTHING).waiting
            if not (waiting or self._unsaved.get(key)):
                self._pending.discard(key)
            return is_saved

    async def _async_save(self, key: _Key, row: SavedEvents) -> bool:
        """Save a row; return False if the disk refuses it, which is logged once."""
        try:
            await self._save(key, row)
        except StorageWriteError:
            if not self._is_refused:
                LOGGER.error("The disk refuses events; they wait until it takes them")
            self._is_refused = True
            return False
        self._is_refused = False
        return True

    @callback
    def _fire(self, key: _Key, events: Iterable[DurableEvent]) -> None:
        recipient, now = self._recipients[key], dt_util.utcnow()
        for event in events:
            if not event.is_urgent or now - event.created <= _LATEST:
                try:
                    recipient.deliver(event.event_type, event.attributes)
                except Exception as err:  # noqa: BLE001  # the other events are still delivered
                    LOGGER.error("Unexpected %s in an event", type(err).__name__)

    def _bounded(self, key: _Key, due: tuple[DurableEvent, ...]) -> SavedEvents:
        """Return a row with the newest events, as many as the file may hold."""
        saved, own = self._store.value, _name(key)
        left = _MOST_BYTES_WAITING - sum(
            json_size(event.as_dict())
            for name, row in saved.items()
            if name != own
            for event in row.waiting
        )
        newest: deque[DurableEvent] = deque()
        for event in reversed(due[-_MOST_WAITING:]):
            left -= json_size(event.as_dict())
            if newest and left < 0:
                break
            newest.appendleft(event)
        if dropped := len(due) - len(newest):
            LOGGER.warning(
                "Nothing can hear the events of %s; dropped the oldest: %s",
                self._entry.entry_id,
                dropped,
            )
        return replace(saved.get(own, NOTHING), waiting=tuple(newest))

    async def _save(self, key: _Key, row: SavedEvents) -> None:
        def change(saved: AllSaved) -> AllSaved:
            name = _name(key)
            if saved.get(name, NOTHING) == row:
                return saved
            rest = {other: saved[other] for other in saved if other != name}
            return rest if row == NOTHING else {**rest, name: row}

        await self._store.async_update(change)

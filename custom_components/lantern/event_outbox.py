"""Delivers each event once, when automations can hear it."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, callback

from .transport.bounds import bounded_json

type Deliver = Callable[[str, Mapping[str, Any]], None]

_MOST_WAITING = 100
_MOST_BYTES = 12 * 1024


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


class EventOutbox:
    """The events of one entry, by device id and the key of their event entity.

    Automations hear an event only if Home Assistant is running, and if the event
    entity was there and available before. Until then an event waits here.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Start with no events and no entities."""
        self._hass = hass
        self._recipients: dict[tuple[str, str], _Recipient] = {}
        self._waiting: dict[tuple[str, str], deque[_Event]] = {}

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

        `max_age`: after so many seconds nobody wants to hear of it any more, as of
        a press of a button.
        """
        expires = None if max_age is None else monotonic() + max_age
        waiting = self._waiting.setdefault(
            (device_id, key), deque(maxlen=_MOST_WAITING)
        )
        bounded = bounded_json(attributes or {}, _MOST_BYTES)
        waiting.append(_Event(event_type, bounded, expires))
        self._deliver(device_id, key)

    @callback
    def can_deliver(self, device_id: str, key: str) -> bool:
        """Return True if automations would hear an event now."""
        recipient = self._recipients.get((device_id, key))
        return (
            recipient is not None
            and self._hass.state is CoreState.running
            and recipient.is_shown()
        )

    @callback
    def async_attach(
        self, device_id: str, key: str, deliver: Deliver, is_shown: Callable[[], bool]
    ) -> CALLBACK_TYPE:
        """Deliver to an event entity; return what detaches it."""
        self._recipients[device_id, key] = _Recipient(deliver, is_shown)
        self._deliver(device_id, key)
        return partial(self._detach, device_id, key)

    @callback
    def _detach(self, device_id: str, key: str) -> None:
        self._recipients.pop((device_id, key), None)

    @callback
    def async_deliver_pending(self) -> None:
        """Deliver what waits and can be heard by now."""
        for device_id, key in list(self._waiting):
            self._deliver(device_id, key)

    @callback
    def _deliver(self, device_id: str, key: str) -> None:
        if not self.can_deliver(device_id, key):
            return
        recipient = self._recipients[device_id, key]
        for event in self._waiting.pop((device_id, key), ()):
            if event.expires is None or monotonic() <= event.expires:
                recipient.deliver(event.event_type, event.attributes)

"""Events of all vendors."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.const import STATE_UNAVAILABLE, Platform
from homeassistant.core import callback

from .entity import LanternEntity, LanternEventDescription
from .entity_loader import make_setup_entry

PARALLEL_UPDATES = 0


class LanternEvent(LanternEntity[LanternEventDescription[Any], Any], EventEntity):
    """Tells of something that happened at a device."""

    @override
    def shown(self) -> None:
        """Show nothing of the model: the coordinator fires the events."""

    @override
    async def async_added_to_hass(self) -> None:
        """Take the events from now on, and those that waited."""
        await super().async_added_to_hass()
        # Home Assistant writes the first state once this has returned.
        attach = self.hass.loop.call_soon(self._attach)
        self.async_on_remove(attach.cancel)

    @callback
    def _attach(self) -> None:
        self.async_on_remove(
            self.coordinator.outbox.async_attach(
                self.device_id, self.key, self._happened, self._is_shown
            )
        )

    def _is_shown(self) -> bool:
        """Return True if the entity's state is an available one.

        Automations do not hear an event that comes with becoming available.
        """
        state = self.hass.states.get(self.entity_id)
        shown = state is not None and state.state != STATE_UNAVAILABLE
        return shown and self.available

    @callback
    def _happened(self, event_type: str, attributes: Mapping[str, Any]) -> None:
        self._trigger_event(event_type, dict(attributes))
        self.async_write_ha_state()


async_setup_entry = make_setup_entry(Platform.EVENT, LanternEvent)

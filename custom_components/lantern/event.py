"""Events of all vendors."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.const import Platform
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
        # Once it is shown: nothing is written before that, and automations do not
        # see an event that comes with becoming available.
        start = self.hass.loop.call_soon(
            self.coordinator.async_add_sink, self.device_id, self.key, self._happened
        )
        self.async_on_remove(start.cancel)

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Take no more events."""
        self.coordinator.async_remove_sink(self.device_id, self.key)
        await super().async_will_remove_from_hass()

    @callback
    def _happened(self, event_type: str, attributes: Mapping[str, Any]) -> None:
        self._trigger_event(event_type, dict(attributes))
        self.async_write_ha_state()


async_setup_entry = make_setup_entry(Platform.EVENT, LanternEvent)

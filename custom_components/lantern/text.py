"""Texts of all vendors."""

from typing import Any, override

from homeassistant.components.text import TextEntity
from homeassistant.const import Platform

from .entity import LanternEntity, LanternTextDescription
from .entity_loader import make_setup_entry
from .transport.bounds import bounded_state

PARALLEL_UPDATES = 0


class LanternText(LanternEntity[LanternTextDescription[Any], Any], TextEntity):
    """A text that people can change."""

    @property
    @override
    def native_value(self) -> str | None:
        """Return what the service holds."""
        return bounded_state(self.description.value_fn(self.part))

    @override
    async def async_set_value(self, value: str) -> None:
        """Give the service another text."""
        async with self.coordinator.translate_errors():
            await self.description.set_fn(
                self.coordinator, self.device_id, self.part, value
            )


async_setup_entry = make_setup_entry(Platform.TEXT, LanternText)

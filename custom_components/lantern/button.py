"""Buttons of all vendors."""

from typing import Any, override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import Platform

from .entity import LanternButtonDescription, LanternEntity
from .entity_loader import make_setup_entry

PARALLEL_UPDATES = 0


class LanternButton(LanternEntity[LanternButtonDescription[Any], Any], ButtonEntity):
    """Does something once."""

    @override
    def shown(self) -> None:
        """Show nothing of the model."""

    @override
    async def async_press(self) -> None:
        """Do it."""
        async with self.coordinator.translate_errors():
            await self.description.press_fn(self.coordinator, self.device_id, self.part)


async_setup_entry = make_setup_entry(Platform.BUTTON, LanternButton)

"""Switches of all vendors."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform

from .entity import LanternEntity, LanternSwitchDescription
from .entity_loader import make_setup_entry

PARALLEL_UPDATES = 0


class LanternSwitch(LanternEntity[LanternSwitchDescription[Any], Any], SwitchEntity):
    """Switches something at a device or account."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the service says."""
        return self.description.value_fn(self.part)

    async def _set(self, on: bool) -> None:
        async with self.coordinator.translate_errors():
            await self.description.set_fn(
                self.coordinator, self.device_id, self.part, on
            )

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on."""
        await self._set(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off."""
        await self._set(False)


async_setup_entry = make_setup_entry(Platform.SWITCH, LanternSwitch)

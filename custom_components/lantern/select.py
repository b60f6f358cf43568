"""Selects of all vendors."""

from typing import Any, override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform

from .entity import LanternEntity, LanternSelectDescription
from .entity_loader import make_setup_entry

PARALLEL_UPDATES = 0


class LanternSelect(LanternEntity[LanternSelectDescription[Any], Any], SelectEntity):
    """A choice of several."""

    @override
    def shown(self) -> Any:
        """Return the choice and what can be chosen."""
        return super().shown(), self.options

    @property
    @override
    def current_option(self) -> str | None:
        """Return what is chosen."""
        return self.description.value_fn(self.part)

    @property
    @override
    def options(self) -> list[str]:
        """Return what can be chosen."""
        return list(self.description.options_fn(self.part))

    @override
    async def async_select_option(self, option: str) -> None:
        """Choose."""
        async with self.coordinator.translate_errors():
            await self.description.set_fn(
                self.coordinator, self.device_id, self.part, option
            )


async_setup_entry = make_setup_entry(Platform.SELECT, LanternSelect)

"""Numbers of all vendors."""

from typing import Any, override

from homeassistant.components.number import NumberEntity
from homeassistant.const import Platform

from .entity import LanternEntity, LanternNumberDescription
from .entity_loader import make_setup_entry
from .transport.bounds import bounded_state

PARALLEL_UPDATES = 0


class LanternNumber(LanternEntity[LanternNumberDescription[Any], Any], NumberEntity):
    """A number that people can change."""

    @property
    @override
    def native_value(self) -> float | None:
        """Return what the service holds."""
        return bounded_state(self.description.value_fn(self.part))

    @property
    @override
    def native_max_value(self) -> float:
        """Return the highest value, the device's own where it has one."""
        most = self.description.max_fn
        own = most(self.part) if most is not None else None
        return super().native_max_value if own is None else own

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Give the service another number."""
        async with self.coordinator.translate_errors():
            await self.description.set_fn(
                self.coordinator, self.device_id, self.part, value
            )


async_setup_entry = make_setup_entry(Platform.NUMBER, LanternNumber)

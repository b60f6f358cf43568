"""Chimes as sirens."""

from typing import Any, override

from homeassistant.components.siren import (
    ATTR_DURATION,
    ATTR_TONE,
    ATTR_VOLUME_LEVEL,
    SirenEntity,
    SirenEntityFeature,
)

from ..entity import LanternDescription, LanternEntity
from .client.models.sensor import Sensor
from .coordinator import HueCoordinator


class HueChime(LanternEntity[LanternDescription[Any], Sensor], SirenEntity):
    """A chime with its sounds."""

    coordinator: HueCoordinator

    _attr_supported_features = (
        SirenEntityFeature.TURN_ON
        | SirenEntityFeature.TURN_OFF
        | SirenEntityFeature.TONES
        | SirenEntityFeature.DURATION
        | SirenEntityFeature.VOLUME_SET
    )

    @override
    def shown(self) -> Any:
        """Return whether it sounds, and its sounds."""
        return self.part.value, self.part.choices

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it sounds."""
        value = self.part.value
        return None if value is None else bool(value)

    @property
    @override
    def available_tones(self) -> list[int | str] | dict[int, str] | None:
        """Return its sounds."""
        return list(self.part.choices)

    async def _play(self, sound: dict[str, Any] | None) -> None:
        async with self.coordinator.translate_errors():
            await self.coordinator.commands.async_configure(
                self.device_id, self.part.number, sound=sound
            )

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Play a sound, the first one if none is named."""
        await self._play(
            {
                "tone": kwargs.get(ATTR_TONE),
                "volume": kwargs.get(ATTR_VOLUME_LEVEL),
                "duration": kwargs.get(ATTR_DURATION),
            }
        )

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """End the sounds that can be ended."""
        await self._play(None)

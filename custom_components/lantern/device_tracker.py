"""Device trackers of all vendors."""

from typing import Any, override

from homeassistant.components.device_tracker import TrackerEntity
from homeassistant.const import Platform

from .entity import LanternEntity, LanternTrackerDescription, Position
from .platform_setup import platform_setup

PARALLEL_UPDATES = 0


class LanternTracker(LanternEntity[LanternTrackerDescription[Any], Any], TrackerEntity):
    """Shows a device on the map."""

    # The base class makes trackers diagnostic; a map is what people came for.
    _attr_entity_category = None  # type: ignore[assignment]  # its own default is typed too narrowly

    @property
    def _position(self) -> Position | None:
        return self.description.value_fn(self.device)

    @property
    @override
    def latitude(self) -> float | None:
        """Return the latitude in degrees."""
        return self._position.latitude if self._position else None

    @property
    @override
    def longitude(self) -> float | None:
        """Return the longitude in degrees."""
        return self._position.longitude if self._position else None

    @property
    @override
    def location_accuracy(self) -> float:
        """Return the accuracy in metres."""
        return self._position.accuracy if self._position else 0


async_setup_entry = platform_setup(Platform.DEVICE_TRACKER, LanternTracker)

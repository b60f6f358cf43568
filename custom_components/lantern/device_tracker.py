"""Device trackers of all vendors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.device_tracker import TrackerEntity
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity

from .entity import LanternEntity, LanternTrackerDescription, Position
from .entity_loader import make_setup_entry
from .transport.bounds import bounded_json

PARALLEL_UPDATES = 0


@dataclass(frozen=True, slots=True)
class Remembered(ExtraStoredData):
    """What Home Assistant keeps of a tracker through a restart."""

    data: dict[str, Any]

    @override
    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return self.data


class LanternTracker(
    LanternEntity[LanternTrackerDescription[Any], Any], TrackerEntity, RestoreEntity
):
    """Shows a device on the map."""

    _position: Position | None = None
    _trail: Sequence[Position] = ()

    # The base class makes trackers diagnostic; a map is what people came for.
    _attr_entity_category = None  # type: ignore[assignment]  # its own default is typed too narrowly

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData | None:
        """Return what a restart must not lose."""
        data = self.description.remember_fn(self.part)
        return None if data is None else Remembered(bounded_json(data))

    @override
    async def async_added_to_hass(self) -> None:
        """Give back what was remembered."""
        await super().async_added_to_hass()
        self._trail = self.description.trail_fn(self.part)
        if (stored := await self.async_get_last_extra_data()) is not None:
            self.description.recall_fn(
                self.coordinator, self.device_id, stored.as_dict()
            )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the positions on the way, so that the map has them, then the newest."""
        device = self.coordinator.data.get(self.device_id, self.device)
        part = self.description.part_of(device, self.key)
        trail = self._trail if part is None else self.description.trail_fn(part)
        if trail != self._trail:
            self._trail = trail
            if self.available:
                self._write_trail()
        super()._handle_coordinator_update()

    @callback
    def _write_trail(self) -> None:
        for position in self._trail:
            if position != self._position:
                self._position = position
                self.async_write_ha_state()

    @override
    def shown(self) -> Position | None:
        """Return the position; Home Assistant asks for its parts over and over."""
        self._position = self.description.value_fn(self.part)
        return self._position

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


async_setup_entry = make_setup_entry(Platform.DEVICE_TRACKER, LanternTracker)

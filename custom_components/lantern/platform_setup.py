"""Adds a platform's entities as devices, and their features, appear."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_VENDOR
from .coordinator import LanternConfigEntry, LanternCoordinator
from .entity import LanternDescription, LanternEntity
from .vendors import VENDORS


class EntityAdder:
    """Adds one platform's entities as devices, and their features, appear."""

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        descriptions: tuple[LanternDescription[Any], ...],
        entity: type[LanternEntity[Any, Any]] | None,
        add: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Take the platform's descriptions and its own class."""
        self._coordinator = coordinator
        self._descriptions = descriptions
        self._entity = entity
        self._add = add
        self._added: dict[str, set[str]] = {}
        # By device, what it may still come to have.
        self._open: dict[str, list[LanternDescription[Any]]] = {}

    @callback
    def check(self) -> None:
        """Look at the devices that changed."""
        self.look_at(self._coordinator.changed)

    @callback
    def look_at(self, device_ids: Iterable[str]) -> None:
        """Add what these devices have and Home Assistant has not."""
        found = [one for device_id in device_ids for one in self._missing(device_id)]
        if found:
            self._add(found)

    def _missing(self, device_id: str) -> list[LanternEntity[Any, Any]]:
        coordinator = self._coordinator
        if (device := coordinator.data.get(device_id)) is None:
            if device_id not in coordinator.book.known:
                self._added.pop(device_id, None)
                self._open.pop(device_id, None)
            return []
        if device_id not in self._open:
            self._added[device_id] = set()
            self._open[device_id] = [
                one for one in self._descriptions if isinstance(device, one.device)
            ]
        if not (still_open := self._open[device_id]):
            return []
        added = self._added[device_id]
        missing = []
        for description in still_open:
            for key in _keys(description, device):
                if key not in added:
                    added.add(key)
                    make = description.entity or self._entity
                    assert make is not None
                    missing.append(make(coordinator, device_id, description, key))
        if missing:
            self._open[device_id] = [
                one
                for one in still_open
                if one.keys_fn is not None or one.key not in added
            ]
        return missing


def _keys(description: LanternDescription[Any], device: Any) -> Iterable[str]:
    """Return the keys that a device has of a description."""
    if not description.exists_fn(device):
        return ()
    return description.keys_fn(device) if description.keys_fn else (description.key,)


def platform_setup(
    platform: Platform, entity: type[LanternEntity[Any, Any]] | None = None
) -> Callable[
    [HomeAssistant, LanternConfigEntry, AddConfigEntryEntitiesCallback], Awaitable[None]
]:
    """Return a platform's `async_setup_entry`."""

    async def async_setup_entry(
        hass: HomeAssistant,
        entry: LanternConfigEntry,
        async_add_entities: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Add the entities that the entry's vendor describes for this platform."""
        coordinator = entry.runtime_data
        descriptions = VENDORS[entry.data[CONF_VENDOR]].entities[platform]
        adder = EntityAdder(coordinator, descriptions, entity, async_add_entities)
        adder.look_at(coordinator.data)
        entry.async_on_unload(coordinator.async_add_listener(adder.check))

    return async_setup_entry

"""Adds a platform's entities as devices, and their features, appear."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry, LanternCoordinator
from .entity import LanternDescription, LanternEntity
from .vendors import VENDORS

_UNLOADING = ConfigEntryState.UNLOAD_IN_PROGRESS
_BATCH = 50
"""So many new entities are registered and shown in about ten milliseconds."""
_DEVICES = 500
"""So many devices are looked at in one turn, most of which have nothing new."""


class EntityLoader:
    """Adds one platform's entities as devices, and their features, appear."""

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        descriptions: tuple[LanternDescription[Any], ...],
        entity: type[LanternEntity[Any, Any]] | None,
        add: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Initialize with the platform's descriptions and its own class."""
        self._coordinator = coordinator
        self._descriptions = descriptions
        self._entity = entity
        self._add = add
        self._added: dict[str, set[str]] = {}
        # By device id, the entities that it may have later.
        self._open: dict[str, list[LanternDescription[Any]]] = {}
        # The devices to look at, in their order.
        self._pending: dict[str, None] = {}
        self._is_adding = False

    @callback
    def async_check(self) -> None:
        """Add the new entities of devices that changed."""
        added, still_open, data = self._added, self._open, self._coordinator.data
        for device_id in self._coordinator.changed:
            if (
                device_id in still_open
                or device_id not in added
                or device_id not in data
            ):
                self._pending[device_id] = None
        if self._is_adding or not self._pending:
            return
        self._add_batch()
        if self._pending:
            coordinator = self._coordinator
            coordinator.config_entry.async_create_task(
                coordinator.hass, self._async_add_pending(), f"{coordinator.name} new"
            )

    async def async_add_all(self) -> None:
        """Add the entities of all devices."""
        self._pending = dict.fromkeys(self._coordinator.data)
        await self._async_add_pending()

    async def _async_add_pending(self) -> None:
        """Add entities, one batch of one platform in each turn of the event loop."""
        coordinator = self._coordinator
        self._is_adding = True
        try:
            async with coordinator.adding:
                while (
                    self._pending and coordinator.config_entry.state is not _UNLOADING
                ):
                    self._add_batch()
                    await asyncio.sleep(0)
        finally:
            self._is_adding = False

    @callback
    def _add_batch(self) -> None:
        """Add the next missing entities of pending devices."""
        batch: list[LanternEntity[Any, Any]] = []
        for device_id in list(islice(self._pending, _DEVICES)):
            left = _BATCH - len(batch)
            missing = self._missing(device_id, left)
            batch += missing
            if len(missing) == left:
                break
            del self._pending[device_id]
        if batch:
            # Home Assistant adds them at once: its task starts eagerly.
            self._add(batch)

    def _missing(self, device_id: str, limit: int) -> list[LanternEntity[Any, Any]]:
        """Return so many of the entities that Home Assistant does not have yet."""
        coordinator = self._coordinator
        if (device := coordinator.data.get(device_id)) is None:
            if device_id not in coordinator.devices.device_ids:
                self._added.pop(device_id, None)
                self._open.pop(device_id, None)
            return []
        if is_new := device_id not in self._added:
            self._added[device_id] = set()
            self._open[device_id] = [
                description
                for description in self._descriptions
                if description.describes(device)
            ]
        if (still_open := self._open.get(device_id)) is None:
            return []
        added = self._added[device_id]
        missing = [
            (description, key)
            for description in still_open
            for key in description.keys_of(device)
            if key not in added
            and (part := description.part_of(device, key)) is not None
            and description.exists_fn(part)
        ][:limit]
        if not (missing or is_new):
            return []
        added.update(key for _, key in missing)
        self._open[device_id] = [
            description
            for description in still_open
            if description.keys_fn or description.key not in added
        ]
        if not self._open[device_id]:
            del self._open[device_id]
        return [self._make(device_id, *new) for new in missing]

    def _make(
        self, device_id: str, description: LanternDescription[Any], key: str
    ) -> LanternEntity[Any, Any]:
        entity = description.entity or self._entity
        assert entity is not None
        return entity(self._coordinator, device_id, description, key)


@callback
def _async_remove(
    hass: HomeAssistant,
    platform: Platform,
    devices: Mapping[str, Any],
    descriptions: Iterable[LanternDescription[Any]],
) -> None:
    """Remove entities from the registry; it restores them once they are added again."""
    registry = er.async_get(hass)
    for description in descriptions:
        for device_id, device in devices.items():
            if not description.describes(device):
                continue
            for key in description.keys_of(device):
                entity_id = registry.async_get_entity_id(
                    platform, DOMAIN, f"{device_id}_{key}"
                )
                if entity_id is not None:
                    registry.async_remove(entity_id)


def make_setup_entry(
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
        hidden = [
            description
            for description in descriptions
            if description.option and not entry.options.get(description.option, True)
        ]
        if hidden:
            _async_remove(hass, platform, coordinator.data, hidden)
            descriptions = tuple(one for one in descriptions if one not in hidden)
        loader = EntityLoader(coordinator, descriptions, entity, async_add_entities)
        # Beforehand: devices may change between two batches.
        entry.async_on_unload(coordinator.async_add_listener(loader.async_check))
        await loader.async_add_all()

    return async_setup_entry

"""Adds a platform's entities as devices, and their features, appear."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from itertools import batched
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry, LanternCoordinator
from .entity import LanternDescription, LanternEntity
from .vendors import VENDORS

_BATCH = 500


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

    @callback
    def async_check(self) -> None:
        """Add the new entities of devices that changed."""
        self.async_add_missing(self._coordinator.changed)

    @callback
    def async_add_missing(self, device_ids: Collection[str]) -> None:
        """Add the entities of these devices that Home Assistant does not have yet."""
        data = self._coordinator.data
        for removed in set(device_ids).difference(
            data, self._coordinator.devices.device_ids
        ):
            self._added.pop(removed, None)
            self._open.pop(removed, None)
        missing = [
            entity
            for device_id in device_ids
            if device_id in self._open or device_id not in self._added
            if (device := data.get(device_id)) is not None
            for entity in self._missing(device_id, device)
        ]
        # Each batch is added by a task of its own, so that the event loop goes on.
        for batch in batched(missing, _BATCH, strict=False):
            self._add(batch)

    def _missing(self, device_id: str, device: Any) -> list[LanternEntity[Any, Any]]:
        """Return the new entities of a device."""
        is_new = device_id not in self._added
        if is_new:
            self._added[device_id] = set()
            self._open[device_id] = [
                description
                for description in self._descriptions
                if description.describes(device)
            ]
        added, still_open = self._added[device_id], self._open[device_id]
        missing = [
            (description, key)
            for description in still_open
            for key in description.keys_of(device)
            if key not in added
            and (part := description.part_of(device, key)) is not None
            and description.exists_fn(part)
        ]
        if is_new or missing:
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
        loader.async_add_missing(coordinator.data)
        entry.async_on_unload(coordinator.async_add_listener(loader.async_check))

    return async_setup_entry

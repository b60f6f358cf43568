"""Adds a platform's entities as devices, and their features, appear."""

from collections.abc import Awaitable, Callable, Collection
from itertools import batched
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_VENDOR
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
    def look_at(self, device_ids: Collection[str]) -> None:
        """Add what these devices have and Home Assistant has not."""
        data = self._coordinator.data
        for gone in set(device_ids).difference(
            data, self._coordinator.devices.device_ids
        ):
            self._added.pop(gone, None)
            self._open.pop(gone, None)
        found = [
            one
            for device_id in device_ids
            if device_id in self._open or device_id not in self._added
            if (device := data.get(device_id)) is not None
            for one in self._missing(device_id, device)
        ]
        # Each batch is added by a task of its own, so that the event loop goes on.
        for batch in batched(found, _BATCH, strict=False):
            self._add(batch)

    def _missing(self, device_id: str, device: Any) -> list[LanternEntity[Any, Any]]:
        is_new = device_id not in self._added
        if is_new:
            self._added[device_id] = set()
            self._open[device_id] = [
                one for one in self._descriptions if one.describes(device)
            ]
        still_open = self._open[device_id]
        added = self._added[device_id]
        missing = [
            (one, key)
            for one in still_open
            for key in (one.keys_fn(device) if one.keys_fn else (one.key,))
            if key not in added
            and (part := one.part_of(device, key)) is not None
            and one.exists_fn(part)
        ]
        if is_new or missing:
            added.update(key for _, key in missing)
            self._open[device_id] = [
                one for one in still_open if one.keys_fn or one.key not in added
            ]
            if not self._open[device_id]:
                del self._open[device_id]
        return [self._entity_of(device_id, one, key) for one, key in missing]

    def _entity_of(
        self, device_id: str, description: LanternDescription[Any], key: str
    ) -> LanternEntity[Any, Any]:
        make = description.entity or self._entity
        assert make is not None
        return make(self._coordinator, device_id, description, key)


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
        adder = EntityLoader(coordinator, descriptions, entity, async_add_entities)
        adder.look_at(coordinator.data)
        entry.async_on_unload(coordinator.async_add_listener(adder.check))

    return async_setup_entry

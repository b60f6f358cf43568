"""Trackers that several accounts share: each is shown by one entry."""

from collections.abc import Callable, Collection
from typing import Any, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_VENDOR, DOMAIN

_SHARED: HassKey[SharedTrackers] = HassKey(f"{DOMAIN}_lightbug_trackers")


def shared_trackers(hass: HomeAssistant) -> SharedTrackers:
    """Return what all Lightbug entries know of each other's trackers."""
    return hass.data.setdefault(_SHARED, SharedTrackers(hass))


class Account(Protocol):
    """The coordinator of an account."""

    config_entry: ConfigEntry[Any]

    def release(self, device_ids: Collection[str]) -> None:
        """Show these trackers no more."""


class SharedTrackers:
    """Gives each tracker to one entry: to its owner's, else to the first that asks.

    The others get it once that entry is unloaded, or its account loses the tracker.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Have no entries yet."""
        self._hass = hass
        # In the order in which the service names them.
        self._held: dict[Account, dict[int, None]] = {}

    @callback
    def claim(
        self,
        coordinator: Account,
        numbers: Collection[int],
        is_owner: Callable[[int], bool],
    ) -> Collection[int]:
        """Return which of an account's trackers its entry is to show.

        A claim stands until the next one, or until `leave`.
        """
        mine = dict.fromkeys(numbers)
        for other, held in self._held.items():
            if other is coordinator:
                continue
            for number in mine.keys() & held.keys():
                if is_owner(number):
                    del held[number]
                else:
                    del mine[number]
        self._held[coordinator] = mine
        return mine.keys()

    @callback
    def leave(self, coordinator: Account) -> None:
        """Leave all trackers of an entry to the others."""
        self._held.pop(coordinator, None)

    @callback
    def is_held(self, coordinator: Account, number: int) -> bool:
        """Return whether an entry still has a tracker that it claimed."""
        return number in self._held.get(coordinator, ())

    @callback
    def take_over(self, coordinator: Account, device_ids: Collection[str]) -> None:
        """Remove devices from the other entries: their unique ids are needed here."""
        registry = dr.async_get(self._hass)
        loaded = {other.config_entry.entry_id: other for other in self._held}
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if (
                entry.data[CONF_VENDOR] != coordinator.config_entry.data[CONF_VENDOR]
                or entry is coordinator.config_entry
            ):
                continue
            if (other := loaded.get(entry.entry_id)) is not None:
                other.release(device_ids)
                continue
            for device_id in device_ids:
                device = registry.async_get_device_by_identifier(
                    (DOMAIN, device_id), entry.entry_id
                )
                if device is not None:
                    registry.async_remove_device(device.id)

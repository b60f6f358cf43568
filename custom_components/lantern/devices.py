"""Keeps the device registry in step with the devices of one entry."""

from collections.abc import Iterable, Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

from .const import DOMAIN

_MISSES = 3
"""A device is removed with so many answers in a row that lack it."""


class DeviceSync:
    """The devices of one entry, and how often each was missing in a row."""

    def __init__(self, hass: HomeAssistant, entry_id: str, root_id: str | None) -> None:
        """Read the devices of earlier runs; the others are connected via `root_id`."""
        self._registry = dr.async_get(hass)
        self._entry_id = entry_id
        self._root_id = root_id
        self._written: dict[str, DeviceInfo] = {}
        self._missed: dict[str, int] = {}
        self.device_ids = {
            device_id
            for device in dr.async_entries_for_config_entry(self._registry, entry_id)
            for domain, device_id in device.identifiers
            if domain == DOMAIN
        }

    @callback
    def async_sync(self, infos: Mapping[str, DeviceInfo]) -> None:
        """Write the devices that are new or changed to the registry."""
        changed = [
            device_id
            for device_id, info in infos.items()
            if self._written.get(device_id) != info
        ]
        for device_id in sorted(
            changed, key=lambda device_id: device_id != self._root_id
        ):
            info = self._written[device_id] = infos[device_id]
            self.device_ids.add(device_id)
            full = DeviceInfo(identifiers={(DOMAIN, device_id)}, **info)
            if device_id != self._root_id and (root := self._find(self._root_id)):
                full["via_device_id"] = root.id
            self._registry.async_get_or_create(config_entry_id=self._entry_id, **full)

    @callback
    def async_remove_stale(self, present: Iterable[str]) -> set[str]:
        """Count the missing devices of an answer; return those that were removed."""
        missing = self.device_ids.difference(present)
        if not missing and not self._missed:
            return set()
        self._missed = {
            device_id: self._missed.get(device_id, 0) + 1 for device_id in missing
        }
        stale = {
            device_id for device_id, misses in self._missed.items() if misses >= _MISSES
        }
        for device_id in stale:
            self.async_remove(device_id)
        return stale

    @callback
    def async_remove(self, device_id: str) -> None:
        """Remove a device and its entities; it returns under the same ids."""
        self.device_ids.discard(device_id)
        self._missed.pop(device_id, None)
        self._written.pop(device_id, None)
        if device := self._find(device_id):
            self._registry.async_remove_device(device.id)

    def _find(self, device_id: str | None) -> dr.DeviceEntry | None:
        if device_id is None:
            return None
        return self._registry.async_get_device_by_identifier(
            (DOMAIN, device_id), self._entry_id
        )

"""The devices of one entry in the device registry: written, renamed, forgotten."""

from collections.abc import Iterable, Mapping

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

from .const import DOMAIN

_MISSES = 3
"""So many answers in a row without a device, and it is removed."""


class DeviceSync:
    """Knows which devices an entry has had, and how often each was missing."""

    def __init__(self, hass: HomeAssistant, entry_id: str, root_id: str | None) -> None:
        """Read the devices of earlier runs; `root_id` is what the others hang on."""
        self._registry = dr.async_get(hass)
        self._entry_id = entry_id
        self._root_id = root_id
        self._written: dict[str, DeviceInfo] = {}
        self._missed: dict[str, int] = {}
        self.known = {
            device_id
            for device in dr.async_entries_for_config_entry(self._registry, entry_id)
            for domain, device_id in device.identifiers
            if domain == DOMAIN
        }

    @callback
    def write(self, infos: Mapping[str, DeviceInfo]) -> None:
        """Write the devices that are new, or described otherwise than before."""
        news = [one for one, info in infos.items() if self._written.get(one) != info]
        for device_id in sorted(news, key=lambda found: found != self._root_id):
            info = self._written[device_id] = infos[device_id]
            self.known.add(device_id)
            full = DeviceInfo(identifiers={(DOMAIN, device_id)}, **info)
            if device_id != self._root_id and (root := self._find(self._root_id)):
                full["via_device_id"] = root.id
            self._registry.async_get_or_create(config_entry_id=self._entry_id, **full)

    @callback
    def forget(self, present: Iterable[str]) -> set[str]:
        """Count who is missing in an answer; return those removed with the third."""
        missing = self.known.difference(present)
        if not missing and not self._missed:
            return set()
        self._missed = {one: self._missed.get(one, 0) + 1 for one in missing}
        gone = {one for one, misses in self._missed.items() if misses >= _MISSES}
        for device_id in gone:
            self.remove(device_id)
        return gone

    @callback
    def remove(self, device_id: str) -> None:
        """Remove a device and its entities; should it return, it is the same."""
        self.known.discard(device_id)
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

"""Trackers that several accounts share: each is shown by one entry."""

from collections.abc import Callable, Collection

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_VENDOR, DOMAIN

_SHARED: HassKey[SharedTrackers] = HassKey(f"{DOMAIN}_lightbug_trackers")
_VENDOR = "lightbug"
DEVICE_PREFIX = "lightbug:"

type Release = Callable[[Collection[str]], None]


def shared_trackers(hass: HomeAssistant) -> SharedTrackers:
    """Return what all Lightbug entries share."""
    return hass.data.setdefault(_SHARED, SharedTrackers(hass))


class SharedTrackers:
    """Gives each tracker to one entry: to its owner's, else to the first that asks.

    The others get it once that entry is unloaded, or its account loses the tracker.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize without entries."""
        self._hass = hass
        # Trackers by entry id, in the order in which the service names them.
        self._held: dict[str, dict[int, None]] = {}
        self._release: dict[str, Release] = {}

    @callback
    def async_join(self, entry_id: str, release: Release) -> CALLBACK_TYPE:
        """Add an entry; return what leaves its trackers to the others.

        `release` is called with device ids that the entry may show no more.
        """
        self._held[entry_id] = {}
        self._release[entry_id] = release

        @callback
        def leave() -> None:
            del self._held[entry_id], self._release[entry_id]

        return leave

    @callback
    def async_claim(
        self,
        entry_id: str,
        numbers: Collection[int],
        is_owner: Callable[[int], bool],
    ) -> Collection[int]:
        """Return which of an account's trackers its entry is to show.

        A claim stands until the next one, or until the entry leaves.
        """
        mine = dict.fromkeys(numbers)
        for other, held in self._held.items():
            if other == entry_id:
                continue
            for number in mine.keys() & held.keys():
                if is_owner(number):
                    del held[number]
                else:
                    del mine[number]
        self._held[entry_id] = mine
        # Another claim may take some of them while this entry still polls.
        return dict(mine).keys()

    @callback
    def is_held(self, entry_id: str, number: int) -> bool:
        """Return True if an entry still has a tracker that it claimed."""
        return number in self._held.get(entry_id, ())

    @callback
    def is_held_elsewhere(self, entry_id: str, number: str) -> bool:
        """Return True if another entry has a tracker, or its devices while not loaded."""
        own = (DOMAIN, f"{DEVICE_PREFIX}{number}")
        registry = dr.async_get(self._hass)
        return any(
            number in map(str, self._held.get(entry.entry_id, ()))
            or registry.async_get_device_by_identifier(own, entry.entry_id)
            for entry in self._hass.config_entries.async_entries(DOMAIN)
            if entry.entry_id != entry_id
        )

    @callback
    def async_take_over(self, entry_id: str, device_ids: Collection[str]) -> None:
        """Remove devices from the other entries: their unique ids are needed here."""
        registry = dr.async_get(self._hass)
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            if entry.entry_id == entry_id or entry.data[CONF_VENDOR] != _VENDOR:
                continue
            if (release := self._release.get(entry.entry_id)) is not None:
                release(device_ids)
                continue
            for device_id in device_ids:
                device = registry.async_get_device_by_identifier(
                    (DOMAIN, device_id), entry.entry_id
                )
                if device is not None:
                    registry.async_remove_device(device.id)

"""Lantern: Hue bridges, Lucit players, Lightbug trackers and LUX devices."""

from contextlib import suppress

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.typing import ConfigType

from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry, remove_rate_limit
from .credentials import async_finish_refresh
from .durable_events import events_store
from .services import async_register_actions
from .storage import StorageError, async_show_all_unreadable
from .store import LanternStore
from .vendors import VENDORS

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, and show the issues that belong to no entry."""
    async_register_actions(hass)
    await async_show_all_unreadable(hass)
    for vendor in VENDORS.values():
        await vendor.async_show_left(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: LanternConfigEntry) -> bool:
    """Set up one bridge, player or account."""
    # A set-up that was cancelled may have left it running.
    await async_finish_refresh(hass, entry.entry_id)
    vendor = VENDORS[entry.data[CONF_VENDOR]]
    coordinator = vendor.coordinator(hass, entry)
    await coordinator.async_config_entry_first_refresh()
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, vendor.entities)
    coordinator.outbox.async_open()
    coordinator.async_start()
    return True


async def async_unload_entry(hass: HomeAssistant, entry: LanternConfigEntry) -> bool:
    """Unload one bridge, player or account."""
    vendor = VENDORS[entry.data[CONF_VENDOR]]
    # One after the other: all at once would each remove a batch in the same turn.
    unloaded = all(
        [
            await hass.config_entries.async_unload_platforms(entry, [platform])
            for platform in vendor.entities
        ]
    )
    await entry.runtime_data.store.async_flush()
    await async_finish_refresh(hass, entry.entry_id)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Revoke access at the service and delete stored data."""
    await VENDORS[entry.data[CONF_VENDOR]].async_revoke(hass, entry)
    await LanternStore(hass, entry.entry_id).async_remove()
    with suppress(StorageError):
        await events_store(hass, entry.entry_id).async_remove()
    remove_rate_limit(hass, entry.entry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: LanternConfigEntry, device: DeviceEntry
) -> bool:
    """Let people remove a device that the service no longer names."""
    if entry.state is not ConfigEntryState.LOADED:
        # Without data it is unknown whether the service still names it.
        return False
    coordinator = entry.runtime_data
    return all(
        device_id not in coordinator.data
        for domain, device_id in device.identifiers
        if domain == DOMAIN
    )

"""Diagnostics by allow-list: what a model's `diagnostic` names, and nothing else."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry

_ROUGH = frozenset({"latitude", "longitude"})


def _shown(name: str, value: Any) -> Any:
    """Return a field's value; a position is rounded to a tenth of a degree."""
    if hasattr(value, "_asdict"):
        # As JSON it would have no names.
        return value._asdict()
    return round(value, 1) if name in _ROUGH and value is not None else value


def _device(device: Any) -> dict[str, Any]:
    """Return the name of a device's model and the fields that it allows."""
    return {
        "model": type(device).__name__,
        **{name: _shown(name, getattr(device, name)) for name in device.diagnostic},
    }


def _not_loaded(entry: LanternConfigEntry) -> dict[str, Any]:
    """Return what is known while set-up is being retried, or was not tried."""
    return {"vendor": entry.data[CONF_VENDOR], "state": entry.state.value}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: LanternConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a bridge, player or account."""
    if entry.state is not ConfigEntryState.LOADED:
        return _not_loaded(entry)
    coordinator = entry.runtime_data
    return {
        "vendor": entry.data[CONF_VENDOR],
        "poll_seconds": coordinator.interval.total_seconds(),
        "last_poll_succeeded": coordinator.last_update_success,
        "requests_left": coordinator.rate_limit.left,
        "pause_seconds": round(coordinator.rate_limit.pause),
        "devices": [_device(device) for device in coordinator.data.values()],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: LanternConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of one device."""
    if entry.state is not ConfigEntryState.LOADED:
        return _not_loaded(entry)
    data = entry.runtime_data.data
    return {
        "vendor": entry.data[CONF_VENDOR],
        "devices": [
            _device(data[device_id])
            for domain, device_id in device.identifiers
            if domain == DOMAIN and device_id in data
        ],
    }

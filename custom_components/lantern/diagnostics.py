"""Diagnostics by allow-list: what a model's `diagnostic` names, and nothing else."""

import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry

from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry, get_rate_limit

_ROUNDED = frozenset({"latitude", "longitude"})


def _shown(name: str, value: Any) -> Any:
    """Return a field's value; a position is rounded to a tenth of a degree."""
    if hasattr(value, "_asdict"):
        # As JSON it would have no names.
        return value._asdict()
    return round(value, 1) if name in _ROUNDED and value is not None else value


def _device(device: Any) -> dict[str, Any]:
    """Return the name of a device's model and the fields that it allows."""
    return {
        "model": type(device).__name__,
        **{name: _shown(name, getattr(device, name)) for name in device.diagnostic},
    }


async def _answers(hass: HomeAssistant, entry: LanternConfigEntry) -> dict[str, Any]:
    """Return the shapes of what the service answered, beside what is documented."""
    path = Path(__file__).parent / entry.data[CONF_VENDOR] / "client/documented.json"
    documented = json.loads(await hass.async_add_executor_job(path.read_bytes))
    rate_limit = get_rate_limit(hass, entry.entry_id)
    return {
        "clock_ahead_seconds": round(rate_limit.clock.ahead.total_seconds()),
        **rate_limit.answers.as_dict(documented),
    }


def _not_loaded(entry: LanternConfigEntry) -> dict[str, Any]:
    """Return what is known while set-up is being retried, or was not tried."""
    return {"vendor": entry.data[CONF_VENDOR], "state": entry.state.value}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: LanternConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of a bridge, player or account."""
    answers = await _answers(hass, entry)
    if entry.state is not ConfigEntryState.LOADED:
        return {**_not_loaded(entry), "answers": answers}
    coordinator = entry.runtime_data
    return {
        "vendor": entry.data[CONF_VENDOR],
        "poll_seconds": coordinator.interval.total_seconds(),
        "last_poll_succeeded": coordinator.last_update_success,
        "requests_left": coordinator.rate_limit.left,
        "pause_seconds": round(coordinator.rate_limit.pause),
        "devices": [_device(device) for device in coordinator.data.values()],
        "answers": answers,
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

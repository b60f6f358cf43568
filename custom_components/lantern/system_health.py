"""System health: for each entry whether its service answers, and what is left."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed

from .const import CONF_VENDOR, DOMAIN


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what the system health page asks for."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    """Return one line per loaded entry; vendors are numbered, never named."""
    lines: dict[str, Any] = {}
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        coordinator = entry.runtime_data
        vendor = entry.data[CONF_VENDOR]
        number = sum(key.startswith(vendor) for key in lines) + 1
        if coordinator.last_update_success:
            line = "answers"
        elif isinstance(coordinator.last_exception, ConfigEntryAuthFailed):
            line = "refuses the stored access"
        else:
            line = "does not answer"
        if coordinator.last_success is not None:
            line += (
                f", last at {coordinator.last_success.isoformat(timespec='seconds')}"
            )
        if coordinator.rate_limit.left is not None:
            line += f", {coordinator.rate_limit.left} requests left"
        lines[f"{vendor}_{number}"] = line
    return lines

"""Repairs: each issue's data name its vendor and kind, the room brings the flow."""

from homeassistant.components.repairs import RepairsFlow
from homeassistant.core import HomeAssistant

from .const import CONF_VENDOR
from .vendors import VENDORS


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that mends an issue (its data: vendor, kind, entry_id, …)."""
    assert data is not None
    vendor = VENDORS[str(data[CONF_VENDOR])]
    return vendor.repairs[str(data["kind"])](hass, data)

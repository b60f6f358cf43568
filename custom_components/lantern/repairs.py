"""Repairs: each issue's data name its vendor and kind, the vendor brings the flow."""

from typing import override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant

from .const import CONF_VENDOR
from .repair import ConfirmRepairFlow
from .storage import UNREADABLE_FILE, UNREADABLE_ROWS, async_delete_unreadable
from .vendors import VENDORS


class UnreadableRepair(ConfirmRepairFlow):
    """Deletes the file into which something unreadable was put aside."""

    @override
    async def async_repair(self) -> RepairsFlowResult:
        """Delete the file."""
        await async_delete_unreadable(self.hass, str(self.issue_data["file"]))
        return self.async_create_entry(data={})


SHARED_REPAIRS = {UNREADABLE_FILE: UnreadableRepair, UNREADABLE_ROWS: UnreadableRepair}


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that fixes an issue (its data: vendor, kind, entry_id, …)."""
    assert data is not None
    kind = str(data["kind"])
    if (shared := SHARED_REPAIRS.get(kind)) is not None:
        return shared(hass, data)
    return VENDORS[str(data[CONF_VENDOR])].repairs[kind](hass, data)

"""The repair of a player that was deleted at Lucit."""

from typing import override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_VENDOR, DOMAIN
from ..repair import ConfirmRepairFlow

PLAYER_GONE = "lucit_player_gone"


def _issue_id(entry_id: str) -> str:
    return f"{PLAYER_GONE}_{entry_id}"


@callback
def tell_player_gone(hass: HomeAssistant, entry_id: str, title: str) -> None:
    """Tell that Lucit no longer has the player of an entry."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry_id),
        data={CONF_VENDOR: "lucit", "kind": PLAYER_GONE, "entry_id": entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=PLAYER_GONE,
        translation_placeholders={"title": title},
    )


@callback
def player_is_back(hass: HomeAssistant, entry_id: str) -> None:
    """Take the issue away."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))


@callback
def is_player_gone(hass: HomeAssistant, entry_id: str) -> bool:
    """Tell whether Lucit no longer has the player of an entry."""
    return ir.async_get(hass).async_get_issue(DOMAIN, _issue_id(entry_id)) is not None


class PlayerGoneRepair(ConfirmRepairFlow):
    """Leads to the form that pairs the same entry again."""

    @override
    async def async_repair(self) -> RepairsFlowResult:
        """Go on in the config flow of the entry."""
        entry_id = str(self.issue_data["entry_id"])
        if self.hass.config_entries.async_get_entry(entry_id) is None:
            return self.async_create_entry(data={})
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry_id}
        )
        # Should the pairing be left unfinished, the next poll tells it again.
        return self.async_create_entry(
            data={}, next_flow=(FlowType.CONFIG_FLOW, flow["flow_id"])
        )


REPAIRS = {PLAYER_GONE: PlayerGoneRepair}

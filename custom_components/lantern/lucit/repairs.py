"""What is wrong with a player: it was deleted at Lucit, or its heartbeats fail."""

from typing import override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_VENDOR, DOMAIN
from ..repair import ConfirmRepairFlow, isolate_failures
from ..transport.parsing import escape_markdown

PLAYER_GONE = "lucit_player_gone"
HEARTBEATS_FAIL = "lucit_heartbeats_fail"


def _issue_id(entry_id: str, kind: str = PLAYER_GONE) -> str:
    return f"{kind}_{entry_id}"


@isolate_failures
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
        translation_placeholders={"title": escape_markdown(title)},
    )


@isolate_failures
@callback
def player_is_back(hass: HomeAssistant, entry_id: str) -> None:
    """Take the issue away."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry_id))


@callback
def is_player_gone(hass: HomeAssistant, entry_id: str) -> bool:
    """Return whether Lucit no longer has the player of an entry."""
    return ir.async_get(hass).async_get_issue(DOMAIN, _issue_id(entry_id)) is not None


@isolate_failures
@callback
def create_heartbeats_fail(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Create the issue that Lucit has had no heartbeat for a while."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry.entry_id, HEARTBEATS_FAIL),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=HEARTBEATS_FAIL,
        translation_placeholders={"title": escape_markdown(entry.title)},
    )


@isolate_failures
@callback
def delete_heartbeats_fail(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete the issue: heartbeats work again, or are off."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry.entry_id, HEARTBEATS_FAIL))


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

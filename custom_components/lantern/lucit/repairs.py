"""The repair of a player that was deleted at Lucit."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_VENDOR, DOMAIN

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


class PlayerGoneRepair(RepairsFlow):
    """Leads to the form that pairs the same entry again."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the issue's data."""
        self._entry_id = str(data["entry_id"])

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Start with the explanation."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Explain, then go on in the config flow of the entry."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        if user_input is None:
            title = entry.title if entry else ""
            return self.async_show_form(
                step_id="confirm", description_placeholders={"title": title}
            )
        if entry is None:
            return self.async_create_entry(data={})
        flow = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_RECONFIGURE, "entry_id": self._entry_id},
        )
        # Should the pairing be left unfinished, the next poll tells it again.
        return self.async_create_entry(
            data={}, next_flow=(FlowType.CONFIG_FLOW, flow["flow_id"])
        )


REPAIRS = {PLAYER_GONE: PlayerGoneRepair}

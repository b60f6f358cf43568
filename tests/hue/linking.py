"""What the tests of linking with a bridge do over and over."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge
from tests.common import go_on, settle, start_flow, submit

from .conftest import DEVICETYPE, host_of

OTHER_ID = "001788fffe111111"


def form(host: str, **advanced: Any) -> dict[str, Any]:
    """Return what a person types into the form."""
    return {"host": host, "advanced": {"devicetype": DEVICETYPE} | advanced}


async def linking(
    hass: HomeAssistant, bridge: HueBridge, host: str | None = None, **advanced: Any
) -> ConfigFlowResult:
    """Go to the step that waits for the button."""
    result = await start_flow(hass, "hue")
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "hue"
    result = await submit(hass, result, form(host or host_of(bridge), **advanced))
    assert result["type"] is FlowResultType.SHOW_PROGRESS, result
    assert result["step_id"] == "hue_link"
    return result


async def move(bridge: HueBridge) -> None:
    """Let a bridge get another address."""
    await bridge.stop()
    bridge.port = 0
    await bridge.start()


async def close(hass: HomeAssistant, result: ConfigFlowResult) -> None:
    """Close the dialog."""
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)


async def linked(hass: HomeAssistant, result: ConfigFlowResult) -> Any:
    """Take a flow on whose button was pressed; return its entry, loaded."""
    result = await go_on(hass, result)
    ended = result["type"] is FlowResultType.CREATE_ENTRY
    assert ended or result["reason"].endswith("_successful"), result
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED, entry.reason
    assert not hass.config_entries.flow.async_progress()
    return entry


def error(kind: int, address: str, description: str = "made up") -> str:
    """Return the array of one error."""
    return (
        f'[{{"error": {{"type": {kind}, "address": "{address}",'
        f' "description": "{description}"}}}}]'
    )

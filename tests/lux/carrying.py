"""How the tests hand logs over, and what they find at the service."""

from collections.abc import Mapping
from datetime import datetime, timedelta
import json
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import settle

from .conftest import BLUE, BLUE_ID

UPLOAD = "POST /api/v1/lux/device/devlog"


def registry_id(hass: HomeAssistant, entry: ConfigEntry, device_id: str = BLUE) -> str:
    """Return a device's id in the registry."""
    registered_device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )
    assert registered_device is not None
    return registered_device.id


def treatment(
    number: int | None = None, start: datetime | None = None, **other: Any
) -> dict[str, Any]:
    """Return a log as a person writes it, local time; temporary without a number."""
    began = start or dt_util.now() - timedelta(hours=1)
    log: dict[str, Any] = {
        "start": began.replace(tzinfo=None, microsecond=0).isoformat(" "),
        "duration": 1200,
        "intensity": 4,
    }
    if number is not None:
        log |= {"ending": "normal", "log_file_id": number}
    return log | other


async def hand_over(
    hass: HomeAssistant,
    entry: ConfigEntry,
    *logs: Mapping[str, Any],
    device_id: str = BLUE,
) -> Any:
    """Call the action; return its response."""
    response = await hass.services.async_call(
        DOMAIN,
        "lux_upload_treatment_logs",
        {"device_id": registry_id(hass, entry, device_id), "logs": list(logs)},
        blocking=True,
        return_response=True,
    )
    await settle(hass)
    return response


def stored(lux: Lux, device: int = BLUE_ID) -> list[int | None]:
    """Return the numbers of the logs that LUX has from us, as they came."""
    return [log.log_file_id for log in lux.logs.get(device, [])]


def refuse(
    lux: Lux, status: int = 409, detail: str = "Not Connected Device", times: int = 1
) -> None:
    """Let LUX refuse the next uploads in its own words."""
    body = json.dumps({"detail": detail})
    lux.inject(UPLOAD, "status", times=times, status=status, body=body)


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return Lantern's one issue."""
    open_issues = [issue for (domain, _), issue in ir.async_get(hass).issues.items()]
    open_issues = [
        issue for issue in open_issues if issue.domain == DOMAIN and issue.active
    ]
    assert len(open_issues) <= 1
    return open_issues[0] if open_issues else None


async def mend(hass: HomeAssistant, way: str) -> None:
    """Choose a way to mend the one issue, and confirm what cannot be undone."""
    open_issue = issue(hass)
    assert open_issue is not None
    flows = hass.data["repairs"]["flow_manager"]
    # As Home Assistant's own dialog does it.
    result = await flows.async_init(DOMAIN, context={"issue_id": open_issue.issue_id})
    assert result["type"] in ("menu", "form"), result
    if result["type"] == "menu":
        assert way in result["menu_options"]
        result = await flows.async_configure(result["flow_id"], {"next_step_id": way})
        assert result["type"] == "form" or way != "delete", result
    if result["type"] == "form":
        result = await flows.async_configure(result["flow_id"], {})
    assert result["type"] == "create_entry", result
    await settle(hass)

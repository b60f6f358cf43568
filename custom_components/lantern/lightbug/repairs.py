"""The issues of an account: alerts that cannot be read, push of an unknown sender."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_VENDOR, DOMAIN
from ..repair import isolate_failures
from ..transport.parsing import escape_markdown

_ALERTS_FAIL = "lightbug_alerts_fail"
PUSH_ACCOUNT = "lightbug_push_account"
_PATIENCE = 86_400.0


@isolate_failures
@callback
def update_alerts_issue(
    hass: HomeAssistant, entry: ConfigEntry, failing_for: float
) -> None:
    """Create the issue once alerts could not be read for a day, or delete it."""
    if failing_for < _PATIENCE:
        delete_alerts_issue(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{_ALERTS_FAIL}_{entry.entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_ALERTS_FAIL,
        translation_placeholders={"title": escape_markdown(entry.title)},
    )


@isolate_failures
@callback
def delete_alerts_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete the issue."""
    ir.async_delete_issue(hass, DOMAIN, f"{_ALERTS_FAIL}_{entry.entry_id}")


@isolate_failures
@callback
def create_account_issue(hass: HomeAssistant, entry: ConfigEntry, account: str) -> None:
    """Create the issue that another AWS account than Lightbug's wants to push."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{PUSH_ACCOUNT}_{entry.entry_id}",
        data={
            CONF_VENDOR: "lightbug",
            "kind": PUSH_ACCOUNT,
            "entry_id": entry.entry_id,
            "account": account,
        },
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=PUSH_ACCOUNT,
        translation_placeholders={
            "title": escape_markdown(entry.title),
            "account": account,
        },
    )


@isolate_failures
@callback
def delete_account_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete the issue: nobody has to confirm an account."""
    ir.async_delete_issue(hass, DOMAIN, f"{PUSH_ACCOUNT}_{entry.entry_id}")

"""The issue that Lightbug has told no alerts for a day."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..repair import isolate_failures
from ..transport.parsing import escape_markdown

_ALERTS_FAIL = "lightbug_alerts_fail"
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

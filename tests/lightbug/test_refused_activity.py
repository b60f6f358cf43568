"""Alerts that Lightbug refuses: asked for again, and told in a repair after a day."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.lantern.const import DOMAIN
from simulator.lightbug import Lightbug
from tests.common import pass_time

from .conftest import ACTIVITY, POLL

HOUR = 3600


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_refused_for_a_day(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """One warning, few requests, a repair after a day; all of it ends by itself."""
    lightbug.access_lifetime = 10**9
    lightbug.inject(ACTIVITY, "status", status=status, times=-1)
    caplog.clear()
    registry = ir.async_get(hass)
    issue = f"lightbug_alerts_fail_{entry.entry_id}"
    asked = lightbug.count(ACTIVITY)
    for _ in range(24):
        await pass_time(hass, freezer, HOUR)
        assert entry.runtime_data.last_update_success
    assert not hass.config_entries.flow.async_progress()
    # With the first 401 a new token is tried.
    assert lightbug.count(ACTIVITY) - asked <= 3 * (1 + (status == 401))
    assert registry.async_get_issue(DOMAIN, issue) is None
    await pass_time(hass, freezer, HOUR)
    await pass_time(hass, freezer, POLL)
    assert registry.async_get_issue(DOMAIN, issue) is not None
    lightbug.clear_faults()
    for _ in range(24):
        await pass_time(hass, freezer, HOUR)
    assert registry.async_get_issue(DOMAIN, issue) is None
    lines = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if "getRecentActivity" in record.getMessage() and record.levelname != "DEBUG"
    ]
    assert [level for level, _ in lines] == ["WARNING", "INFO"], lines

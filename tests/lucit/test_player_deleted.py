"""A player that was deleted at Lucit is paired again, as the same player."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from tests.common import add_entry, go_on, pass_time, settle, state_of, submit

from .conftest import UNIQUE_ID, UUID, form, stored

POLL = 300


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    """Return the issue that tells that the player is gone."""
    issue_id = f"lucit_player_gone_{entry.entry_id}"
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


@pytest.mark.parametrize("status", [403, 404])
async def test_repaired_into_the_same_entry(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
    status: int,
) -> None:
    """The repair leads to a new code; entry, device and entities stay the same."""
    assert await async_setup_component(hass, "repairs", {})
    registry = er.async_get(hass)
    before = {
        one.unique_id: one.entity_id
        for one in er.async_entries_for_config_entry(registry, entry.entry_id)
        if one.unique_id.startswith(UNIQUE_ID)
    }
    lcuid = entry.data["device_lcuid"]
    lucit.deleted_status = status
    lucit.delete_device()
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "unavailable"
    assert not hass.config_entries.flow.async_progress()
    told = issue(hass, entry)
    assert told is not None
    assert told.is_fixable
    assert told.translation_placeholders == {"title": "Lucit Window screen"}

    client = await hass_client()
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": told.issue_id}
    )
    shown = await answer.json()
    assert shown["step_id"] == "confirm"
    answer = await client.post(f"/api/repairs/issues/fix/{shown['flow_id']}", json={})
    done = await answer.json()
    assert done["type"] == "create_entry"
    kind, flow_id = done["next_flow"]
    assert kind == "config_flow"

    flow: Any = hass.config_entries.flow.async_get(flow_id)
    assert flow["step_id"] == "lucit_again"
    result = await submit(hass, flow, form(lucit))
    assert result["step_id"] == "lucit_pair", result
    lucit.approve(name="Window screen")
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["reason"] == "reconfigure_successful"

    assert hass.config_entries.async_entries(DOMAIN) == [entry]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == UNIQUE_ID
    assert entry.data["device_lcuid"] != lcuid
    assert lucit.device.device_provided_uuid == UUID
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"
    assert before == {
        one.unique_id: one.entity_id
        for one in er.async_entries_for_config_entry(registry, entry.entry_id)
        if one.unique_id.startswith(UNIQUE_ID)
    }
    assert issue(hass, entry) is None


async def test_the_form_does_not_attach_to_what_is_gone(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only a player that Lucit still has is offered to attach to."""

    async def suggested() -> str:
        result = await entry.start_reconfigure_flow(hass)
        schema: Any = result["data_schema"]
        section = schema.schema["advanced"].schema.schema
        (field,) = (one for one in section if one == "attach_to")
        hass.config_entries.flow.async_abort(result["flow_id"])
        return str(field.description["suggested_value"])

    assert await suggested() == entry.data["device_lcuid"]
    lucit.delete_device()
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert await suggested() == ""


async def test_told_again_until_it_is_mended(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An issue that somebody waved away comes back; the player's return ends it."""
    device = lucit.device
    lucit.delete_device()
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    told = issue(hass, entry)
    assert told is not None
    ir.async_delete_issue(hass, DOMAIN, told.issue_id)
    await pass_time(hass, freezer, POLL)
    assert issue(hass, entry) is not None
    lucit.devices[device.lcuid] = device
    await pass_time(hass, freezer, POLL)
    assert issue(hass, entry) is None
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"


async def test_one_refusal_is_no_deletion(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A server in between answers 404 for a moment: nobody is asked to pair again."""
    lucit.inject("GET /api/v3/lightning/devices/{lcuid}", "status", status=404, times=2)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert issue(hass, entry) is None
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{UNIQUE_ID}_screens") == "1"


async def test_found_at_start(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """A player that was deleted while Home Assistant was off is told as well."""
    data = stored(lucit)
    device = lucit.device
    lucit.delete_device()
    entry = await add_entry(hass, UNIQUE_ID, data)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert issue(hass, entry) is not None
    lucit.devices[device.lcuid] = device
    await pass_time(hass, freezer, 10)
    assert entry.state is ConfigEntryState.LOADED
    assert issue(hass, entry) is None


async def test_removing_the_entry_ends_the_issue(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
) -> None:
    """Who deletes the entry instead is asked nothing any more."""
    assert await async_setup_component(hass, "repairs", {})
    lucit.delete_device()
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    told = issue(hass, entry)
    assert told is not None
    client = await hass_client()
    answer = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": told.issue_id}
    )
    shown = await answer.json()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert issue(hass, entry) is None
    # A dialog that was still open ends quietly.
    answer = await client.post(f"/api/repairs/issues/fix/{shown['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    assert not hass.config_entries.flow.async_progress()

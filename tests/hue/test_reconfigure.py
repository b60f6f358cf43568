"""Signing in again, and another address or bridge for an entry."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from tests.common import add_entry, go_on, pass_time, settle, submit

from .conftest import (
    DEREGISTER,
    INTRODUCTION,
    REGISTER,
    UNIQUE_ID,
    Start,
    host_of,
    stored,
)
from .linking import OTHER_ID, close, error, form, linked, move


async def start_reauth(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> ConfigFlowResult:
    """Take the key away, and return the form of the flow that this starts."""
    hue.revoke(entry.data["application_key"])
    await pass_time(hass, freezer, 10)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert result["step_id"] == "hue_discovered"
    assert result["description_placeholders"]["host"] == host_of(hue)
    return result


async def test_reauth(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Confirm, press the button, and the entry goes on with a new key."""
    old = entry.data["application_key"]
    result = await start_reauth(hass, hue, entry, freezer)
    result = await submit(hass, result, {})
    assert result["step_id"] == "hue_link"
    hue.press_link_button()
    await pass_time(hass, freezer, 1)
    assert (await linked(hass, result)).data["application_key"] in hue.whitelist.entries
    assert entry.data["application_key"] != old
    assert entry.title == "Hue Lighthouse"


async def test_reauth_at_another_bridge(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The wrong bridge is told before anybody presses anything."""
    result = await start_reauth(hass, hue, entry, freezer)
    hue.set_config(bridgeid=OTHER_ID.upper())
    result = await submit(hass, result, {})
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_bridge"
    assert hue.count(REGISTER) == 0


async def test_reauth_in_trouble(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Errors stand above the form without fields, which goes on from there."""
    result = await start_reauth(hass, hue, entry, freezer)
    hue.inject(INTRODUCTION, "status", status=500)
    result = await submit(hass, result, {})
    assert result["errors"] == {"base": "cannot_connect"}
    hue.inject(REGISTER, "body", body=error(901, "/", "Internal error, 7"))
    result = await submit(hass, result, {})
    await settle(hass)
    result = await go_on(hass, result)
    assert result["step_id"] == "hue_discovered"
    assert result["errors"] == {"base": "unknown"}
    assert result["description_placeholders"]["bridge_says"] == "“Internal error, 7”"
    hue.press_link_button()
    result = await submit(hass, result, {})
    await linked(hass, result)


async def test_reauth_never_takes_another_certificate(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Another certificate is told, and no key is asked for over it."""
    result = await start_reauth(hass, hue, entry, freezer)
    await hue.stop()
    hue.new_certificate()
    await hue.start()
    asked = hue.count()
    result = await submit(hass, result, {})
    assert result["errors"] == {"base": "untrusted"}
    assert hue.count() == asked
    await close(hass, result)


async def test_reconfigure(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """Linking again takes address and certificate anew, after a look at both."""
    bridge = await make(modern=False)
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge), "Mine")
    old = entry.data["application_key"]
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "hue"
    hosts = [field for field in result["data_schema"].schema if field == "host"]
    assert hosts[0].description == {"suggested_value": host_of(bridge)}
    bridge.new_certificate()
    await move(bridge)
    result = await submit(hass, result, form(host_of(bridge), devicetype="renamed"))
    assert result["step_id"] == "hue_certificate"
    result = await submit(hass, result, {})
    bridge.press_link_button()
    await pass_time(hass, freezer, 1)
    data = (await linked(hass, result)).data
    assert data["host"] == host_of(bridge)
    assert data["certificate_sha256"] == bridge.certificate_sha256
    assert data["devicetype"] == "renamed"
    assert entry.title == "Mine"
    # Its old address is silent, and it goes to no other.
    assert old in bridge.whitelist.entries
    assert data["application_key"] in bridge.whitelist.entries


async def test_reconfigure_gives_the_old_key_back(
    hass: HomeAssistant, make: Start
) -> None:
    """At the address and over the certificate that it is from."""
    bridge = await make(modern=False)
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge), "Mine")
    old = entry.data["application_key"]
    result = await entry.start_reconfigure_flow(hass)
    bridge.press_link_button()
    result = await submit(hass, result, form(host_of(bridge)))
    await linked(hass, result)
    await settle(hass)
    assert old not in bridge.whitelist.entries
    assert entry.data["application_key"] in bridge.whitelist.entries


async def test_reconfigure_at_todays_bridge(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """That the old key cannot be given back is no failure."""
    result = await entry.start_reconfigure_flow(hass)
    hue.press_link_button()
    result = await submit(hass, result, form(host_of(hue)))
    await linked(hass, result)
    assert hue.count(DEREGISTER) == 1


async def test_reconfigure_with_another_bridge(
    hass: HomeAssistant, make: Start, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """Another bridge does not take the entry over, and never sees its key."""
    other = await make(bridge_id=OTHER_ID)
    before = dict(entry.data)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(other)))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_bridge"
    assert dict(entry.data) == before
    assert other.foreign_keys == 0


async def test_reconfigure_with_another_bridge_unseen(
    hass: HomeAssistant, make: Start, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """Where it shows only after linking, the new key is given back."""
    other = await make(bridge_id=OTHER_ID, modern=False)
    other.inject(INTRODUCTION, "status", status=404)
    other.press_link_button()
    keys = set(other.whitelist.entries)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(other)))
    assert result["step_id"] == "hue_certificate"
    result = await submit(hass, result, {})
    result = await go_on(hass, result)
    assert result["reason"] == "wrong_bridge"
    assert entry.data["host"] == host_of(hue)
    assert set(other.whitelist.entries) == keys

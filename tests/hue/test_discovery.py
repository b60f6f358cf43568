"""Bridges that make themselves known on the network."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_ZEROCONF,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import pytest_socket

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge
from tests.common import add_entry, go_on, pass_time, settle, submit

from .conftest import (
    BRIDGE_ID,
    INTRODUCTION,
    REGISTER,
    UNIQUE_ID,
    Start,
    host_of,
    stored,
)
from .linking import OTHER_ID, close, linked, linking


def announced(
    bridge: HueBridge,
    bridge_id: str | None = BRIDGE_ID,
    address: str = "127.0.0.1",
    port: int | None = 0,
) -> ZeroconfServiceInfo:
    """Return what mDNS says of a bridge."""
    address_found: IPv4Address | IPv6Address = ip_address(address)
    return ZeroconfServiceInfo(
        ip_address=address_found,
        ip_addresses=[address_found],
        port=bridge.port if port == 0 else port,
        hostname="Lighthouse.local.",
        type="_hue._tcp.local.",
        name="Hue Bridge - 0A0B0C._hue._tcp.local.",
        properties={"modelid": "BSB002"}
        | ({"bridgeid": bridge_id} if bridge_id else {}),
    )


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo) -> ConfigFlowResult:
    """Let zeroconf find a bridge."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_ZEROCONF}, data=info
    )
    await settle(hass)
    return result


async def test_discovered(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A bridge offers itself; a yes and the button are all it takes."""
    result = await discover(hass, announced(hue, BRIDGE_ID.upper()))
    assert result["step_id"] == "hue_discovered"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "Hue Lighthouse"}
    assert flow["context"]["unique_id"] == UNIQUE_ID
    assert hue.count(REGISTER) == 0
    assert (await discover(hass, announced(hue)))["reason"] == "already_in_progress"

    result = await submit(hass, result, {})
    assert result["step_id"] == "hue_link"
    hue.press_link_button()
    await pass_time(hass, freezer, 1)
    entry = await linked(hass, result)
    assert (entry.title, entry.unique_id) == ("Hue Lighthouse", UNIQUE_ID)
    assert entry.data["certificate_sha256"] == hue.certificate_sha256


async def test_discovered_ends_by_itself(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A dialog that is left open waits no longer than its minute."""
    result = await discover(hass, announced(hue))
    await submit(hass, result, {})
    for _ in range(70):
        await pass_time(hass, freezer, 1)
    assert hue.count(REGISTER) == 60
    result = await go_on(hass, result)
    assert result["step_id"] == "hue_link_timeout"
    await close(hass, result)


async def test_certificate_is_pinned_within_the_flow(
    hass: HomeAssistant, hue: HueBridge
) -> None:
    """Who shows another certificate after the first look gets no further."""
    result = await discover(hass, announced(hue))
    await hue.stop()
    hue.new_certificate()
    await hue.start()
    result = await submit(hass, result, {})
    assert result["errors"] == {"base": "untrusted"}
    await close(hass, result)


async def test_discovered_liars(hass: HomeAssistant, hue: HueBridge) -> None:
    """What mDNS says must be what answers."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])
    assert (await discover(hass, announced(hue, None)))["reason"] == "not_a_bridge"
    assert (await discover(hass, announced(hue, "12")))["reason"] == "not_a_bridge"
    assert (await discover(hass, announced(hue, OTHER_ID)))["reason"] == "wrong_bridge"
    result = await discover(hass, announced(hue, port=1))
    assert result["reason"] == "cannot_connect"
    result = await discover(hass, announced(hue, address="::1", port=None))
    assert result["reason"] == "cannot_connect"
    hue.inject(INTRODUCTION, "html")
    assert (await discover(hass, announced(hue)))["reason"] == "not_a_bridge"
    assert hue.count(REGISTER) == 0


@pytest.mark.parametrize("unique_id", ["0017880a0b0c", BRIDGE_ID.upper()])
async def test_bridge_of_the_hue_integration(
    hass: HomeAssistant, hue: HueBridge, unique_id: str
) -> None:
    """It is not offered by discovery, but can be added by hand."""
    core = MockConfigEntry(domain="hue", unique_id=unique_id)
    core.add_to_hass(hass)
    result = await discover(hass, announced(hue))
    assert result["reason"] == "in_hue_integration"
    assert hue.count() == 0
    hue.press_link_button()
    result = await linking(hass, hue)
    await linked(hass, result)


async def test_other_bridges_of_the_hue_integration(
    hass: HomeAssistant, hue: HueBridge
) -> None:
    """A bridge that HA's `hue` does not have, or ignores, is offered."""
    MockConfigEntry(domain="hue", unique_id="001788111111").add_to_hass(hass)
    MockConfigEntry(domain="hue", unique_id=None).add_to_hass(hass)
    MockConfigEntry(
        domain="hue", unique_id="0017880a0b0c", source=SOURCE_IGNORE
    ).add_to_hass(hass)
    result = await discover(hass, announced(hue))
    assert result["step_id"] == "hue_discovered"
    await close(hass, result)


async def moved(hass: HomeAssistant, bridge: HueBridge, **changes: Any) -> Any:
    """Return an entry whose bridge is no longer where it was."""
    data = stored(bridge, host="127.0.0.1:1", **changes)
    return await add_entry(hass, UNIQUE_ID, data)


async def test_known_bridge_at_a_new_address(hass: HomeAssistant, make: Start) -> None:
    """It is followed, after it named itself over its pinned certificate."""
    bridge = await make()
    entry = await moved(hass, bridge)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    result = await discover(hass, announced(bridge))
    assert result["reason"] == "already_configured"
    assert bridge.requests[0].key == INTRODUCTION
    assert entry.data["host"] == host_of(bridge)
    assert entry.state is ConfigEntryState.LOADED


async def test_known_bridge_that_somebody_claims_to_be(
    hass: HomeAssistant, make: Start, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """Another certificate or another id: the entry stays, the key is not told."""
    liar = await make()
    result = await discover(hass, announced(liar))
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == host_of(hue)
    assert (liar.foreign_keys, liar.count()) == (0, 0)
    assert entry.state is ConfigEntryState.LOADED


async def test_known_bridge_is_not_moved_to_ipv6(
    hass: HomeAssistant, hue: HueBridge
) -> None:
    """Addresses of that kind change too often."""
    entry = await moved(hass, hue)
    result = await discover(hass, announced(hue, address="::1"))
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == "127.0.0.1:1"
    assert hue.count() == 0


async def test_known_bridge_where_it_was(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """Nothing is asked about an address that is known."""
    asked = hue.count()
    result = await discover(hass, announced(hue))
    assert result["reason"] == "already_configured"
    assert hue.count() == asked


async def test_ignored_bridge(hass: HomeAssistant, hue: HueBridge) -> None:
    """Who does not want the bridge is not asked again."""
    MockConfigEntry(
        domain=DOMAIN, unique_id=UNIQUE_ID, source=SOURCE_IGNORE
    ).add_to_hass(hass)
    result = await discover(hass, announced(hue))
    assert result["reason"] == "already_configured"
    assert hue.count() == 0

"""Another certificate, another bridge: told, and mended only by a person."""

from typing import Any

from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from simulator.hue import HueBridge
from tests.common import pass_time, settle, state_of

from .conftest import POLL, Start, light_id

LAMP = f"{light_id(1)}_light"


@pytest.fixture(autouse=True)
async def repairs(hass: HomeAssistant) -> None:
    """Set the repairs up."""
    assert await async_setup_component(hass, REPAIRS, {})


async def recertify(bridge: HueBridge) -> str:
    """Let a bridge come back with another certificate."""
    await bridge.stop()
    certificate = bridge.new_certificate()
    await bridge.start()
    return certificate


def issue(hass: HomeAssistant, kind: str, entry: MockConfigEntry) -> ir.IssueEntry:
    """Return an issue that is there."""
    answer = ir.async_get(hass).async_get_issue("lantern", f"{kind}_{entry.entry_id}")
    assert answer is not None
    return answer


async def opened(
    client: TestClient[Any, Any], open_issue: ir.IssueEntry
) -> dict[str, Any]:
    """Return what Home Assistant's dialog shows at first."""
    path = "/api/repairs/issues/fix"
    asked = {"handler": "lantern", "issue_id": open_issue.issue_id}
    shown: dict[str, Any] = await (await client.post(path, json=asked)).json()
    assert (shown["type"], shown["step_id"]) == ("form", "confirm"), shown
    return shown


async def submitted(client: TestClient[Any, Any], shown: dict[str, Any]) -> Any:
    """Submit the form of a dialog."""
    path = f"/api/repairs/issues/fix/{shown['flow_id']}"
    return await (await client.post(path, json={})).json()


async def test_certificate_is_trusted_once_confirmed(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Both fingerprints are shown; after the yes the bridge works again."""
    old = hue.certificate_sha256
    new = await recertify(hue)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "unavailable"
    client = await hass_client()
    form = await opened(client, issue(hass, "hue_certificate", entry))
    shown = form["description_placeholders"]
    assert shown["stored"].replace(" ", "") == old
    assert shown["found"].replace(" ", "") == new
    assert entry.data["certificate_sha256"] == old
    done = await submitted(client, form)
    assert done["type"] == "create_entry"
    await settle(hass)
    assert entry.data["certificate_sha256"] == new
    assert state_of(hass, "light", LAMP) == "on"
    registry = ir.async_get(hass)
    name = f"hue_certificate_{entry.entry_id}"
    assert registry.async_get_issue("lantern", name) is None


async def test_what_was_shown_is_what_is_trusted(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A certificate that changes again while the user looks is not taken."""
    old = hue.certificate_sha256
    await recertify(hue)
    await pass_time(hass, freezer, POLL)
    client = await hass_client()
    form = await opened(client, issue(hass, "hue_certificate", entry))
    await recertify(hue)
    done = await submitted(client, form)
    assert (done["type"], done["reason"]) == ("abort", "wrong_bridge")
    assert entry.data["certificate_sha256"] == old


async def test_another_bridge(
    hass: HomeAssistant,
    hue: HueBridge,
    make: Start,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is told so, cannot be confirmed away, and never hears the key."""
    other = await make(bridge_id="001788fffe999999")
    port = hue.port
    await hue.stop()
    await other.stop()
    await other.start(port)
    await pass_time(hass, freezer, POLL)
    open_issue = issue(hass, "hue_replaced", entry)
    assert not open_issue.is_fixable
    assert set(other.counts()) == {"GET /api/config"}
    assert other.foreign_keys == 0


async def test_bridge_that_is_away_at_the_yes(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A yes that cannot be checked changes nothing, and says why."""
    old = hue.certificate_sha256
    await recertify(hue)
    await pass_time(hass, freezer, POLL)
    client = await hass_client()
    form = await opened(client, issue(hass, "hue_certificate", entry))
    await hue.stop()
    done = await submitted(client, form)
    assert done["type"] == "abort"
    assert done["reason"] == "cannot_connect"
    assert entry.data["certificate_sha256"] == old
    await hue.start()


async def test_what_cannot_be_found_out_is_not_told(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Another certificate behind which nobody answers is a repair once one does."""
    await recertify(hue)
    hue.inject("GET /api/config", "status", times=-1, status=503)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "unavailable"
    assert not [
        issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == "lantern"
    ]
    hue.clear_faults()
    for _ in range(3):  # a busy bridge is asked again, a little later each time
        await pass_time(hass, freezer, POLL)
    assert issue(hass, "hue_certificate", entry)

"""Push in the options: its address, Home Assistant Cloud, and other AWS accounts."""

import asyncio
from collections.abc import AsyncGenerator, Callable
import json
import logging
import sys
from types import ModuleType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.loader import async_get_integration
from homeassistant.setup import async_setup_component
from homeassistant.util.aiohttp import MockRequest
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.config_flow import LanternConfigFlow
from custom_components.lantern.const import DOMAIN
from custom_components.lantern.vendors import VENDORS
from simulator.lightbug import Lightbug
from tests.common import add_entry, pass_time, settle

from .conftest import SUMMARY, UNIQUE_ID, stored
from .pushing import EXTERNAL, Pushing, serve_sns, set_external_url

OTHER = "123456789012"


@pytest.fixture
async def pushing(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    lightbug: Lightbug,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pushing]:
    """Return an account whose push is still off."""
    # It cannot write its line while time stands still.
    monkeypatch.setattr(logging.getLogger("aiohttp.access"), "disabled", True)
    await set_external_url(hass, EXTERNAL)
    assert await async_setup_component(hass, "repairs", {})
    async for sns, names in serve_sns(hass):
        entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
        client = await hass_client_no_auth()
        yield Pushing(hass, entry, lightbug, sns, names, client.make_url("/"))


async def choose(hass: HomeAssistant, entry: MockConfigEntry, push: bool) -> Any:
    """Submit the options with push on or off; return what comes then."""
    result: Any = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["step_id"] == "lightbug"
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"push": push}
    )
    await settle(hass)
    return result


def address_of(result: Any) -> str:
    """Return the address that a form shows, to be copied and not to be changed."""
    ((marker, field),) = result["data_schema"].schema.items()
    assert field.config["read_only"]
    return str(marker.description["suggested_value"])


# The address ---------------------------------------------------------------------


async def test_off(hass: HomeAssistant, pushing: Pushing) -> None:
    """Nobody can send anything before it is switched on; off means off."""
    assert "webhook_id" not in pushing.entry.data
    result = await choose(hass, pushing.entry, push=False)
    assert result["type"] == "create_entry"
    assert pushing.entry.options["push"] is False
    assert "webhook_id" not in pushing.entry.data


async def test_external_url(hass: HomeAssistant, pushing: Pushing) -> None:
    """The address is the external URL's; it stays until push is switched off."""
    result = await choose(hass, pushing.entry, push=True)
    address = address_of(result)
    assert address == f"{EXTERNAL}/api/webhook/{pushing.entry.data['webhook_id']}"
    assert len(pushing.entry.data["webhook_id"]) == 64
    # On already, although the dialog was not ended.
    pushing.address = address
    assert await pushing.sns.subscribe(pushing.url) == 200
    result = await choose(hass, pushing.entry, push=True)
    assert address_of(result) == address
    assert result["description_placeholders"]["received"] != "–"

    result = await choose(hass, pushing.entry, push=False)
    assert result["type"] == "create_entry"
    assert "webhook_id" not in pushing.entry.data
    asked = pushing.sns.count()
    assert await pushing.send(pushing.sns.message()) == 200  # as for any address
    assert pushing.sns.count() == asked
    result = await choose(hass, pushing.entry, push=True)
    assert address_of(result) != address
    assert result["description_placeholders"]["received"] == "–"


@pytest.mark.parametrize("url", [None, "http://home.example.org"])
async def test_no_address(
    hass: HomeAssistant, pushing: Pushing, url: str | None
) -> None:
    """Without an https address on the internet, a word says so, and push stays off."""
    hass.config.external_url = url
    result = await choose(hass, pushing.entry, push=True)
    assert result["type"] == "form"
    assert result["errors"] == {"push": "no_external_url"}
    assert "webhook_id" not in pushing.entry.data
    hass.config.external_url = EXTERNAL
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"push": True}
    )
    assert result["step_id"] == "push"
    await settle(hass)


async def test_not_loaded(hass: HomeAssistant, pushing: Pushing) -> None:
    """The options can be changed while the entry is not loaded."""
    await hass.config_entries.async_unload(pushing.entry.entry_id)
    result = await choose(hass, pushing.entry, push=True)
    assert address_of(result).startswith(EXTERNAL)


@pytest.mark.parametrize("vendor", VENDORS)
def test_options_of_those_who_have_some(vendor: str) -> None:
    """Home Assistant shows the button to those entries alone that have options."""
    entry = MockConfigEntry(domain=DOMAIN, data={"vendor": vendor})
    has_options = VENDORS[vendor].options_flow is not None
    assert LanternConfigFlow.async_supports_options_flow(entry) is has_options


# Home Assistant Cloud ------------------------------------------------------------


class Cloud(ModuleType):
    """Home Assistant's cloud component, as far as it is asked: not ours."""

    def __init__(self) -> None:
        """Have a subscription and no cloudhook."""
        super().__init__("homeassistant.components.cloud")
        self.hooks: dict[str, str] = {}
        self.active = True
        self.error: Exception | None = None

    def async_active_subscription(self, _: HomeAssistant) -> bool:
        """Return whether somebody pays."""
        return self.active

    async def async_get_or_create_cloudhook(self, _: HomeAssistant, key: str) -> str:
        """Return a webhook's address at the cloud."""
        if self.error is not None:
            raise self.error
        return self.hooks.setdefault(key, f"https://hooks.example.org/{len(key)}")

    async def async_delete_cloudhook(self, _: HomeAssistant, key: str) -> None:
        """Take the address away."""
        if key not in self.hooks:
            raise ValueError("Hook is not enabled for the cloud.")
        del self.hooks[key]


@pytest.fixture
async def cloud(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Let Home Assistant have the cloud; its own needs what no test machine has."""
    module = Cloud()
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("homeassistant.components.cloud", module, raising=False)
    await async_get_integration(hass, "cloud")
    hass.config.components.add("cloud")
    return module


@pytest.mark.parametrize("end", ["off", "removed"])
async def test_cloudhook(
    hass: HomeAssistant,
    pushing: Pushing,
    cloud: Cloud,
    freezer: FrozenDateTimeFactory,
    end: str,
) -> None:
    """Subscribers get an address at the cloud, which is deleted in the end."""
    hass.config.external_url = None
    result = await choose(hass, pushing.entry, push=True)
    assert address_of(result) == "https://hooks.example.org/64"
    webhook_id = pushing.entry.data["webhook_id"]
    assert list(cloud.hooks) == [webhook_id]
    before = pushing.lightbug.count(SUMMARY)

    async def send(body: bytes) -> int:
        """Bring a message as the cloud does: there is no `read`."""
        request = MockRequest(
            content=body,
            headers={"Content-Type": "text/plain; charset=UTF-8"},
            method="POST",
            query_string="",
            mock_source="cloud",
        )
        assert not hasattr(request, "read")
        answer = await webhook.async_handle_webhook(hass, webhook_id, request)
        return answer.status

    assert await send(json.dumps(pushing.sns.message()).encode()) == 200
    assert await send(b"\xff") == 400
    assert await send(b" " * 1_000_000) == 400
    await pass_time(hass, freezer, 1)
    assert pushing.lightbug.count(SUMMARY) == before + 1
    if end == "off":
        await choose(hass, pushing.entry, push=False)
    else:
        await hass.config_entries.async_remove(pushing.entry.entry_id)
    assert cloud.hooks == {}


@pytest.mark.parametrize(
    "trouble", ["no subscription", HomeAssistantError(), ValueError(), TimeoutError()]
)
async def test_cloud_in_trouble(
    hass: HomeAssistant, pushing: Pushing, cloud: Cloud, trouble: Any
) -> None:
    """Without the cloud's help, it is the external URL; nothing needs to be deleted."""
    if isinstance(trouble, Exception):
        cloud.error = trouble
    else:
        cloud.active = False
    result = await choose(hass, pushing.entry, push=True)
    assert address_of(result).startswith(EXTERNAL)
    result = await choose(hass, pushing.entry, push=False)
    assert result["type"] == "create_entry"


# Another AWS account -------------------------------------------------------------


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return the issues that ask for an account."""
    registry = ir.async_get(hass)
    return [
        issue
        for issue in registry.issues.values()
        if issue.translation_key == "lightbug_push_account"
    ]


@pytest.fixture
async def repair(
    hass: HomeAssistant, pushing: Pushing, hass_client: ClientSessionGenerator
) -> Callable[[], Any]:
    """Return what opens the repair, as the browser does, and submits its form."""
    client = await hass_client()

    async def run() -> tuple[Any, Any]:
        (issue,) = issues(hass)
        path = "/api/repairs/issues/fix"
        asked = {"handler": "lantern", "issue_id": issue.issue_id}
        form = await (await client.post(path, json=asked)).json()
        answer = await client.post(f"{path}/{form['flow_id']}", json={})
        await settle(hass)
        return form, await answer.json()

    return run


async def test_other_account(
    hass: HomeAssistant,
    pushing: Pushing,
    repair: Callable[[], Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Another account is trusted once a person has confirmed its number."""
    await pushing.switch_on()
    sns = pushing.sns
    sns.topic = sns.topic.replace("367158939173", OTHER)
    assert await pushing.send(sns.message()) == 403
    assert pushing.names.asked == []
    assert not issues(hass)
    assert await sns.subscribe(pushing.url) == 403
    # One more that wants to be believed is not heard, nor is a forged one.
    lightbug, sns.topic = sns.topic, sns.topic.replace(OTHER, "999999999999")
    assert await sns.subscribe(pushing.url) == 403
    sns.topic = lightbug
    (issue,) = issues(hass)
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["account"] == OTHER
    assert sns.subscribers == []
    assert await pushing.send(sns.message()) == 403

    form, result = await repair()
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"]["account"] == OTHER
    assert result["type"] == "create_entry"
    assert not issues(hass)
    assert sns.subscribers == [pushing.url]
    before = pushing.lightbug.count(SUMMARY)
    assert await sns.publish() == [200]
    await pass_time(hass, freezer, 1)
    assert pushing.lightbug.count(SUMMARY) == before + 1
    assert await hass.config_entries.async_reload(pushing.entry.entry_id)
    await settle(hass)
    assert await sns.publish() == [200]
    await pass_time(hass, freezer, 1)
    # Lightbug's own is trusted as before; whom to trust ends with the address.
    sns.topic = sns.topic.replace(OTHER, "367158939173")
    assert await pushing.send(sns.message()) == 200
    await pass_time(hass, freezer, 15)
    await choose(hass, pushing.entry, push=False)
    assert "push_account" not in pushing.entry.data


async def test_forged_offer(hass: HomeAssistant, pushing: Pushing) -> None:
    """Nobody is asked to trust an account whose message SNS did not sign."""
    await pushing.switch_on()
    sns = pushing.sns
    sns.topic = sns.topic.replace("367158939173", OTHER)
    message = sns.message("SubscriptionConfirmation") | {"Message": "Trust me."}
    assert await pushing.send(message) == 403
    assert not issues(hass)


async def test_other_account_that_cannot_be_confirmed_now(
    hass: HomeAssistant, pushing: Pushing, repair: Callable[[], Any]
) -> None:
    """A repair that fails can be tried again; it ends with the entry."""
    await pushing.switch_on()
    sns = pushing.sns
    sns.topic = sns.topic.replace("367158939173", OTHER)
    assert await sns.subscribe(pushing.url) == 403
    sns.inject("GET /", "status", status=503)
    _, result = await repair()
    assert (result["type"], result["reason"]) == ("abort", "cannot_connect")
    assert len(issues(hass)) == 1
    _, result = await repair()
    assert result["type"] == "create_entry"
    assert sns.subscribers == [pushing.url]
    await hass.config_entries.async_remove(pushing.entry.entry_id)
    assert not issues(hass)


async def test_account_that_another_took_the_place_of(
    hass: HomeAssistant, pushing: Pushing, hass_client: ClientSessionGenerator
) -> None:
    """A form trusts the account whose number it shows, or nobody."""
    await pushing.switch_on()
    sns = pushing.sns
    sns.topic = sns.topic.replace("367158939173", OTHER)
    assert await sns.subscribe(pushing.url) == 403
    client = await hass_client()
    path = "/api/repairs/issues/fix"
    (issue,) = issues(hass)
    asked = {"handler": "lantern", "issue_id": issue.issue_id}
    form = await (await client.post(path, json=asked)).json()
    assert await hass.config_entries.async_reload(pushing.entry.entry_id)
    await settle(hass)
    sns.topic = sns.topic.replace(OTHER, "999999999999")
    assert await sns.subscribe(pushing.url) == 403
    answer = await client.post(f"{path}/{form['flow_id']}", json={})
    result = await answer.json()
    assert (result["type"], result["reason"]) == ("abort", "offer_gone")
    assert sns.subscribers == []
    assert "push_account" not in pushing.entry.data


async def test_account_that_offers_again(
    hass: HomeAssistant, pushing: Pushing, repair: Callable[[], Any]
) -> None:
    """The newest offer of an account is the one that is confirmed."""
    await pushing.switch_on()
    sns = pushing.sns
    sns.topic = sns.topic.replace("367158939173", OTHER)
    assert await sns.subscribe(pushing.url) == 403
    sns.tokens.clear()
    assert await sns.subscribe(pushing.url) == 403
    _, result = await repair()
    assert result["type"] == "create_entry"
    assert sns.subscribers == [pushing.url]


async def test_issue_ends_with_the_webhook(
    hass: HomeAssistant, pushing: Pushing
) -> None:
    """Nobody is asked to trust somebody who cannot send any more."""
    await pushing.switch_on()
    sns = pushing.sns
    sns.topic = sns.topic.replace("367158939173", OTHER)
    assert await sns.subscribe(pushing.url) == 403
    assert len(issues(hass)) == 1
    await hass.config_entries.async_unload(pushing.entry.entry_id)
    assert not issues(hass)


# Patience ------------------------------------------------------------------------


async def test_slow_body(
    hass: HomeAssistant, pushing: Pushing, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody holds a request open: a body that does not end is not waited for."""
    await pushing.switch_on()
    host, port = pushing.base.host, pushing.base.port
    reader, writer = await asyncio.open_connection(host, port)
    path = pushing.url.removeprefix(str(pushing.base).rstrip("/"))
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 100\r\n\r\n{{"
    writer.write(head.encode())
    answer = hass.async_create_task(reader.readline())
    for _ in range(1000):
        freezer.tick(1)
        await asyncio.sleep(0)
        if answer.done():
            break
    writer.close()
    assert b" 400 " in answer.result()

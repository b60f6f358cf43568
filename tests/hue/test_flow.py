"""Linking with a bridge, as the user meets it."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
import pytest_socket

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.hue.schemas import checked_host
from simulator.hue import HueBridge
from tests.common import add_entry, go_on, pass_time, settle, start_flow, submit

from .conftest import (
    BRIDGE_ID,
    CONFIG,
    DEREGISTER,
    DEVICETYPE,
    INTRODUCTION,
    REGISTER,
    UNIQUE_ID,
    Start,
    host_of,
    stored,
)
from .linking import close, error, form, linked, linking, move


async def test_linking(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """The button is pressed after a while; the entry is there by itself."""
    result = await linking(hass, hue)
    assert result["description_placeholders"] == {"name": "Lighthouse"}
    for _ in range(5):
        await pass_time(hass, freezer, 1)
    assert not hass.config_entries.async_entries(DOMAIN)
    hue.whitelist.next_username = "a-key_of-the-bridge"
    hue.press_link_button()
    await pass_time(hass, freezer, 1)

    entry = await linked(hass, result)
    assert entry.title == "Hue Lighthouse"
    assert entry.unique_id == UNIQUE_ID
    assert entry.data == {
        "vendor": "hue",
        "host": host_of(hue),
        "tls": True,
        "certificate_sha256": hue.certificate_sha256,
        "application_key": "a-key_of-the-bridge",
        "bridge_id": BRIDGE_ID,
        "devicetype": DEVICETYPE,
    }
    assert hue.whitelist.entries["a-key_of-the-bridge"]["name"] == DEVICETYPE
    # Once a second, and never again after the success.
    assert hue.count(REGISTER) == 7
    await pass_time(hass, freezer, 60)
    assert hue.count(REGISTER) == 7
    (sent,) = {str(request.json) for request in hue.requests if request.key == REGISTER}
    assert sent == str({"devicetype": DEVICETYPE})


@pytest.mark.parametrize(
    "typed",
    [
        " 127.0.0.1:{port} ",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/debug/clip.html",
        "HTTPS://127.0.0.1:{port}/",
    ],
)
async def test_an_address_in_many_forms(
    hass: HomeAssistant, hue: HueBridge, typed: str
) -> None:
    """However the address is typed, https is tried first."""
    hue.press_link_button()
    result = await linking(hass, hue, typed.format(port=hue.port))
    data = (await linked(hass, result)).data
    assert data["host"] == host_of(hue)
    assert data["certificate_sha256"] == hue.certificate_sha256


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("bridge.local", "bridge.local"),
        ("Philips-hue.lan:8443", "philips-hue.lan:8443"),
        ("https://192.0.2.7:443", "192.0.2.7"),
        ("http://192.0.2.7:80", "192.0.2.7:80"),
        ("2001:db8::7", "[2001:db8::7]"),
        ("[2001:DB8::7]", "[2001:db8::7]"),
        ("[2001:db8::7]:8443", "[2001:db8::7]:8443"),
        ("https://[2001:db8:0::7]/", "[2001:db8::7]"),
    ],
)
def test_what_is_kept_of_an_address(typed: str, host: str) -> None:
    """Names, both kinds of addresses, with and without a port."""
    assert checked_host(typed) == (host, typed.startswith("https"))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "not an address",
        "ftp://127.0.0.1",
        "http://",
        "http://[::1",
        "me@127.0.0.1",
        "127.0.0.1:99999",
        "bridge name",
        "[fe80::1",
    ],
)
async def test_what_is_no_address(
    hass: HomeAssistant, hue: HueBridge, typed: str
) -> None:
    """Nonsense is told at its field, and the form goes on from there."""
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(typed))
    assert result["errors"] == {"host": "invalid_host"}
    hue.press_link_button()
    result = await submit(hass, result, form(host_of(hue)))
    await linked(hass, result)


@pytest.mark.parametrize("typed", ["::1", "https://[::1]:1", "127.0.0.1:1"])
async def test_nobody_listens(hass: HomeAssistant, hue: HueBridge, typed: str) -> None:
    """An address where nobody is, IPv6 among them, is told at its field."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(typed))
    assert result["errors"] == {"host": "cannot_connect"}
    hue.press_link_button()
    result = await submit(hass, result, form(host_of(hue)))
    await linked(hass, result)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"devicetype": ""}, "invalid_devicetype"),
        ({"devicetype": "é" * 21}, "invalid_devicetype"),
        ({"username": "kim burgestrand"}, "invalid_username"),
        ({"username": "burges"}, "invalid_username"),
        ({"username": "b" * 41}, "invalid_username"),
    ],
)
async def test_bad_wishes(
    hass: HomeAssistant, hue: HueBridge, wrong: dict[str, str], error: str
) -> None:
    """Names of the wrong length are told before the bridge is asked."""
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(host_of(hue), **wrong))
    assert result["errors"] == {"advanced": error}
    schema = result["data_schema"].schema
    (section,) = [part for key, part in schema.items() if key == "advanced"]
    assert section.options == {"collapsed": False}
    assert hue.count() == 0
    hue.press_link_button()
    result = await submit(hass, result, form(host_of(hue), devicetype="é" * 20))
    assert (await linked(hass, result)).data["devicetype"] == "é" * 20


async def test_plain_http(hass: HomeAssistant, make: Start) -> None:
    """A round bridge has no https; the wished username is what it grants."""
    bridge = await make(model="BSB001")
    bridge.press_link_button()
    result = await linking(hass, bridge, username="burgestrand")
    data = (await linked(hass, result)).data
    assert data["application_key"] == "burgestrand"
    assert (data["tls"], data["certificate_sha256"]) == (False, None)


async def test_https_that_was_typed_is_kept(hass: HomeAssistant, make: Start) -> None:
    """Who says https does not get plain http."""
    bridge = await make(model="BSB001")
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(f"https://{host_of(bridge)}"))
    assert result["errors"] == {"host": "cannot_connect"}
    assert bridge.count() == 0
    await close(hass, result)


async def test_another_username_than_wished(
    hass: HomeAssistant, hue: HueBridge
) -> None:
    """An error and a success in one array: the success's username is the key."""
    hue.inject(
        REGISTER,
        "body",
        body='[{"error": {"type": 7, "address": "/username", "description": "no"}},'
        ' {"success": {"username": "508ed817c37c378e20ab523f25c4b"}}]',
    )
    hue.whitelist.add("508ed817c37c378e20ab523f25c4b", DEVICETYPE, hue.stamp())
    result = await linking(hass, hue, username="burgestrand")
    assert (await linked(hass, result)).data[
        "application_key"
    ] == "508ed817c37c378e20ab523f25c4b"


async def test_todays_bridge_takes_no_username(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """Error 6 at the username: once more without it, and never again with it."""
    result = await linking(hass, hue, username="burgestrand")
    await pass_time(hass, freezer, 1)
    hue.press_link_button()
    await pass_time(hass, freezer, 1)
    assert (await linked(hass, result)).data["application_key"] != "burgestrand"
    sent = [request.json for request in hue.requests if request.key == REGISTER]
    assert ["username" in body for body in sent] == [True, False, False, False]


@pytest.mark.parametrize(
    ("fault", "field", "key"),
    [
        ({"body": error(7, "/username")}, "advanced", "invalid_username"),
        ({"body": error(7, "/devicetype")}, "advanced", "invalid_devicetype"),
        ({"body": error(2, "/")}, "advanced", "invalid_devicetype"),
        ({"body": error(6, "/devicetype")}, "base", "unknown"),
        ({"body": error(901, "/", "Internal error, 404")}, "base", "unknown"),
        ({"body": "[]"}, "host", "not_a_bridge"),
        ({"body": "{}"}, "host", "not_a_bridge"),
        ({"kind": "html"}, "host", "not_a_bridge"),
        ({"kind": "empty"}, "host", "not_a_bridge"),
        ({"kind": "status", "status": 404}, "host", "not_a_bridge"),
        ({"kind": "status", "status": 403}, "host", "not_a_bridge"),
        ({"kind": "redirect", "body": "http://127.0.0.1:1/"}, "host", "not_a_bridge"),
        (
            {"kind": "status", "status": 400, "body": error(7, "/username")},
            "advanced",
            "invalid_username",
        ),
    ],
)
async def test_refused_while_linking(
    hass: HomeAssistant, hue: HueBridge, fault: dict[str, Any], field: str, key: str
) -> None:
    """What the bridge refuses is told in the form, which goes on from there."""
    hue.inject(REGISTER, **{"kind": "body"} | fault)
    result = await linking(hass, hue, username="burgestrand")
    await settle(hass)
    result = await go_on(hass, result)
    assert result["step_id"] == "hue"
    assert result["errors"] == {field: key}
    says = result["description_placeholders"]["bridge_says"]
    assert bool(says) is (key == "unknown")
    assert "901" not in fault.get("body", "") or says == "“Internal error, 404”"
    # Who opens the dialog anew finds it there, too.
    assert (await go_on(hass, result))["errors"] == {field: key}

    hue.press_link_button()
    result = await submit(hass, result, form(host_of(hue)))
    await linked(hass, result)


@pytest.mark.parametrize("kind", ["reset", "truncated"])
async def test_lost_answers_while_linking(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory, kind: str
) -> None:
    """A lost answer or two do no harm; with the third the form comes back."""
    hue.inject(REGISTER, kind, times=-1)
    result = await linking(hass, hue)
    for _ in range(3):
        await pass_time(hass, freezer, 1)
    result = await go_on(hass, result)
    assert result["errors"] == {"host": "cannot_connect"}

    hue.clear_faults()
    hue.inject(REGISTER, "reset", times=2)
    await submit(hass, result, form(host_of(hue)))
    hue.press_link_button()
    await pass_time(hass, freezer, 1)
    await pass_time(hass, freezer, 1)
    await linked(hass, result)


async def test_button_pressed_too_late(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """After a minute the form offers another try."""
    result = await linking(hass, hue)
    for _ in range(60):
        await pass_time(hass, freezer, 1)
    assert hue.count(REGISTER) == 60
    result = await go_on(hass, result)
    assert result["step_id"] == "hue_link_timeout"
    assert result["description_placeholders"] == {"name": "Lighthouse"}
    hue.press_link_button()
    await pass_time(hass, freezer, 5)
    assert hue.count(REGISTER) == 60
    result = await submit(hass, result, {})
    await linked(hass, result)


async def test_closed_dialog(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """Who closes the dialog ends the questions."""
    result = await linking(hass, hue)
    await close(hass, result)
    asked = hue.count()
    hue.press_link_button()
    await pass_time(hass, freezer, 5)
    assert hue.count() == asked
    assert not hass.config_entries.async_entries(DOMAIN)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html"},
        {"kind": "empty"},
        {"kind": "nulls"},
        {"kind": "body", "body": '{"is": "json"}'},
        {"kind": "body", "body": "[1, 2]"},
        {"kind": "huge", "size": 9 * 1024 * 1024},
        {"kind": "redirect", "body": "http://127.0.0.1:1/"},
    ],
)
async def test_no_bridge(
    hass: HomeAssistant, hue: HueBridge, fault: dict[str, Any]
) -> None:
    """A host that is no bridge is told at its field; nothing is registered."""
    hue.inject(INTRODUCTION, **fault)
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(host_of(hue)))
    assert result["errors"] == {"host": "not_a_bridge"}
    assert hue.count(REGISTER) == 0
    hue.press_link_button()
    result = await submit(hass, result, form(host_of(hue)))
    await linked(hass, result)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "reset", "times": 2},
        {"kind": "truncated"},
    ],
)
async def test_bridge_in_trouble(
    hass: HomeAssistant, hue: HueBridge, fault: dict[str, Any]
) -> None:
    """A bridge that cannot answer now is told at its field."""
    hue.inject(INTRODUCTION, **fault)
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(host_of(hue)))
    assert result["errors"] == {"host": "cannot_connect"}
    await close(hass, result)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 403},
        {"kind": "status", "status": 404},
        {"kind": "body", "body": error(1, "/")},
        {"kind": "body", "body": error(3, "/config")},
    ],
)
async def test_bridge_that_does_not_introduce_itself(
    hass: HomeAssistant, hue: HueBridge, fault: dict[str, Any]
) -> None:
    """It is asked to link all the same, and named by its full config."""
    hue.inject(INTRODUCTION, **fault)
    hue.press_link_button()
    result = await linking(hass, hue)
    assert result["description_placeholders"] == {"name": host_of(hue)}
    await settle(hass)
    entry = await linked(hass, result)
    assert (entry.title, entry.unique_id) == ("Hue Lighthouse", UNIQUE_ID)


async def test_bridge_that_says_nothing(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """After five seconds without a word it is asked to link all the same."""
    hue.inject(INTRODUCTION, "latency", seconds=6)
    hue.press_link_button()
    flow = asyncio.create_task(linking(hass, hue))
    while hue.faults[0].times:
        await asyncio.sleep(0)
    freezer.tick(5)
    async_fire_time_changed(hass)
    result = await flow
    await pass_time(hass, freezer, 2)
    assert (await linked(hass, result)).unique_id == UNIQUE_ID


async def test_full_config_is_lost_once(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """The key is not asked for twice because the config was lost."""
    hue.inject(INTRODUCTION, "status", status=404)
    hue.inject(CONFIG, "reset", times=2)
    hue.press_link_button()
    result = await linking(hass, hue)
    await pass_time(hass, freezer, 1)
    await linked(hass, result)
    assert hue.count(REGISTER) == 1


@pytest.mark.parametrize(
    ("mac", "identity"), [("02:00:5e:0a:0b:0c", "02005e0a0b0c"), (None, None)]
)
async def test_emulator(
    hass: HomeAssistant, make: Start, mac: str | None, identity: str | None
) -> None:
    """Without a bridge id the MAC, without a MAC the host is the identity."""
    bridge = await make(bridge_id=None)
    if mac is None:
        del bridge.config["mac"]
    bridge.press_link_button()
    result = await linking(hass, bridge)
    entry = await linked(hass, result)
    before = identity or host_of(bridge)
    assert entry.data["bridge_id"] == before
    assert entry.unique_id == f"hue:{before}"
    assert await hass.config_entries.async_reload(entry.entry_id)

    # The one without a name of its own is taken for itself when it is mended.
    await move(bridge)
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    bridge.press_link_button()
    result = await submit(hass, result, form(host_of(bridge)))
    entry_after = await linked(hass, result)
    assert entry_after.unique_id == f"hue:{before}"
    assert entry_after.data["bridge_id"] == before
    assert entry_after.data["host"] == host_of(bridge)


async def test_same_bridge_twice(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """A bridge that is set up already is told before anybody presses anything."""
    result = await start_flow(hass, "hue")
    result = await submit(hass, result, form(host_of(hue)))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert hue.count(REGISTER) == 0


async def test_same_bridge_twice_unseen(hass: HomeAssistant, make: Start) -> None:
    """Where it shows only after linking, the new key is given back."""
    bridge = await make(modern=False)
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    keys = set(bridge.whitelist.entries)
    bridge.inject(INTRODUCTION, "status", status=404)
    bridge.press_link_button()
    result = await go_on(hass, await linking(hass, bridge))
    assert result["reason"] == "already_configured"
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1
    assert bridge.count(DEREGISTER) == 1
    assert set(bridge.whitelist.entries) == keys


async def test_browser_and_home_assistant_go_on_at_once(
    hass: HomeAssistant, make: Start
) -> None:
    """Two that end the same linking make one entry, and its key stays."""
    bridge = await make(modern=False)
    bridge.press_link_button()
    result = await linking(hass, bridge)
    await asyncio.gather(
        *(go_on(hass, result) for _ in range(2)), return_exceptions=True
    )
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["application_key"] in bridge.whitelist.entries


async def test_nothing_secret_is_logged(
    hass: HomeAssistant, hue: HueBridge, caplog: pytest.LogCaptureFixture
) -> None:
    """The key is in no log, not even while linking goes wrong."""
    caplog.set_level("DEBUG")
    hue.whitelist.next_username = "very-secret-key-of-the-bridge"
    hue.inject(INTRODUCTION, "status", status=404)
    hue.inject(CONFIG, "html")
    hue.press_link_button()
    result = await linking(hass, hue)
    await settle(hass)
    result = await go_on(hass, result)
    assert result["errors"] == {"host": "not_a_bridge"}
    assert "very-secret" in str(hue.whitelist.entries)
    assert "very-secret" not in caplog.text
    await close(hass, result)

"""Signing in to LUX, as the user meets it."""

from collections.abc import AsyncGenerator
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.transport.parsing import escape_markdown
from simulator.lux import Lux
from simulator.lux.account import PASSWORD, USERNAME
from tests.common import pass_time, settle, start_flow, submit
from tests.conftest import served

from .conftest import ACCOUNT, DEVICES, ME, REFRESH, SIGN_IN, form

TOKENS = (
    "access_token",
    "access_token_expires",
    "refresh_token",
    "refresh_token_expires",
)


def suggested(result: Any) -> dict[str, Any]:
    """Return the values that a form suggests, those of its section among them."""
    found: dict[str, Any] = {}
    for key, value in result["data_schema"].schema.items():
        if hasattr(value, "schema"):
            inner = value.schema.schema
            found |= {
                k.schema: (k.description or {}).get("suggested_value") for k in inner
            }
            continue
        found[key.schema] = (key.description or {}).get("suggested_value")
    return found


def is_open(result: Any) -> bool:
    """Return whether a form shows its advanced section open."""
    section = result["data_schema"].schema["advanced"]
    return not section.options["collapsed"]


async def mend(
    hass: HomeAssistant, entry: ConfigEntry, source: str
) -> ConfigFlowResult:
    """Start to reauthenticate or reconfigure an entry."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": source, "entry_id": entry.entry_id},
        data=dict(entry.data) if source == SOURCE_REAUTH else None,
    )


@pytest.fixture
async def elsewhere() -> AsyncGenerator[Lux]:
    """Serve LUX at another address, with the same account numbers."""
    async for service in served(Lux()):
        yield service


async def test_sign_in(hass: HomeAssistant, lux: Lux) -> None:
    """One sign-in, as a form; the entry holds the tokens and no password."""
    result = await start_flow(hass, "lux")
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "lux"
    assert not is_open(result)
    result = await submit(hass, result, form(lux, username=f" {USERNAME} "))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "LUX p…@example.org"

    await settle(hass)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == ACCOUNT
    data = dict(entry.data)
    now = lux.clock.time()
    assert all(isinstance(data.pop(key), str) for key in TOKENS[::2])
    assert data.pop("access_token_expires") == pytest.approx(now + 900, abs=30)
    assert data.pop("refresh_token_expires") == pytest.approx(now + 1_209_600, abs=30)
    assert data == {
        "vendor": "lux",
        "root_user_id": 4107,
        "base_url": lux.url,
        "username": USERNAME,
    }
    assert PASSWORD not in str(entry.as_dict())
    assert USERNAME not in entry.title
    assert lux.signins == lux.count(SIGN_IN) == 1


@pytest.mark.parametrize(
    ("control", "typed", "errors"),
    [
        ("good", {"password": "wrong"}, {"password": "invalid_auth"}),
        ("good", {"username": "no@example.org"}, {"username": "invalid_auth"}),
        ("incomplete", {}, {"base": "account_incomplete"}),
        ("unverified", {}, {"base": "account_incomplete"}),
        ("delete_account", {}, {"base": "account_deleted"}),
        ("block", {}, {"base": "account_blocked"}),
    ],
)
async def test_refused_sign_in(
    hass: HomeAssistant,
    lux: Lux,
    control: str,
    typed: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Each refusal has its text; nothing is sent twice; the same flow recovers."""
    getattr(lux, control)()
    result = await start_flow(hass, "lux")
    result = await submit(hass, result, form(lux, **typed))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    assert suggested(result) == {
        "username": typed.get("username", USERNAME),
        "password": None,
        "base_url": lux.url,
    }
    assert lux.signins == lux.count() == 1
    assert not hass.config_entries.async_entries(DOMAIN)

    lux.good()
    result = await submit(hass, result, form(lux))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert lux.signins == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 404, "body": "nobody"}, "cannot_connect"),
        (
            {
                "kind": "status",
                "status": 404,
                "body": '{"detail": "Resource not found"}',
            },
            "cannot_connect",
        ),
        ({"kind": "status", "status": 401, "body": "{}"}, "invalid_auth"),
        (
            {
                "kind": "status",
                "status": 422,
                "body": '{"detail": [{"msg": "missing"}]}',
            },
            "invalid_auth",
        ),
        ({"kind": "status", "status": 409}, "cannot_connect"),
        ({"kind": "status", "status": 429}, "rate_limited"),
        ({"kind": "status", "status": 500}, "cannot_connect"),
        ({"kind": "redirect", "body": "https://example.org"}, "cannot_connect"),
        ({"kind": "reset"}, "cannot_connect"),
        ({"kind": "lost"}, "cannot_connect"),
        ({"kind": "html"}, "cannot_connect"),
        ({"kind": "empty"}, "cannot_connect"),
        ({"kind": "truncated"}, "cannot_connect"),
        ({"kind": "nulls"}, "cannot_connect"),
        ({"kind": "wrong_types"}, "cannot_connect"),
        ({"kind": "huge", "size": 9 * 1024 * 1024}, "cannot_connect"),
    ],
)
async def test_trouble_at_sign_in(
    hass: HomeAssistant,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
    error: str,
) -> None:
    """Whatever comes back, the password is sent once per submit."""
    lux.inject(SIGN_IN, **fault)
    result = await start_flow(hass, "lux")
    result = await submit(hass, result, form(lux))
    assert result["errors"] == {"base": error}
    await pass_time(hass, freezer, 61)
    result = await submit(hass, result, form(lux))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert lux.count(SIGN_IN) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (
            {"kind": "status", "status": 401, "body": '{"detail": "User is Deleted"}'},
            "account_deleted",
        ),
        (
            {"kind": "status", "status": 401, "body": '{"detail": "User is None"}'},
            "invalid_auth",
        ),
        (
            {"kind": "status", "status": 401, "body": '{"detail": "Token is expired"}'},
            "invalid_auth",
        ),
        ({"kind": "status", "status": 503}, "cannot_connect"),
        ({"kind": "nulls"}, "cannot_connect"),
    ],
)
async def test_trouble_after_sign_in(
    hass: HomeAssistant, lux: Lux, fault: dict[str, Any], error: str
) -> None:
    """Without knowing whose account it is, nothing is stored and nothing renewed."""
    lux.inject(ME, **fault, times=2)
    result = await start_flow(hass, "lux")
    result = await submit(hass, result, form(lux))
    assert result["errors"] == {"base": error}
    assert lux.count(REFRESH) == 0
    assert not hass.config_entries.async_entries(DOMAIN)
    lux.clear_faults()
    result = await submit(hass, result, form(lux))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("base_url", "error"),
    [
        ("http://example.org", "insecure_url"),
        ("ftp://example.org", "invalid_url"),
        ("prod.nueyne.dev", "invalid_url"),
        ("https://[", "invalid_url"),
        ("https://made:up@example.org", "invalid_url"),
        ("https://example.org/?a=b", "invalid_url"),
        ("https://example.org/#a", "invalid_url"),
    ],
)
async def test_wrong_address(
    hass: HomeAssistant, lux: Lux, base_url: str, error: str
) -> None:
    """A password goes to no address that cannot be right; the section opens."""
    result = await start_flow(hass, "lux")
    result = await submit(hass, result, form(lux, base_url=base_url))
    assert result["errors"] == {"advanced": error}
    assert is_open(result)
    assert suggested(result)["base_url"] == base_url
    assert lux.count() == 0
    result = await submit(hass, result, form(lux))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_nobody_listens(hass: HomeAssistant, lux: Lux) -> None:
    """A port without a service, and recovery in the same flow."""
    await lux.stop()
    result = await start_flow(hass, "lux")
    result = await submit(hass, result, form(lux))
    assert result["errors"] == {"base": "cannot_connect"}
    await lux.start()
    result = await submit(hass, result, form(lux))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_what_nobody_thought_of(
    hass: HomeAssistant, lux: Lux, caplog: pytest.LogCaptureFixture
) -> None:
    """The form comes back after any failure, and no log holds what was typed."""
    result = await start_flow(hass, "lux")
    # Half a character cannot be sent.
    result = await submit(hass, result, form(lux, password=f"{PASSWORD}\ud800"))
    assert result["errors"] == {"base": "unknown"}
    assert "UnicodeEncodeError" in caplog.text
    assert PASSWORD not in caplog.text
    result = await submit(hass, result, form(lux))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_closed_dialog(hass: HomeAssistant, lux: Lux) -> None:
    """A closed dialog leaves nothing behind."""
    result = await start_flow(hass, "lux")
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)
    assert not hass.config_entries.flow.async_progress()
    assert not hass.config_entries.async_entries(DOMAIN)
    assert lux.count() == 0


async def test_same_account_twice(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """The second sign-in ended the first session: the entry takes over the new one."""
    before = entry.data["refresh_token"]
    result = await submit(hass, await start_flow(hass, "lux"), form(lux))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert result["description_placeholders"] == {"name": escape_markdown(entry.title)}
    await settle(hass)
    assert entry.data["refresh_token"] != before
    assert entry.state is ConfigEntryState.LOADED
    lux.expire_tokens()
    await entry.runtime_data.async_refresh()
    assert entry.runtime_data.last_update_success
    assert not hass.config_entries.flow.async_progress()


async def test_same_number_at_another_address(
    hass: HomeAssistant, entry: ConfigEntry, elsewhere: Lux
) -> None:
    """An entry is given no tokens of another service."""
    before = dict(entry.data)
    result = await submit(hass, await start_flow(hass, "lux"), form(elsewhere))
    assert result["reason"] == "already_configured"
    assert entry.data == before


async def test_reauthentication(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """After the phone signed in, the account's password is asked for, nothing else."""
    lux.phone_sign_in()
    lux.expire_tokens()
    await entry.runtime_data.async_refresh()
    await settle(hass)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "lux_password"
    assert flow["context"]["source"] == SOURCE_REAUTH
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert result["errors"] == {"base": "session_ended"}
    assert result["description_placeholders"]["name"] == escape_markdown(USERNAME)
    assert suggested(result) == {"password": None}
    result = await submit(hass, result, {"password": "wrong"})
    assert result["errors"] == {"password": "invalid_auth"}
    assert suggested(result) == {"password": None}
    result = await submit(hass, result, {"password": PASSWORD})
    assert result["reason"] == "reauth_successful"
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()
    assert lux.signins == 3


async def test_reauthentication_of_an_older_entry(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """An entry that does not hold its email asks for it once."""
    data = {k: v for k, v in entry.data.items() if k != "username"}
    hass.config_entries.async_update_entry(entry, data=data)
    result = await mend(hass, entry, SOURCE_REAUTH)
    assert (result["step_id"], result["errors"]) == ("lux", {"base": "session_ended"})
    assert suggested(result) == {
        "username": None,
        "password": None,
        "base_url": lux.url,
    }
    result = await submit(hass, result, form(lux))
    assert result["reason"] == "reauth_successful"
    await settle(hass)
    assert entry.data["username"] == USERNAME


async def test_reauthentication_after_the_email_changed(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """An email that LUX does not know any more can be corrected."""
    lux.username = "new@example.org"
    result = await mend(hass, entry, SOURCE_REAUTH)
    result = await submit(hass, result, {"password": PASSWORD})
    assert (result["step_id"], result["errors"]) == (
        "lux",
        {"username": "invalid_auth"},
    )
    assert suggested(result) == {
        "username": USERNAME,
        "password": None,
        "base_url": lux.url,
    }
    result = await submit(hass, result, form(lux, username=lux.username))
    assert result["reason"] == "reauth_successful"
    await settle(hass)
    assert entry.data["username"] == "new@example.org"


@pytest.mark.parametrize("source", [SOURCE_REAUTH, SOURCE_RECONFIGURE])
async def test_wrong_account(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, source: str
) -> None:
    """Somebody else's account changes nothing in the entry."""
    before = dict(entry.data)
    result = await mend(hass, entry, source)
    lux.set_user(root_user_id=4108)
    typed: dict[str, Any] = {"password": PASSWORD}
    if source == SOURCE_RECONFIGURE:
        typed |= {"advanced": {"base_url": lux.url}}
    result = await submit(hass, result, typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_account"
    assert entry.data == before


async def test_wrong_account_that_is_set_up_too(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A sign-in into the wrong one of two accounts ends neither's polling."""
    lux.set_user(root_user_id=4108)
    result = await submit(hass, await start_flow(hass, "lux"), form(lux))
    other = result["result"]
    await settle(hass)
    before, others = dict(entry.data), other.data["refresh_token"]
    result = await mend(hass, entry, SOURCE_RECONFIGURE)
    result = await submit(
        hass, result, {"password": PASSWORD, "advanced": {"base_url": lux.url}}
    )
    assert result["reason"] == "wrong_account"
    await settle(hass)
    assert entry.data == before
    assert other.data["refresh_token"] != others
    lux.expire_tokens()
    await other.runtime_data.async_refresh()
    assert other.runtime_data.last_update_success


async def test_reconfiguration(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, elsewhere: Lux
) -> None:
    """The address can be changed by signing in there."""
    result = await mend(hass, entry, SOURCE_RECONFIGURE)
    assert (result["step_id"], result["errors"]) == ("lux_password", {})
    assert suggested(result) == {"password": None, "base_url": lux.url}
    before = lux.count()
    wrong = {"password": PASSWORD, "advanced": {"base_url": "http://example.org"}}
    result = await submit(hass, result, wrong)
    assert result["errors"] == {"advanced": "insecure_url"}
    assert is_open(result)
    assert suggested(result) == {"password": None, "base_url": "http://example.org"}
    typed = {"password": PASSWORD, "advanced": {"base_url": f" {elsewhere.url}/"}}
    result = await submit(hass, result, typed)
    assert result["reason"] == "reconfigure_successful"
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["base_url"] == elsewhere.url
    assert entry.title == "LUX p…@example.org"
    assert lux.count() == before
    assert elsewhere.counts() == {SIGN_IN: 1, ME: 2, DEVICES: 1}

"""Signing in to Lightbug, as the user meets it."""

import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.lightbug.client.auth import email_of, expiry_of, user_of
from simulator.lightbug import Lightbug
from simulator.lightbug.tokens import jwt
from tests.common import pass_time, settle, start_flow, submit

from .conftest import DEVICES, LEGACY_LOGIN, LOGIN, POLL, UNIQUE_ID, USER

LOGINS = {"lightbug_login": LOGIN, "lightbug_legacy_login": LEGACY_LOGIN}
USER_DEVICES = "GET /api/users/{id}/devices"


def login(lightbug: Lightbug, **typed: Any) -> dict[str, Any]:
    """Return what a person types into one of the two login forms."""
    return {
        "username": lightbug.username,
        "password": lightbug.password,
        "advanced": {"base_url": lightbug.url},
    } | typed


def pasted(lightbug: Lightbug, token: str, **typed: Any) -> dict[str, Any]:
    """Return what a person types into the token's form."""
    return {"token": token, "advanced": {"base_url": lightbug.url}} | typed


async def chosen(hass: HomeAssistant, step: str) -> ConfigFlowResult:
    """Go to the form of one of the ways to sign in."""
    result = await start_flow(hass, "lightbug")
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "lightbug"
    return await choose(hass, result, step)


async def choose(
    hass: HomeAssistant, result: ConfigFlowResult, step: str
) -> ConfigFlowResult:
    """Choose a way to sign in from the menu that is shown."""
    assert result["menu_options"] == [
        "lightbug_login",
        "lightbug_token",
        "lightbug_legacy_login",
    ]
    result = await submit(hass, result, {"next_step_id": step})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == step
    return result


async def made(hass: HomeAssistant, result: ConfigFlowResult) -> MockConfigEntry:
    """Return the loaded entry that a flow made."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    await settle(hass)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == UNIQUE_ID
    assert entry.data["user_id"] == USER
    assert not hass.config_entries.flow.async_progress()
    return entry


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return the values that a form shows, those of its section among them."""
    found: dict[str, Any] = {}
    for marker, field in result["data_schema"].schema.items():
        if marker == "advanced":
            found |= {
                str(one): (one.description or {}).get("suggested_value")
                for one in field.schema.schema
            }
        elif marker.description:
            found[str(marker)] = marker.description.get("suggested_value")
    return found


# Login -----------------------------------------------------------------------


async def test_login(hass: HomeAssistant, lightbug: Lightbug) -> None:
    """A login stores the pair and its ends, and never the password."""
    result = await chosen(hass, "lightbug_login")
    entry = await made(hass, await submit(hass, result, login(lightbug)))
    assert entry.title == "Lightbug r…@example.org"
    data = dict(entry.data)
    assert data.pop("access_token") in lightbug.tokens.access
    assert data.pop("refresh_token") in lightbug.tokens.refresh
    ends = data.pop("access_token_expires")
    assert ends == pytest.approx(time.time() + lightbug.access_lifetime, abs=5)
    assert data.pop("refresh_token_expires") == pytest.approx(ends + 2_678_400, abs=2)
    assert data == {
        "vendor": "lightbug",
        "auth": "refreshable",
        "user_id": USER,
        "base_url": lightbug.url,
    }
    (sent,) = (one for one in lightbug.requests if one.key == LOGIN)
    assert sent.json["refreshable"] == 2_678_400


async def test_legacy_login(hass: HomeAssistant, lightbug: Lightbug) -> None:
    """The old login has no refresh token and ends after two weeks."""
    result = await chosen(hass, "lightbug_legacy_login")
    entry = await made(hass, await submit(hass, result, login(lightbug)))
    assert entry.title == "Lightbug r…@example.org"
    assert entry.data["auth"] == "legacy"
    assert lightbug.tokens.access[entry.data["access_token"]].kind == "v1"
    assert entry.data["access_token_expires"] == pytest.approx(
        time.time() + 1_209_600, abs=5
    )
    assert entry.data["refresh_token"] is None
    assert "password" not in entry.data


@pytest.mark.parametrize("step", LOGINS)
@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"password": "wrong"}, "base", "invalid_auth"),
        ({"username": "nobody@example.org"}, "base", "invalid_auth"),
        ({"username": " "}, "base", "invalid_auth"),
        ({"advanced": {"base_url": "nowhere"}}, "advanced", "invalid_url"),
        (
            {"advanced": {"base_url": "http://lightbug.example.org"}},
            "advanced",
            "insecure_url",
        ),
        ({"advanced": {"base_url": "http://127.0.0.1:1"}}, "base", "cannot_connect"),
    ],
)
async def test_bad_login(
    hass: HomeAssistant,
    lightbug: Lightbug,
    step: str,
    typed: dict[str, Any],
    field: str,
    error: str,
) -> None:
    """What cannot be right is told, and the same form goes on from there."""
    result = await chosen(hass, step)
    result = await submit(hass, result, login(lightbug) | typed)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == step
    assert result["errors"] == {field: error}
    expected = login(lightbug) | typed
    shown = suggested(result)
    assert shown["username"] == expected["username"]
    assert shown["base_url"] == expected["advanced"]["base_url"]
    assert "password" not in shown
    await made(hass, await submit(hass, result, login(lightbug)))


@pytest.mark.parametrize("step", LOGINS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 429}, "rate_limited"),
        ({"kind": "status", "status": 503}, "cannot_connect"),
        ({"kind": "status", "status": 404}, "cannot_connect"),
        ({"kind": "html"}, "cannot_connect"),
        ({"kind": "empty"}, "cannot_connect"),
        ({"kind": "truncated"}, "cannot_connect"),
        ({"kind": "nulls"}, "cannot_connect"),
        ({"kind": "body", "body": "[]"}, "cannot_connect"),
        ({"kind": "huge", "size": 33 * 1024 * 1024}, "cannot_connect"),
        ({"kind": "reset", "times": 2}, "cannot_connect"),
        ({"kind": "redirect", "body": "http://127.0.0.1:1/"}, "cannot_connect"),
    ],
)
async def test_service_trouble(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    step: str,
    fault: dict[str, Any],
    error: str,
) -> None:
    """A service in trouble is told, and the same form works afterwards."""
    lightbug.inject(LOGINS[step], **fault)
    result = await chosen(hass, step)
    result = await submit(hass, result, login(lightbug))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": error}
    assert not hass.config_entries.async_entries(DOMAIN)
    lightbug.clear_faults()
    await pass_time(hass, freezer, 61)
    await made(hass, await submit(hass, result, login(lightbug)))


async def test_too_many_tries(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """After a 429 nothing is sent until the time that it names."""
    lightbug.set_limits(authentication=2)
    result = await chosen(hass, "lightbug_login")
    for _ in range(2):
        result = await submit(hass, result, login(lightbug, password="wrong"))
        assert result["errors"] == {"base": "invalid_auth"}
    for _ in range(3):
        result = await submit(hass, result, login(lightbug))
        assert result["errors"] == {"base": "rate_limited"}
    assert lightbug.count(LOGIN) == 3
    await pass_time(hass, freezer, 302)
    await made(hass, await submit(hass, result, login(lightbug)))


async def test_nobody_signs_in(hass: HomeAssistant, lightbug: Lightbug) -> None:
    """A blocked account is refused like a wrong password."""
    lightbug.block_login()
    result = await chosen(hass, "lightbug_login")
    result = await submit(hass, result, login(lightbug))
    assert result["errors"] == {"base": "invalid_auth"}
    lightbug.block_login(False)
    await made(hass, await submit(hass, result, login(lightbug)))


async def test_unexpected_trouble(
    hass: HomeAssistant, lightbug: Lightbug, caplog: pytest.LogCaptureFixture
) -> None:
    """Even our own mistake brings the form back, and tells nothing in the log."""
    result = await chosen(hass, "lightbug_login")
    # Half a character: no JSON can hold it.
    half = "made-up secret \ud800"
    typed = login(lightbug, username="half@example.org", password=half)
    result = await submit(hass, result, typed)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": "unknown"}
    assert "half@example.org" not in caplog.text
    assert "made-up secret" not in caplog.text
    await made(hass, await submit(hass, result, login(lightbug)))


@pytest.mark.parametrize("suffix", ["", "/", "/api", "/v2/"])
async def test_address_of_either_api(
    hass: HomeAssistant, lightbug: Lightbug, suffix: str
) -> None:
    """The documents name the addresses of both APIs: either of them will do."""
    result = await chosen(hass, "lightbug_login")
    typed = login(lightbug, advanced={"base_url": lightbug.url + suffix})
    entry = await made(hass, await submit(hass, result, typed))
    assert entry.data["base_url"] == lightbug.url


async def test_user_from_the_token(hass: HomeAssistant, lightbug: Lightbug) -> None:
    """A login that does not tell the user's number tells it in the token."""
    token, _ = lightbug.issue_v2(0)
    lightbug.inject(LOGIN, "body", body=f'{{"token": "{token.text}"}}')
    result = await chosen(hass, "lightbug_login")
    entry = await made(hass, await submit(hass, result, login(lightbug)))
    assert entry.data["access_token_expires"] == int(token.expires)


async def test_user_unknown(hass: HomeAssistant, lightbug: Lightbug) -> None:
    """A login that tells no user at all is none."""
    lightbug.inject(LOGIN, "body", body='{"token": "opaque"}')
    result = await chosen(hass, "lightbug_login")
    result = await submit(hass, result, login(lightbug))
    assert result["errors"] == {"base": "cannot_connect"}


async def test_closed_dialog(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing lingers and nothing is sent once the dialog is closed."""
    result = await chosen(hass, "lightbug_login")
    result = await submit(hass, result, login(lightbug, password="wrong"))
    hass.config_entries.flow.async_abort(result["flow_id"])
    sent = lightbug.count()
    await pass_time(hass, freezer, POLL)
    assert lightbug.count() == sent
    assert not hass.config_entries.async_entries(DOMAIN)


# Token -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "around", ["{}", "  {}\n", "Bearer {}", "bearer   {} "], ids=str.strip
)
async def test_token(hass: HomeAssistant, lightbug: Lightbug, around: str) -> None:
    """A pasted token is checked, and tells itself whose it is."""
    token = lightbug.add_personal_token()
    result = await chosen(hass, "lightbug_token")
    typed = pasted(lightbug, around.format(token))
    entry = await made(hass, await submit(hass, result, typed))
    assert entry.title == "Lightbug r…@example.org"
    assert entry.data["auth"] == "token"
    assert entry.data["access_token"] == token
    assert entry.data["access_token_expires"] == int(
        lightbug.tokens.access[token].expires
    )
    assert entry.data["refresh_token"] is None
    assert lightbug.count(USER_DEVICES) == 1


@pytest.mark.parametrize("kind", ["v1", "personal"])
async def test_token_that_does_not_tell(
    hass: HomeAssistant, lightbug: Lightbug, kind: str
) -> None:
    """For a token that is no JWT the user types the number in."""
    token = (
        lightbug.issue_v1().text
        if kind == "v1"
        else lightbug.add_personal_token(web=False)
    )
    result = await chosen(hass, "lightbug_token")
    for user_id in ("", "  ", "robin", "-1", "4.5", "9" * 30):
        typed = pasted(lightbug, token, user_id=user_id)
        result = await submit(hass, result, typed)
        is_empty = not user_id.strip()
        error = "user_id_needed" if is_empty else "invalid_user_id"
        assert result["errors"] == {"user_id": error}
        assert suggested(result).get("user_id") == user_id
        assert "token" not in suggested(result)
    result = await submit(hass, result, pasted(lightbug, token))
    assert result["errors"] == {"user_id": "user_id_needed"}
    assert lightbug.count() == 0
    typed = pasted(lightbug, token, user_id=f" {USER} ")
    entry = await made(hass, await submit(hass, result, typed))
    assert entry.title == f"Lightbug {USER}"
    assert entry.data["access_token_expires"] is None


@pytest.mark.parametrize("status", [401, 403])
async def test_token_of_somebody_else(
    hass: HomeAssistant, lightbug: Lightbug, status: Any
) -> None:
    """A token that works, but not for this user, is told at the number."""
    lightbug.foreign_status = status
    token = lightbug.add_personal_token(web=False)
    result = await chosen(hass, "lightbug_token")
    result = await submit(hass, result, pasted(lightbug, token, user_id="77"))
    assert result["errors"] == {"user_id": "wrong_user_id"}
    assert suggested(result)["user_id"] == "77"
    typed = pasted(lightbug, token, user_id=str(USER))
    await made(hass, await submit(hass, result, typed))


@pytest.mark.parametrize(
    "token", ["", " ", "Bearer ", "two words", "tab\tinside", "schlüssel", "unknown"]
)
async def test_token_that_opens_nothing(
    hass: HomeAssistant, lightbug: Lightbug, token: str
) -> None:
    """A token that cannot be right, or is not, is told at the token."""
    result = await chosen(hass, "lightbug_token")
    result = await submit(hass, result, pasted(lightbug, token, user_id=str(USER)))
    assert result["errors"] == {"token": "invalid_token"}
    typed = pasted(lightbug, lightbug.add_personal_token())
    await made(hass, await submit(hass, result, typed))


@pytest.mark.parametrize("route", [DEVICES, USER_DEVICES])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 429}, {"base": "rate_limited"}),
        ({"kind": "status", "status": 500}, {"base": "cannot_connect"}),
        ({"kind": "html"}, {"base": "cannot_connect"}),
        ({"kind": "body", "body": "{}"}, {"base": "cannot_connect"}),
    ],
)
async def test_trouble_while_checking(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    route: str,
    fault: dict[str, Any],
    error: dict[str, str],
) -> None:
    """A token that could not be checked is not stored."""
    token = lightbug.add_personal_token()
    lightbug.inject(route, **fault)
    result = await chosen(hass, "lightbug_token")
    result = await submit(hass, result, pasted(lightbug, token))
    assert result["errors"] == error
    assert not hass.config_entries.async_entries(DOMAIN)
    await pass_time(hass, freezer, 61)
    await made(hass, await submit(hass, result, pasted(lightbug, token)))


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, {"token": "invalid_token"}), (404, {"base": "cannot_connect"})],
)
async def test_refused_while_checking(
    hass: HomeAssistant, lightbug: Lightbug, status: int, error: dict[str, str]
) -> None:
    """A token that may not list devices is of no use; 404 is another address."""
    token = lightbug.add_personal_token()
    lightbug.inject(DEVICES, "status", status=status)
    result = await chosen(hass, "lightbug_token")
    result = await submit(hass, result, pasted(lightbug, token))
    assert result["errors"] == error
    await made(hass, await submit(hass, result, pasted(lightbug, token)))


# The same account again, and entries that are mended ---------------------------


@pytest.mark.parametrize("step", ["lightbug_login", "lightbug_token"])
async def test_same_account_twice(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry, step: str
) -> None:
    """The same account is not added again, whichever way it signs in."""
    result = await chosen(hass, step)
    typed = (
        login(lightbug)
        if step == "lightbug_login"
        else pasted(lightbug, lightbug.add_personal_token())
    )
    result = await submit(hass, result, typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def asked_again(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
) -> ConfigFlowResult:
    """Let all tokens end, and return the flow that asks for a new sign-in."""
    lightbug.revoke_tokens()
    await pass_time(hass, freezer, POLL)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    assert flow["step_id"] == "lightbug"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert result["type"] is FlowResultType.MENU
    return result


@pytest.mark.parametrize(
    ("step", "auth"),
    [
        ("lightbug_login", "refreshable"),
        ("lightbug_token", "token"),
        ("lightbug_legacy_login", "legacy"),
    ],
)
async def test_reauthentication(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    step: str,
    auth: str,
) -> None:
    """Refused tokens lead to one sign-in, in any way, under the same identity."""
    before = dict(entry.data)
    result = await choose(hass, await asked_again(hass, lightbug, freezer), step)
    assert suggested(result)["base_url"] == lightbug.url
    if step == "lightbug_token":
        typed = pasted(lightbug, lightbug.add_personal_token())
    else:
        result = await submit(hass, result, login(lightbug, password="wrong"))
        assert result["errors"] == {"base": "invalid_auth"}
        typed = login(lightbug)
    result = await submit(hass, result, typed)
    await settle(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == UNIQUE_ID
    assert entry.data["auth"] == auth
    assert entry.data["access_token"] != before["access_token"]
    assert (entry.data["refresh_token"] is None) is (auth != "refreshable")
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize("step", LOGINS)
async def test_reauthentication_as_somebody_else(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    step: str,
) -> None:
    """Another account does not take the entry over."""
    before = dict(entry.data)
    result = await choose(hass, await asked_again(hass, lightbug, freezer), step)
    lightbug.user_id = 77
    result = await submit(hass, result, login(lightbug))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_account"
    assert dict(entry.data) == before


async def test_reauthentication_with_somebody_elses_jwt(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A token that tells another user is another account."""
    result = await asked_again(hass, lightbug, freezer)
    result = await choose(hass, result, "lightbug_token")
    lightbug.user_id = 77
    typed = pasted(lightbug, lightbug.add_personal_token())
    result = await submit(hass, result, typed)
    assert result["reason"] == "wrong_account"


@pytest.mark.parametrize("mine", [True, False])
async def test_reauthentication_with_a_token_that_does_not_tell(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    mine: bool,
) -> None:
    """The entry's own user is meant; a token that is not theirs is refused."""
    result = await asked_again(hass, lightbug, freezer)
    result = await choose(hass, result, "lightbug_token")
    if not mine:
        lightbug.user_id = 77
    typed = pasted(lightbug, lightbug.add_personal_token(web=False))
    result = await submit(hass, result, typed)
    await settle(hass)
    assert result["reason"] == ("reauth_successful" if mine else "wrong_account")


async def test_reconfiguration(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """From a login to a token, without a gap and under the same identity."""
    result = await entry.start_reconfigure_flow(hass)
    result = await choose(hass, result, "lightbug_token")
    assert suggested(result) == {"base_url": lightbug.url}
    token = lightbug.add_personal_token()
    result = await submit(hass, result, pasted(lightbug, token))
    await settle(hass)
    assert result["reason"] == "reconfigure_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["auth"] == "token"
    assert entry.data["access_token"] == token
    assert entry.data["refresh_token"] is None
    assert entry.title == "Lightbug r…@example.org"


async def test_reconfiguration_as_somebody_else(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """Another account does not take the entry over."""
    before = dict(entry.data)
    result = await entry.start_reconfigure_flow(hass)
    result = await choose(hass, result, "lightbug_login")
    lightbug.user_id = 77
    result = await submit(hass, result, login(lightbug))
    assert result["reason"] == "wrong_account"
    assert dict(entry.data) == before


async def test_pause_of_the_entry_holds_in_its_flow(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the service wants nothing from this account, the form waits, too."""
    lightbug.inject("*", "status", status=429, headers={"X-Ratelimit-Window": "600"})
    await pass_time(hass, freezer, POLL)
    result = await entry.start_reconfigure_flow(hass)
    result = await choose(hass, result, "lightbug_login")
    result = await submit(hass, result, login(lightbug))
    assert result["errors"] == {"base": "rate_limited"}
    assert lightbug.count(LOGIN) == 0
    await pass_time(hass, freezer, 601)
    result = await submit(hass, result, login(lightbug))
    await settle(hass)
    assert result["reason"] == "reconfigure_successful"


async def test_nothing_secret_is_logged(
    hass: HomeAssistant, lightbug: Lightbug, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither password nor tokens nor the address reach any log."""
    caplog.set_level("DEBUG")
    result = await chosen(hass, "lightbug_login")
    result = await submit(hass, result, login(lightbug, password="a wrong one"))
    entry = await made(hass, await submit(hass, result, login(lightbug)))
    token = lightbug.add_personal_token()
    result = await chosen(hass, "lightbug_token")
    result = await submit(hass, result, pasted(lightbug, token))
    secrets = [
        lightbug.password,
        "a wrong one",
        lightbug.username,
        token,
        entry.data["access_token"],
        entry.data["refresh_token"],
    ]
    assert not [one for one in secrets if one in caplog.text]


def test_made_up_tokens_are_read_with_care() -> None:
    """A token is whatever somebody pasted."""
    assert user_of(jwt({"sub": "3808"})) == 3808
    assert user_of(jwt({"sub": -1})) is None
    assert user_of(jwt({"sub": [1]})) is None
    assert user_of("a.b.c") is None
    assert email_of(jwt({"name": "Robin"})) is None
    assert email_of(jwt({})) is None
    assert expiry_of("opaque") is None

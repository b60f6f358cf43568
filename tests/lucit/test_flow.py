"""Pairing with Lucit, as the user meets it."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID
from tests.common import go_on, pass_time, settle, start_flow, submit

from .conftest import UNIQUE_ID, UUID, form

REQUEST = "POST /api/v3/lightning/device-requests/request"
CHECK = "POST /api/v3/lightning/device-request/{lcuid}/check-for-device"
AUTH = "POST /api/v3/auth"
ABSENT = object()
OTHER_APP = "LCUID-LAP-11111111-2222-3333-4444-555555555555"
OTHER_PLAYER = "LCUID-LD-11111111-2222-3333-4444-555555555555"


async def pairing(hass: HomeAssistant, lucit: Lucit, **advanced: Any) -> Any:
    """Go to the step that shows the code."""
    result = await start_flow(hass, "lucit")
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "lucit"
    result = await submit(hass, result, form(lucit, **advanced))
    assert result["type"] is FlowResultType.SHOW_PROGRESS, result
    return result


def flow_step(hass: HomeAssistant, result: ConfigFlowResult) -> str:
    """Return the step that a flow is at."""
    return str(hass.config_entries.flow.async_get(result["flow_id"])["step_id"])


def delivered(lucit: Lucit) -> int:
    """Return how often check-for-device answered 200."""
    return sum(one.status == 200 for one in lucit.requests if one.key == CHECK)


async def test_pairing(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """The code is shown; once it is typed in, the entry is there."""
    result = await pairing(hass, lucit)
    shown = result["description_placeholders"]
    (request,) = lucit.pairings.values()
    assert shown["code"] == request.body()["code_string"]
    assert shown["expires"].count(":") == 1

    await pass_time(hass, freezer, 5)
    assert not hass.config_entries.async_entries(DOMAIN)
    lucit.approve(shown["code"], "Window screen")
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY

    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.title == "Lucit Window screen"
    assert entry.unique_id == f"lucit:{request.device_provided_uuid}"
    assert entry.data["device_lcuid"] == lucit.device.lcuid
    assert (entry.data["width"], entry.data["height"]) == (1024, 768)
    assert entry.data["access_token"] in lucit.bearers
    assert not hass.config_entries.flow.async_progress()
    # The first 200 is the last call.
    await pass_time(hass, freezer, 60)
    assert delivered(lucit) == 1


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"app_id": "LCUID-LAP-nonsense"}, "app_id", "invalid_app_id"),
        ({"app_id": OTHER_PLAYER}, "app_id", "invalid_app_id"),
        ({"app_id": OTHER_APP}, "app_id", "invalid_app_id"),
        ({"width": 0}, "width", "invalid_size"),
        ({"height": 100_001}, "height", "invalid_size"),
        ({"advanced": {"attach_to": "a player"}}, "advanced", "invalid_attach_to"),
        (
            {"advanced": {"base_url": "http://lucit.example.org"}},
            "advanced",
            "insecure_url",
        ),
        ({"advanced": {"base_url": "nowhere"}}, "advanced", "invalid_url"),
        ({"advanced": {"base_url": "http://[::1"}}, "advanced", "invalid_url"),
        ({"advanced": {"base_url": "http://127.0.0.1:1"}}, "base", "cannot_connect"),
    ],
)
async def test_bad_input(
    hass: HomeAssistant, lucit: Lucit, typed: dict[str, Any], field: str, error: str
) -> None:
    """What cannot be right is told at its field, and the form goes on from there."""
    result = await start_flow(hass, "lucit")
    result = await submit(hass, result, form(lucit) | typed)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {field: error}

    result = await submit(hass, result, form(lucit))
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 429}, "rate_limited"),
        ({"kind": "status", "status": 503}, "cannot_connect"),
        ({"kind": "html"}, "cannot_connect"),
        ({"kind": "empty"}, "cannot_connect"),
        ({"kind": "truncated"}, "cannot_connect"),
        ({"kind": "nulls"}, "cannot_connect"),
        ({"kind": "huge", "size": 9 * 1024 * 1024}, "cannot_connect"),
        ({"kind": "reset", "times": 2}, "cannot_connect"),
    ],
)
async def test_service_trouble(
    hass: HomeAssistant,
    lucit: Lucit,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
    error: str,
) -> None:
    """A service in trouble is told, and the same form works afterwards."""
    lucit.inject(REQUEST, **fault)
    result = await start_flow(hass, "lucit")
    result = await submit(hass, result, form(lucit))
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"base": error}
    lucit.clear_faults()
    await pass_time(hass, freezer, 61)

    result = await submit(hass, result, form(lucit))
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)


async def test_unexpected_trouble(
    hass: HomeAssistant, lucit: Lucit, caplog: pytest.LogCaptureFixture
) -> None:
    """Even our own mistake brings the form back, and tells nothing in the log."""
    result = await start_flow(hass, "lucit")
    result = await submit(hass, result, form(lucit) | {"width": float("nan")})
    assert result["errors"] == {"width": "invalid_size"}
    result = await submit(hass, result, form(lucit, base_url="https://\x00"))
    assert result["errors"] in ({"advanced": "invalid_url"}, {"base": "unknown"})
    assert "\x00" not in caplog.text


async def test_expiry_and_second_code(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """A code that ended is replaced by one click."""
    result = await pairing(hass, lucit)
    first = result["description_placeholders"]["code"]
    lucit.expire_codes()
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "lucit_pair_expired"
    assert not result["errors"]

    lucit.inject(REQUEST, "status", status=503)
    result = await submit(hass, result, {})
    assert result["step_id"] == "lucit_pair_expired"
    assert result["errors"] == {"base": "cannot_connect"}

    result = await submit(hass, result, {})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    assert result["description_placeholders"]["code"] != first
    lucit.approve()
    await pass_time(hass, freezer, 5)
    await go_on(hass, result)
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_time_is_up(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """The waiting ends with the code's own time, even if Lucit stays silent."""
    result = await pairing(hass, lucit)
    lucit.inject(CHECK, "status", times=-1, status=503)
    await pass_time(hass, freezer, 5)
    await pass_time(hass, freezer, 31 * 60)
    result = await go_on(hass, result)
    assert result["step_id"] == "lucit_pair_expired"
    # It is not claimed that nobody typed the code in: Lucit could not be asked.
    assert result["errors"] == {"base": "cannot_connect"}
    lucit.clear_faults()
    result = await submit(hass, result, {})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    lucit.expire_codes()
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["step_id"] == "lucit_pair_expired"
    assert not result["errors"]


@pytest.mark.parametrize(
    "expires_at",
    [
        None,
        "",
        "soon",
        ["2099-01-01"],
        1_788_000_000,
        "1788000000",
        "Fri, 27 Nov 2099 12:00:00 GMT",
        "2099-11-27T12:00:00",
        "2026-01-07 00:45:26",
        "2000-01-01T00:00:00.000000Z",
        "9999-12-31T23:59:59.000000Z",
        "0001-01-01T00:00:00+14:00",
        ABSENT,
    ],
)
async def test_a_code_lives_half_an_hour(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory, expires_at: Any
) -> None:
    """Code and token are what counts; a second code is asked for by people only."""
    if expires_at is ABSENT:
        lucit.absent_fields = {"expires_at"}
    else:
        lucit.request_fields = {"expires_at": expires_at}
    result = await pairing(hass, lucit)
    shown = dt_util.now() + timedelta(minutes=30)
    assert result["description_placeholders"]["expires"] == shown.strftime("%H:%M")
    await pass_time(hass, freezer, 29 * 60)
    assert flow_step(hass, result) == "lucit_pair"
    await pass_time(hass, freezer, 2 * 60)
    await pass_time(hass, freezer, 15)  # nobody's browser goes on
    assert flow_step(hass, result) == "lucit_pair_expired"
    assert lucit.count(REQUEST) == 1


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"code": 36659653}, "036-659-653"),
        ({"code": "36659653"}, "036-659-653"),
        ({"code": 36659653.0}, "036-659-653"),
        ({"code": 0}, "000-000-000"),
        ({"code": 1234567890}, "1234567890"),
        ({"code": "AB-12"}, "AB-12"),
    ],
)
async def test_a_code_without_its_string(
    hass: HomeAssistant, lucit: Lucit, told: dict[str, Any], shown: str
) -> None:
    """A number has lost its leading zeros, and people type in groups."""
    lucit.request_fields, lucit.absent_fields = told, {"code_string"}
    result = await pairing(hass, lucit)
    assert result["description_placeholders"]["code"] == shown
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)


async def test_ring_fills(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """The ring of the dialog fills while the code's time passes."""
    events = async_capture_events(hass, EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE)
    result = await pairing(hass, lucit)
    for _ in range(3):
        await pass_time(hass, freezer, 300)
    shown = [round(one.data["progress"], 2) for one in events]
    assert shown == [0, 0.17, 0.33, 0.5]
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "reset", "times": 2},
        {"kind": "html"},
        {"kind": "lost"},
        {"kind": "nulls"},
    ],
)
async def test_trouble_while_waiting(
    hass: HomeAssistant,
    lucit: Lucit,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
) -> None:
    """A bad answer while the code is shown does not end the pairing."""
    result = await pairing(hass, lucit)
    lucit.inject(CHECK, **fault)
    lucit.approve()
    for _ in range(3):
        await pass_time(hass, freezer, 5)
    await go_on(hass, result)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED


async def test_rate_limit_while_waiting(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """When Lucit asks for a pause, nothing is sent until it is over."""
    result = await pairing(hass, lucit)
    lucit.inject(CHECK, "status", status=429, headers={"Retry-After": "60"})
    await pass_time(hass, freezer, 5)
    asked = lucit.count(CHECK)
    lucit.approve()
    await pass_time(hass, freezer, 30)
    assert lucit.count(CHECK) == asked
    await pass_time(hass, freezer, 31)
    await go_on(hass, result)
    assert len(hass.config_entries.async_entries(DOMAIN)) == 1


async def test_refused_while_waiting(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """A refusal that is no expiry leads to a new code, too."""
    result = await pairing(hass, lucit)
    lucit.inject(CHECK, "status", status=403, body="{}")
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["step_id"] == "lucit_pair_expired"


async def test_browser_that_went_away(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """Credentials exist nowhere else: the entry is created without the browser."""
    await pairing(hass, lucit)
    lucit.approve()
    await pass_time(hass, freezer, 5)
    assert not hass.config_entries.async_entries(DOMAIN)
    await pass_time(hass, freezer, 10)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED


async def test_closed_dialog(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing asks on once the dialog is closed."""
    result = await pairing(hass, lucit)
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)
    asked = lucit.count()
    await pass_time(hass, freezer, 60)
    assert lucit.count() == asked


async def test_known_player_is_named(hass: HomeAssistant, lucit: Lucit) -> None:
    """If Lucit knows this player already, the code's page says so."""
    result = await start_flow(hass, "lucit")
    lucit.existing_device_form = "list"
    lucit.pair(UUID, "Old sign")
    lucit.inject(
        REQUEST,
        "body",
        body='{"success": true, "token": "t", "existing_device": {"name": "Old\\n[sign](https://x.org)\\u001b[31m"},'
        '"lightning_device_request": {"lcuid": "LCUID-LDR-1", "code": 12345678,'
        '"expires_at": "2099-01-07T00:45:26.000000Z"}}',
    )
    result = await submit(hass, result, form(lucit))
    # What somebody typed at Lucit stays what it is where Markdown is rendered.
    existing = result["description_placeholders"]["existing"]
    assert existing == r"Old \[sign\](https\://x.org)"
    assert result["description_placeholders"]["code"] == "012-345-678"
    hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)


async def test_answer_for_another_player(hass: HomeAssistant, lucit: Lucit) -> None:
    """A code for another player's uuid is not shown."""
    lucit.inject(
        REQUEST,
        "body",
        body='{"success": true, "token": "t", "lightning_device_request": {"lcuid":'
        '"LCUID-LDR-1", "code_string": "1", "device_provided_uuid": "other",'
        '"expires_at": "2099-01-07T00:45:26.000000Z"}}',
    )
    result = await start_flow(hass, "lucit")
    result = await submit(hass, result, form(lucit))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_device"


async def test_attach(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """Lantern takes an existing player over when the user says so."""
    lcuid = lucit.pair("another-machine")["lightning_device_lcuid"]
    result = await pairing(hass, lucit, attach_to=lcuid)
    lucit.approve()
    await pass_time(hass, freezer, 5)
    await go_on(hass, result)
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.data["device_lcuid"] == lcuid


async def test_attach_to_nothing(
    hass: HomeAssistant, lucit: Lucit, freezer: FrozenDateTimeFactory
) -> None:
    """A player that Lucit does not have is no expired code: the form says so."""
    result = await pairing(hass, lucit, attach_to=OTHER_PLAYER)
    lucit.approve()
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "lucit"
    assert result["errors"] == {"advanced": "attach_refused"}

    result = await submit(hass, result, form(lucit))
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    lucit.approve()
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_attach_to_our_own(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """A player that another entry holds is not taken from it."""
    result = await start_flow(hass, "lucit")
    lcuid = entry.data["device_lcuid"]
    result = await submit(hass, result, form(lucit, attach_to=lcuid))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert result["description_placeholders"] == {"name": entry.title}


async def repair(
    hass: HomeAssistant,
    lucit: Lucit,
    freezer: FrozenDateTimeFactory,
    result: ConfigFlowResult,
    attach_to: str | None,
) -> ConfigFlowResult:
    """Pair again for an entry that exists, and approve the code."""
    advanced = {} if attach_to is None else {"attach_to": attach_to}
    result = await submit(hass, result, form(lucit, **advanced))
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    lucit.approve(name="Window screen")
    await pass_time(hass, freezer, 5)
    return await go_on(hass, result)


@pytest.mark.parametrize("attach", [True, False])
async def test_reauthentication(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    attach: bool,
) -> None:
    """Refused credentials lead to one pairing under the same identity."""
    before = dict(entry.data)
    lucit.revoke_credentials()
    await pass_time(hass, freezer, 300)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    assert flow["step_id"] == "lucit_again"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"])
    assert result["description_placeholders"] == {"name": "Lucit Window screen"}
    # The App ID and the size of the screen are not asked for again.
    assert [str(one) for one in result["data_schema"].schema] == ["advanced"]

    attach_to = before["device_lcuid"] if attach else None
    advanced = form(lucit)["advanced"] | ({"attach_to": attach_to} if attach else {})
    result = await submit(hass, result, {"advanced": advanced})
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    lucit.approve(name="Window screen")
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == UNIQUE_ID
    assert entry.data["bot_user_token"] != before["bot_user_token"]
    assert (entry.data["device_lcuid"] == before["device_lcuid"]) is attach
    assert lucit.device.device_provided_uuid == UUID
    assert delivered(lucit) == 1


async def test_reauthentication_after_the_app_was_deleted(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An App ID that Lucit does not know any more can be corrected."""
    lucit.revoke_credentials()
    await pass_time(hass, freezer, 300)
    (flow,) = hass.config_entries.flow.async_progress()
    advanced = {"advanced": form(lucit)["advanced"]}
    lucit.inject(REQUEST, "status", status=401, body="{}")
    result = await submit(hass, flow, advanced)
    assert result["step_id"] == "lucit_again"
    assert result["errors"] == {"app_id": "invalid_app_id"}
    fields = {str(one): one.description for one in result["data_schema"].schema}
    assert fields["app_id"] == {"suggested_value": APP_ID}
    result = await submit(hass, result, form(lucit))
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    lucit.approve()
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["reason"] == "reauth_successful"


async def test_attach_to_nothing_again(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A player that Lucit does not have leads back to the entry's own form."""
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(lucit, attach_to=OTHER_PLAYER))
    lucit.approve()
    await pass_time(hass, freezer, 5)
    result = await go_on(hass, result)
    assert result["step_id"] == "lucit_again"
    assert result["errors"] == {"advanced": "attach_refused"}


@pytest.mark.parametrize(
    "refusal",
    [
        {"kind": "status", "status": 401, "body": "{}"},
        {"kind": "status", "status": 422, "body": "{}"},
        {"kind": "body", "body": '{"ok": false, "token": null}'},
    ],
)
async def test_silent_reauthentication(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    refusal: dict[str, Any],
) -> None:
    """Where the stored credentials still work, nobody is asked."""
    lucit.expire_bearers()
    # The poll's own try fails, the flow's works.
    lucit.inject(AUTH, **refusal)
    await pass_time(hass, freezer, 300)
    assert not hass.config_entries.flow.async_progress()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["access_token"] in lucit.bearers


async def test_reconfiguration(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The form comes with what is stored; pairing again keeps the identity."""
    result = await entry.start_reconfigure_flow(hass)
    assert result["step_id"] == "lucit_again"
    assert result["description_placeholders"] == {"name": "Lucit Window screen"}
    lcuid = entry.data["device_lcuid"]
    result = await repair(hass, lucit, freezer, result, lcuid)
    assert result["reason"] == "reconfigure_successful"
    assert entry.unique_id == UNIQUE_ID
    assert entry.data["width"] == 1024
    assert entry.data["app_id"] == APP_ID
    assert entry.state is ConfigEntryState.LOADED

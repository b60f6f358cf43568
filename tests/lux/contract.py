"""A LUX account, as the tests that all vendors go through take it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
import json
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.lux.client.api import LuxApi
from custom_components.lantern.lux.client.errors import AlertUnconfirmed
from custom_components.lantern.lux.client.models import Notification
from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from custom_components.lantern.transport.errors import Refused, Unreachable
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token
from simulator.lux import Lux
from simulator.lux.account import PASSWORD
from tests.common import submit
from tests.contract import Call, Client, Contract, Faults, Form
from tests.faults import kinds
from tests.faults.life import Life
from tests.faults.outcomes import Outcome
from tests.faults.requests import (
    Command,
    Delivery,
    OptionalRequest,
    Renewal,
    device_action,
    entity_action,
    entry_action,
)
from tests.faults.rules import Case, Role, Route
from tests.sessions import Session

from .carrying import UPLOAD, hand_over, stored as stored_logs, treatment
from .conftest import (
    ACCOUNT,
    ALIAS,
    API,
    BLUE,
    BLUE_ID,
    DEVICES,
    FREE,
    ME,
    PLAIN,
    POLL,
    REFRESH,
    SIGN_IN,
    USERNAME,
    form,
    signed_in,
    stored,
)
from .secrets import SECRETS

# The client -------------------------------------------------------------------

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def _connect(session: Any, lux: Lux) -> LuxApi:
    api = LuxApi(session, lux.url, RateLimit())
    api.use(await api.sign_in(lux.username, lux.password))
    return api


def _answered(session: Any) -> LuxApi:
    api = LuxApi(session, "http://127.0.0.1", RateLimit())
    api.use(Token(access_token="made-up"))
    return api


def _typed(lux: Lux | None) -> tuple[str, str]:
    return (lux.username, lux.password) if lux is not None else ("a", "b")


async def _refresh(api: LuxApi, lux: Lux | None) -> Any:
    token = Token(access_token="a", refresh_token="b")
    if lux is not None:
        token = await api.sign_in(lux.username, lux.password)
    return await api.refresh(token)


async def _register_device(api: LuxApi, lux: Lux | None) -> Any:
    if lux is not None:
        await api.check_device(FREE["unique_id"])
    return await api.register_device(**FREE, real_user_id=7301)


async def _upload_logs(api: LuxApi, _: Lux | None) -> Any:
    log = TreatmentLog(_NOON, 60, 1, Ending.NORMAL, 13, real_user_id=7301)
    return await api.upload_logs(
        [log], device_id=BLUE_ID, unique_id="lux-unit-0001", time_zone=UTC
    )


_CONFIRMS = (Refused, Unreachable)
_CALLS = (
    Call("sign_in", lambda api, lux: api.sign_in(*_typed(lux))),
    Call("refresh", _refresh),
    Call("me", lambda api, _: api.get_account()),
    Call(
        "set_notification",
        lambda api, _: api.set_notification(Notification(True, False, True)),
    ),
    Call("all_devices", lambda api, _: api.get_devices()),
    Call("child_device", lambda api, _: api.get_child_device(7301)),
    Call("check_device", lambda api, _: api.check_device("lux-unit-0001")),
    Call("set_my_device", _register_device, _CONFIRMS),
    Call(
        "un_connect",
        lambda api, _: api.unregister_device("lux-unit-0001", 7301),
        _CONFIRMS,
    ),
    Call("update_alias", lambda api, _: api.set_alias(BLUE_ID, 7301, "a")),
    Call("upload_logs", _upload_logs, _CONFIRMS),
    Call("alert", lambda api, _: api.send_impedance_alert(), (AlertUnconfirmed,)),
)


def _models(answer: Callable[[str], Any]) -> Iterable[Any]:
    """Return the account and its devices."""
    if (account := answer("me")) is not None:
        yield account
    if (household := answer("all_devices")) is not None:
        yield from household.devices


# Faults -----------------------------------------------------------------------


async def _set_up(hass: HomeAssistant, lux: Lux) -> ConfigEntry:
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    return await signed_in(hass, lux)


async def _unregister(life: Life) -> None:
    """Unregister a device that is registered, whatever was done to it before."""
    life.service.set_device(812, real_user_id=7302)
    await life.poll()
    await device_action(PLAIN, "lux_unregister_device", confirm=True)(life)


async def _upload(life: Life) -> int:
    number: int = life.service.devices[BLUE_ID].last_log_file_id + 1
    await hand_over(life.hass, life.entry, treatment(number))
    return number


async def _sign_in(life: Life) -> None:
    flow = life.hass.config_entries.flow.async_get(life.flows[0])
    await life.live(submit(life.hass, flow, {"password": PASSWORD}))


_DONE = dict.fromkeys((kinds.TYPES, kinds.NULLS, kinds.EMPTY, kinds.DRIP), Outcome.DONE)
# What reached LUX may have become a message.
_UNCONFIRMED = dict.fromkeys(
    [kind for kind in kinds.TRANSIENT if kind is not kinds.REFUSED], "alert_unconfirmed"
)
# A refresh token works once: who lost the answer has nothing to go on with.
_SPENT = dict.fromkeys(
    [kind for kind in kinds.TRANSIENT if kind not in kinds.NOT_ASKED], Outcome.SIGN_IN
)
_COMMANDS = {
    f"PATCH {API}/user/notification": Command(
        entity_action("switch", "turn_on", f"{ACCOUNT}_muted")
    ),
    ALIAS: Command(
        entity_action("text", "set_value", f"{BLUE}_alias", value="Blue mask")
    ),
    f"GET {API}/device/check-device": Command(
        entry_action("lux_check_device", answers=True, unique_id="lux-unit-0001")
    ),
    f"GET {API}/device/child-device": Command(
        entry_action("lux_get_device", answers=True, real_user_id=7301)
    ),
    f"POST {API}/device/set-my-device": Command(
        entry_action("lux_register_device", real_user_id=7301, **FREE)
    ),
    f"PATCH {API}/device/un-connect": Command(_unregister),
    f"POST {API}/device/alimtalk": Command(
        entry_action("lux_send_impedance_alert", confirm=True), _UNCONFIRMED
    ),
}
_UNUSUAL = {"alimtalk": {**_DONE, kinds.CHARSET: Outcome.DONE}}


def _name(key: str) -> str:
    """Return the name of a request in the table."""
    return key.removeprefix(key[: key.index(API)]).removeprefix(f"{API}/device/")


_ROUTES = (
    Route(Role.POLL, "get-all-device", DEVICES),
    Route(Role.SIDE, "user/me", ME, optional=OptionalRequest(part=r"^lux:4107_")),
    *(
        Route(
            Role.COMMAND,
            name := _name(key).removeprefix(f"{API}/"),
            key,
            (),
            _UNUSUAL.get(name, {}),
            command=command,
        )
        for key, command in _COMMANDS.items()
    ),
    Route(
        Role.DELIVERY,
        "devlog",
        UPLOAD,
        (),
        {
            kinds.ALWAYS_401: Outcome.KEPT_SIGN_IN,
            # Neither is a word about the log.
            kinds.FORBIDDEN: Outcome.KEPT,
            kinds.NOT_FOUND: Outcome.KEPT,
        },
        delivery=Delivery(
            _upload, lambda life, number: stored_logs(life.service).count(number)
        ),
    ),
    Route(
        Role.TOKEN,
        "refresh-token",
        REFRESH,
        (),
        _SPENT,
        renewal=Renewal(Lux.expire_tokens, _sign_in),
    ),
)
_FORM = Form(
    steps=("lux",),
    filled=form,
    requests=(Route(Role.FLOW, "signin", SIGN_IN), Route(Role.FLOW, "whose", ME)),
)

# Everything else --------------------------------------------------------------


class LuxSession(Session[Lux]):
    """LUX: what renews the token works once, and there is one session per account."""

    @override
    async def entry(self, hass: HomeAssistant, service: Lux) -> ConfigEntry:
        """Sign in as a person does."""
        return await signed_in(hass, service)

    @override
    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Ask whose a device is."""
        device = {"config_entry_id": entry.entry_id, "unique_id": "lux-unit-0001"}
        return {
            "action": f"{DOMAIN}.lux_check_device",
            "data": device,
            "response_variable": "answer",
        }


def _private(lux: Lux) -> set[Any]:
    return {
        *(USERNAME, lux.user.phone, "Blue mask", "4107"),
        *(
            name
            for child in lux.children.values()
            for name in (child.first_name, child.last_name, child.birthdate)
        ),
        *(device.serial_code for device in lux.devices.values()),
        *(device.unique_id for device in lux.devices.values()),
    }


CONTRACT = Contract(
    make=Lux,
    unique_id=ACCOUNT,
    title="LUX p…@example.org",
    stored=stored,
    sign_in=signed_in,
    forms=(_FORM,),
    client=Client(connect=_connect, answered=_answered, calls=_CALLS, models=_models),
    faults=Faults(
        homes={"lux": _set_up},
        routes=_ROUTES,
        load={
            Case.NORMAL: (8, 2),
            Case.BUSY: (4, 2),
            Case.SILENT: (4, 2),
            Case.LIMITED: (1, 2),
            Case.STARTING: (12, 3),
            Case.STARTING_LIMITED: (1, 3),
        },
        ring=lambda lux: lux.phone_upload(BLUE_ID),
        ring_changes=r"lux-unit-0001_(treatment|treatment_logs|last_log_received)$",
        # A goal is ours, whatever LUX says.
        local=("_weekly_goal",),
        timed=("_logs_today", "_logs_this_week", "_days_in_a_row"),
    ),
    secrets=SECRETS,
    private=_private,
    has_enough=lambda found: "last_log_file_id" in json.dumps(found),
    sections=("seen_logs", "started_treatments"),
    session=LuxSession(
        make=Lux,
        renew=REFRESH,
        sign_in=SIGN_IN,
        asked=f"GET {API}/device/check-device",
        poll=POLL,
        lifetime=900 - 60,
        once=True,
        end=Lux.expire_tokens,
        revoke=Lux.revoke_tokens,
    ),
)

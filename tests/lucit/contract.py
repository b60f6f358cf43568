"""A Lucit player, as the tests that all vendors go through take it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from custom_components.lantern.lucit.client.api import LucitApi
from custom_components.lantern.lucit.client.models import Credentials, PairingRequest
from custom_components.lantern.transport.errors import AuthError
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token
from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID
from tests.common import add_entry, entity_id, settle
from tests.contract import Call, Client, Contract, Faults, Form
from tests.faults import kinds
from tests.faults.life import Life
from tests.faults.outcomes import Outcome
from tests.faults.requests import (
    Command,
    Delivery,
    OptionalRequest,
    Renewal,
    entity_action,
)
from tests.faults.rules import Case, Role, Route
from tests.sessions import Session

from .conftest import UNIQUE_ID, form, stored
from .secrets import SECRETS
from .test_instructions import reply

_TITLE = "Lucit player"
_HEARTBEAT = "POST /api/v3/analytics/lightning-devices/{lcuid}/heartbeat"
_REPLY = "POST /api/v3/lightning/devices/{lcuid}/instructions/{instruction_lcuid}"
_REQUEST = "POST /api/v3/lightning/device-requests/request"
_CHECK = "POST /api/v3/lightning/device-request/{lcuid}/check-for-device"

# The client -------------------------------------------------------------------

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_BOT = Credentials("LCUID-LD-1", "made-up", "made-up")
_PAIRING = PairingRequest("LCUID-LDR-1", "1-2-3", "made-up", _NOON, 1800, None, None)


def _client(session: Any, url: str) -> LucitApi:
    return LucitApi(session, f"{url}/api/v3", APP_ID, RateLimit())


async def _connect(session: Any, lucit: Lucit) -> LucitApi:
    api = _client(session, lucit.url)
    paired = lucit.pair()
    bot = Credentials(
        paired["lightning_device_lcuid"],
        paired["bot_user_token"],
        paired["bot_user_secret"],
    )
    api.sign_in_as(bot, Token(access_token=""), lambda _: None)
    return api


def _answered(session: Any) -> LucitApi:
    api = _client(session, "http://127.0.0.1")
    api.sign_in_as(_BOT, Token(access_token="made-up"), lambda _: None)
    return api


def _bot(lucit: Lucit | None) -> Credentials:
    if lucit is None:
        return _BOT
    bot = next(iter(lucit.bots.values()))
    return Credentials(bot.device_lcuid, bot.token, bot.secret)


async def _pair(api: LucitApi, lucit: Lucit | None) -> Any:
    return await api.request_code("made-up-player-2", 1920, 1080)


async def _check(api: LucitApi, lucit: Lucit | None) -> Any:
    pairing = _PAIRING
    if lucit is not None:
        pairing = await api.request_code("made-up-player-2", 1920, 1080)
        lucit.approve()
    return await api.check_for_device(pairing, None)


async def _beat(api: LucitApi, lucit: Lucit | None) -> Any:
    if lucit is not None:
        lucit.queue_instruction("reload", {"a": [1, {"b": None}]})
    return await api.heartbeat(_bot(lucit).device_lcuid, "1", ["a"])


async def _acknowledge(api: LucitApi, lucit: Lucit | None) -> Any:
    lcuid = lucit.queue_instruction() if lucit is not None else "LCUID-1"
    if lucit is not None:
        await api.heartbeat(_bot(lucit).device_lcuid, "1", ["a"])
    return await api.acknowledge(_bot(lucit).device_lcuid, lcuid)


def _models(answer: Callable[[str], Any]) -> Iterable[Any]:
    """Return a player and its screens."""
    if (answered := answer("player")) is not None:
        player, screens = answered
        yield from (player, *(screens or {}).values())


# Faults -----------------------------------------------------------------------


async def _set_up(hass: HomeAssistant, lucit: Lucit) -> ConfigEntry:
    return await add_entry(hass, UNIQUE_ID, stored(lucit), _TITLE)


async def _with_heartbeats(hass: HomeAssistant, lucit: Lucit) -> ConfigEntry:
    entry = await _set_up(hass, lucit)
    player = entity_id(hass, "switch", f"{UNIQUE_ID}_heartbeat")
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": player}, blocking=True
    )
    await settle(hass)
    return entry


def _reply(action: str) -> Delivery:
    async def send(life: Life) -> str:
        lcuid: str = life.service.queue_instruction()
        await reply(life.hass, life.entry, action, instruction_lcuid=lcuid)
        return lcuid

    def arrived(life: Life, lcuid: str) -> int:
        """Return whether Lucit has it; a reply may come twice, and says the same."""
        (instruction,) = [
            each for each in life.service.instructions if each.lcuid == lcuid
        ]
        return int(instruction.failed if action == "fail" else instruction.status == 2)

    return Delivery(send, arrived, "lucit_unknown_instruction")


_REFUSED = dict.fromkeys((kinds.FORBIDDEN, kinds.NOT_FOUND), Outcome.SIGN_IN)
_ROUTES = (
    Route(
        Role.POLL,
        "device",
        "GET /api/v3/lightning/devices/{lcuid}",
        ("status", "lightning_device_status"),
    ),
    Route(
        Role.COMMAND,
        "heartbeat",
        _HEARTBEAT,
        (),
        # The sign-in tries the stored credentials first, and they are good.
        {kinds.ALWAYS_401: Outcome.TOLD},
        command=Command(
            entity_action("button", "press", f"{UNIQUE_ID}_send_heartbeat")
        ),
    ),
    Route(
        Role.DELIVERY,
        "acknowledge",
        f"{_REPLY}/acknowledge",
        delivery=_reply("acknowledge"),
    ),
    Route(Role.DELIVERY, "failed", f"{_REPLY}/failed", delivery=_reply("fail")),
    Route(
        Role.TOKEN,
        "auth",
        "POST /api/v3/auth",
        (),
        {**_REFUSED, kinds.ONCE_401: Outcome.HEALS},
        # What Lucit refused was not wrong: a reload is enough.
        renewal=Renewal(Lucit.expire_bearers),
    ),
    Route(
        Role.PERIODIC,
        "regular heartbeat",
        _HEARTBEAT,
        optional=OptionalRequest(stirs="_last_heartbeat$"),
        home="lucit with heartbeats",
    ),
)
_FORM = Form(
    steps=("lucit",),
    filled=lambda lucit: form(lucit, attach_to=""),
    requests=(Route(Role.FLOW, "request", _REQUEST),),
    # Lucit says with 404 that the code has ended, and with 401 what a wrong app hears.
    waiting=(
        Route(
            Role.PERSON,
            "check-for-device",
            _CHECK,
            (),
            dict.fromkeys(
                (*kinds.TRANSIENT, kinds.TOO_MANY, *kinds.LIMITS), Outcome.GOES_ON
            ),
        ),
    ),
    act=Lucit.approve,
)

# Everything else --------------------------------------------------------------


class LucitSession(Session[Lucit]):
    """Lucit: what renews the bearer is the player's own, and works again and again."""

    @override
    async def entry(self, hass: HomeAssistant, service: Lucit) -> ConfigEntry:
        """Add an entry of a player that was just paired."""
        return await add_entry(hass, UNIQUE_ID, stored(service))

    @override
    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Report the player as alive."""
        button = entity_id(hass, "button", f"{UNIQUE_ID}_send_heartbeat")
        return {"action": "button.press", "data": {"entity_id": button}}


def _private(lucit: Lucit) -> set[Any]:
    board = lucit.device.digital_boards[0]
    player = {lucit.device.name, lucit.device.device_number, "54.12", "7.98"}
    return player | {board.lcuid, board.name}


CONTRACT = Contract(
    make=Lucit,
    unique_id=UNIQUE_ID,
    title=_TITLE,
    stored=stored,
    forms=(_FORM,),
    client=Client(
        connect=_connect,
        answered=_answered,
        calls=(
            Call("request_code", _pair),
            Call("check_for_device", _check),
            Call("auth", lambda api, lucit: api.auth(_bot(lucit)), (AuthError,)),
            Call("player", lambda api, lucit: api.player(_bot(lucit).device_lcuid)),
            Call("heartbeat", _beat),
            Call("acknowledge", _acknowledge),
        ),
        models=_models,
    ),
    faults=Faults(
        homes={"lucit": _set_up, "lucit with heartbeats": _with_heartbeats},
        routes=_ROUTES,
        load={
            **dict.fromkeys(
                (Case.NORMAL, Case.BUSY, Case.SILENT, Case.STARTING), (12, 3)
            ),
            **dict.fromkeys((Case.LIMITED, Case.STARTING_LIMITED), (1, 3)),
        },
        ring=Lucit.queue_instruction,
        ring_home="lucit with heartbeats",
        ring_changes=r"_(instruction|last_heartbeat)$",
        # Heartbeats are ours: people see them, and can end them, whatever Lucit says.
        local=("_heartbeat", "_heartbeat_problem"),
    ),
    secrets=SECRETS,
    private=_private,
    # The place to a tenth of a degree.
    has_enough=lambda found: (
        found["devices"][0]["latitude"] == 54.1 and found["devices"][0]["width"] == 1920
    ),
    describe=lambda lucit: lucit.set_device(latitude="54.12345", longitude="7.98765"),
    options={"heartbeat": True},
    sections=("instructions_waiting", "instructions_told", "instructions_replies"),
    session=LucitSession(
        make=Lucit,
        renew="POST /api/v3/auth",
        sign_in=_REQUEST,
        asked=_HEARTBEAT,
        poll=300,
        lifetime=364 * 86_400,
        once=False,
        end=Lucit.expire_bearers,
        revoke=Lucit.revoke_credentials,
    ),
)

"""Every call of every room's client, and a simulated service that answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from custom_components.lantern.hue.client.http import Address, HueHttp
from custom_components.lantern.hue.client.models.group import Group
from custom_components.lantern.hue.client.models.light import (
    Capabilities,
    Light,
    LightCommand,
    LightState,
    Metadata,
)
from custom_components.lantern.hue.client.registration import (
    get_config,
    get_introduction,
    register,
)
from custom_components.lantern.hue.client.v1 import V1Client
from custom_components.lantern.hue.client.v2 import V2Client
from custom_components.lantern.lightbug.client.api import LightbugApi
from custom_components.lantern.lightbug.client.geofences import parse_geofence
from custom_components.lantern.lightbug.client.history import read_history
from custom_components.lantern.lightbug.client.points import Clock
from custom_components.lantern.lucit.client.api import LucitApi
from custom_components.lantern.lucit.client.models import Credentials, PairingRequest
from custom_components.lantern.lux.client.api import LuxApi
from custom_components.lantern.lux.client.errors import AlertUnconfirmed
from custom_components.lantern.lux.client.models import Notification
from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from custom_components.lantern.transport.errors import (
    AuthError,
    BadAnswer,
    Refused,
    TransportError,
    Unreachable,
)
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token
from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID
from simulator.lux import Lux
from simulator.service import Service

type Ask = Callable[[Any, Any], Awaitable[Any]]

TOKEN = Token(access_token="made-up")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Room:
    """A service to listen to, and the clients of it and of a canned one."""

    make: Callable[[], Service]
    connect: Callable[[Any, Any], Awaitable[Any]]
    client: Callable[[Any], Any]


@dataclass(frozen=True)
class Call:
    """One call: what it may raise where the status is 200, besides BadAnswer.

    `ask` gets the client, and the simulated service or None.
    """

    name: str
    room: Room
    ask: Ask
    allowed: tuple[type[TransportError], ...] = ()

    @property
    def errors(self) -> tuple[type[TransportError], ...]:
        """Return all that may be raised where the status is 200."""
        return (BadAnswer, *self.allowed)


# Hue -------------------------------------------------------------------------


async def _hue(session: Any, bridge: HueBridge) -> HueHttp:
    address = Address(f"127.0.0.1:{bridge.port}", bridge.certificate_sha256)
    return HueHttp(session, address, bridge.register("fuzz"), RateLimit())


def _hue_canned(session: Any) -> HueHttp:
    return HueHttp(session, Address("127.0.0.1", None), "made-up", RateLimit())


async def _register(api: HueHttp, bridge: HueBridge | None) -> Any:
    if bridge is not None:
        bridge.press_link_button()
    return await register(api, "fuzz#two", None)


async def _groups(api: HueHttp, bridge: HueBridge | None) -> Any:
    v1 = V1Client(api)
    return await v1.get_groups(await v1.get_lights() if bridge else {})


async def _house_v2(api: HueHttp, _: HueBridge | None) -> Any:
    v2 = V2Client(api, V1Client(api), {})
    await v2.read()
    return v2.get_house("001788fffe0a0b0c")


def _light(number: str) -> Light:
    names = Metadata("Lamp", None, None, None, None)
    return Light(number, None, "", names, Capabilities(), LightState(), None, None)


_GROUP = Group("1", "Room", "Room", (), Capabilities(), LightState())


HUE = Room(HueBridge, _hue, _hue_canned)
# A web page instead of JSON is what a busy bridge answers.
_HUE_SAYS = (Refused, AuthError, Unreachable)
HUE_CALLS = [
    Call(name, HUE, ask, _HUE_SAYS)
    for name, ask in {
        "introduction": lambda api, _: get_introduction(api),
        "register": _register,
        "config": lambda api, _: get_config(api),
        "lights": lambda api, _: V1Client(api).get_lights(),
        "light": lambda api, _: V1Client(api).get_lights("1"),
        "groups": _groups,
        "sensors": lambda api, _: V1Client(api).get_sensors(),
        "scenes": lambda api, _: V1Client(api).get_scenes(),
        "house_v2": _house_v2,
        "set_light": lambda api, _: V1Client(api).set_light(
            _light("2"), LightCommand(on=True, brightness=0.1)
        ),
        "set_group": lambda api, _: V1Client(api).set_group(
            _GROUP, LightCommand(on=True)
        ),
    }.items()
]


# Lucit -----------------------------------------------------------------------

_BOT = Credentials("LCUID-LD-1", "made-up", "made-up")
_PAIRING = PairingRequest("LCUID-LDR-1", "1-2-3", "made-up", NOON, 1800, None, None)


def _lucit_client(session: Any, url: str) -> LucitApi:
    return LucitApi(session, f"{url}/api/v3", APP_ID, RateLimit())


async def _lucit(session: Any, lucit: Lucit) -> LucitApi:
    api = _lucit_client(session, lucit.url)
    told = lucit.pair()
    bot = Credentials(
        told["lightning_device_lcuid"], told["bot_user_token"], told["bot_user_secret"]
    )
    api.sign_in_as(bot, Token(access_token=""), lambda _: None)
    return api


def _lucit_canned(session: Any) -> LucitApi:
    api = _lucit_client(session, "http://127.0.0.1")
    api.sign_in_as(_BOT, TOKEN, lambda _: None)
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
    known = lucit.queue_instruction() if lucit is not None else "LCUID-1"
    if lucit is not None:
        await api.heartbeat(_bot(lucit).device_lcuid, "1", ["a"])
    return await api.acknowledge(_bot(lucit).device_lcuid, known)


LUCIT = Room(Lucit, _lucit, _lucit_canned)
LUCIT_CALLS = [
    Call("request_code", LUCIT, _pair),
    Call("check_for_device", LUCIT, _check),
    Call("auth", LUCIT, lambda api, lucit: api.auth(_bot(lucit)), (AuthError,)),
    Call("player", LUCIT, lambda api, lucit: api.player(_bot(lucit).device_lcuid)),
    Call("heartbeat", LUCIT, _beat),
    Call("acknowledge", LUCIT, _acknowledge),
]


# Lightbug --------------------------------------------------------------------


async def _lightbug(session: Any, lightbug: Lightbug) -> LightbugApi:
    api = LightbugApi(session, lightbug.url, RateLimit())
    api.sign_in_as(Token(access_token=lightbug.add_personal_token()))
    return api


def _lightbug_canned(session: Any) -> LightbugApi:
    api = LightbugApi(session, "http://127.0.0.1", RateLimit())
    api.sign_in_as(TOKEN)
    return api


def _login(name: str) -> Ask:
    async def ask(api: LightbugApi, lightbug: Lightbug | None) -> Any:
        username, password = "a@example.org", "b"
        if lightbug is not None:
            username, password = lightbug.username, lightbug.password
        return await getattr(api, name)(username, password)

    return ask


async def _renew(api: LightbugApi, lightbug: Lightbug | None) -> Any:
    token = Token(access_token="a", refresh_token="b")
    if lightbug is not None:
        access, renewal = lightbug.issue_v2(2_678_400)
        token = Token(
            access_token=access.text, refresh_token=renewal.text if renewal else None
        )
    api.sign_in_as(token, lambda _: None)
    keeper = api._http.tokens  # noqa: SLF001  # what a 401 would lead to
    assert keeper is not None
    return await keeper.refresh("renew", token.access_token)


async def _history(api: LightbugApi, lightbug: Lightbug | None) -> Any:
    async def ask(by: str, ends: tuple[str, str], skip: int) -> Any:
        return await api.points_page(_tracker(lightbug), by, ends, skip)

    return (await read_history(ask, NOON - timedelta(days=1), NOON, Clock(NOON))).points


async def _geofences(api: LightbugApi, _: Lightbug | None) -> Any:
    return [parse_geofence(row) for row in await api.geofences(4321)]


def _tracker(lightbug: Lightbug | None) -> int:
    return next(iter(lightbug.trackers)) if lightbug is not None else 1


LIGHTBUG = Room(Lightbug, _lightbug, _lightbug_canned)
LIGHTBUG_CALLS = [
    Call(name, LIGHTBUG, ask)
    for name, ask in {
        "login": _login("login"),
        "legacy_login": _login("legacy_login"),
        "renew": _renew,
        "check_token": lambda api, _: api.check_token(),
        "check_owner": lambda api, _: api.check_owner(4321),
        "summary": lambda api, _: api.summary(4321),
        "activity": lambda api, _: api.activity(4321, NOON, NOON),
        "devices": lambda api, _: api.devices(),
        "points": lambda api, lightbug: api.newest_valid_points(_tracker(lightbug)),
        "arrived": lambda api, lightbug: api.points_since(_tracker(lightbug), NOON),
        "history": _history,
        "geofences": _geofences,
        "config": lambda api, lightbug: api.set_config(
            _tracker(lightbug), {"interval": 600}
        ),
        "readings": lambda api, lightbug: api.newest_readings(_tracker(lightbug)),
    }.items()
]


# LUX -------------------------------------------------------------------------


async def _lux(session: Any, lux: Lux) -> LuxApi:
    api = LuxApi(session, lux.url, RateLimit())
    api.use(await api.sign_in(lux.username, lux.password))
    return api


def _lux_canned(session: Any) -> LuxApi:
    api = LuxApi(session, "http://127.0.0.1", RateLimit())
    api.use(TOKEN)
    return api


async def _refresh(api: LuxApi, lux: Lux | None) -> Any:
    token = Token(access_token="a", refresh_token="b")
    if lux is not None:
        token = await api.sign_in(lux.username, lux.password)
    return await api.refresh(token)


async def _set_my_device(api: LuxApi, _: Lux | None) -> Any:
    return await api.register_device(
        serial_code="SL20990003",
        mac_id="42AD",
        unique_id="lux-unit-0003",
        real_user_id=7301,
    )


async def _register_device(api: LuxApi, lux: Lux | None) -> Any:
    if lux is not None:
        await api.check_device("lux-unit-0003")
    return await _set_my_device(api, lux)


def _log() -> TreatmentLog:
    return TreatmentLog(NOON, 60, 1, Ending.NORMAL, 13, real_user_id=7301)


async def _upload(api: LuxApi) -> None:
    await api.upload_logs(
        [_log()], device_id=811, unique_id="lux-unit-0001", time_zone=UTC
    )


_CONFIRMS = (Refused, Unreachable)
LUX = Room(Lux, _lux, _lux_canned)
LUX_CALLS = [
    Call("sign_in", LUX, lambda api, lux: api.sign_in(*_who(lux))),
    Call("refresh", LUX, _refresh),
    Call("me", LUX, lambda api, _: api.get_account()),
    Call(
        "set_notification",
        LUX,
        lambda api, _: api.set_notification(Notification(True, False, True)),
    ),
    Call("all_devices", LUX, lambda api, _: api.get_devices()),
    Call("child_device", LUX, lambda api, _: api.get_child_device(7301)),
    Call("check_device", LUX, lambda api, _: api.check_device("lux-unit-0001")),
    Call("set_my_device", LUX, _register_device, _CONFIRMS),
    Call(
        "un_connect",
        LUX,
        lambda api, _: api.unregister_device("lux-unit-0001", 7301),
        _CONFIRMS,
    ),
    Call("update_alias", LUX, lambda api, _: api.set_alias(811, 7301, "a")),
    Call("upload_logs", LUX, lambda api, _: _upload(api), _CONFIRMS),
    Call(
        "alert",
        LUX,
        lambda api, _: api.send_impedance_alert(),
        (AlertUnconfirmed,),
    ),
]


def _who(lux: Lux | None) -> tuple[str, str]:
    return (lux.username, lux.password) if lux is not None else ("a", "b")


CALLS = {
    f"{room}-{call.name}": call
    for room, calls in {
        "hue": HUE_CALLS,
        "lucit": LUCIT_CALLS,
        "lightbug": LIGHTBUG_CALLS,
        "lux": LUX_CALLS,
    }.items()
    for call in calls
}

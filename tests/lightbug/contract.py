"""A Lightbug account, as the tests that all vendors go through take it."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.lightbug.client.api import LightbugApi
from custom_components.lantern.lightbug.client.devices import NO_ROW, make_tracker
from custom_components.lantern.lightbug.client.geofences import parse_geofence
from custom_components.lantern.lightbug.client.history import read_history
from custom_components.lantern.lightbug.client.models import Readings
from custom_components.lantern.lightbug.client.points import Clock, PositionState
from custom_components.lantern.lightbug.client.readings import ReadingState
from custom_components.lantern.transport.errors import TransportError
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token
from simulator.lightbug import Lightbug
from tests.common import add_entry
from tests.contract import MIB, Ask, Call, Client, Contract, Faults, Form
from tests.faults import kinds
from tests.faults.life import Life
from tests.faults.outcomes import Outcome
from tests.faults.requests import (
    Command,
    OptionalRequest,
    Renewal,
    device_action,
    entity_action,
    entry_action,
)
from tests.faults.rules import Case, Role, Route
from tests.sessions import Session

from .conftest import (
    ACTIVITY,
    DEVICES,
    LEGACY_LOGIN,
    LOGIN,
    LOGOUT,
    POINTS,
    POLL,
    READINGS,
    REFRESH,
    SUMMARY,
    UNIQUE_ID,
    stored,
)
from .secrets import SECRETS
from .test_flow import login, pasted

_TITLE = "Lightbug r…@example.org"
_FIRST = 2_370_001
_TRACKER = f"lightbug:{_FIRST}"

# The client -------------------------------------------------------------------

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def _connect(session: Any, lightbug: Lightbug) -> LightbugApi:
    api = LightbugApi(session, lightbug.url, RateLimit())
    api.sign_in_as(Token(access_token=lightbug.add_personal_token()))
    return api


def _answered(session: Any) -> LightbugApi:
    api = LightbugApi(session, "http://127.0.0.1", RateLimit())
    api.sign_in_as(Token(access_token="made-up"))
    return api


def _login(name: str) -> Ask:
    async def ask(api: LightbugApi, lightbug: Lightbug | None) -> Any:
        username, password = "a@example.org", "b"
        if lightbug is not None:
            username, password = lightbug.username, lightbug.password
        return await getattr(api, name)(username, password)

    return ask


async def _renew(api: LightbugApi, lightbug: Lightbug | None) -> Any:
    """Renew the token, as each request does whose token was refused."""
    access, refresh = "", "b"
    if lightbug is not None:
        issued = lightbug.issue_v2(2_678_400)
        access, refresh = (one.text for one in issued if one)
        lightbug.expire_tokens()
        # The renewal's answer is to be the last one.
        lightbug.inject(DEVICES, "status", status=401)
        lightbug.inject(DEVICES, "reset", times=-1)
    stored_tokens: list[Token] = []
    token = Token(access_token=access, refresh_token=refresh)
    api.sign_in_as(token, stored_tokens.append)
    try:
        await api.check_token()
    except TransportError:
        if not stored_tokens:
            raise


def _tracker(lightbug: Lightbug | None) -> int:
    return next(iter(lightbug.trackers)) if lightbug is not None else 1


async def _history(api: LightbugApi, lightbug: Lightbug | None) -> Any:
    async def ask(by: str, ends: tuple[str, str], skip: int) -> Any:
        return await api.points_page(_tracker(lightbug), by, ends, skip)

    start = _NOON - timedelta(days=1)
    return (await read_history(ask, start, _NOON, Clock(_NOON))).points


async def _geofences(api: LightbugApi, _: Lightbug | None) -> Any:
    return [parse_geofence(row) for row in await api.geofences(4321)]


_ASKS: dict[str, Ask] = {
    "login": _login("login"),
    "legacy_login": _login("legacy_login"),
    "renew": _renew,
    "check_token": lambda api, _: api.check_token(),
    "check_owner": lambda api, _: api.check_owner(4321),
    "summary": lambda api, _: api.summary(4321),
    "activity": lambda api, _: api.activity(4321, _NOON, _NOON),
    "devices": lambda api, _: api.devices(),
    "points": lambda api, lightbug: api.newest_valid_points(_tracker(lightbug)),
    "arrived": lambda api, lightbug: api.points_since(_tracker(lightbug), _NOON),
    "history": _history,
    "geofences": _geofences,
    "config": lambda api, lightbug: api.set_config(
        _tracker(lightbug), {"interval": 600}
    ),
    "readings": lambda api, lightbug: api.newest_readings(_tracker(lightbug)),
}


def _models(answer: Callable[[str], Any]) -> Iterable[Any]:
    """Return trackers, with their points and readings."""
    summed, listed = answer("summary"), answer("devices") or {}
    readings = ReadingState()
    readings.take(answer("readings") or [], Clock(_NOON))
    rows = summed[0] if summed else {}
    for number in rows | listed:
        row, position = rows.get(number, NO_ROW), PositionState()
        for point in row.points:
            position.take(point)
        yield make_tracker(
            listed.get(number, NO_ROW),
            row,
            fix=position.fix,
            status=position.status,
            readings=readings.values,
            changed=_NOON,
        )


# Faults -----------------------------------------------------------------------


async def _set_up(hass: HomeAssistant, lightbug: Lightbug) -> ConfigEntry:
    lightbug.access_lifetime = 10**9
    return await add_entry(hass, UNIQUE_ID, stored(lightbug), _TITLE)


def _lose_place(life: Life) -> None:
    """Let a tracker send a point of which the summary says little: it is read."""
    life.service.summary_shape = "bare"
    life.service.add_point(
        _FIRST, locationType="invalid", location={"lat": 0, "lng": 0}
    )


def _history_of_a_day(life: Life) -> Awaitable[Any]:
    start = dt_util.utcnow() - timedelta(days=1)
    act = device_action(
        _TRACKER, "lightbug_get_history", answers=True, start=start.isoformat()
    )
    return act(life)


async def _sign_in(life: Life) -> None:
    data = stored(life.service)
    life.hass.config_entries.async_update_entry(life.entry, data=data)
    await life.reload()


def _alert(lightbug: Lightbug) -> object:
    return lightbug.add_activity(_FIRST, "button")


_DONE = dict.fromkeys((kinds.TYPES, kinds.NULLS, kinds.EMPTY, kinds.DRIP), Outcome.DONE)
# A refresh token works once: who lost the answer has nothing to go on with.
_SPENT = dict.fromkeys(
    [one for one in kinds.TRANSIENT if one not in kinds.NOT_ASKED], Outcome.SIGN_IN
)
_ROUTES = (
    Route(Role.POLL, "getDeviceSummary", SUMMARY, ("locationType", "currentMode")),
    Route(Role.POLL, "v2/devices", DEVICES),
    Route(
        Role.SIDE,
        "getRecentActivity",
        ACTIVITY,
        optional=OptionalRequest(
            stirs=r"_alert$", stir=lambda life: _alert(life.service)
        ),
    ),
    Route(
        Role.SIDE,
        "points",
        POINTS,
        optional=OptionalRequest(lapses=False, stirs=rf":{_FIRST}_", stir=_lose_place),
    ),
    Route(
        Role.SIDE,
        "readings",
        READINGS,
        optional=OptionalRequest(
            part=rf":{_FIRST}_({'|'.join(Readings._fields)})$",
            stirs=rf":{_FIRST}_last_",
            stir=lambda life: life.service.connect(_FIRST),
        ),
    ),
    Route(
        Role.COMMAND,
        "set config",
        "PUT /api/devices/{id}/config",
        (),
        {kinds.EMPTY: Outcome.DONE},
        command=Command(
            entity_action("number", "set_value", f"{_TRACKER}_wake_interval", value=120)
        ),
    ),
    Route(
        Role.COMMAND,
        "flightMode",
        "GET /api/devices/{id}/flightMode",
        (),
        _DONE,
        command=Command(
            device_action(_TRACKER, "lightbug_set_flight_mode", minutes=5, confirm=True)
        ),
    ),
    Route(
        Role.COMMAND,
        "geofences",
        "GET /api/users/{id}/geofences",
        command=Command(entry_action("lightbug_get_geofences", answers=True)),
    ),
    Route(Role.COMMAND, "history", POINTS, command=Command(_history_of_a_day)),
    Route(
        Role.TOKEN,
        "refreshToken",
        REFRESH,
        (),
        {**_SPENT, kinds.FORBIDDEN: Outcome.SIGN_IN},
        renewal=Renewal(Lightbug.expire_tokens, _sign_in),
    ),
    Route(Role.REVOCATION, "logout", LOGOUT),
)
_FORMS = (
    Form(
        steps=("lightbug", "lightbug_login"),
        filled=login,
        requests=(Route(Role.FLOW, "login", LOGIN),),
    ),
    Form(
        steps=("lightbug", "lightbug_legacy_login"),
        filled=login,
        requests=(Route(Role.FLOW, "v1 login", LEGACY_LOGIN),),
    ),
    Form(
        steps=("lightbug", "lightbug_token"),
        filled=lambda lightbug: pasted(
            lightbug, lightbug.add_personal_token(), user_id=""
        ),
        requests=(
            Route(Role.FLOW, "one of v2/devices", DEVICES),
            Route(
                Role.FLOW,
                "users/devices",
                "GET /api/users/{id}/devices",
                (),
                # That it answers is all that is asked.
                dict.fromkeys((kinds.TYPES, kinds.NULLS), Outcome.NOTHING),
            ),
        ),
    ),
)

# Everything else --------------------------------------------------------------


class LightbugSession(Session[Lightbug]):
    """Lightbug's login of v2: what renews the token works once."""

    @override
    async def entry(self, hass: HomeAssistant, service: Lightbug) -> ConfigEntry:
        """Add an entry that was just signed in."""
        service.access_lifetime = 3600
        return await add_entry(hass, UNIQUE_ID, stored(service))

    @override
    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Ask for the account's geofences."""
        return {
            "action": f"{DOMAIN}.lightbug_get_geofences",
            "data": {"config_entry_id": entry.entry_id},
            "response_variable": "answer",
        }


def _private(lightbug: Lightbug) -> set[Any]:
    devices = [one.device for one in lightbug.trackers.values()]
    names = {one[key] for one in devices for key in ("name", "serial", "imei")}
    return names | {"54.12", "7.98"}


CONTRACT = Contract(
    make=Lightbug,
    unique_id=UNIQUE_ID,
    title=_TITLE,
    stored=stored,
    forms=_FORMS,
    client=Client(
        connect=_connect,
        answered=_answered,
        calls=tuple(Call(name, ask) for name, ask in _ASKS.items()),
        models=_models,
    ),
    faults=Faults(
        homes={"lightbug": _set_up},
        routes=_ROUTES,
        load={
            Case.NORMAL: (37, 10),
            Case.BUSY: (13, 10),
            Case.SILENT: (13, 10),
            Case.LIMITED: (1, 10),
            Case.STARTING: (13, 21),
            Case.STARTING_LIMITED: (1, 24),
        },
        # A tracker that has not reported for long is overdue, and may have moved.
        timed=("_overdue", "_motion", "_moving", "_geofence", "_distance_today"),
        ring=_alert,
        ring_changes=r"_alert$",
        longest_body=40 * MIB,
    ),
    secrets=SECRETS,
    private=_private,
    has_enough=lambda found: found["requests_left"] < 2000,
    prepare=lambda lightbug: lightbug.set_limits(normal=10**9, authentication=10**9),
    describe=lambda lightbug: lightbug.move(_FIRST, 54.12345, 7.98765),
    sections=("alerts", "config", "safe_zones", "trackers"),
    session=LightbugSession(
        make=Lightbug,
        renew=REFRESH,
        sign_in=LOGIN,
        asked="GET /api/users/{id}/geofences",
        poll=POLL,
        lifetime=3600 - 600,
        once=True,
        end=Lightbug.expire_tokens,
        revoke=Lightbug.revoke_tokens,
    ),
)

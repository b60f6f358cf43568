"""The client against the service, its limits and its bad days, on real sockets."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json
import time
from typing import Any

from aiohttp import ClientSession
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.lantern.lightbug.client.api import LightbugApi
from custom_components.lantern.lightbug.client.points import Clock
from custom_components.lantern.transport.errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Unreachable,
)
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token
from simulator.lightbug import Lightbug

from .conftest import (
    DEVICES,
    LEGACY_LOGIN,
    LOGIN,
    LOGOUT,
    POINTS,
    REFRESH,
    SUMMARY,
    USER,
)

FIRST = 2_370_001

type Request = Callable[[LightbugApi], Awaitable[Any]]

REQUESTS: dict[str, Request] = {
    SUMMARY: lambda api: api.summary(USER),
    DEVICES: lambda api: api.devices(),
    POINTS: lambda api: api.newest_valid_points(FIRST),
    "GET /api/users/{id}/devices": lambda api: api.check_owner(USER),
}


@pytest.fixture
async def session() -> AsyncGenerator[ClientSession]:
    """Return a session of our own."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def api(lightbug: Lightbug, session: ClientSession) -> LightbugApi:
    """Return a client that is signed in by a personal token."""
    api = LightbugApi(session, lightbug.url, RateLimit(), timeout=5)
    api.sign_in_as(Token(access_token=lightbug.add_personal_token()))
    return api


@pytest.fixture
async def renewed() -> list[Token]:
    """Return the tokens that were stored, in their order."""
    return []


@pytest.fixture
async def login(
    lightbug: Lightbug, session: ClientSession, renewed: list[Token]
) -> LightbugApi:
    """Return a client that is signed in by a login."""
    api = LightbugApi(session, lightbug.url, RateLimit(), timeout=5)
    signed_in = await api.login(lightbug.username, lightbug.password)
    api.sign_in_as(signed_in.token, renewed.append)
    return api


# What is asked -----------------------------------------------------------------


@pytest.mark.parametrize("first_page", [0, 1])
async def test_pages(lightbug: Lightbug, api: LightbugApi, first_page: int) -> None:
    """All pages are read, from wherever the service counts."""
    lightbug.first_page = first_page
    fleet = lightbug.generate(2345)
    devices = await api.devices()
    assert list(devices) == fleet
    assert lightbug.count(DEVICES) == 3
    assert devices[fleet[-1]].firmware == "78"
    pages = [request.query.get("_page") for request in lightbug.requests]
    assert pages == [None, str(first_page + 1), str(first_page + 2)]
    assert {request.query["_limit"] for request in lightbug.requests} == {"1000"}


async def test_one_page_is_enough(lightbug: Lightbug, api: LightbugApi) -> None:
    """Exactly a full page asks for no other one."""
    lightbug.generate(1000)
    assert len(await api.devices()) == 1000
    assert lightbug.count(DEVICES) == 1


@pytest.mark.parametrize(
    ("body", "requests"),
    [
        ({"data": [{"id": 1}], "page": 1, "totalElements": 3}, 3),
        ({"data": [{"id": 1}], "totalElements": 3}, 1),
        ({"data": [{"id": 1}], "page": 1}, 1),
        ({"data": [], "page": 1, "totalElements": 3}, 1),
        ({"data": [{"id": 1}, 7, {"name": "x"}], "page": 1, "totalElements": 1}, 1),
    ],
)
async def test_odd_pages(
    lightbug: Lightbug, api: LightbugApi, body: dict[str, Any], requests: int
) -> None:
    """A service that does not deliver what it counts is not asked for ever."""
    lightbug.inject(DEVICES, "body", body=json.dumps(body))
    lightbug.inject(DEVICES, "body", body=json.dumps(body | {"page": 2}))
    lightbug.inject(DEVICES, "body", body=json.dumps({"data": []}), times=-1)
    assert len(await api.devices()) <= 1
    assert lightbug.count(DEVICES) == requests


async def test_summary(lightbug: Lightbug, api: LightbugApi) -> None:
    """The summary holds each device, with its newest points."""
    points, time = await api.summary(USER)
    assert points.keys() == lightbug.trackers.keys()
    ids = [point["id"] for point in lightbug.tracker(FIRST).points]
    assert [point.id for point in points[FIRST].points] == ids[:-6:-1]
    assert abs(time - datetime.now(UTC)) < timedelta(minutes=1)


async def test_null_is_an_empty_list(lightbug: Lightbug, api: LightbugApi) -> None:
    """Go writes an empty list as null, at every endpoint that has one."""
    lightbug.generate(0)
    lightbug.geofences.clear()
    lightbug.null_lists = True
    now = datetime.now(UTC)
    assert await api.devices() == {}
    assert (await api.summary(USER))[0] == {}
    assert (await api.activity(USER, now, now))[0] == []
    assert await api.geofences(USER) == []
    await api.check_token()
    await api.check_owner(USER)
    device = lightbug.add_tracker(points=0)
    assert (await api.summary(USER))[0][device].points == ()
    assert await api.newest_valid_points(device) == []
    assert await api.points_since(device, now) == []
    assert await api.newest_readings(device) == []
    assert (
        await api.points_page(device, "created", ("2026-01-01", "2027-01-01"), 0) == []
    )


async def test_points_that_arrived_at_the_same_time(
    lightbug: Lightbug, api: LightbugApi
) -> None:
    """Packed points are read to the last page, though no time tells the pages apart."""
    since = datetime.now(UTC) - timedelta(seconds=1)
    ids = lightbug.send_packed(FIRST, [{}] * 2500, seconds=1)
    points = await api.points_since(FIRST, since)
    assert {point.id for point in points} >= {*ids}
    assert lightbug.count("GET /api/devices/{id}/points") == 3


async def test_newest_valid_points(lightbug: Lightbug, api: LightbugApi) -> None:
    """Points that are no fixes are left out by the service already."""
    points = await api.newest_valid_points(lightbug.odd["check_in"])
    assert points[0].fix is not None
    assert points[0].fix.latitude == 54.07
    assert await api.newest_valid_points(lightbug.odd["tag"]) == []
    (point,) = await api.newest_valid_points(lightbug.odd["epoch"])
    taken = point.dated(Clock(datetime.now(UTC))).time
    assert taken is not None
    assert taken.year > 1970


async def test_nothing_dangerous_is_asked(lightbug: Lightbug, api: LightbugApi) -> None:
    """Every request that the client knows is a documented one that changes nothing."""
    for ask in REQUESTS.values():
        await ask(api)
    await api.check_token()
    asked = set(lightbug.counts())
    assert asked == {*REQUESTS}
    assert lightbug.flight_modes == []


# Bad days ----------------------------------------------------------------------


@pytest.mark.parametrize("route", REQUESTS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 500}, Unreachable),
        ({"kind": "status", "status": 403}, Refused),
        ({"kind": "status", "status": 404}, Refused),
        ({"kind": "status", "status": 401}, AuthError),
        ({"kind": "status", "status": 302}, BadAnswer),
        ({"kind": "reset", "times": 2}, Unreachable),
        ({"kind": "truncated"}, Unreachable),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "empty"}, BadAnswer),
        ({"kind": "redirect", "body": "http://127.0.0.1:1/"}, BadAnswer),
        ({"kind": "huge", "size": 33 * 1024 * 1024}, BadAnswer),
        ({"kind": "bomb", "size": 33 * 1024 * 1024}, BadAnswer),
        ({"kind": "body", "body": '"text"'}, BadAnswer),
        ({"kind": "body", "body": "{}"}, BadAnswer),
        ({"kind": "body", "body": "[" * 100_000}, BadAnswer),
        ({"kind": "body", "body": "NaN"}, BadAnswer),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else None,
)
async def test_faults(
    lightbug: Lightbug,
    api: LightbugApi,
    route: str,
    fault: dict[str, Any],
    error: type[TransportError],
) -> None:
    """Each fault is one of our own errors, which tells no payload and no URL."""
    lightbug.inject(route, **fault)
    with pytest.raises(error) as caught:
        await REQUESTS[route](api)
    assert type(caught.value) is error
    assert "127.0.0.1" not in str(caught.value)
    assert str(USER) not in str(caught.value)
    lightbug.clear_faults()
    if error is not AuthError:
        await REQUESTS[route](api)


@pytest.mark.parametrize("kind", ["huge", "bomb"])
async def test_longest_body(lightbug: Lightbug, api: LightbugApi, kind: str) -> None:
    """32 MiB are read, counted after decompression, and no more."""
    mib = 1024 * 1024
    lightbug.inject(SUMMARY, kind, size=32 * mib)
    with pytest.raises(BadAnswer) as caught:
        await api.summary(USER)
    assert caught.value.reason == "too long"
    lightbug.inject(SUMMARY, kind, size=31 * mib)
    with pytest.raises(BadAnswer) as caught:
        await api.summary(USER)
    assert caught.value.reason == "no list"


@pytest.mark.parametrize("kind", ["nulls", "wrong_types"])
@pytest.mark.parametrize("route", [SUMMARY, DEVICES])
async def test_devices_without_ids(
    lightbug: Lightbug, api: LightbugApi, route: str, kind: str
) -> None:
    """Rows of which none has an id are no fleet that has left."""
    lightbug.inject(route, kind)
    with pytest.raises(BadAnswer):
        await REQUESTS[route](api)


@pytest.mark.parametrize("kind", ["nulls", "wrong_types"])
async def test_points_without_ids(
    lightbug: Lightbug, api: LightbugApi, kind: str
) -> None:
    """A point that makes no sense is asked for again: it may hold a place."""
    lightbug.inject(POINTS, kind)
    with pytest.raises(BadAnswer):
        await api.newest_valid_points(FIRST)
    assert (await api.newest_valid_points(FIRST))[0].fix is not None


async def test_slow_service(
    lightbug: Lightbug, api: LightbugApi, freezer: FrozenDateTimeFactory
) -> None:
    """An answer that does not come in time is an outage."""
    lightbug.inject(SUMMARY, "latency", seconds=20)
    asked = asyncio.create_task(api.summary(USER))
    while lightbug.faults[0].times:
        await asyncio.sleep(0)
    # aiohttp waits for the next whole second.
    freezer.tick(timedelta(seconds=6))
    with pytest.raises(Unreachable):
        await asked
    freezer.tick(timedelta(seconds=20))
    await api.summary(USER)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"X-Ratelimit-Window": "120"}, "Too Many Requests", 120),
        ({"Retry-After": "45"}, "", 45),
        ({"X-Ratelimit-Reset": "in 90 s"}, '"Limit exceeded"', 90),
        ({"X-Ratelimit-Reset": "in 9000 s"}, '"Limit exceeded"', 9000),
        ({"X-Ratelimit-Reset": "soon"}, "<html>", 60),
        ({}, '{"code": 429}', 60),
    ],
)
async def test_pause(
    lightbug: Lightbug,
    api: LightbugApi,
    freezer: FrozenDateTimeFactory,
    headers: dict[str, str],
    body: str,
    seconds: int,
) -> None:
    """After a 429 nothing is sent until the time that the service named."""
    freezer.tick(timedelta(seconds=1))
    named = dict(headers)
    for name, value in headers.items():
        if value.startswith("in "):
            end = int(lightbug.clock.time()) + int(value.split()[1])
            named[name] = str(end)
    lightbug.inject(SUMMARY, "status", status=429, headers=named, body=body)
    with pytest.raises(RateLimited) as caught:
        await api.summary(USER)
    assert caught.value.retry_after == pytest.approx(seconds, abs=2)
    freezer.tick(timedelta(seconds=seconds - 5))
    for ask in REQUESTS.values():
        with pytest.raises(RateLimited):
            await ask(api)
    assert lightbug.count() == 1
    freezer.tick(timedelta(seconds=7))
    await api.summary(USER)


async def test_window_is_used_up(
    lightbug: Lightbug, api: LightbugApi, freezer: FrozenDateTimeFactory
) -> None:
    """The service's own limit, with its own headers."""
    lightbug.set_limits(normal=2, seconds=300)
    await api.check_token()
    await api.check_token()
    with pytest.raises(RateLimited) as caught:
        await api.check_token()
    assert 295 < caught.value.retry_after <= 301
    freezer.tick(timedelta(seconds=302))
    await api.check_token()


# Tokens ------------------------------------------------------------------------


async def test_login(lightbug: Lightbug, session: ClientSession) -> None:
    """A login tells the user, the pair, and how long each of them lives."""
    lightbug.clock.advance(5_000_000)
    api = LightbugApi(session, lightbug.url, RateLimit())
    signed_in = await api.login(lightbug.username, lightbug.password)
    assert signed_in.user_id == USER
    token = signed_in.token
    # Our clock is wrong by weeks; the lifetime is not.
    assert token.lifetime == pytest.approx(lightbug.access_lifetime, abs=3)
    assert token.expires is not None
    assert token.refresh_token_expires == pytest.approx(
        token.expires + 2_678_400, abs=2
    )
    assert token.access_token not in repr(signed_in)
    assert token.refresh_token is not None
    assert token.refresh_token not in repr(signed_in)


async def test_legacy_login(lightbug: Lightbug, session: ClientSession) -> None:
    """The old login tells a lifetime and no refresh token."""
    lightbug.clock.advance(5_000_000)
    api = LightbugApi(session, lightbug.url, RateLimit())
    signed_in = await api.legacy_login(lightbug.username, lightbug.password)
    assert signed_in.user_id == USER
    assert signed_in.token.lifetime == pytest.approx(1_209_600, abs=3)
    assert signed_in.token.refresh_token is None


@pytest.mark.parametrize("route", [LOGIN, LEGACY_LOGIN])
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"token": "", "id": "", "userId": 1},
        {"token": None, "id": None, "userId": 1},
        {"token": "opaque", "id": "opaque"},
        {"token": "opaque", "id": "opaque", "userId": "robin"},
        {"token": "opaque", "id": "opaque", "userId": None},
    ],
)
async def test_login_that_tells_too_little(
    lightbug: Lightbug, session: ClientSession, route: str, body: Any
) -> None:
    """Without a token, or without a user, nobody is signed in."""
    api = LightbugApi(session, lightbug.url, RateLimit())
    lightbug.inject(route, "body", body=json.dumps(body))
    sign_in = api.login if route == LOGIN else api.legacy_login
    with pytest.raises(BadAnswer):
        await sign_in(lightbug.username, lightbug.password)


@pytest.mark.parametrize(
    ("answer", "lifetime"),
    [
        ({"expiry": None}, 3600),
        ({"expiry": "in a while"}, 3600),
        ({"expiry": "2001-01-01T00:00:00Z"}, 3600),
        ({"ttl": None}, 3600),
        ({"ttl": -5}, 3600),
        ({"ttl": 60, "created": None}, 60),
        ({"ttl": "60", "created": "nonsense"}, 60),
    ],
)
async def test_lifetime_that_is_not_told(
    lightbug: Lightbug,
    session: ClientSession,
    answer: dict[str, Any],
    lifetime: int,
) -> None:
    """An end that is not told, or is over, is taken for an hour."""
    api = LightbugApi(session, lightbug.url, RateLimit())
    legacy = "ttl" in answer
    body = {"token": "opaque", "id": "opaque", "userId": USER} | answer
    lightbug.inject(LEGACY_LOGIN if legacy else LOGIN, "body", body=json.dumps(body))
    sign_in = api.legacy_login if legacy else api.login
    signed_in = await sign_in(lightbug.username, lightbug.password)
    assert signed_in.token.lifetime == pytest.approx(lifetime, abs=2)


async def test_token_goes_in_raw(lightbug: Lightbug, session: ClientSession) -> None:
    """The header holds the token and nothing else; tokens of either API open both."""
    for token in (
        lightbug.issue_v1(),
        lightbug.issue_v2(0)[0],
        lightbug.issue_personal("x", 60, web=False),
    ):
        api = LightbugApi(session, lightbug.url, RateLimit())
        api.sign_in_as(Token(access_token=token.text))
        await api.summary(USER)
        await api.devices()


async def test_fifty_requests_at_expiry(
    lightbug: Lightbug, login: LightbugApi, renewed: list[Token]
) -> None:
    """Fifty requests whose token just ended: one refresh, no failure."""
    lightbug.expire_tokens()
    answers = await asyncio.gather(*(login.check_token() for _ in range(50)))
    assert len(answers) == 50
    assert lightbug.count(REFRESH) == 1
    (token,) = renewed
    assert token.lifetime == pytest.approx(lightbug.access_lifetime, abs=3)
    await login.check_token()
    assert lightbug.count(REFRESH) == 1


async def test_pair_is_stored_before_it_is_used(
    lightbug: Lightbug, login: LightbugApi, renewed: list[Token]
) -> None:
    """Refresh tokens work once: the next one is kept, even if its first use fails."""
    lightbug.expire_tokens()
    lightbug.inject(DEVICES, "status", status=401)
    lightbug.inject(DEVICES, "status", status=500)
    with pytest.raises(Unreachable):
        await login.devices()
    (token,) = renewed
    lightbug.expire_tokens()
    await login.devices()
    assert len(renewed) == 2
    assert renewed[1].refresh_token != token.refresh_token


async def test_refused_for_good(
    lightbug: Lightbug, login: LightbugApi, renewed: list[Token]
) -> None:
    """A service that refuses the new token, too, is not asked again and again."""
    lightbug.inject(SUMMARY, "status", times=-1, status=401)
    with pytest.raises(AuthError):
        await login.summary(USER)
    assert lightbug.count(SUMMARY) == 2
    assert lightbug.count(REFRESH) == 1
    assert len(renewed) == 1


async def test_refresh_is_refused_once(lightbug: Lightbug, login: LightbugApi) -> None:
    """A pair that is refused is not sent a second time."""
    lightbug.revoke_tokens()
    answers = await asyncio.gather(
        *(login.check_token() for _ in range(10)), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {AuthError}
    assert lightbug.count(REFRESH) == 1


async def test_refresh_without_a_new_refresh_token(
    lightbug: Lightbug, login: LightbugApi, renewed: list[Token]
) -> None:
    """A pair that lost its half serves as long as it lives."""
    token, _ = lightbug.issue_v2(0)
    body = {"token": token.text, "userId": USER}
    lightbug.inject(REFRESH, "body", body=json.dumps(body))
    lightbug.inject(DEVICES, "status", status=401)
    await login.check_token()
    assert renewed[0].refresh_token is None
    await login.check_token()
    lightbug.expire_tokens()
    with pytest.raises(AuthError):
        await login.check_token()


async def test_token_is_renewed_ten_minutes_ahead(
    lightbug: Lightbug, login: LightbugApi, freezer: FrozenDateTimeFactory
) -> None:
    """A token is not used to its last second."""
    freezer.tick(timedelta(seconds=lightbug.access_lifetime - 620))
    await login.check_token()
    assert lightbug.count(REFRESH) == 0
    freezer.tick(timedelta(seconds=30))
    await login.check_token()
    assert lightbug.count(REFRESH) == 1
    assert 401 not in [request.status for request in lightbug.requests]


async def test_our_clock_is_wrong(lightbug: Lightbug, session: ClientSession) -> None:
    """A machine whose clock is years off renews its token no more often."""
    lightbug.clock.advance(-3 * 365 * 86_400)
    api = LightbugApi(session, lightbug.url, RateLimit())
    signed_in = await api.login(lightbug.username, lightbug.password)
    assert signed_in.token.expires is not None
    assert signed_in.token.expires < time.time()
    api.sign_in_as(signed_in.token)
    for _ in range(3):
        await api.check_token()
    assert lightbug.count(REFRESH) == 0


async def test_logout(lightbug: Lightbug, login: LightbugApi) -> None:
    """A logout ends the token and what would renew it."""
    await login.logout()
    assert lightbug.count(LOGOUT) == 1
    assert not lightbug.tokens.access
    assert not lightbug.tokens.refresh


async def test_secrets_are_in_no_error(
    lightbug: Lightbug, session: ClientSession
) -> None:
    """Whatever goes wrong, its text holds no name, password or token."""
    api = LightbugApi(session, lightbug.url, RateLimit())
    with pytest.raises(AuthError) as caught:
        await api.login(lightbug.username, "made-up wrong password")
    chain: BaseException | None = caught.value
    while chain is not None:
        assert "made-up" not in repr(chain)
        assert lightbug.username not in repr(chain)
        chain = chain.__context__

"""Lightbug's rate limits, and the pauses that a 429 names."""

from aiohttp import ClientResponse, ClientSession
import pytest

from simulator.lightbug import Lightbug

V2 = "/v2/devices?_limit=1"
V1 = "/api/devices/2370001"


async def login(client: ClientSession, lightbug: Lightbug) -> ClientResponse:
    """Sign in by v2."""
    body = {"username": lightbug.username, "password": lightbug.password}
    return await client.post("/v2/users/login", json=body)


def limits(answer: ClientResponse) -> dict[str, int]:
    """Return an answer's rate limit headers."""
    names = ("Limit", "Remaining", "Reset", "Window")
    headers = {name: answer.headers.get(f"X-Ratelimit-{name}") for name in names}
    return {name: int(value) for name, value in headers.items() if value}


async def test_headers(lightbug: Lightbug, client: ClientSession) -> None:
    """Each answer tells the limit, what is left, and when the window ends."""
    for used, (path, status) in enumerate(
        [(V1, 200), (V2, 200), ("/api/devices/1", 404), ("/v2/nothing", 404)], start=1
    ):
        answer = await client.get(path)
        told = limits(answer)
        assert answer.status == status
        assert set(told) == {"Limit", "Remaining", "Reset"}
        assert (told["Limit"], told["Remaining"]) == (2000, 2000 - used)
        assert 295 <= told["Reset"] - lightbug.clock.time() <= 301
    assert limits(await login(client, lightbug))["Limit"] == 12
    assert lightbug.violations == ["undocumented: GET /v2/nothing"]


async def test_login_limit(lightbug: Lightbug, client: ClientSession) -> None:
    """Twelve logins in a window, then 429; other requests go on."""
    for _ in range(12):
        assert (await login(client, lightbug)).status == 200
    answer = await login(client, lightbug)
    assert answer.status == 429
    assert await answer.json() == "Limit exceeded"
    assert limits(answer)["Remaining"] == 0
    assert (await client.get(V2)).status == 200
    assert lightbug.violations == []

    assert (await login(client, lightbug)).status == 429
    assert lightbug.violations == [
        "sent during the pause the service named: POST /v2/users/login"
    ]
    lightbug.clock.advance(limits(answer)["Reset"] - lightbug.clock.time())
    assert (await login(client, lightbug)).status == 200
    assert len(lightbug.violations) == 1


async def test_normal_limit(lightbug: Lightbug, client: ClientSession) -> None:
    """v1 and v2 share a limit; each has its own body."""
    lightbug.set_limits(normal=2)
    assert [(await client.get(V2)).status for _ in range(2)] == [200, 200]
    answer = await client.get(V1)
    assert answer.status == 429
    assert (await answer.json())["error"]["statusCode"] == 429
    # Crossed the 429 on its way: it may have been sent before.
    assert (await client.get(V2)).status == 429
    assert lightbug.violations == []
    lightbug.clock.advance(100)
    assert (await client.get(V1 + "/points")).status == 429
    assert len(lightbug.violations) == 1
    lightbug.clock.advance(201)
    assert (await client.get(V1)).status == 200
    assert len(lightbug.violations) == 1


async def test_edge_limit(lightbug: Lightbug, client: ClientSession) -> None:
    """An edge names its window instead of an end, and stands before everything."""
    lightbug.set_limits(normal=1, seconds=60, form="edge")
    assert set(limits(await client.get(V2))) == {"Limit", "Remaining", "Window"}
    answer = await client.get(V2)
    assert (answer.status, await answer.text()) == (429, "Too Many Requests")
    assert limits(answer) == {"Limit": 1, "Remaining": 0, "Window": 60}
    lightbug.clock.advance(30)
    await login(client, lightbug)
    assert len(lightbug.violations) == 1
    lightbug.clock.advance(31)
    assert (await client.get(V2)).status == 200
    assert len(lightbug.violations) == 1


@pytest.mark.parametrize(
    ("headers", "broken"),
    [
        ({"X-Ratelimit-Window": "60"}, 1),
        ({"X-Ratelimit-Reset": "in 60 s"}, 1),
        ({"X-Ratelimit-Reset": "in the past"}, 0),
        ({}, 0),
    ],
)
async def test_pause_of_a_fault(
    lightbug: Lightbug, client: ClientSession, headers: dict[str, str], broken: int
) -> None:
    """A 429 that is a fault names a pause, too, if it has the headers."""
    now = lightbug.clock.time()
    ends = {"in 60 s": str(int(now) + 60), "in the past": str(int(now) - 60)}
    headers = {name: ends.get(value, value) for name, value in headers.items()}
    lightbug.inject("GET /v2/devices", "status", status=429, headers=headers)
    assert (await client.get(V2)).status == 429
    lightbug.clock.advance(40)
    assert (await client.get(V2)).status == 200
    assert len(lightbug.violations) == broken
    lightbug.clock.advance(20)
    assert (await client.get(V2)).status == 200
    assert len(lightbug.violations) == broken


async def test_an_endless_pause_is_none(
    lightbug: Lightbug, client: ClientSession
) -> None:
    """Nobody has to wait longer than an hour."""
    end = str(int(lightbug.clock.time()) + 90_000)
    lightbug.inject(
        "GET /v2/devices", "status", status=429, headers={"X-Ratelimit-Reset": end}
    )
    await client.get(V2)
    lightbug.clock.advance(3601)
    assert (await client.get(V2)).status == 200
    assert lightbug.violations == []

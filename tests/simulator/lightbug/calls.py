"""Calls of Lightbug's API."""

import json
from typing import Any

from aiohttp import ClientResponse, ClientSession

from simulator.lightbug import Lightbug

MONTH = 2_678_400
# The household's first tracker.
ONE = 2370001
USER = "/api/users/4321"


async def login(
    client: ClientSession, lightbug: Lightbug, refreshable: int | None = MONTH
) -> dict[str, Any]:
    """Sign in by v2."""
    body: dict[str, Any] = {
        "username": lightbug.username,
        "password": lightbug.password,
    }
    if refreshable is not None:
        body["refreshable"] = refreshable
    answer = await client.post("/v2/users/login", json=body)
    assert answer.status == 200
    return dict(await answer.json())


async def refresh(
    client: ClientSession, pair: dict[str, Any], refreshable: Any = MONTH
) -> ClientResponse:
    """Refresh by v2."""
    body = {
        "accessToken": pair["token"],
        "refreshToken": pair["refreshToken"],
        "refreshable": refreshable,
    }
    return await client.post("/v2/users/refreshToken", json=body)


async def opens(client: ClientSession, token: str) -> list[int]:
    """Return the statuses of a v1 and of a v2 request with a token."""
    paths = ("/api/devices/2370001", "/v2/devices?_limit=1")
    headers = {"Authorization": token}
    return [(await client.get(path, headers=headers)).status for path in paths]


async def ask(client: ClientSession, path: str, status: int = 200, **query: Any) -> Any:
    """Return the JSON that a path answers; values that are no text are sent as JSON."""
    params = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in query.items()
    }
    answer = await client.get(path, params=params)
    assert answer.status == status
    return await answer.json()


def milliseconds(lightbug: Lightbug, seconds: float = 0) -> int:
    """Return the service's time, moved by so many seconds."""
    return int((lightbug.clock.time() + seconds) * 1000)

"""Lightbug's tokens over time: refreshed once, logged out, restarted."""

from contextlib import suppress
import json
from typing import Any

from aiohttp import ClientError, ClientSession
import pytest

from simulator.lightbug import Lightbug

from .calls import MONTH, login, opens, refresh


@pytest.mark.parametrize("refreshable", [-1, MONTH + 1, 1.5, "60", True, None])
async def test_refreshable_bounds(
    lightbug: Lightbug, anonymous: ClientSession, refreshable: Any
) -> None:
    """31 days at most, whole seconds."""
    pair = await login(anonymous, lightbug)
    assert (await refresh(anonymous, pair, refreshable)).status == 400
    outside = type(refreshable) is int
    assert len(lightbug.violations) == outside
    # It was not used up by that.
    assert (await refresh(anonymous, pair)).status == 200


async def test_refresh(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """A refresh token works once, also when its access token has expired."""
    pair = await login(anonymous, lightbug)
    lightbug.expire_tokens()
    assert await opens(anonymous, pair["token"]) == [401, 401]
    answer = await refresh(anonymous, pair)
    new = await answer.json()
    assert set(new) == set(pair)
    assert await opens(anonymous, new["token"]) == [200, 200]
    assert lightbug.violations == []
    assert lightbug.requests[3].json["refreshToken"] == "***"
    assert lightbug.requests[3].json["accessToken"] == "***"

    again = await refresh(anonymous, pair)
    assert again.status == 401
    assert lightbug.violations == [
        "a refresh token was used again after its replacement"
    ]
    assert (await refresh(anonymous, new)).status == 200


async def test_refresh_lives_after_access(
    lightbug: Lightbug, anonymous: ClientSession
) -> None:
    """A refresh token ends so many seconds after its access token."""
    lightbug.access_lifetime = 100
    for wait, status in ((150, 200), (170, 401)):
        pair = await login(anonymous, lightbug, 60)
        lightbug.clock.advance(wait)
        assert (await refresh(anonymous, pair)).status == status
    assert lightbug.violations == []


async def test_refresh_needs_its_pair(
    lightbug: Lightbug, anonymous: ClientSession
) -> None:
    """A refresh token belongs to one access token."""
    pair = await login(anonymous, lightbug)
    other = await login(anonymous, lightbug)
    mixed = pair | {"token": other["token"]}
    assert (await refresh(anonymous, mixed)).status == 401
    assert (await refresh(anonymous, pair)).status == 200


@pytest.mark.parametrize("kind", ["lost", "truncated", "nulls", "wrong_types"])
async def test_lost_refresh_answer(
    lightbug: Lightbug, anonymous: ClientSession, kind: str
) -> None:
    """Who never got the replacement may ask again, and is refused."""
    pair = await login(anonymous, lightbug)
    lightbug.inject("POST /v2/users/refreshToken", kind)
    with suppress(ClientError):
        await (await refresh(anonymous, pair)).read()
    assert (await refresh(anonymous, pair)).status == 401
    assert lightbug.violations == []


async def test_reset_before_refresh(
    lightbug: Lightbug, anonymous: ClientSession
) -> None:
    """A request that the service never saw has used nothing up."""
    pair = await login(anonymous, lightbug)
    lightbug.inject("POST /v2/users/refreshToken", "reset")
    with pytest.raises(ClientError):
        await refresh(anonymous, pair)
    assert (await refresh(anonymous, pair)).status == 200
    assert lightbug.violations == []


async def test_logout(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """Logout ends the token that it is called with, and no other."""
    pair = await login(anonymous, lightbug)
    other = await login(anonymous, lightbug)
    headers = {"Authorization": pair["token"]}
    answer = await anonymous.post("/v2/users/logout", headers=headers)
    assert (answer.status, await answer.json()) == (200, {})
    assert await opens(anonymous, pair["token"]) == [401, 401]
    assert (await refresh(anonymous, pair)).status == 401
    assert await opens(anonymous, other["token"]) == [200, 200]
    assert lightbug.violations == []


async def test_restart(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """A new simulator that takes the old one's state knows its tokens."""
    pair = await login(anonymous, lightbug)
    lightbug.move(2370001, 54.5, 7.5)
    lightbug.add_activity(2370001, "button")
    lightbug.add_history(2370002, 2000)
    state = json.loads(json.dumps(lightbug.state()))
    new = Lightbug(trackers=0, odd=False)
    new.restore(state)
    assert new.state() == lightbug.state()
    # The newest of a long past is enough.
    assert len(new.tracker(2370002).points) == 1000
    assert new.add_tracker() == lightbug.add_tracker()
    await new.start()
    try:
        async with ClientSession(new.url) as client:
            assert await opens(client, pair["token"]) == [200, 200]
            assert (await refresh(client, pair)).status == 200
    finally:
        await new.stop()
    assert new.violations == []

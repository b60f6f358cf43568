"""What the token keeper promises."""

import asyncio

from aiohttp import ClientSession
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.lantern.transport.errors import AuthError, Unreachable
from custom_components.lantern.transport.tokens import Token, TokenKeeper

from .conftest import LIFETIME, RENEW, THING, Client, Small


async def test_fifty_requests_at_expiry_make_one_renewal(
    small: Small, client: Client
) -> None:
    """All requests succeed, one renews, and the new pair is stored once."""
    small.generation = 2
    client.keeper.token = Token(access_token="access-1", refresh_token="renewal-2")
    values = await asyncio.gather(*(client.thing() for _ in range(50)))
    assert values == [{"value": 7}] * 50
    assert small.count(RENEW) == 1
    assert [token.access_token for token in client.stored] == ["access-3"]


async def test_renewed_ahead_of_its_end(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """A token about to end is renewed before it is refused."""
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    await client.thing()
    freezer.tick(LIFETIME - 59)
    await client.thing()
    assert small.count(RENEW) == 2
    assert [request.status for request in small.requests if request.key == THING] == [
        401,
        200,
        200,
    ]


async def test_unknown_age_is_simply_tried(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """After a restart a token is used until the service refuses it."""
    freezer.tick(10 * LIFETIME)
    await client.thing()
    assert small.count(RENEW) == 0


@pytest.mark.parametrize("kind", ["lost", "truncated", "html"])
async def test_lost_renewal(small: Small, client: Client, kind: str) -> None:
    """A lost answer is asked for once more, then a person is needed, once."""
    small.inject(RENEW, kind)
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    answers = await asyncio.gather(
        *(client.thing() for _ in range(10)), return_exceptions=True
    )
    if kind == "html":  # the service was not asked, so the second try is a good one
        assert answers == [{"value": 7}] * 10
    else:
        assert all(isinstance(answer, AuthError) for answer in answers)
        with pytest.raises(AuthError):
            await client.thing()
    assert small.count(RENEW) == 2


async def test_renewal_outlives_who_asked_for_it(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """A request that is cancelled meanwhile does not lose the new token."""
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    small.inject(RENEW, "latency", seconds=5)
    (slow,) = small.faults
    asked = asyncio.create_task(client.thing())
    while slow.times:
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait([asked])
    freezer.tick(6)
    assert await client.thing() == {"value": 7}
    assert small.count(RENEW) == len(client.stored) == 1


async def test_refused_renewal_is_not_repeated(small: Small, client: Client) -> None:
    """Once the service said no, nobody asks again."""
    small.renewable = False
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    for _ in range(3):
        with pytest.raises(AuthError):
            await client.thing()
    assert small.count(RENEW) == 1


async def test_renewal_in_an_outage_is_tried_again(
    small: Small, client: Client
) -> None:
    """An outage while renewing is no refusal: the next poll renews."""
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    small.inject(RENEW, "status", times=2, status=503)
    with pytest.raises(Unreachable):
        await client.thing()
    assert await client.thing() == {"value": 7}


async def test_old_token_lives_on_when_renewing_early_fails(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """A failed renewal ahead of time does no harm while the old token lives."""
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    await client.thing()
    freezer.tick(LIFETIME - 30)
    small.inject(RENEW, "status", times=-1, status=503)
    assert await client.thing() == {"value": 7}
    freezer.tick(31)
    with pytest.raises(Unreachable):
        await client.thing()


async def test_refused_for_good(small: Small, client: Client) -> None:
    """A request that a new token does not help is not sent a third time."""
    small.inject(THING, "status", times=-1, status=401)
    with pytest.raises(AuthError):
        await client.thing()
    assert small.count(THING) == 2
    assert small.count(RENEW) == 1


async def test_token_that_cannot_be_renewed(
    small: Small, session: ClientSession
) -> None:
    """A pasted token that ended needs a person."""
    client = Client(session, small.url)
    client.http.tokens = TokenKeeper(Token(access_token="dead"))
    with pytest.raises(AuthError):
        await client.thing()
    assert small.count() == 1


async def test_first_token(small: Small, client: Client) -> None:
    """Where there is no token yet, the first one is fetched before any request."""
    client.keeper.token = Token(access_token="", refresh_token="renewal-1")
    await client.thing()
    assert small.count(THING) == 1


async def test_stored_before_use(small: Small, client: Client) -> None:
    """When the first request with a new token goes out, the token is stored."""
    client.keeper.token = Token(access_token="dead", refresh_token="renewal-1")
    await client.thing()
    assert [request.key for request in small.requests] == [THING, RENEW, THING]
    assert client.stored[0].access_token == client.keeper.token.access_token


def test_secrets_are_not_shown() -> None:
    """A token's text shows neither of its secrets."""
    assert "s3cret" not in repr(
        Token(access_token="s3cret-a", refresh_token="s3cret-r")
    )

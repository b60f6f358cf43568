"""Lucit's client against answers that are not what the documents print."""

from collections.abc import AsyncGenerator

from aiohttp import ClientSession
import pytest

from custom_components.lantern.lucit.client.api import LucitApi, PairingExpired
from custom_components.lantern.lucit.client.models import Credentials
from custom_components.lantern.transport.errors import (
    AuthError,
    BadAnswer,
    TransportError,
)
from custom_components.lantern.transport.rate_limit import RateLimit
from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID

AUTH = "POST /api/v3/auth"
CHECK = "POST /api/v3/lightning/device-request/{lcuid}/check-for-device"


@pytest.fixture
async def api(lucit: Lucit) -> AsyncGenerator[LucitApi]:
    """Make a client that is nobody yet."""
    async with ClientSession() as session:
        yield LucitApi(session, f"{lucit.url}/api/v3", APP_ID, RateLimit())


def bot(lucit: Lucit) -> Credentials:
    """Return the credentials of a player that was just paired."""
    pairing = lucit.pair()
    return Credentials(
        pairing["lightning_device_lcuid"],
        pairing["bot_user_token"],
        pairing["bot_user_secret"],
    )


@pytest.mark.parametrize("status", [401, 403, 422])
async def test_refused_credentials(lucit: Lucit, api: LucitApi, status: int) -> None:
    """Which status a refused sign-in has is not documented: each means the same."""
    credentials = bot(lucit)
    lucit.revoke_credentials()
    lucit.auth_status = status
    with pytest.raises(AuthError):
        await api.auth(credentials)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"ok": false}', AuthError),
        ('{"ok": true}', BadAnswer),
        ('{"token": "a"}', BadAnswer),
    ],
)
async def test_sign_in_without_a_yes(
    lucit: Lucit, api: LucitApi, body: str, error: type[TransportError]
) -> None:
    """Only a yes with a token is one; what is neither yes nor no is no refusal."""
    lucit.inject(AUTH, "body", body=body)
    with pytest.raises(error):
        await api.auth(bot(lucit))


async def test_bearer_that_tells_no_end(lucit: Lucit, api: LucitApi) -> None:
    """A bearer that is no JWT is simply tried."""
    lucit.inject(AUTH, "body", body='{"ok": true, "token": "opaque"}')
    token = await api.auth(bot(lucit))
    assert token.access_token == "opaque"
    assert token.lifetime is None


async def test_bearer_lives_for_a_year(lucit: Lucit, api: LucitApi) -> None:
    """The lifetime is counted from the answer's own date."""
    lucit.clock.advance(-86400)
    token = await api.auth(bot(lucit))
    assert token.lifetime == pytest.approx(365 * 86400, abs=2)


async def test_check_that_brings_nothing(lucit: Lucit, api: LucitApi) -> None:
    """A 200 without credentials is no pairing."""
    pairing = await api.request_code("made-up", 10, 10)
    lucit.inject(CHECK, "body", body='{"success": true}')
    with pytest.raises(BadAnswer):
        await api.check_for_device(pairing, None)
    assert await api.check_for_device(pairing, None) is None
    lucit.expire_codes()
    with pytest.raises(PairingExpired):
        await api.check_for_device(pairing, None)

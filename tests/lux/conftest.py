"""An account that somebody has signed in to, through Home Assistant or without."""

from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from aiohttp import ClientSession
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.lux.client.api import LuxApi
from custom_components.lantern.lux.client.treatment_log import Ending, TreatmentLog
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token
from simulator.lux import Lux
from simulator.lux.account import PASSWORD, USERNAME
from tests.common import settle, start_flow, submit

API = "/api/v1/lux"
SIGN_IN = f"POST {API}/auth/email/signin"
REFRESH = f"POST {API}/auth/refresh-token"
ME = f"GET {API}/user/me"
NOTIFICATION = f"PATCH {API}/user/notification"
DEVICES = f"GET {API}/device/get-all-device"
ALIAS = f"PATCH {API}/device/update-alias"
POLL = 900

ACCOUNT = "lux:4107"
BLUE = "lux:lux-unit-0001"
PLAIN = "lux:lux-unit-0002"
BLUE_ID = 811
BLUE_IDS: Any = {"device_id": 811, "unique_id": "lux-unit-0001", "time_zone": UTC}
# A device that is nobody's, as it is registered.
FREE = {"serial_code": "SL20990003", "mac_id": "42AD", "unique_id": "lux-unit-0003"}
START = datetime(2026, 11, 1, 21, 4, 5, 678, UTC)


def form(lux: Lux, **typed: Any) -> dict[str, Any]:
    """Return what a person types into the form."""
    advanced = {"base_url": typed.pop("base_url", lux.url)}
    return {"username": USERNAME, "password": PASSWORD, "advanced": advanced} | typed


def stored(lux: Lux) -> dict[str, Any]:
    """Return the data of an entry that was just signed in."""
    tokens = lux.issue()
    return {
        "vendor": "lux",
        "root_user_id": 4107,
        "base_url": lux.url,
        "access_token": tokens["access_token"],
        "access_token_expires": None,
        "refresh_token": tokens["refresh_token"],
        "refresh_token_expires": None,
    }


async def signed_in(hass: HomeAssistant, lux: Lux) -> ConfigEntry:
    """Sign in as a person does; return the loaded entry."""
    await submit(hass, await start_flow(hass, "lux"), form(lux))
    await settle(hass)
    return hass.config_entries.async_entries(DOMAIN)[-1]


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    lux: Lux,
) -> ConfigEntry:
    """Sign in to an account with two devices while time stands still."""
    return await signed_in(hass, lux)


@pytest.fixture
def quick_disk() -> Generator[None]:
    """Leave out fsync: it is the disk's own time."""
    with patch("atomicwrites._proper_fsync"), patch("atomicwrites._sync_directory"):
        yield


@pytest.fixture
async def stored_tokens() -> list[Token]:
    """Return the tokens that are put away, in order."""
    return []


@pytest.fixture
async def api(lux: Lux, stored_tokens: list[Token]) -> AsyncGenerator[LuxApi]:
    """Sign a client in."""
    async with ClientSession() as session:
        client = LuxApi(session, lux.url, RateLimit())
        client.use(await client.sign_in(USERNAME, PASSWORD), stored_tokens.append)
        yield client


def log(number: int | None = None, real_user_id: int = 7301) -> TreatmentLog:
    """Return a log of the first device; without a number it is temporary."""
    ending = None if number is None else Ending.BUTTON
    return TreatmentLog(START, 1200, 25, ending, number, real_user_id=real_user_id)

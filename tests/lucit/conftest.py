"""A paired player."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID
from tests.common import add_entry

UUID = "made-up-player-1"
UNIQUE_ID = f"lucit:{UUID}"


def form(lucit: Lucit, **advanced: Any) -> dict[str, Any]:
    """Return what a person types into the form."""
    return {
        "app_id": APP_ID,
        "width": 1024,
        "height": 768,
        "advanced": {"base_url": f"{lucit.url}/api/v3"} | advanced,
    }


def stored(lucit: Lucit) -> dict[str, Any]:
    """Return the data of an entry whose player was just paired."""
    credentials = lucit.pair(UUID)
    return {
        "vendor": "lucit",
        "app_id": APP_ID,
        "device_provided_uuid": UUID,
        "device_lcuid": credentials["lightning_device_lcuid"],
        "bot_user_token": credentials["bot_user_token"],
        "bot_user_secret": credentials["bot_user_secret"],
        "width": 1920,
        "height": 1080,
        "base_url": f"{lucit.url}/api/v3",
        "access_token": "",
        "access_token_expires": None,
        "refresh_token": None,
        "refresh_token_expires": None,
    }


@pytest.fixture
async def entry(hass: HomeAssistant, lucit: Lucit) -> MockConfigEntry:
    """Load an entry of a player with one screen."""
    return await add_entry(hass, UNIQUE_ID, stored(lucit), "Lucit player")

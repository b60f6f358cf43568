"""An account with three trackers and the odd ones."""

from typing import Any

from homeassistant.core import Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from simulator.lightbug import Lightbug
from tests.common import add_entry

USER = 4321
UNIQUE_ID = f"lightbug:{USER}"
POLL = 300

SUMMARY = "GET /api/users/{id}/getDeviceSummary"
DEVICES = "GET /v2/devices"
POINTS = "GET /api/devices/{id}/points"
READINGS = "GET /api/devices/{id}/readings"
ACTIVITY = "GET /api/users/{id}/getRecentActivity"
LOGIN = "POST /v2/users/login"
LEGACY_LOGIN = "POST /api/users/login"
REFRESH = "POST /v2/users/refreshToken"
LOGOUT = "POST /v2/users/logout"


def stored(lightbug: Lightbug, auth: str = "refreshable") -> dict[str, Any]:
    """Return the data of an entry that was just signed in, in one of the ways."""
    renewal = None
    match auth:
        case "refreshable":
            token, refresh = lightbug.issue_v2(2_678_400)
            access = token.text
            renewal = refresh.text if refresh else None
        case "legacy":
            access = lightbug.issue_v1().text
        case _:
            access = lightbug.add_personal_token()
    return {
        "vendor": "lightbug",
        "auth": auth,
        "user_id": USER,
        "base_url": lightbug.url,
        "access_token": access,
        "access_token_expires": None,
        "refresh_token": renewal,
        "refresh_token_expires": None,
    }


def unique(device_id: int, key: str) -> str:
    """Return the unique id of a tracker's entity."""
    return f"lightbug:{device_id}_{key}"


class Heard:
    """The alerts that an automation would have heard of, in their order."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Listen from now on."""
        self._events: list[Event[Any]] = async_capture_events(hass, "state_changed")

    @property
    def attributes(self) -> list[dict[str, Any]]:
        """Return the attributes of each alert."""
        return [
            dict(event.data["new_state"].attributes)
            for event in self._events
            if event.data["entity_id"].startswith("event.")
            and event.data["new_state"] is not None
            # What an event automation sees: a new time, and it was there before.
            and event.data["old_state"] is not None
            and event.data["old_state"].state != "unavailable"
            and event.data["new_state"].state not in ("unknown", "unavailable")
            and event.data["new_state"].state != event.data["old_state"].state
        ]

    @property
    def kinds(self) -> list[str]:
        """Return what each alert was."""
        return [attribute["event_type"] for attribute in self.attributes]


@pytest.fixture
async def entry(hass: HomeAssistant, lightbug: Lightbug) -> MockConfigEntry:
    """Return the loaded entry of an account that was signed in to."""
    return await add_entry(hass, UNIQUE_ID, stored(lightbug), "Lightbug r…@example.org")


@pytest.fixture
def heard(hass: HomeAssistant, entry: MockConfigEntry) -> Heard:
    """Listen once the entry is loaded."""
    return Heard(hass)

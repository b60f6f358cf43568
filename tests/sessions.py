"""The services that renew a token, as far as the tests of all of them need to know."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.components.button import DOMAIN as BUTTON
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.lantern.const import DOMAIN
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux
from simulator.service import Service

from .common import add_entry
from .lightbug import conftest as lightbug_home
from .lucit import conftest as lucit_home
from .lux import conftest as lux_home


@dataclass(frozen=True, kw_only=True)
class Session[ServiceT: Service](ABC):
    """One service's tokens: how they are renewed, and what people ask for meanwhile.

    `renew` and `sign_in` are routes, `asked` is the route that `ask` leads to;
    `lifetime` (s) is how long a token of ours is used before it is renewed, `once`
    tells that what renews it works once.
    """

    make: Callable[[], ServiceT]
    renew: str
    sign_in: str
    asked: str
    poll: float
    lifetime: float
    once: bool
    end: Callable[[ServiceT], None]
    revoke: Callable[[ServiceT], None]

    @abstractmethod
    async def entry(self, hass: HomeAssistant, service: Any) -> ConfigEntry:
        """Return a loaded entry of the service."""

    @abstractmethod
    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Return an action that asks the service for something, as scripts have it."""

    async def ask(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Ask the service for something, as a person or an automation does."""
        action = self.action(hass, entry)
        await hass.services.async_call(
            *action["action"].split("."),
            action["data"],
            blocking=True,
            return_response="response_variable" in action,
        )


class LightbugSession(Session[Lightbug]):
    """Lightbug's login of v2: what renews the token works once."""

    async def entry(self, hass: HomeAssistant, service: Lightbug) -> ConfigEntry:
        """Add an entry that was just signed in."""
        service.access_lifetime = 3600
        stored = lightbug_home.stored(service)
        return await add_entry(hass, lightbug_home.UNIQUE_ID, stored)

    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Ask for the account's geofences."""
        return {
            "action": f"{DOMAIN}.lightbug_get_geofences",
            "data": {"config_entry_id": entry.entry_id},
            "response_variable": "answer",
        }


class LuxSession(Session[Lux]):
    """LUX: what renews the token works once, and there is one session per account."""

    async def entry(self, hass: HomeAssistant, service: Lux) -> ConfigEntry:
        """Sign in as a person does."""
        return await lux_home.signed_in(hass, service)

    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Ask whose a device is."""
        device = {"config_entry_id": entry.entry_id, "unique_id": "lux-unit-0001"}
        return {
            "action": f"{DOMAIN}.lux_check_device",
            "data": device,
            "response_variable": "answer",
        }


class LucitSession(Session[Lucit]):
    """Lucit: what renews the bearer is the player's own, and works again and again."""

    async def entry(self, hass: HomeAssistant, service: Lucit) -> ConfigEntry:
        """Add an entry of a player that was just paired."""
        stored = lucit_home.stored(service)
        return await add_entry(hass, lucit_home.UNIQUE_ID, stored)

    def action(self, hass: HomeAssistant, entry: ConfigEntry) -> dict[str, Any]:
        """Report the player as alive."""
        button = er.async_get(hass).async_get_entity_id(
            BUTTON, DOMAIN, f"{lucit_home.UNIQUE_ID}_send_heartbeat"
        )
        return {"action": f"{BUTTON}.press", "data": {"entity_id": button}}


_USERS = "GET /api/users/{id}"
SESSIONS = {
    "lightbug": LightbugSession(
        make=Lightbug,
        renew=lightbug_home.REFRESH,
        sign_in=lightbug_home.LOGIN,
        asked=f"{_USERS}/geofences",
        poll=lightbug_home.POLL,
        lifetime=3600 - 600,
        once=True,
        end=Lightbug.expire_tokens,
        revoke=Lightbug.revoke_tokens,
    ),
    "lux": LuxSession(
        make=Lux,
        renew=lux_home.REFRESH,
        sign_in=lux_home.SIGN_IN,
        asked=f"GET {lux_home.API}/device/check-device",
        poll=lux_home.POLL,
        lifetime=900 - 60,
        once=True,
        end=Lux.expire_tokens,
        revoke=Lux.revoke_tokens,
    ),
    "lucit": LucitSession(
        make=Lucit,
        renew="POST /api/v3/auth",
        sign_in="POST /api/v3/lightning/device-requests/request",
        asked="POST /api/v3/analytics/lightning-devices/{lcuid}/heartbeat",
        poll=300,
        lifetime=364 * 86_400,
        once=False,
        end=Lucit.expire_bearers,
        revoke=Lucit.revoke_credentials,
    ),
}

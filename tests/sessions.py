"""The services that renew a token, as far as the tests of all of them need to know."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from simulator.service import Service


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

"""How a token pair lies in a config entry's data, and how its refresh ends."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .transport.tokens import Token

_REFRESHES: HassKey[dict[str, asyncio.Task[None]]] = HassKey(f"{DOMAIN}_refreshes")

CONF_ACCESS_TOKEN = "access_token"
CONF_ACCESS_EXPIRES = "access_token_expires"
CONF_REFRESH_TOKEN = "refresh_token"
CONF_REFRESH_EXPIRES = "refresh_token_expires"


def token_data(token: Token) -> dict[str, Any]:
    """Return a token as entry data; the expiries are epoch seconds."""
    return {
        CONF_ACCESS_TOKEN: token.access_token,
        CONF_ACCESS_EXPIRES: token.expires,
        CONF_REFRESH_TOKEN: token.refresh_token,
        CONF_REFRESH_EXPIRES: token.refresh_token_expires,
    }


def stored_token(data: Mapping[str, Any]) -> Token:
    """Return the token that an entry holds, of unknown age."""
    return Token(
        access_token=data.get(CONF_ACCESS_TOKEN) or "",
        refresh_token=data.get(CONF_REFRESH_TOKEN),
        expires=data.get(CONF_ACCESS_EXPIRES),
        refresh_token_expires=data.get(CONF_REFRESH_EXPIRES),
    )


@callback
def async_start_refresh(
    hass: HomeAssistant, entry_id: str, work: Coroutine[Any, Any, None]
) -> asyncio.Task[None]:
    """Refresh an entry's token in a task that Home Assistant waits for when it stops."""
    if _REFRESHES not in hass.data:
        hass.data[_REFRESHES] = {}
        # It waits for no task that was there before it began to stop.
        hass.async_add_shutdown_job(HassJob(_async_finish_refreshes), hass)
    task = hass.async_create_task(work, f"{DOMAIN} token refresh")
    hass.data[_REFRESHES][entry_id] = task
    return task


async def async_finish_refresh(hass: HomeAssistant, entry_id: str) -> None:
    """Wait until the new token of an entry is stored: the old one is used up."""
    if task := hass.data.get(_REFRESHES, {}).pop(entry_id, None):
        await asyncio.wait([task])


async def _async_finish_refreshes(hass: HomeAssistant) -> None:
    """Wait until the new tokens of all entries are stored."""
    while tasks := [task for task in hass.data[_REFRESHES].values() if not task.done()]:
        await asyncio.wait(tasks)

"""Where Lightbug can reach Home Assistant from the internet."""

from typing import Any

from aiohttp import ClientError
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.loader import async_get_loaded_integration

from ..const import LOGGER

_CLOUD = "cloud"
# What the cloud's own client raises is built on these.
_CLOUD_ERRORS = (HomeAssistantError, ClientError, OSError, ValueError)


def _get_cloud(hass: HomeAssistant) -> Any:
    """Return Home Assistant's cloud component where it runs, else None.

    It is asked for only when a person changes the options. As a dependency, its
    requirements would have to be installed for Lantern to load; some need a compiler.
    """
    if _CLOUD not in hass.config.components:
        return None
    return async_get_loaded_integration(hass, _CLOUD).get_component()


async def async_get_address(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the webhook's address; None where the internet cannot reach it.

    It is a secret. By Home Assistant Cloud for those who subscribed to it, else by
    the external URL, which must be https: positions come along.
    """
    cloud = _get_cloud(hass)
    if cloud is not None and cloud.async_active_subscription(hass):
        try:
            address: str = await cloud.async_get_or_create_cloudhook(hass, webhook_id)
        except _CLOUD_ERRORS as err:
            LOGGER.debug("Push: no cloudhook: %s", type(err).__name__)
        else:
            return address
    try:
        url = get_url(hass, allow_internal=False, allow_cloud=False, require_ssl=True)
    except NoURLAvailableError:
        return None
    return f"{url}{webhook.async_generate_path(webhook_id)}"


async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
    """Delete the webhook's address at Home Assistant Cloud, if it has one there."""
    if (cloud := _get_cloud(hass)) is None:
        return
    try:
        await cloud.async_delete_cloudhook(hass, webhook_id)
    except _CLOUD_ERRORS as err:
        # Without the webhook behind it, the address leads nowhere.
        LOGGER.warning(
            "The address for push was not deleted at Home Assistant Cloud: %s",
            type(err).__name__,
        )

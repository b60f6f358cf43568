"""Where Lightbug can reach Home Assistant from the internet."""

from aiohttp import ClientError
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError, get_url

from ..const import LOGGER

# What the cloud's own client raises is built on these.
_CLOUD_ERRORS = (HomeAssistantError, ClientError, OSError, ValueError)


async def async_get_address(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the webhook's address; None where the internet cannot reach it.

    It is a secret. By Home Assistant Cloud for those who subscribed to it, else by
    the external URL, which must be https: positions come along.
    """
    if "cloud" in hass.config.components:
        # Not everybody's Home Assistant can import it; where it runs, it is imported.
        from homeassistant.components import cloud  # noqa: PLC0415

        if cloud.async_active_subscription(hass):
            try:
                return await cloud.async_get_or_create_cloudhook(hass, webhook_id)
            except _CLOUD_ERRORS as err:
                LOGGER.debug("Push: no cloudhook: %s", type(err).__name__)
    try:
        url = get_url(hass, allow_internal=False, allow_cloud=False, require_ssl=True)
    except NoURLAvailableError:
        return None
    return f"{url}{webhook.async_generate_path(webhook_id)}"


async def async_delete_cloudhook(hass: HomeAssistant, webhook_id: str) -> None:
    """Delete the webhook's address at Home Assistant Cloud, if it has one there."""
    if "cloud" not in hass.config.components:
        return
    from homeassistant.components import cloud  # noqa: PLC0415

    try:
        await cloud.async_delete_cloudhook(hass, webhook_id)
    except _CLOUD_ERRORS as err:
        # Without the webhook behind it, the address leads nowhere.
        LOGGER.warning(
            "The address for push was not deleted at Home Assistant Cloud: %s",
            type(err).__name__,
        )

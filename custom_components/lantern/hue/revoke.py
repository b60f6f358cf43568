"""What happens at the bridge when its entry is removed."""

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..coordinator import LanternConfigEntry
from ..transport.errors import TransportError
from .client.registration import deregister
from .connection import CONF_KEY, bridge_http, stored_address
from .repairs import forget


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Deregister the application key, once; today's bridges do not let us."""
    forget(hass, entry)
    key = entry.data[CONF_KEY]
    try:
        await deregister(bridge_http(hass, stored_address(entry.data), key), key)
    except TransportError:
        LOGGER.info(
            "The Hue bridge did not let Lantern remove its access; it can be removed "
            "in the Hue app or in the Hue account"
        )

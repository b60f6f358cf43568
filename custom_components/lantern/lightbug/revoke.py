"""What is left to do once an account was removed."""

from homeassistant.core import HomeAssistant

from ..const import CONF_BASE_URL, LOGGER
from ..coordinator import LanternConfigEntry, get_rate_limit
from ..credentials import stored_token
from ..session import async_get_session
from ..transport.errors import TransportError
from ..transport.tokens import Token
from .client.api import LightbugApi
from .coordinator import AUTH_TOKEN, CONF_AUTH
from .push import CONF_WEBHOOK_ID
from .push_address import async_delete_cloudhook
from .repairs import delete_alerts_issue
from .statistics import async_clear_statistics

_LOGOUT_TIMEOUT = 10.0


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """End the session of a login, once and best effort; never a pasted token."""
    delete_alerts_issue(hass, entry)
    if (webhook_id := entry.data.get(CONF_WEBHOOK_ID)) is not None:
        await async_delete_cloudhook(hass, webhook_id)
    await async_clear_statistics(hass, entry.entry_id)
    if entry.data[CONF_AUTH] == AUTH_TOKEN:
        return
    api = LightbugApi(
        async_get_session(hass),
        entry.data[CONF_BASE_URL],
        get_rate_limit(hass, entry.entry_id),
        timeout=_LOGOUT_TIMEOUT,
    )
    api.sign_in_as(Token(access_token=stored_token(entry.data).access_token))
    try:
        await api.logout()
    except TransportError as err:
        LOGGER.debug("The session was not ended: %s", err)

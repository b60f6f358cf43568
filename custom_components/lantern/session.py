"""The client session of all services: without cookies, and closed with Home Assistant."""

from aiohttp import ClientSession, DummyCookieJar
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_SESSIONS: HassKey[dict[bool, ClientSession]] = HassKey(f"{DOMAIN}_sessions")


@callback
def async_get_session(hass: HomeAssistant, *, verify_ssl: bool = True) -> ClientSession:
    """Return the session, which keeps no cookies.

    Home Assistant's shared session has a cookie jar: one account's cookies would
    travel with another's requests.
    """
    sessions = hass.data.setdefault(_SESSIONS, {})
    if (session := sessions.get(verify_ssl)) is None:
        # Cleaned up by Home Assistant, it would end with the entry that asked first.
        session = sessions[verify_ssl] = async_create_clientsession(
            hass, verify_ssl, auto_cleanup=False, cookie_jar=DummyCookieJar()
        )

        @callback
        def close(_: Event) -> None:
            session.detach()

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, close)
    return session

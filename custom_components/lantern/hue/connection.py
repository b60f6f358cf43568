"""Where an entry's bridge is, in its data, and the client of a bridge there."""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..session import async_get_session
from ..transport.errors import (
    AuthError,
    BadAnswer,
    Refused,
    TimedOut,
    TransportError,
    Untrusted,
)
from ..transport.rate_limit import RateLimit
from .client.http import Address, HueHttp
from .client.models.bridge import Bridge, names_hardware
from .client.registration import deregister, get_config, get_introduction

CONF_HOST = "host"
CONF_TLS = "tls"
CONF_CERTIFICATE = "certificate_sha256"
CONF_KEY = "application_key"
CONF_BRIDGE_ID = "bridge_id"
CONF_SUCCESSOR_ID = "successor_id"
CONF_DEVICETYPE = "devicetype"


def address_data(address: Address) -> dict[str, Any]:
    """Return an address as entry data."""
    return {
        CONF_HOST: address.host,
        CONF_TLS: address.certificate is not None,
        CONF_CERTIFICATE: address.certificate,
    }


def stored_address(data: Mapping[str, Any]) -> Address:
    """Return the address that an entry holds."""
    return Address(data[CONF_HOST], data[CONF_CERTIFICATE] if data[CONF_TLS] else None)


def bridge_session(hass: HomeAssistant) -> ClientSession:
    """Return the session: certificates are pinned, no public authority signs them."""
    return async_get_session(hass, verify_ssl=False)


def bridge_http(
    hass: HomeAssistant,
    address: Address,
    key: str = "",
    rate_limit: RateLimit | None = None,
) -> HueHttp:
    """Return what sends requests to one bridge."""
    return HueHttp(bridge_session(hass), address, key, rate_limit or RateLimit())


def answering_id(data: Mapping[str, Any]) -> str:
    """Return the id of an entry's bridge: after a move, its successor's.

    Unique ids are made of the stored bridge id, which stays.
    """
    identity: str = data.get(CONF_SUCCESSOR_ID, data[CONF_BRIDGE_ID])
    return identity


async def is_bridge_at(hass: HomeAssistant, data: Mapping[str, Any], host: str) -> bool:
    """Return True if an entry's bridge answers at a host: mDNS alone proves nothing.

    The question carries no key, and goes over the pinned certificate.
    """
    address = Address(host, stored_address(data).certificate)
    try:
        bridge = await get_introduction(bridge_http(hass, address))
    except TransportError as err:
        LOGGER.debug("No Hue bridge introduced itself at an announced address: %s", err)
        return False
    return answering_id(data) in bridge.identities


async def deregister_key(http: HueHttp, key: str) -> None:
    """Give a key back that nobody uses, best effort: few bridges let us."""
    try:
        await deregister(http, key)
    except TransportError as err:
        LOGGER.debug("The Hue bridge keeps a key: %s", err)


def format_fingerprint(fingerprint: str) -> str:
    """Return a SHA-256 as people compare it: in groups of eight digits."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))


def _check_identity(bridge: Bridge, data: Mapping[str, Any]) -> None:
    """Raise if this is not the bridge that the entry was linked with."""
    stored = answering_id(data)
    if stored in bridge.identities:
        return
    if bridge.identities:
        raise Untrusted("config")
    if names_hardware(stored):
        raise BadAnswer("config", "no identity")


async def async_check_who_answers(http: HueHttp, data: Mapping[str, Any]) -> None:
    """Raise Untrusted if another bridge answers; a silent one is let pass."""
    try:
        bridge = await get_introduction(http)
    except (AuthError, Refused, TimedOut) as err:
        LOGGER.debug("A Hue bridge did not introduce itself: %s", err)
        return
    _check_identity(bridge, data)


async def async_read_config(http: HueHttp, data: Mapping[str, Any]) -> Bridge:
    """Return the config of an entry's bridge; raise Untrusted if it is another's."""
    bridge = await get_config(http)
    _check_identity(bridge, data)
    return bridge

"""What people type about a bridge, and what a form says when it is not right."""

from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv6Address
import re
from typing import Any

import voluptuous as vol
from yarl import URL

from ..flow import ADVANCED, TEXT, FieldError, advanced
from ..transport.errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Untrusted,
)
from .client.errors import INVALID_JSON, INVALID_VALUE, BridgeError
from .connection import CONF_DEVICETYPE, CONF_HOST

CONF_USERNAME = "username"
DEFAULT_DEVICETYPE = "lantern#home assistant"

_LONGEST_DEVICETYPE = 40
_USERNAME = re.compile(r"[0-9A-Za-z]{10,40}")
_HOST_NAME = re.compile(r"[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_.])?")


def form_fields(errors: Mapping[str, str]) -> dict[Any, Any]:
    """Return the fields of the form; the section is open if its values are wrong."""
    return {
        vol.Required(CONF_HOST): TEXT,
        **advanced(
            {
                vol.Optional(CONF_DEVICETYPE, default=DEFAULT_DEVICETYPE): TEXT,
                vol.Optional(CONF_USERNAME): TEXT,
            },
            errors,
        ),
    }


def checked_host(typed: str) -> tuple[str, bool]:
    """Return `host[:port]` of what was typed, and whether it says https."""
    text = typed.strip()
    with suppress(ValueError):
        text = f"[{IPv6Address(text)}]"
    try:
        url = URL(text if "://" in text else f"https://{text}")
        host, port = url.host or "", url.explicit_port
        name = f"[{IPv6Address(host)}]" if ":" in host else host
    except ValueError:
        raise FieldError(CONF_HOST, "invalid_host") from None
    plain = ":" in host or _HOST_NAME.fullmatch(host)
    if not plain or url.user or url.scheme not in ("http", "https"):
        raise FieldError(CONF_HOST, "invalid_host")
    tls_only = text.lower().startswith("https://")
    return (name if port in (None, 443) else f"{name}:{port}"), tls_only


def checked_wish(fields: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return devicetype and username; the document on registration gives their lengths in bytes."""
    devicetype = fields.get(CONF_DEVICETYPE, DEFAULT_DEVICETYPE)
    if not 1 <= len(devicetype.encode()) <= _LONGEST_DEVICETYPE:
        raise FieldError(ADVANCED, "invalid_devicetype")
    username = fields.get(CONF_USERNAME) or None
    if username is not None and not _USERNAME.fullmatch(username):
        raise FieldError(ADVANCED, "invalid_username")
    return devicetype, username


def trouble(err: TransportError) -> FieldError:
    """Return what a form says of a bridge that could not be asked or linked."""
    match err:
        case BridgeError(code=code, address=address):
            if (code, address) == (INVALID_VALUE, "/username"):
                return FieldError(ADVANCED, "invalid_username")
            if code == INVALID_JSON or (code, address) == (
                INVALID_VALUE,
                "/devicetype",
            ):
                return FieldError(ADVANCED, "invalid_devicetype")
            return FieldError("base", "unknown")
        case Untrusted():
            return FieldError("base", "untrusted")
        case RateLimited():
            return FieldError("base", "rate_limited")
        case AuthError() | BadAnswer() | Refused():
            return FieldError(CONF_HOST, "not_a_bridge")
    return FieldError(CONF_HOST, "cannot_connect")

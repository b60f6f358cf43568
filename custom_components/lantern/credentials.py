"""How a token pair lies in a config entry's data."""

from collections.abc import Mapping
from typing import Any

from .transport.tokens import Token

CONF_ACCESS_TOKEN = "access_token"
CONF_ACCESS_EXPIRES = "access_token_expires"
CONF_REFRESH_TOKEN = "refresh_token"
CONF_REFRESH_EXPIRES = "refresh_token_expires"


def token_data(token: Token) -> dict[str, Any]:
    """Return a token as entry data; the expiries are epoch seconds."""
    return {
        CONF_ACCESS_TOKEN: token.access,
        CONF_ACCESS_EXPIRES: token.expires,
        CONF_REFRESH_TOKEN: token.renewal,
        CONF_REFRESH_EXPIRES: token.renewal_expires,
    }


def stored_token(data: Mapping[str, Any]) -> Token:
    """Return the token that an entry holds, of unknown age."""
    return Token(
        access=data.get(CONF_ACCESS_TOKEN) or "",
        renewal=data.get(CONF_REFRESH_TOKEN),
        expires=data.get(CONF_ACCESS_EXPIRES),
        renewal_expires=data.get(CONF_REFRESH_EXPIRES),
    )

"""The tokens of both APIs: either kind opens both of them."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
import hashlib
import hmac
import json
import secrets
import string
from typing import Any, Literal

_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(slots=True)
class Token:
    """An access token; times are seconds since the epoch."""

    text: str
    kind: Literal["v1", "v2", "personal"]
    created: float
    expires: float
    id: int = 0
    description: str = ""


@dataclass(slots=True)
class Refresh:
    """A refresh token and the access token that it was given with.

    `used` once it was taken, `replaced` once its successor's access token is used:
    then its client has no reason to show it again.
    """

    text: str
    access: str
    expires: float
    used: bool = False
    replaced: bool = False
    successor: str = ""


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(claims: Mapping[str, Any]) -> str:
    """Return a JSON web token; nobody but us reads the signature, so any key does."""
    header = {"alg": "HS256", "typ": "JWT"}
    parts = [_base64(json.dumps(part).encode()) for part in (header, dict(claims))]
    signed = ".".join(parts)
    key = secrets.token_bytes(32)
    return f"{signed}.{_base64(hmac.digest(key, signed.encode(), hashlib.sha256))}"


def opaque(length: int = 64) -> str:
    """Return a token of letters and digits, as v1's are."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


class Tokens:
    """All tokens that were given out, by their text."""

    def __init__(self) -> None:
        """Start with none."""
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Refresh] = {}

    def add(self, token: Token) -> Token:
        """Keep an access token."""
        self.access[token.text] = token
        return token

    def add_refresh(self, access: Token, lifetime: float) -> Refresh:
        """Make a refresh token that lives so long after its access token."""
        refresh = Refresh(opaque(), access.text, access.expires + lifetime)
        self.refresh[refresh.text] = refresh
        return refresh

    def valid(self, text: str, now: float) -> bool:
        """Return whether an access token opens anything."""
        token = self.access.get(text)
        return token is not None and now < token.expires

    def use(self, access: str) -> None:
        """Learn that a client has an access token: it uses it."""
        for refresh in self.refresh.values():
            refresh.replaced |= refresh.successor == access

    def expire(self, now: float) -> None:
        """End every access token; refresh tokens go on."""
        for token in self.access.values():
            token.expires = min(token.expires, now)

    def forget(self, access: str) -> None:
        """End an access token and what would renew it."""
        self.access.pop(access, None)
        self.refresh = {k: v for k, v in self.refresh.items() if v.access != access}

    def clear(self) -> None:
        """End all of them."""
        self.access.clear()
        self.refresh.clear()

    def state(self) -> dict[str, Any]:
        """Return all tokens as plain data."""
        return {
            "access": [asdict(token) for token in self.access.values()],
            "refresh": [asdict(token) for token in self.refresh.values()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take all tokens from plain data."""
        self.access = {token["text"]: Token(**token) for token in state["access"]}
        self.refresh = {token["text"]: Refresh(**token) for token in state["refresh"]}

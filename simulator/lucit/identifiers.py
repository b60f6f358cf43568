"""Identifiers, codes and tokens in the forms that Lucit's documents print."""

import base64
from datetime import UTC, datetime
import json
import secrets
import string
from typing import Any
import uuid

ALPHANUMERIC = string.ascii_letters + string.digits
CODE_LIFETIME = 30 * 60
BEARER_LIFETIME = 365 * 24 * 3600


def lcuid(prefix: str) -> str:
    """Return a new identifier, "LCUID-LD-<uuid>" for prefix "LD"."""
    return f"LCUID-{prefix}-{uuid.uuid4()}"


def alphanumeric(length: int) -> str:
    """Return so many random letters and digits."""
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))


def pairing_code() -> int:
    """Return a code of nine digits; the first ones may be 0."""
    return secrets.randbelow(10**9)


def code_string(code: int) -> str:
    """Return a code as people read it: "536-659-653"."""
    digits = f"{code:09}"
    return "-".join((digits[:3], digits[3:6], digits[6:]))


def pairing_token(now: int) -> str:
    """Return a pairing token; its middle is the hexadecimal time (s)."""
    return f"{alphanumeric(7)}:{now:x}:{secrets.token_hex(16)}"


def bot_user_token() -> str:
    """Return the token half of a bot user's credentials, 60 characters."""
    return alphanumeric(60)


def bot_user_secret() -> str:
    """Return the secret half of a bot user's credentials, 64 characters."""
    return alphanumeric(64)


def _part(value: dict[str, Any] | bytes) -> str:
    """Return one part of a JWT."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bearer(subject: str, now: float) -> str:
    """Return a bearer for 365 days; the claims are those of Laravel Passport."""
    issued = round(now, 2)
    claims = {
        "aud": "3",
        "jti": secrets.token_hex(40),
        "iat": issued,
        "nbf": issued,
        "exp": issued + BEARER_LIFETIME,
        "sub": subject,
        "scopes": [],
    }
    header = {"typ": "JWT", "alg": "RS256"}
    # Clients cannot verify the signature: Lucit publishes no key.
    return ".".join((_part(header), _part(claims), _part(secrets.token_bytes(256))))


def timestamp(seconds: float) -> str:
    """Return a time as Lucit prints it: "2026-01-07T00:45:26.000000Z"."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

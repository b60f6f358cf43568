"""LUX's access and refresh tokens: signed, so that no list of them is needed."""

import base64
from dataclasses import dataclass
import hashlib
import hmac
import json
import secrets
from typing import Literal

type Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; `generation` counts how often all were ended by hand."""

    kind: Kind
    id: str
    expires: float
    generation: int


def new_key() -> str:
    """Return a key to sign with."""
    return secrets.token_hex(32)


def _signature(key: str, payload: str) -> str:
    """Return the signature of a token's payload."""
    return hmac.new(bytes.fromhex(key), payload.encode(), hashlib.sha256).hexdigest()


def issue(key: str, claims: Claims) -> str:
    """Return the token for these claims."""
    values = [claims.kind, claims.id, claims.expires, claims.generation]
    payload = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    return f"{payload}.{_signature(key, payload)}"


def read(key: str, token: str, kind: Kind) -> Claims | None:
    """Return a token's claims, None if it is of another kind or not ours."""
    payload, _, signature = token.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(key, payload).encode()):
        return None
    claims = Claims(*json.loads(base64.urlsafe_b64decode(payload)))
    return claims if claims.kind == kind else None

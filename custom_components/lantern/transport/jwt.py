"""Reading what a JSON Web Token says of itself; nothing is verified."""

import base64
from collections.abc import Mapping
from typing import Any

from . import fields


def claims(token: str) -> Mapping[str, Any]:
    """Return a JWT's claims, or none if it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return fields.mapping(fields.loads(payload))
    except ValueError, RecursionError:
        return {}

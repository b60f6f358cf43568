"""Reading what a JSON Web Token says of itself; nothing is verified."""

import base64
from collections.abc import Mapping
from typing import Any

from . import parsing


def claims(token: str) -> Mapping[str, Any]:
    """Return a JWT's claims, or none if it is not a JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return parsing.as_dict(parsing.loads(payload))
    except ValueError, RecursionError:
        return {}

"""The v1 API's answers: lists of success and error members."""

import json
from typing import Any

type Json = dict[str, Any]

UNAUTHORISED = 1
INVALID_JSON = 2
NO_RESOURCE = 3
NO_METHOD = 4
MISSING = 5
NO_PARAMETER = 6
INVALID_VALUE = 7
NOT_MODIFIABLE = 8
BUTTON_NOT_PRESSED = 101
DEVICE_OFF = 201

_DESCRIPTIONS = {
    UNAUTHORISED: "unauthorized user",
    INVALID_JSON: "body contains invalid json",
    NO_RESOURCE: "resource, {}, not available",
    NO_METHOD: "method, {}, not available for resource, {}",
    MISSING: "invalid/missing parameters in body",
    NO_PARAMETER: "parameter, {}, not available",
    INVALID_VALUE: "invalid value, {}, for parameter, {}",
    NOT_MODIFIABLE: "parameter, {}, is not modifiable",
    BUTTON_NOT_PRESSED: "link button not pressed",
    DEVICE_OFF: "parameter, {}, is not modifiable. Device is set to off.",
}


def _word(value: object) -> str:
    """Return a value as the descriptions print it: text bare, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def error(kind: int, address: str, *words: object) -> Json:
    """Return an error member; `words` fill the description's gaps."""
    description = _DESCRIPTIONS[kind].format(*map(_word, words))
    return {"error": {"type": kind, "address": address, "description": description}}


def success(address: str, value: object) -> Json:
    """Return a success member for one parameter."""
    return {"success": {address: value}}


def no_resource(address: str) -> list[Json]:
    """Return the answer for what the bridge does not have."""
    return [error(NO_RESOURCE, address, address)]

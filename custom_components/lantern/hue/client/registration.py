"""Registration at a bridge, and what it says of itself (hue_registration)."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...transport import parsing
from ...transport.errors import BadAnswer, TimedOut
from .bridge_parser import read_bridge
from .errors import ButtonNotPressed, errors_in, members_of
from .http import HueHttp
from .models.bridge import Bridge

_FIRST_WORD = 5.0


async def get_introduction(http: HueHttp) -> Bridge:
    """Return what the bridge tells anybody, within 5 s; no key is sent."""
    try:
        async with asyncio.timeout(_FIRST_WORD):
            config = await http.get_object("introduction", "/api/config")
    except TimeoutError:
        raise TimedOut("introduction", "timeout") from None
    return _bridge("introduction", config)


async def get_config(http: HueHttp) -> Bridge:
    """Return the bridge; with an unknown key it tells what it tells anybody."""
    return _bridge("config", await http.get_object("config", f"{http.path}/config"))


def _bridge(endpoint: str, config: Mapping[str, Any]) -> Bridge:
    """Return the bridge of a config, or raise BadAnswer if it is no bridge's."""
    bridge = read_bridge(config)
    if not bridge.is_told:
        raise BadAnswer(endpoint, "not a bridge's config")
    return bridge


async def register(http: HueHttp, devicetype: str, username: str | None) -> str:
    """Return a new application key: the one in the answer, never our wish.

    Raises ButtonNotPressed, or BridgeError. A success anywhere in the array
    wins over errors in it (`hue_registration`).
    """
    body = {"devicetype": devicetype}
    if username:
        body["username"] = username
    answer = await http.request("register", "POST", "/api", json=body)
    members = members_of(answer)
    if members is None:
        raise BadAnswer("register", "not an array")
    for member in members:
        success = parsing.as_dict(member.get("success"))
        if key := parsing.as_str(success.get("username")):
            return key
    errors = errors_in("register", members)
    for error in errors:
        if isinstance(error, ButtonNotPressed):
            raise error
    if errors:
        raise errors[0]
    raise BadAnswer("register", "neither success nor error")


async def deregister(http: HueHttp, key: str) -> None:
    """Remove an application key; raises where the firmware forbids it."""
    path = f"{http.path}/config/whitelist/{quote(key, safe='')}"
    answer = await http.request("deregister", "DELETE", path)
    if (members := members_of(answer)) is None:
        raise BadAnswer("deregister", "not an array")
    if errors := errors_in("deregister", members):
        raise errors[0]

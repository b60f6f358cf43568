"""Models of a bridge's config (API v1, with or without a key)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ...transport import parsing
from .models.bridge import Application, Bridge, read_bridge_id, read_mac
from .v1_parser import updatable


def _applications(allowed: object) -> tuple[Application, ...] | None:
    """Return the whitelist, None if the bridge does not tell it."""
    if not isinstance(allowed, Mapping):
        return None
    return tuple(
        Application(
            name=parsing.as_name(parsing.as_dict(about).get("name")) or "",
            created=parsing.as_datetime(parsing.as_dict(about).get("create date")),
            mark=sha256(key.encode()).hexdigest()[:16],
            key=key,
            last_used=parsing.as_datetime(parsing.as_dict(about).get("last use date")),
        )
        for key, about in sorted(allowed.items())
    )


def _online(config: Mapping[str, Any]) -> bool | None:
    """Return whether the bridge reaches the internet."""
    state = parsing.as_dict(config.get("internetservices")).get("internet")
    return {"connected": True, "disconnected": False}.get(str(state))


def read_bridge(config: Mapping[str, Any]) -> Bridge:
    """Return the bridge of `GET /api/config` or, with a key, of its full config."""
    update = parsing.as_dict(parsing.as_dict(config.get("swupdate2")).get("bridge"))
    return Bridge(
        name=parsing.as_name(config.get("name")),
        bridge_id=read_bridge_id(config.get("bridgeid")),
        mac=read_mac(config.get("mac")),
        model_id=parsing.as_name(config.get("modelid")),
        sw_version=parsing.as_name(config.get("swversion")),
        api_version=parsing.as_str(config.get("apiversion")),
        whitelist=_applications(config.get("whitelist")),
        zigbee_channel=parsing.as_int(config.get("zigbeechannel")),
        link_button=parsing.as_bool(config.get("linkbutton")),
        internet=_online(config),
        update_available=updatable(update.get("state")),
        replaces=read_bridge_id(config.get("replacesbridgeid")),
    )

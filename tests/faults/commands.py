"""What people tell Lantern to do, and how it is seen that it was done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from custom_components.lantern.const import DOMAIN
from tests.common import entity_id

from . import kinds
from .kinds import Kind
from .life import Life

type Act = Callable[[Life], Awaitable[Any]]

_BRIDGE = "hue:001788fffe0a0b0c"
_LAMP = "hue:00:17:88:01:00:00:00:01"
_HALL = "hue:00:17:88:01:00:00:00:a1"
_PLAYER = "lucit:made-up-player-1"
_TRACKER = "lightbug:2370001"
_ACCOUNT, _DEVICE, _PLAIN = "lux:4107", "lux:lux-unit-0001", "lux:lux-unit-0002"
_FREE = {"serial_code": "SL20990003", "mac_id": "42AD", "unique_id": "lux-unit-0003"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `words` are the keys of what is told where they are its own.

    `tries` is how often it is sent to a service that is busy.
    """

    act: Act
    words: Mapping[Kind, str] = field(default_factory=dict)


def _entity(platform: str, service: str, unique_id: str, **data: Any) -> Act:
    """Return what calls an action for an entity."""

    async def act(life: Life) -> None:
        target = {"entity_id": entity_id(life.hass, platform, unique_id)}
        await life.hass.services.async_call(
            platform, service, target | data, blocking=True
        )

    return act


def _on(device: str, action: str, *, answers: bool = False, **data: Any) -> Act:
    """Return what calls one of Lantern's actions for a device."""

    async def act(life: Life) -> Any:
        found = dr.async_get(life.hass).async_get_device_by_identifier(
            (DOMAIN, device), life.entry.entry_id
        )
        assert found is not None
        return await life.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": found.id, **data},
            blocking=True,
            return_response=answers,
        )

    return act


def _for(action: str, *, answers: bool = False, **data: Any) -> Act:
    """Return what calls one of Lantern's actions for the entry."""

    async def act(life: Life) -> Any:
        return await life.hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": life.entry.entry_id, **data},
            blocking=True,
            return_response=answers,
        )

    return act


async def _deregister(life: Life) -> None:
    """Remove an app that was let in before."""
    names = [one["name"] for one in life.service.whitelist.entries.values()]
    if "old#phone" not in names:
        life.service.register("old#phone")
    await _for("hue_deregister_application", application="old#phone")(life)


async def _unregister(life: Life) -> None:
    """Unregister a device that is registered, whatever was done to it before."""
    life.service.set_device(812, real_user_id=7302)
    await life.poll()
    await _on(_PLAIN, "lux_unregister_device", confirm=True)(life)


# What reached LUX may have become a message.
_UNCONFIRMED = dict.fromkeys(
    (one for one in kinds.TRANSIENT if one is not kinds.REFUSED), "alert_unconfirmed"
)


def _history(life: Life) -> Awaitable[Any]:
    start = dt_util.utcnow() - timedelta(days=1)
    act = _on(_TRACKER, "lightbug_get_history", answers=True, start=start.isoformat())
    return act(life)


_FORBIDDEN = dict.fromkeys(
    (kinds.ONCE_401, kinds.ALWAYS_401, kinds.FORBIDDEN, kinds.NOT_FOUND),
    "hue_deregister_forbidden",
)

COMMANDS: Mapping[str, Command] = {
    "lights/state": Command(_entity("light", "turn_on", f"{_LAMP}_light")),
    "groups/action": Command(_entity("light", "turn_on", f"{_BRIDGE}:group:1_group")),
    "sensors/config": Command(_entity("switch", "turn_on", f"{_HALL}_enabled")),
    "applications": Command(_for("hue_list_applications", answers=True)),
    "whitelist": Command(_deregister, _FORBIDDEN),
    "heartbeat": Command(_entity("button", "press", f"{_PLAYER}_send_heartbeat")),
    "set config": Command(
        _entity("number", "set_value", f"{_TRACKER}_wake_interval", value=120)
    ),
    "flightMode": Command(
        _on(_TRACKER, "lightbug_set_flight_mode", minutes=5, confirm=True)
    ),
    "geofences": Command(_for("lightbug_get_geofences", answers=True)),
    "history": Command(_history),
    "user/notification": Command(_entity("switch", "turn_on", f"{_ACCOUNT}_muted")),
    "update-alias": Command(
        _entity("text", "set_value", f"{_DEVICE}_alias", value="Blue mask")
    ),
    "check-device": Command(
        _for("lux_check_device", answers=True, unique_id="lux-unit-0001")
    ),
    "child-device": Command(_for("lux_get_device", answers=True, real_user_id=7301)),
    "set-my-device": Command(_for("lux_register_device", real_user_id=7301, **_FREE)),
    "un-connect": Command(_unregister),
    "alimtalk": Command(_for("lux_send_impedance_alert", confirm=True), _UNCONFIRMED),
}

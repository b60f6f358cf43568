"""What all v1 resources of a bridge's devices share, and the lamps among them."""

from collections.abc import Mapping
from dataclasses import dataclass
import re
from typing import Any

from ..transport import parsing
from .lightstate import Abilities, LightState, read_abilities

_UNIQUE_ID = re.compile(
    r"(?P<mac>(?:[0-9a-f]{2}:){5,7}[0-9a-f]{2})(?:-(?P<endpoint>[0-9a-f]+).*)?"
)
_NO_UPDATE = frozenset({"noupdates", "notupdatable"})
_UPDATE = frozenset(
    {
        "transferring",
        "anyreadytoinstall",
        "allreadytoinstall",
        "readytoinstall",
        "installing",
    }
)


def updatable(state: object) -> bool | None:
    """Return whether firmware waits, by the name of an update state."""
    name = parsing.as_str(state)
    if name in _NO_UPDATE:
        return False
    return True if name in _UPDATE else None


@dataclass(frozen=True, slots=True)
class About:
    """What the owner and the maker call a lamp or an accessory."""

    name: str
    product: str | None
    model_id: str | None
    manufacturer: str | None
    sw_version: str | None


def read_about(resource: Mapping[str, Any]) -> About | None:
    """Return what a resource is called; without a name it is none."""
    name = resource.get("name")
    if not isinstance(name, str):
        return None
    return About(
        name=parsing.as_name(name) or "",
        product=parsing.as_name(resource.get("productname")),
        model_id=parsing.as_name(resource.get("modelid")),
        manufacturer=parsing.as_name(resource.get("manufacturername")),
        sw_version=parsing.as_name(resource.get("swversion")),
    )


def zigbee(resource: Mapping[str, Any]) -> tuple[str | None, str]:
    """Return the Zigbee address and the endpoint that a `uniqueid` names."""
    unique_id = resource.get("uniqueid")
    if not isinstance(unique_id, str):
        return None, ""
    found = _UNIQUE_ID.fullmatch(unique_id.lower())
    return (found["mac"], found["endpoint"] or "") if found else (None, "")


# Controllers of blinds, locks and repeaters are among the lamps of some bridges.
_NO_LAMPS = frozenset(
    {
        "configuration tool",
        "door lock",
        "door lock controller",
        "range extender",
        "warning device",
        "window covering controller",
        "window covering device",
    }
)


def _is_lamp(light: Mapping[str, Any]) -> bool:
    """Return True unless it is of a type that is none; unknown ones can be switched."""
    kind = (parsing.as_str(light.get("type")) or "").lower()
    if not kind or "light" in kind or "plug" in kind:
        return True
    return kind not in _NO_LAMPS and "on" in parsing.as_dict(light.get("state"))


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp: its v1 number, and the Zigbee address and endpoint it is at."""

    number: str
    mac: str | None
    endpoint: str
    about: About
    can: Abilities
    state: LightState
    reachable: bool | None
    update_available: bool | None

    @property
    def is_lit(self) -> bool:
        """Return True if it is on, as far as the bridge knows."""
        return self.state.on is True and self.reachable is not False


def read_light(number: str, light: Mapping[str, Any]) -> Light | None:
    """Return a lamp of `/lights`, None if it is no lamp."""
    if (about := read_about(light)) is None or not _is_lamp(light):
        return None
    mac, endpoint = zigbee(light)
    state = parsing.as_dict(light.get("state"))
    return Light(
        number=number,
        mac=mac,
        endpoint=endpoint,
        about=about,
        can=read_abilities(light),
        state=LightState.read(state),
        reachable=parsing.as_bool(state.get("reachable")),
        update_available=updatable(parsing.as_dict(light.get("swupdate")).get("state")),
    )

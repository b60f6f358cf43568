"""What a bridge says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
import re
from typing import ClassVar

from .group import Group, Scene
from .sensor import Sensor, SensorOwner

_BRIDGE_ID = re.compile(r"[0-9a-f]{16}")
_MAC = re.compile(r"[0-9a-f]{12}")


def read_bridge_id(value: object) -> str | None:
    """Return a bridge id: 16 hex digits, lower case."""
    found = value.lower().replace(":", "") if isinstance(value, str) else ""
    return found if _BRIDGE_ID.fullmatch(found) else None


def read_mac(value: object) -> str | None:
    """Return a MAC address as 12 hex digits, lower case."""
    found = re.sub("[:-]", "", value.lower()) if isinstance(value, str) else ""
    return found if _MAC.fullmatch(found) else None


def names_hardware(identity: str) -> bool:
    """Return whether an identity is a bridge id or a MAC, and not just a host."""
    return bool(_BRIDGE_ID.fullmatch(identity) or _MAC.fullmatch(identity))


_SHORT = 6


@dataclass(frozen=True, slots=True)
class Application:
    """An application that the bridge lets in; its key is never shown whole."""

    name: str
    created: datetime | None
    mark: str
    key: str = field(repr=False, compare=False)
    last_used: datetime | None = field(default=None, compare=False)

    @property
    def short_key(self) -> str:
        """Return so much of the key as tells it from others."""
        return f"{self.key[:_SHORT]}…"


@dataclass(frozen=True, slots=True)
class Bridge(SensorOwner):
    """A bridge by its config; `whitelist` is who is let in, times are in UTC.

    `sensors` and `scenes` are those of no device or room; `all_lights` is group 0;
    `replaces` is the id of the bridge whose house it took over.
    """

    diagnostic: ClassVar = (
        "model_id",
        "sw_version",
        "api_version",
        "applications",
        "last_registration",
        "zigbee_channel",
        "link_button",
        "internet",
        "update_available",
    )

    name: str | None
    bridge_id: str | None
    mac: str | None
    model_id: str | None
    sw_version: str | None
    api_version: str | None
    whitelist: tuple[Application, ...] | None = None
    zigbee_channel: int | None = None
    link_button: bool | None = None
    internet: bool | None = None
    update_available: bool | None = None
    sensors: tuple[Sensor, ...] = ()
    scenes: Mapping[str, Scene] = field(default_factory=dict)
    all_lights: Group | None = None
    replaces: str | None = None
    resource_id: str = ""

    @property
    def applications(self) -> int | None:
        """Return how many applications the bridge lets in."""
        return None if self.whitelist is None else len(self.whitelist)

    @property
    def last_registration(self) -> datetime | None:
        """Return when the newest of them was let in."""
        created = (one.created for one in self.whitelist or ())
        return max((one for one in created if one), default=None)

    @property
    def identities(self) -> tuple[str, ...]:
        """Return what tells this bridge from others, the best first.

        An emulator has no bridge id; one without a MAC has none of them.
        """
        return tuple(one for one in (self.bridge_id, self.mac) if one)

    @property
    def is_told(self) -> bool:
        """Return whether this was a bridge's config at all."""
        return bool(self.identities or self.api_version or self.sw_version)

    def silent(self) -> Bridge:
        """Return the bridge while its config cannot be read."""
        return Bridge(
            self.name,
            self.bridge_id,
            self.mac,
            self.model_id,
            self.sw_version,
            self.api_version,
        )

"""What a Hue bridge says of itself, its lamps, rooms and accessories (API v1)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from hashlib import sha256
import re
from typing import Any, ClassVar

from ..transport import parsing
from .accessories import Sensor, Value
from .groups import Group, Scene
from .resources import About, Light, updatable

_BRIDGE_ID = re.compile(r"[0-9a-f]{16}")
_MAC = re.compile(r"[0-9a-f]{12}")


def read_bridge_id(value: object) -> str | None:
    """Return a bridge id: 16 hex digits, lower case."""
    found = value.lower().replace(":", "") if isinstance(value, str) else ""
    return found if _BRIDGE_ID.fullmatch(found) else None


def _mac(value: object) -> str | None:
    """Return a MAC address as 12 hex digits, lower case."""
    found = re.sub("[:-]", "", value.lower()) if isinstance(value, str) else ""
    return found if _MAC.fullmatch(found) else None


def names_hardware(identity: str) -> bool:
    """Tell whether an identity is a bridge id or a MAC, and not just a host."""
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


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge by its config; `whitelist` is who is let in, times are in UTC.

    `sensors` and `scenes` are those of no device or room; `all_lights` is group 0.
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
    scenes: tuple[Scene, ...] = ()
    all_lights: Group | None = None

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
        """Tell whether this was a bridge's config at all."""
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
        mac=_mac(config.get("mac")),
        model_id=parsing.as_name(config.get("modelid")),
        sw_version=parsing.as_name(config.get("swversion")),
        api_version=parsing.as_str(config.get("apiversion")),
        whitelist=_applications(config.get("whitelist")),
        zigbee_channel=parsing.as_int(config.get("zigbeechannel")),
        link_button=parsing.as_bool(config.get("linkbutton")),
        internet=_online(config),
        update_available=updatable(update.get("state")),
    )


@dataclass(frozen=True, slots=True)
class Device:
    """One Zigbee device: its lamps by endpoint, their keys, its sensor resources."""

    diagnostic: ClassVar = (
        "product",
        "model_id",
        "sw_version",
        "lamps",
        "measures",
        "battery",
        "update_available",
    )

    lights: tuple[Light, ...]
    sensors: tuple[Sensor, ...]
    light_keys: tuple[str, ...] = ()

    @property
    def about(self) -> About:
        """Return what it is called: by its first lamp, else its main sensor."""
        return self.lights[0].about if self.lights else self.sensors[0].about

    @property
    def product(self) -> str | None:
        """Return the maker's name for it."""
        return self.about.product or self.about.model_id

    @property
    def model_id(self) -> str | None:
        """Return the maker's number for it."""
        return self.about.model_id

    @property
    def sw_version(self) -> str | None:
        """Return its firmware."""
        return self.about.sw_version

    @property
    def lamps(self) -> list[dict[str, Any]]:
        """Return what its lamps can do and do, for diagnostics."""
        return [
            {"can": asdict(one.can), "reachable": one.reachable} | asdict(one.state)
            for one in self.lights
        ]

    @property
    def buttons(self) -> tuple[int, ...]:
        """Return the numbers of its buttons."""
        return tuple(button for one in self.sensors for button in one.buttons)

    @property
    def measures(self) -> dict[str, Value]:
        """Return what its sensors tell, by kind."""
        return {one.kind: one.value for one in self.sensors}

    def sensor(self, kind: str) -> Sensor | None:
        """Return its sensor of a kind."""
        return next((one for one in self.sensors if one.kind == kind), None)

    @property
    def has_battery(self) -> bool:
        """Tell whether it runs on a battery."""
        return any(one.has_battery for one in self.sensors)

    @property
    def battery(self) -> int | None:
        """Return its battery's charge in percent."""
        told = (one.battery for one in self.sensors)
        return next((one for one in told if one is not None), None)

    @property
    def update_available(self) -> bool | None:
        """Return whether firmware waits for one of its lamps."""
        told = [one.update_available for one in self.lights]
        return None if None in told else any(told)

    def light(self, key: str) -> Light | None:
        """Return the lamp of a key."""
        return dict(zip(self.light_keys, self.lights, strict=True)).get(key)

    def after(self, number: str, changes: Mapping[str, Any]) -> Device:
        """Return the device once its lamp of this number confirmed changes."""
        lights = tuple(
            replace(one, state=one.state.after(changes, one.can))
            if one.number == number
            else one
            for one in self.lights
        )
        return replace(self, lights=lights)

    def with_light(self, light: Light) -> Device:
        """Return the device with a lamp that was read anew."""
        lights = tuple(
            light if one.number == light.number else one for one in self.lights
        )
        return replace(self, lights=lights)

    def with_sensor(self, sensor: Sensor) -> Device:
        """Return the device with a sensor resource that was read anew."""
        sensors = tuple(
            sensor if one.number == sensor.number else one for one in self.sensors
        )
        return replace(self, sensors=sensors)

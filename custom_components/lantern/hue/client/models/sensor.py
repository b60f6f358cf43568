"""Sensors, and whatever else a device, group or bridge has that is no light."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from ....transport import parsing
from .light import Metadata

MOTION = "motion"
TEMPERATURE = "temperature"
ILLUMINANCE = "illuminance"
OPEN = "open"
TAMPER = "tamper"
HUMIDITY = "humidity"
SWITCH = "switch"
ROTARY = "rotary"
DAYLIGHT = "daylight"
FLAG = "flag"
STATUS = "status"
DOORBELL = "doorbell"
CHIME = "chime"
INPUTS = "inputs"
AUTOMATION = "automation"
ENTERTAINMENT = "entertainment"

BUTTON_EVENTS = (
    "initial_press",
    "repeat",
    "short_release",
    "long_press",
    "long_release",
    "double_short_release",
)
CLOCKWISE = "clockwise"
COUNTER_CLOCKWISE = "counter_clockwise"
RING = "ring"
INPUT_MODES = ("single_rocker", "single_pushbutton", "dual_rocker", "dual_pushbutton")
CONNECTIONS = (
    "connected",
    "disconnected",
    "connectivity_issue",
    "unidirectional_incoming",
)

type Value = bool | float | str | None

_BRIGHTEST = 65535


def lux(value: object) -> float | None:
    """Return lux of a light level, 10000·log10(lux)+1; 0 is darkness."""
    level = parsing.as_float(value)
    if level is None or not 0 <= level <= _BRIGHTEST:
        return None
    return round(10 ** ((level - 1) / 10000), 2) if level else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """The last thing that happened at a switch or dial, as a poll tells it.

    `key` names the event entity; `updated` tells two equal events apart.
    """

    key: str
    type: str
    attributes: tuple[tuple[str, int], ...]
    updated: str


@dataclass(frozen=True, slots=True)
class Sensor:
    """A sensor, or another part that is no light, by its kind.

    `value` is in °C, lx, %, true or false; for a chime, whether it sounds, for inputs,
    their mode. `choices` are the sounds or modes there are.
    `device_key` is the device's id without the vendor: its Zigbee address where it has
    one, None for what is no physical device's. `enabled` is whether it measures at
    all, `sensitivity` goes from 0 to `most_sensitive`, `buttons` are numbers;
    `thresholds` are the light level of dark and the offset of daylight. Only API v1
    has those that are `is_virtual`: applications make them.
    """

    number: str
    device_key: str | None
    kind: str
    metadata: Metadata
    primary: bool
    value: Value
    reachable: bool | None
    battery: int | None = None
    has_battery: bool = False
    dark: bool | None = None
    daylight: bool | None = None
    enabled: bool | None = None
    sensitivity: int | None = None
    most_sensitive: int | None = None
    buttons: tuple[int, ...] = ()
    choices: tuple[str, ...] = ()
    is_muted: bool | None = None
    connection: str | None = None
    report: Report | None = None
    thresholds: tuple[int, int] | None = field(default=None, compare=False)
    is_virtual: bool = field(default=False, compare=False)

    def with_changes(self, taken: Mapping[str, Any]) -> Sensor:
        """Return the sensor after the bridge took parts of its settings."""
        return replace(self, **taken)


class SensorOwner:
    """What a device, a group and a bridge do with their sensors."""

    __slots__ = ()

    sensors: tuple[Sensor, ...]

    def sensor(self, kind: str) -> Sensor | None:
        """Return the sensor of a kind."""
        for one in self.sensors:
            if one.kind == kind:
                return one
        return None

    def with_sensor(self, sensor: Sensor) -> Self:
        """Return a copy with a sensor that was read anew."""
        sensors = tuple(
            sensor if one.number == sensor.number else one for one in self.sensors
        )
        return replace(self, sensors=sensors)  # type: ignore[type-var]  # all owners are dataclasses


def turn(steps: int, duration: int | None) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return event type and attributes of a turned dial; `steps` is signed."""
    told: tuple[tuple[str, int], ...] = (("steps", abs(steps)),)
    if duration is not None:
        told = (*told, ("duration_ms", duration))
    return (CLOCKWISE if steps >= 0 else COUNTER_CLOCKWISE), told

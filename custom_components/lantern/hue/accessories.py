"""The sensor resources of a bridge: what accessories measure, and their buttons."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..transport import parsing
from .resources import About, read_about, zigbee

MOTION = "motion"
TEMPERATURE = "temperature"
ILLUMINANCE = "illuminance"
OPEN = "open"
HUMIDITY = "humidity"
SWITCH = "switch"
ROTARY = "rotary"
DAYLIGHT = "daylight"
FLAG = "flag"
STATUS = "status"

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

_BRIGHTEST = 65535
# Firmware that does not name a switch's inputs knows switches with four of them.
# The tap's buttons have no events but being pressed; Friends of Hue have its type.
_TAP = {34: 1, 16: 2, 17: 3, 18: 4}
_TAP_MODEL = "ZGPSWITCH"
_FOUR = (1, 2, 3, 4)
_IN_ORDER = ("initial_press", "repeat", "short_release", "long_release")


def _hundredths(value: object) -> float | None:
    found = parsing.as_float(value)
    return None if found is None else found / 100


def _lux(value: object) -> float | None:
    """Return lux of a light level, 10000·log10(lux)+1; 0 is darkness."""
    level = parsing.as_float(value)
    if level is None or not 0 <= level <= _BRIGHTEST:
        return None
    return round(10 ** ((level - 1) / 10000), 2) if level else 0.0


def _nothing(_: object) -> None:
    """Show no value: what such a resource tells is an event."""


type Value = bool | float | None
# By resource type: what it is, and the part of its state that is shown, and how.
_KINDS: Mapping[str, tuple[str, str, Callable[[object], Value]]] = {
    "ZLLPresence": (MOTION, "presence", parsing.as_bool),
    "CLIPPresence": (MOTION, "presence", parsing.as_bool),
    "ZLLTemperature": (TEMPERATURE, "temperature", _hundredths),
    "CLIPTemperature": (TEMPERATURE, "temperature", _hundredths),
    "ZLLLightLevel": (ILLUMINANCE, "lightlevel", _lux),
    "CLIPLightLevel": (ILLUMINANCE, "lightlevel", _lux),
    "CLIPOpenClose": (OPEN, "open", parsing.as_bool),
    "CLIPHumidity": (HUMIDITY, "humidity", _hundredths),
    "CLIPGenericFlag": (FLAG, "flag", parsing.as_bool),
    "CLIPGenericStatus": (STATUS, "status", parsing.as_int),
    "Daylight": (DAYLIGHT, "daylight", parsing.as_bool),
    "ZLLSwitch": (SWITCH, "buttonevent", _nothing),
    "ZGPSwitch": (SWITCH, "buttonevent", _nothing),
    "ZLLRelativeRotary": (ROTARY, "rotaryevent", _nothing),
}


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
    """A sensor resource: `value` in °C, lx, %, or true and false.

    Without `mac` it is no physical device's. `enabled` is whether it measures at
    all, `sensitivity` goes from 0 to `most_sensitive`, `buttons` are numbers.
    """

    number: str
    mac: str | None
    kind: str
    about: About
    primary: bool
    value: Value
    reachable: bool | None
    battery: int | None
    has_battery: bool
    dark: bool | None = None
    daylight: bool | None = None
    enabled: bool | None = None
    sensitivity: int | None = None
    most_sensitive: int | None = None
    buttons: tuple[int, ...] = ()
    report: Report | None = None

    def after(self, taken: Mapping[str, Any]) -> Sensor:
        """Return the sensor once the bridge confirmed parts of its config."""
        on, level = (
            parsing.as_bool(taken.get("on")),
            parsing.as_int(taken.get("sensitivity")),
        )
        return replace(
            self,
            enabled=self.enabled if on is None else on,
            sensitivity=self.sensitivity if level is None else level,
        )


def _percent(value: object) -> int | None:
    found = parsing.as_int(value)
    return found if found is not None and 0 <= found <= 100 else None


type _Codes = Mapping[int, tuple[int, str]]
"""Button and event type by `buttonevent`."""


def _codes(sensor: Mapping[str, Any]) -> tuple[tuple[int, ...], _Codes]:
    """Return a switch's buttons, and what its codes mean: its inputs name both."""
    capabilities = parsing.as_dict(sensor.get("capabilities"))
    inputs = [
        {
            code: event
            for one in parsing.iter_dicts(given.get("events"))
            if (code := parsing.as_int(one.get("buttonevent"))) is not None
            and (event := parsing.as_str(one.get("eventtype"))) in BUTTON_EVENTS
        }
        for given in parsing.iter_dicts(capabilities.get("inputs"))
    ]
    if any(inputs):
        numbers = _numbers(inputs)
        return numbers, {
            code: (button, str(event))
            for button, events in zip(numbers, inputs, strict=True)
            for code, event in events.items()
        }
    if sensor.get("type") == "ZGPSwitch":
        is_tap = sensor.get("modelid") in (None, _TAP_MODEL)
        presses = _TAP if is_tap else {}
        codes = {code: (button, _IN_ORDER[0]) for code, button in presses.items()}
        return _FOUR, codes
    numbers = tuple(range(1, len(inputs) + 1)) or _FOUR
    return numbers, {
        button * 1000 + code: (button, event)
        for button in numbers
        for code, event in enumerate(_IN_ORDER)
    }


def _numbers(inputs: Sequence[Mapping[int, str]]) -> tuple[int, ...]:
    """Return the buttons' numbers: the thousands of their codes, else their order."""
    thousands = [{code // 1000 for code in one} for one in inputs]
    numbers = [next(iter(one)) for one in thousands if len(one) == 1]
    if len(set(numbers)) == len(inputs) and min(numbers) > 0:
        return tuple(numbers)
    return tuple(range(1, len(inputs) + 1))


def turn(steps: int, duration: int | None) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Return event type and attributes of a turned dial; `steps` is signed."""
    told: tuple[tuple[str, int], ...] = (("steps", abs(steps)),)
    if duration is not None:
        told = (*told, ("duration_ms", duration))
    return (CLOCKWISE if steps >= 0 else COUNTER_CLOCKWISE), told


def _report(kind: str, state: Mapping[str, Any], codes: _Codes) -> Report | None:
    """Return the last event of a switch or dial; `none` until its first use."""
    updated = parsing.as_str(state.get("lastupdated"))
    if updated in (None, "none"):
        return None
    if kind == SWITCH:
        code = parsing.as_int(state.get("buttonevent"))
        if code is None or code not in codes:
            return None
        button, event = codes[code]
        return Report(f"button_{button}", event, (), updated)
    if kind == ROTARY and (steps := parsing.as_int(state.get("expectedrotation"))):
        duration = parsing.as_int(state.get("expectedeventduration"))
        return Report(ROTARY, *turn(steps, duration), updated)
    return None


def read_sensor(number: str, sensor: Mapping[str, Any]) -> Sensor | None:
    """Return a resource of `/sensors`, None if it is of no kind that we know."""
    about = read_about(sensor)
    found = _KINDS.get(str(sensor.get("type")))
    if about is None or found is None:
        return None
    kind, part, read = found
    mac, _ = zigbee(sensor)
    if mac is None and kind in (SWITCH, ROTARY):
        return None
    state = parsing.as_dict(sensor.get("state"))
    config = parsing.as_dict(sensor.get("config"))
    capabilities = parsing.as_dict(sensor.get("capabilities"))
    buttons, codes = _codes(sensor) if kind == SWITCH else ((), {})
    return Sensor(
        number=number,
        mac=mac,
        kind=kind,
        about=about,
        primary=capabilities.get("primary") is True,
        value=read(state.get(part)),
        reachable=parsing.as_bool(config.get("reachable")),
        battery=_percent(config.get("battery")),
        has_battery="battery" in config,
        dark=parsing.as_bool(state.get("dark")) if kind == ILLUMINANCE else None,
        daylight=parsing.as_bool(state.get("daylight"))
        if kind == ILLUMINANCE
        else None,
        enabled=parsing.as_bool(config.get("on")),
        sensitivity=parsing.as_int(config.get("sensitivity")),
        most_sensitive=parsing.as_int(config.get("sensitivitymax")),
        buttons=buttons,
        report=_report(kind, state, codes),
    )

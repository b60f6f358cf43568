"""Models of the sensor resources of API v1."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...transport import parsing
from .models.sensor import (
    BUTTON_EVENTS,
    DAYLIGHT,
    FLAG,
    HUMIDITY,
    ILLUMINANCE,
    MOTION,
    OPEN,
    ROTARY,
    STATUS,
    SWITCH,
    TEMPERATURE,
    Report,
    Sensor,
    Value,
    lux,
    turn,
)
from .v1_parser import read_metadata, zigbee

# Firmware that does not name a switch's inputs knows switches with four of them.
# The tap's buttons have no events but being pressed; Friends of Hue have its type.
_TAP = {34: 1, 16: 2, 17: 3, 18: 4}
_TAP_MODEL = "ZGPSWITCH"
_FOUR = (1, 2, 3, 4)
_IN_ORDER = ("initial_press", "repeat", "short_release", "long_release")


def _hundredths(value: object) -> float | None:
    hundredths = parsing.as_float(value)
    return None if hundredths is None else hundredths / 100


def _nothing(_: object) -> None:
    """Show no value: what such a resource tells is an event."""


# By resource type: what it is, and the part of its state that is shown, and how.
_KINDS: Mapping[str, tuple[str, str, Callable[[object], Value]]] = {
    "ZLLPresence": (MOTION, "presence", parsing.as_bool),
    "CLIPPresence": (MOTION, "presence", parsing.as_bool),
    "ZLLTemperature": (TEMPERATURE, "temperature", _hundredths),
    "CLIPTemperature": (TEMPERATURE, "temperature", _hundredths),
    "ZLLLightLevel": (ILLUMINANCE, "lightlevel", lux),
    "CLIPLightLevel": (ILLUMINANCE, "lightlevel", lux),
    "CLIPOpenClose": (OPEN, "open", parsing.as_bool),
    "CLIPHumidity": (HUMIDITY, "humidity", _hundredths),
    "CLIPGenericFlag": (FLAG, "flag", parsing.as_bool),
    "CLIPGenericStatus": (STATUS, "status", parsing.as_int),
    "Daylight": (DAYLIGHT, "daylight", parsing.as_bool),
    "ZLLSwitch": (SWITCH, "buttonevent", _nothing),
    "ZGPSwitch": (SWITCH, "buttonevent", _nothing),
    "ZLLRelativeRotary": (ROTARY, "rotaryevent", _nothing),
}


def _percent(value: object) -> int | None:
    percent = parsing.as_int(value)
    return percent if percent is not None and 0 <= percent <= 100 else None


type _Codes = Mapping[int, tuple[int, str]]
"""Button and event type by `buttonevent`."""


def _codes(sensor: Mapping[str, Any]) -> tuple[tuple[int, ...], _Codes]:
    """Return a switch's buttons, and what its codes mean: its inputs name both."""
    capabilities = parsing.as_dict(sensor.get("capabilities"))
    inputs = [
        {
            code: event
            for item in parsing.iter_dicts(given.get("events"))
            if (code := parsing.as_int(item.get("buttonevent"))) is not None
            and (event := parsing.as_str(item.get("eventtype"))) in BUTTON_EVENTS
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
    thousands = [{code // 1000 for code in codes} for codes in inputs]
    numbers = [next(iter(prefixes)) for prefixes in thousands if len(prefixes) == 1]
    if len(set(numbers)) == len(inputs) and min(numbers) > 0:
        return tuple(numbers)
    return tuple(range(1, len(inputs) + 1))


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
    metadata = read_metadata(sensor)
    supported = _KINDS.get(str(sensor.get("type")))
    if metadata is None or supported is None:
        return None
    kind, part, read = supported
    mac, _ = zigbee(sensor)
    if mac is None and kind in (SWITCH, ROTARY):
        return None
    state = parsing.as_dict(sensor.get("state"))
    config = parsing.as_dict(sensor.get("config"))
    capabilities = parsing.as_dict(sensor.get("capabilities"))
    buttons, codes = _codes(sensor) if kind == SWITCH else ((), {})
    return Sensor(
        number=number,
        device_key=mac,
        kind=kind,
        metadata=metadata,
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
        thresholds=_thresholds(config) if kind == ILLUMINANCE else None,
        is_virtual=str(sensor.get("type")).startswith("CLIP"),
    )


def _thresholds(config: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the light level below which it is dark, and the offset of daylight."""
    dark = parsing.as_int(config.get("tholddark"))
    offset = parsing.as_int(config.get("tholdoffset"))
    return None if dark is None or offset is None else (dark, offset)

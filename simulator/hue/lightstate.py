"""What a lamp makes of a PUT: an answer for each parameter, and its new state."""

from typing import Any

from . import colour
from .answers import (
    DEVICE_OFF,
    INVALID_VALUE,
    NO_PARAMETER,
    NOT_MODIFIABLE,
    Json,
    error,
    success,
)

RANGES = {
    "bri": (0, 254),
    "hue": (0, 65535),
    "sat": (0, 254),
    "ct": (153, 500),
    "transitiontime": (0, 65535),
    "bri_inc": (-254, 254),
    "hue_inc": (-65534, 65534),
    "sat_inc": (-254, 254),
    "ct_inc": (-65534, 65534),
}
CHOICES = {"effect": ("none", "colorloop"), "alert": ("none", "select", "lselect")}
PARAMETERS = frozenset({"on", "xy", *RANGES, *CHOICES})
READ_ONLY = frozenset({"colormode", "mode", "reachable"})
WHILE_OFF = frozenset({"on", "transitiontime"})
type Range = tuple[int, int]


def is_valid(name: str, value: Any) -> bool:
    """Return whether the v1 API takes the value for the parameter."""
    if name == "on":
        return isinstance(value, bool)
    if name == "xy":
        return (
            isinstance(value, list)
            and len(value) == 2
            and all(type(part) in (int, float) and 0 <= part <= 1 for part in value)
        )
    if name in CHOICES:
        return value in CHOICES[name]
    low, high = RANGES[name]
    return type(value) is int and low <= value <= high


def has(state: Json, name: str) -> bool:
    """Return whether a lamp with this state takes the parameter."""
    return name == "transitiontime" or name.removesuffix("_inc") in state


def checked(
    body: Json, address: str, state: Json | None = None
) -> tuple[Json, list[Json]]:
    """Return what is to be applied, and an answer for each parameter.

    `state` is the lamp's; a group (None) takes every parameter, whether its
    lamps are off or not.
    """
    accepted: Json = {}
    answers = []
    off = state is not None and body.get("on", state["on"]) is not True
    for name, value in body.items():
        where = f"{address}/{name}"
        if name in READ_ONLY:
            answers.append(error(NOT_MODIFIABLE, where, name))
        elif name not in PARAMETERS or not (state is None or has(state, name)):
            answers.append(error(NO_PARAMETER, where, name))
        elif not is_valid(name, value):
            answers.append(error(INVALID_VALUE, where, value, name))
        elif off and name not in WHILE_OFF:
            answers.append(error(DEVICE_OFF, where, name))
        else:
            accepted[name] = value
            answers.append(success(where, value))
    return accepted, answers


def ct_range(light: Json) -> Range:
    """Return the colour temperatures (mired) that a lamp can show."""
    span = light.get("capabilities", {}).get("control", {}).get("ct")
    return (span["min"], span["max"]) if span else RANGES["ct"]


def _increments(state: Json, changes: Json) -> Json:
    """Return the changes with each `…_inc` as the value that it leads to."""
    values = {}
    for name, value in changes.items():
        base = name.removesuffix("_inc")
        values[base] = value if base == name else state[base] + value
    if "hue_inc" in changes:
        values["hue"] %= 65536  # it goes round
    return values


def _clamped(name: str, value: int, span: Range) -> int:
    """Return a number within what the lamp can show."""
    low, high = {"bri": (1, 254), "sat": (0, 254), "ct": span}.get(name, (0, 65535))
    return max(low, min(high, value))


def apply(light: Json, changes: Json, *, while_off: bool = False) -> None:
    """Change a lamp; what it cannot do is left out, as in a group's command."""
    state = light["state"]
    if changes.get("on") is False and changes.get("transitiontime") and "bri" in state:
        # As all bridges do: it fades to the lowest brightness, and keeps that.
        state["bri"] = 1
    if "on" in changes:
        state["on"] = changes["on"]
    if not (state["on"] or while_off):
        return
    mine = {k: v for k, v in changes.items() if has(state, k) and k != "transitiontime"}
    span = ct_range(light)
    for name, value in _increments(state, mine).items():
        whole = type(value) is int
        state[name] = _clamped(name, value, span) if whole else value
    _colour(state, mine)


def _colour(state: Json, changes: Json) -> None:
    """Bring colormode and the other colour values in step with what was set."""
    if "xy" in changes:  # xy beats ct, ct beats hue and sat
        state["xy"] = [round(part, 4) for part in changes["xy"]]
        state["colormode"] = "xy"
        state["hue"], state["sat"] = colour.hue_of_xy(state["xy"])
    elif changes.keys() & {"ct", "ct_inc"}:
        state["colormode"] = "ct"
        if "xy" in state:
            state["xy"] = colour.xy_of_ct(state["ct"])
            state["hue"], state["sat"] = colour.hue_of_xy(state["xy"])
    elif changes.keys() & {"hue", "sat", "hue_inc", "sat_inc"}:
        state["colormode"] = "hs"
        state["xy"] = colour.xy_of_hue(state["hue"], state["sat"])

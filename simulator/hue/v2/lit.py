"""Commands of API v2 to lamps and to groups of lamps."""

from collections.abc import Iterable
from typing import Any

from simulator.hue import lightstate
from simulator.hue.answers import Json
from simulator.hue.house import House

from . import lights
from .json_data import merged

_DOUBT = "device (light) {}, command ({}) may not have effect"
_UNREACHABLE = "has communication issues"
_OFF = 'is "soft off"'
_LIT = ("dimming", "color_temperature", "color", "effects", "gradient")
_PROPERTY = {
    "on": ".on.on",
    "dimming": ".dimming.brightness",
    "color_temperature": ".color_temperature.mirek",
    "color": ".color.xy",
    "effects": ".effects.effect",
    "gradient": ".gradient.points",
}
_STARTUP = {preset: mode for mode, preset in lights.POWERUP.items()}
_NEEDS = {
    "dimming": "bri",
    "dimming_delta": "bri",
    "color_temperature": "ct",
    "color_temperature_delta": "ct",
    "color": "xy",
}


def impossible(shown: Json, light: Json, body: Json) -> list[str]:
    """Return which features the lamp has not, as a refusal describes them."""
    features = ("effects", "effects_v2", "timed_effects", "gradient", "powerup")
    lacking = [name for name in features if name in body and name not in shown]
    lacking += [
        n for n, need in _NEEDS.items() if n in body and need not in light["state"]
    ]
    wrong = [f"property (.{name}) is not supported" for name in lacking]
    wanted = [
        body.get("effects", {}).get("effect"),
        body.get("effects_v2", {}).get("action", {}).get("effect"),
    ]
    effects = lights.effects_of(light)
    if not lacking and any(
        effect is not None and effect not in effects for effect in wanted
    ):
        wrong.append("effect is not supported")
    points = body.get("gradient", {}).get("points", [])
    if points and len(points) > shown.get("gradient", {}).get("points_capable", 5):
        wrong.append("too many items in (.gradient.points)")
    return wrong


def misuse(body: Json, light: Json | None = None) -> Iterable[str]:
    """Yield what the documents forbid a client to put into one command."""
    if "color" in body and "color_temperature" in body:
        yield "a colour and a colour temperature in one command"
    if "alert" in body and len(body) > 1:
        yield "an alert beside other features"
    effect = body.get("effects", {}).get("effect", "no_effect")
    if effect != "no_effect" and "duration" in body.get("dynamics", {}):
        yield "a transition beside an effect"
    if light is not None and "color_temperature" in body:
        low, high = lightstate.ct_range(light)
        if not low <= body["color_temperature"]["mirek"] <= high:
            yield "a colour temperature beyond the lamp's own range"


def doubts(light: Json, body: Json) -> list[str]:
    """Return the errors of a 207: a lamp that is lost, or off and not switched on."""
    state = light["state"]
    if not state["reachable"]:
        return [
            _DOUBT.format(_UNREACHABLE, _PROPERTY[n]) for n in _PROPERTY if n in body
        ]
    if state["on"] or body.get("on", {}).get("on"):
        return []
    return [_DOUBT.format(_OFF, _PROPERTY[n]) for n in _LIT if n in body]


def group_doubts(house: House, members: list[str], body: Json) -> list[str]:
    """Return the errors of a 207 to a group."""
    states = [house.lights[member]["state"] for member in members]
    named = [_PROPERTY[name] for name in _PROPERTY if name in body]
    text = _DOUBT.replace("(light)", "(grouped_light)")
    if states and not any(state["reachable"] for state in states):
        return [text.format(_UNREACHABLE, name) for name in named]
    is_off = not any(state["on"] for state in states)
    if is_off and not body.get("on", {}).get("on"):
        return [text.format(_OFF, name) for name in named]
    return []


def command(house: House, number: str, shown: Json, body: Json) -> None:
    """Do to a lamp what a command of API v2 says."""
    light = house.lights[number]
    wanted = dict(body)
    effect = shown.get("effects", {}).get("status", "no_effect")
    asked = wanted.get("effects", {}).get("effect")
    if asked == "no_effect" and effect == "no_effect":
        # Nothing to end: the bridge ignores what else changes the colour then.
        for name in ("dynamics", "color_temperature"):
            wanted.pop(name, None)
    if points := wanted.get("gradient", {}).get("points"):
        wanted["color"] = {"xy": points[0]["color"]["xy"]}
    lightstate.apply(light, lights.state_of(wanted))
    if "metadata" in wanted and "name" in wanted["metadata"]:
        light["name"] = wanted["metadata"]["name"]
    if "powerup" in wanted:
        preset = _STARTUP.get(wanted["powerup"]["preset"], "custom")
        light["config"]["startup"] = {"mode": preset, "configured": True}
    patch = _patch(shown, wanted, light)
    if patch:
        key = f"/lights/{number}#light"
        house.v2[key] = merged(house.v2.get(key, {}), patch)


def _patch(shown: Json, wanted: Json, light: Json) -> Json:
    """Return what a command changes that v1 does not know."""
    patch: Json = {}
    is_on = light["state"]["on"]
    coloured = not {"color", "color_temperature"}.isdisjoint(wanted)
    if "effects" in shown and (coloured or not is_on):
        patch |= _effect("no_effect", {})
    elif "effects" in wanted and is_on:
        patch |= _effect(wanted["effects"]["effect"], {})
    elif "effects_v2" in wanted and is_on:
        action = wanted["effects_v2"]["action"]
        patch |= _effect(action["effect"], action.get("parameters", {}))
    if "timed_effects" in wanted and "timed_effects" in shown:
        patch["timed_effects"] = {"status": wanted["timed_effects"]["effect"]}
    if "gradient" in wanted:
        patch["gradient"] = {
            "points": wanted["gradient"].get("points", shown["gradient"]["points"]),
            "mode": wanted["gradient"].get("mode", "interpolated_palette"),
        }
    elif "gradient" in shown and "color" in wanted:
        points = [{"color": {"xy": wanted["color"]["xy"]}}]
        patch["gradient"] = {"points": points * len(shown["gradient"]["points"])}
    if shown["dynamics"]["status"] != "none" and (coloured or not is_on):
        patch["dynamics"] = {"status": "none", "speed": 0.0, "speed_valid": False}
    return patch


def _effect(effect: str, parameters: Json) -> Json:
    """Return that an effect runs, in the two ways that API v2 tells of it."""
    status: dict[str, Any] = {"effect": effect}
    if parameters:
        status["parameters"] = parameters
    return {"effects": {"status": effect}, "effects_v2": {"status": status}}

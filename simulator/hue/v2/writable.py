"""What may be written, type by type: anything else is refused with 400."""

from collections.abc import Callable, Collection
from typing import Any

from simulator.hue.answers import Json

from . import lights

type Check = Callable[[Any], bool]
type Allowed = Check | dict[str, "Allowed"]


def flag(value: Any) -> bool:
    """Return True for a boolean."""
    return isinstance(value, bool)


def text(value: Any) -> bool:
    """Return True for a name: 1 to 32 characters."""
    return isinstance(value, str) and 1 <= len(value) <= 32


def number(low: float, high: float) -> Check:
    """Return a check for a number within these bounds."""
    return lambda value: type(value) in (int, float) and low <= value <= high


def whole(low: int, high: int) -> Check:
    """Return a check for a whole number within these bounds."""
    return lambda value: type(value) is int and low <= value <= high


def choice(*values: str) -> Check:
    """Return a check for one of these words."""
    return lambda value: isinstance(value, str) and value in values


def anything(_: Any) -> bool:
    """Return True."""
    return True


def references(value: Any) -> bool:
    """Return True for a list of references."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and item.keys() == {"rid", "rtype"} for item in value
    )


def _points(value: Any) -> bool:
    """Return True for the two points or more of a gradient."""
    return (
        isinstance(value, list)
        and len(value) >= 2
        and not any(refusals(point, {"color": _XY}) for point in value)
    )


_SHARE = number(0, 1)
_XY: Allowed = {"xy": {"x": _SHARE, "y": _SHARE}}
_ON: Allowed = {"on": flag}
_PERCENT: Allowed = {"brightness": number(0, 100)}
_MIREK: Allowed = {"mirek": whole(50, 1000)}
_STEP = choice("up", "down", "stop")
_DURATION = whole(0, 6_000_000)
_SIGNALING: Allowed = {
    "signal": choice(*lights.SIGNALS),
    "duration": whole(0, 65_534_000),
    "colors": lambda value: isinstance(value, list) and 1 <= len(value) <= 2,
}
_LIT: dict[str, Allowed] = {
    "on": _ON,
    "dimming": _PERCENT,
    "dimming_delta": {"action": _STEP, "brightness_delta": number(0, 100)},
    "color_temperature": _MIREK,
    "color_temperature_delta": {"action": _STEP, "mirek_delta": whole(0, 950)},
    "color": _XY,
    "alert": {"action": choice("breathe")},
    "signaling": _SIGNALING,
}
_NAMED: dict[str, Allowed] = {"name": text, "archetype": anything}
_EFFECT = choice(*lights.COLOUR_EFFECTS)
_IDENTIFY: Allowed = {"action": choice("identify")}
_SENSITIVITY: Allowed = {"sensitivity": whole(0, 4)}
_SENSOR: dict[str, Allowed] = {"enabled": flag, "sensitivity": _SENSITIVITY}
_SOUND: dict[str, Allowed] = {
    "sound": anything,
    "volume": {"level": whole(0, 100)},
}
_PLACE: dict[str, Allowed] = {"metadata": _NAMED, "children": references}
_PRESET = choice("safety", "powerfail", "last_on_state", "custom")
_SCENE: dict[str, Allowed] = {
    "metadata": {"name": text, "image": anything, "appdata": anything},
    "actions": anything,
    "palette": anything,
    "speed": _SHARE,
    "auto_dynamic": flag,
}

WRITABLE: dict[str, dict[str, Allowed]] = {
    "bridge": {"time_zone": {"time_zone": text}},
    "device": {
        "metadata": _NAMED,
        "identify": _IDENTIFY,
        "usertest": {"usertest": flag},
    },
    "light": _LIT
    | {
        "metadata": dict(_NAMED, function=anything),
        "identify": _IDENTIFY,
        "dynamics": {"duration": _DURATION, "speed": _SHARE},
        "effects": {"effect": _EFFECT},
        "effects_v2": {
            "action": {
                "effect": _EFFECT,
                "parameters": {
                    "color": _XY,
                    "color_temperature": _MIREK,
                    "speed": _SHARE,
                },
            }
        },
        "timed_effects": {
            "effect": choice(*lights.TIMED_EFFECTS),
            "duration": whole(0, 21_600_000),
        },
        "gradient": {"points": _points, "mode": anything},
        "powerup": {
            "preset": _PRESET,
            "on": anything,
            "dimming": anything,
            "color": anything,
        },
    },
    "grouped_light": _LIT | {"dynamics": {"duration": _DURATION}},
    "room": _PLACE,
    "zone": _PLACE,
    "scene": _SCENE
    | {
        "recall": {
            "action": choice("active", "static", "dynamic_palette"),
            "duration": _DURATION,
            "dimming": _PERCENT,
        }
    },
    "smart_scene": {
        "metadata": {"name": text, "image": anything, "appdata": anything},
        "week_timeslots": anything,
        "transition_duration": whole(0, 6_000_000),
        "recall": {"action": choice("activate", "deactivate")},
    },
    "motion": _SENSOR,
    "camera_motion": _SENSOR,
    "convenience_area_motion": _SENSOR,
    "security_area_motion": _SENSOR,
    "light_level": {"enabled": flag},
    "temperature": {"enabled": flag},
    "contact": {"enabled": flag},
    "grouped_motion": {"enabled": flag},
    "grouped_light_level": {"enabled": flag},
    "motion_area_configuration": {"name": text, "enabled": flag},
    "service_group": {"metadata": _NAMED},
    "speaker": {
        "alarm": _SOUND | {"duration": whole(0, 65_534_000)},
        "chime": dict(_SOUND),
        "alert": dict(_SOUND),
        "mute": {"mute": choice("mute", "unmute")},
    },
    "switch_input_configuration": {
        "switch_mode": {
            "mode": choice(
                "switch_single_rocker",
                "switch_single_pushbutton",
                "switch_dual_rocker",
                "switch_dual_pushbutton",
            )
        }
    },
    "behavior_instance": {
        "enabled": flag,
        "configuration": anything,
        "trigger": anything,
        "metadata": _NAMED,
    },
    "entertainment_configuration": {
        "action": choice("start", "stop"),
        "metadata": _NAMED,
    },
    "geofence_client": {"name": text, "is_at_home": flag},
    "zigbee_connectivity": {"channel": anything},
    "zigbee_device_discovery": {"action": anything, "add_install_codes": anything},
    "device_software_update": {"action": anything, "install": anything},
    "homekit": {"action": anything},
    "matter": {"action": anything},
}
# What the documents forbid a client to write, although the bridge takes it.
FORBIDDEN: dict[str, Collection[str]] = {
    "behavior_instance": ("configuration",),
    "device_software_update": ("action", "install"),
    "geofence_client": ("name", "is_at_home"),
    "homekit": ("action",),
    "matter": ("action",),
    "scene": ("actions", "palette"),
    "zigbee_connectivity": ("channel",),
    "zigbee_device_discovery": ("action", "add_install_codes"),
}


def refusals(body: Any, allowed: Allowed, where: str = "") -> list[str]:
    """Return what is wrong with a body, as the bridge describes it."""
    if not isinstance(allowed, dict):
        return [] if allowed(body) else [f"invalid value for property ({where})"]
    if not isinstance(body, dict):
        return [f"property ({where}) must be an object"]
    wrong = []
    for name, value in body.items():
        inside = f"{where}.{name}"
        if name not in allowed:
            wrong.append(f"property ({inside}) is unknown or read-only")
        else:
            wrong += refusals(value, allowed[name], inside)
    return wrong


def missing(kind: str, body: Json) -> list[str]:
    """Return which values are missing beside those that were named."""
    needed = {
        ("dimming_delta", "brightness_delta"),
        ("color_temperature_delta", "mirek_delta"),
    }
    wrong = [
        f"property (.{name}.{part}) is missing"
        for name, part in sorted(needed)
        if name in body
        and body[name].get("action") != "stop"
        and part not in body[name]
    ]
    for name, part in (
        ("on", "on"),
        ("dimming", "brightness"),
        ("color_temperature", "mirek"),
        ("color", "xy"),
        ("dimming_delta", "action"),
        ("color_temperature_delta", "action"),
        ("effects", "effect"),
        ("timed_effects", "effect"),
        ("powerup", "preset"),
    ):
        if name in body and part not in body[name]:
            wrong.append(f"property (.{name}.{part}) is missing")
    timed = body.get("timed_effects", {})
    if timed.get("effect", "no_effect") != "no_effect" and "duration" not in timed:
        wrong.append("property (.timed_effects.duration) is missing")
    powerup = body.get("powerup", {})
    if powerup.keys() - {"preset"} and powerup.get("preset") != "custom":
        wrong.append("property (.powerup) takes no more than a preset")
    if kind in ("light", "grouped_light") and "color" in body:
        xy = body["color"].get("xy", {})
        if xy.keys() != {"x", "y"}:
            wrong.append("property (.color.xy) is incomplete")
    return wrong

"""Lamps as API v2 shows them."""

from typing import Any

from simulator.hue.answers import Json

ARCHETYPES = {
    "classicbulb": "classic_bulb",
    "sultanbulb": "sultan_bulb",
    "huebloom": "hue_bloom",
    "huelightstrip": "hue_lightstrip",
    "updown": "up_and_down",
}
COLOUR_EFFECTS = (
    "no_effect",
    "candle",
    "fire",
    "prism",
    "sparkle",
    "opal",
    "glisten",
    "underwater",
    "cosmos",
    "sunbeam",
    "enchant",
)
WHITE_EFFECTS = ("no_effect", "candle", "sparkle", "glisten")
TIMED_EFFECTS = ("no_effect", "sunrise", "sunset")
SIGNALS = ("no_signal", "on_off", "on_off_color", "alternating")
POWERUP = {"safety": "safety", "powerfail": "powerfail", "lastonstate": "last_on_state"}
_PREVIOUS: Json = {"mode": "previous"}


def brightness_of(bri: int) -> float:
    """Return API v2's brightness (%) for one of v1: 1 is 0 %, 254 is 100 %."""
    return round((max(bri, 1) - 1) / 253 * 100, 2)


def bri_of(brightness: float) -> int:
    """Return v1's brightness for one of API v2; 0 % is the lowest, not off."""
    return round(brightness / 100 * 253) + 1


def archetype(light: Json) -> str:
    """Return the icon of a lamp."""
    own: str = light.get("config", {}).get("archetype", "classicbulb")
    return ARCHETYPES.get(own, own)


def is_certified(resource: Json) -> bool:
    """Return True unless v1 says that Philips did not certify the device."""
    return bool(resource.get("capabilities", {}).get("certified", True))


def effects_of(light: Json) -> tuple[str, ...]:
    """Return the effects that a lamp can play."""
    if not is_certified(light) or "bri" not in light["state"]:
        return ()
    return COLOUR_EFFECTS if "xy" in light["state"] else WHITE_EFFECTS


def _choice(values: tuple[str, ...]) -> Json:
    """Return a feature of which `no_effect` is chosen."""
    names = list(values)
    return {"status": "no_effect", "status_values": names, "effect_values": names}


def _effects(light: Json) -> Json:
    values = effects_of(light)
    if not values:
        return {}
    status = {"effect": "no_effect", "effect_values": list(values)}
    return {
        "effects": _choice(values),
        "effects_v2": {"action": {"effect_values": list(values)}, "status": status},
        "timed_effects": _choice(TIMED_EFFECTS),
    }


def _colours(light: Json) -> Json:
    """Return colour and colour temperature, as far as the lamp has them."""
    state = light["state"]
    control = light.get("capabilities", {}).get("control", {})
    parts: Json = {}
    if "ct" in state:
        valid = state.get("colormode") == "ct"
        span = control.get("ct", {"min": 153, "max": 500})
        parts["color_temperature"] = {
            "mirek": state["ct"] if valid else None,
            "mirek_valid": valid,
            "mirek_schema": {
                "mirek_minimum": span["min"],
                "mirek_maximum": span["max"],
            },
        }
        parts["color_temperature_delta"] = {}
    if "xy" in state:
        colour: Json = {"xy": point(state["xy"])}
        if corners := control.get("colorgamut"):
            names = ("red", "green", "blue")
            colour["gamut"] = dict(zip(names, map(point, corners), strict=True))
        colour["gamut_type"] = control.get("colorgamuttype", "other")
        parts["color"] = colour
    return parts


def point(xy: list[float]) -> Json:
    """Return a colour of v1 as API v2 writes it."""
    return {"x": round(xy[0], 4), "y": round(xy[1], 4)}


def _dimming(light: Json) -> Json:
    state = light["state"]
    if "bri" not in state:
        return {}
    dimming: Json = {"brightness": brightness_of(state["bri"])}
    control = light.get("capabilities", {}).get("control", {})
    if "mindimlevel" in control:
        dimming["min_dim_level"] = control["mindimlevel"] / 1000
    return {"dimming": dimming, "dimming_delta": {}}


def _dynamics(light: Json) -> Json:
    """Return the dynamics and signals that a lamp can play."""
    values = ["none", "dynamic_palette"] if "xy" in light["state"] else ["none"]
    parts: Json = {
        "dynamics": {
            "status": "none",
            "status_values": values,
            "speed": 0.0,
            "speed_valid": False,
        },
        "alert": {"action_values": ["breathe"]},
    }
    if is_certified(light):
        signals = SIGNALS if "xy" in light["state"] else SIGNALS[:2]
        parts["signaling"] = {"signal_values": list(signals)}
    return parts


def _powerup(light: Json) -> Json:
    """Return what a lamp does after a power cut."""
    startup = light.get("config", {}).get("startup")
    if not startup or not is_certified(light):
        return {}
    preset = POWERUP.get(startup["mode"], "custom")
    state = light["state"]
    on: Json = {"mode": "on", "on": {"on": True}}
    dimming: Json = {"mode": "dimming", "dimming": {"brightness": 100.0}}
    colour: Json = {
        "mode": "color_temperature",
        "color_temperature": {"mirek": 366},
    }
    if preset == "powerfail":
        on, dimming, colour = (dict(_PREVIOUS) for _ in range(3))
    elif preset != "safety":
        dimming, colour = dict(_PREVIOUS), dict(_PREVIOUS)
    made: Json = {"preset": preset, "configured": startup["configured"], "on": on}
    if "bri" in state:
        made["dimming"] = dimming
    if "ct" in state or "xy" in state:
        made["color"] = colour
    return {"powerup": made}


def features(light: Json, service_id: int) -> Json:
    """Return the features of a light service."""
    named: Json = {"name": light["name"][:32], "archetype": archetype(light)}
    product: Json = {"function": light.get("config", {}).get("function", "mixed")}
    if service_id:
        product["name"] = f"{light.get('productname', light['name'])} {service_id}"
    streaming = light["state"].get("mode") == "streaming"
    return {
        "metadata": named | {"function": product["function"]},
        "product_data": product,
        "identify": {},
        "service_id": service_id,
        "on": {"on": light["state"]["on"]},
        **_dimming(light),
        **_colours(light),
        **_dynamics(light),
        "mode": "streaming" if streaming else "normal",
        **_effects(light),
        **_powerup(light),
    }


def action(state: Json) -> Json:
    """Return what a scene of v1 does to a lamp, as API v2 writes it."""
    made: Json = {"on": {"on": state.get("on", True)}}
    if "bri" in state:
        made["dimming"] = {"brightness": brightness_of(state["bri"])}
    if "xy" in state:
        made["color"] = {"xy": point(state["xy"])}
    elif "ct" in state:
        made["color_temperature"] = {"mirek": state["ct"]}
    return made


def state_of(body: Any) -> Json:
    """Return the v1 state that these features of API v2 ask for."""
    state: Json = {}
    if "on" in body:
        state["on"] = body["on"]["on"]
    if "dimming" in body:
        state["bri"] = bri_of(body["dimming"]["brightness"])
    if "color_temperature" in body:
        state["ct"] = body["color_temperature"]["mirek"]
    if "color" in body:
        xy = body["color"]["xy"]
        state["xy"] = [xy["x"], xy["y"]]
    for name, key, step in (
        ("dimming_delta", "brightness_delta", 2.53),
        ("color_temperature_delta", "mirek_delta", 1),
    ):
        delta = body.get(name, {})
        if delta.get("action", "stop") != "stop":
            by = round(delta[key] * step) * (-1 if delta["action"] == "down" else 1)
            state["bri_inc" if name == "dimming_delta" else "ct_inc"] = by
    if "duration" in body.get("dynamics", {}):
        state["transitiontime"] = round(body["dynamics"]["duration"] / 100)
    return state

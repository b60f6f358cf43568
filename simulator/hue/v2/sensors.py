"""Sensors and switches of v1 as API v2 shows them."""

from simulator.hue.answers import Json

MODES = {
    "singlerocker": "switch_single_rocker",
    "singlepushbutton": "switch_single_pushbutton",
    "dualrocker": "switch_dual_rocker",
    "dualpushbutton": "switch_dual_pushbutton",
}
GREEN_POWER = "ZGPSwitch"
SWITCHES = ("ZLLSwitch", GREEN_POWER)
DIAL = "ZLLRelativeRotary"
MEASURES = {
    "ZLLPresence": "motion",
    "ZLLTemperature": "temperature",
    "ZLLLightLevel": "light_level",
}


def is_device(sensor: Json) -> bool:
    """Return True for hardware; software sensors are not in API v2."""
    return bool(sensor["type"].startswith("Z"))


def changed(sensor: Json) -> str | None:
    """Return when a sensor reported last, None before its first report."""
    when = sensor["state"].get("lastupdated", "none")
    return None if when == "none" else f"{when}.000Z"


def _measured(sensor: Json, name: str, value: object) -> Json:
    """Return a value with its report; both are old while the sensor is off."""
    when = changed(sensor)
    valid = when is not None and sensor["config"].get("on", True) and value is not None
    made: Json = {name: value, f"{name}_valid": valid}
    if when is not None and value is not None:
        made[f"{name}_report"] = {"changed": when, name: value}
    return made


def measures(sensor: Json) -> Json:
    """Return the features of a motion, temperature or light level service."""
    state, config = sensor["state"], sensor["config"]
    made: Json = {"enabled": config.get("on", True)}
    match sensor["type"]:
        case "ZLLPresence":
            made["motion"] = _measured(sensor, "motion", state["presence"])
            if "sensitivitymax" in config:
                made["sensitivity"] = {
                    "status": "set",
                    "sensitivity": config["sensitivity"],
                    "sensitivity_max": config["sensitivitymax"],
                }
        case "ZLLTemperature":
            raw = state["temperature"]
            celsius = None if raw is None else round(raw / 100, 2)
            made["temperature"] = _measured(sensor, "temperature", celsius)
        case _:
            made["light"] = _measured(sensor, "light_level", state["lightlevel"])
    return made


def battery(config: Json) -> Json:
    """Return the features of a device's battery."""
    level = config["battery"]
    state = None if level is None else "low" if level <= 10 else "normal"
    return {"power_state": {"battery_level": level, "battery_state": state}}


def modes(config: Json) -> Json:
    """Return how a wall module reads its inputs."""
    return {
        "status": "set",
        "mode": MODES[config["devicemode"]],
        "mode_values": list(MODES.values()),
    }

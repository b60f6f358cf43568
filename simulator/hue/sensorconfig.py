"""What a sensor makes of a PUT to its config: an answer for each parameter."""

from typing import Any

from .answers import INVALID_VALUE, NO_PARAMETER, NOT_MODIFIABLE, Json, error, success

NUMBERS = {"tholddark": 65535, "tholdoffset": 65534, "battery": 100}
FLAGS = frozenset({"on", "ledindication", "usertest", "reachable"})
CLIP_ONLY = frozenset({"battery", "reachable"})


def _is_valid(config: Json, name: str, value: Any) -> bool:
    """Return whether the sensor takes the value for the parameter."""
    if name in FLAGS:
        return isinstance(value, bool)
    if name == "alert":
        return value in ("none", "select", "lselect")
    most = config["sensitivitymax"] if name == "sensitivity" else NUMBERS[name]
    return type(value) is int and 0 <= value <= most


def _is_writable(sensor: Json, name: str) -> bool:
    """Return whether applications may set the parameter."""
    if name in CLIP_ONLY:
        return bool(sensor["type"].startswith("CLIP"))
    return name in FLAGS or name in NUMBERS or name in ("alert", "sensitivity")


def put(sensor: Json, address: str, body: Json) -> list[Json]:
    """Change a sensor's config and return an answer for each parameter."""
    config = sensor["config"]
    answers = []
    for name, value in body.items():
        where = f"{address}/{name}"
        if name not in config:
            answers.append(error(NO_PARAMETER, where, name))
        elif not _is_writable(sensor, name):
            answers.append(error(NOT_MODIFIABLE, where, name))
        elif not _is_valid(config, name, value):
            answers.append(error(INVALID_VALUE, where, value, name))
        else:
            config[name] = value
            answers.append(success(where, value))
    return answers

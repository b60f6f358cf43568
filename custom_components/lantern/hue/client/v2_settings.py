"""Bodies of the commands to what is no light, by neutral names (hue_v2 §3.7 to 3.9)."""

from collections.abc import Callable, Mapping
from typing import Any

from .v2_parser import Resource, get_dict
from .v2_sensors import NO_SOUND, SOUNDS, parse_sounds

_LONGEST_SOUND_MS = 65_534_000

_SIMPLE: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "enabled": lambda on: {"enabled": on},
    "sensitivity": lambda level: {"sensitivity": {"sensitivity": level}},
    "power_on": lambda preset: {"powerup": {"preset": preset}},
    "mode": lambda mode: {"switch_mode": {"mode": f"switch_{mode}"}},
    "is_muted": lambda is_muted: {"mute": {"mute": "mute" if is_muted else "unmute"}},
    "identify": lambda _: {"identify": {"action": "identify"}},
    "stop": lambda _: {"action": "stop"},
}


def _can_play(speaker: Resource, feature: str, sound: str) -> bool:
    values = get_dict(speaker, feature).get("sound_values")
    return isinstance(values, list) and sound in values


def _silence(speaker: Resource) -> dict[str, Any]:
    """Return what ends the sounds that can be ended."""
    return {
        feature: {"sound": NO_SOUND}
        for feature in SOUNDS
        if _can_play(speaker, feature, NO_SOUND)
    }


def _play(speaker: Resource, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what plays a sound: its `tone`, `volume` 0 to 1, `duration` in seconds.

    Only alarms can be given a duration.
    """
    tone = wanted.get("tone") or next(iter(parse_sounds(speaker)), "")
    feature = next(
        (name for name in SOUNDS if _can_play(speaker, name, tone)), SOUNDS[0]
    )
    body: dict[str, Any] = {"sound": tone}
    if (volume := wanted.get("volume")) is not None:
        body["volume"] = {"level": max(0, min(100, round(volume * 100)))}
    if feature == "alarm" and (duration := wanted.get("duration")) is not None:
        body["duration"] = min(_LONGEST_SOUND_MS, max(1, round(duration)) * 1000)
    return {feature: body}


def setting_body(resource: Resource, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a PUT that gives a resource its settings.

    `sound` is what to play (see `_play`), None for silence.
    """
    body: dict[str, Any] = {}
    for name, value in settings.items():
        if name in _SIMPLE:
            body |= _SIMPLE[name](value)
        else:
            body |= _silence(resource) if value is None else _play(resource, value)
    return body

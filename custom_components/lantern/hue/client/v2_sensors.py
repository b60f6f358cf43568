"""Models of the resources of API v2 that are no lights (hue_v2 names the facts)."""

from collections.abc import Callable, Iterable, Mapping

from ...transport import parsing
from .models.light import Metadata
from .models.sensor import (
    AUTOMATION,
    CHIME,
    DOORBELL,
    ENTERTAINMENT,
    ILLUMINANCE,
    INPUTS,
    MOTION,
    OPEN,
    ROTARY,
    SWITCH,
    TAMPER,
    TEMPERATURE,
    Sensor,
    Value,
    lux,
)
from .v2_parser import (
    Resource,
    get_dict,
    is_reachable,
    parse_connection,
    parse_metadata,
)

# What devices, groups and bridges have beside lights: each type and its kind.
OF_DEVICES = {
    "motion": MOTION,
    "camera_motion": MOTION,
    "temperature": TEMPERATURE,
    "light_level": ILLUMINANCE,
    "contact": OPEN,
    "tamper": TAMPER,
    "relative_rotary": ROTARY,
    "bell_button": DOORBELL,
    "speaker": CHIME,
    "switch_input_configuration": INPUTS,
}
OF_GROUPS = {"grouped_motion": MOTION, "grouped_light_level": ILLUMINANCE}
OF_BRIDGE = {
    "behavior_instance": AUTOMATION,
    "entertainment_configuration": ENTERTAINMENT,
}
_KINDS = {**OF_DEVICES, **OF_GROUPS, **OF_BRIDGE}

SOUNDS = ("chime", "alarm", "alert")
NO_SOUND = "no_sound"
_MODE_PREFIX = "switch_"
_OPEN = {"contact": False, "no_contact": True}
_MUTED = {"mute": True, "unmute": False}
_SIGNIFY = "Signify"
# An area in such health measures nothing, whatever its services still say.
_BROKEN = ("not_running", "unrecoverable")


def _parse_report(sensor: Resource, feature: str, name: str) -> object:
    """Return a measured value: the report's, or firmware of 2022's without one."""
    measured = get_dict(sensor, feature)
    if measured.get(f"{name}_valid") is False:
        return None
    value = get_dict(measured, f"{name}_report").get(name)
    return measured.get(name) if value is None else value


def _parse_motion(sensor: Resource) -> bool | None:
    return parsing.as_bool(_parse_report(sensor, "motion", "motion"))


def _parse_temperature(sensor: Resource) -> float | None:
    celsius = parsing.as_float(_parse_report(sensor, "temperature", "temperature"))
    return None if celsius is None else round(celsius, 2)


def _parse_level(sensor: Resource) -> int | None:
    """Return the light level of a sensor, as the bridge counts it."""
    return parsing.as_int(_parse_report(sensor, "light", "light_level"))


def _parse_tamper(sensor: Resource) -> bool:
    reports = parsing.iter_dicts(sensor.get("tamper_reports"))
    return any(report.get("state") == "tampered" for report in reports)


def _parse_sounding(speaker: Resource) -> bool | None:
    """Return whether a chime plays one of its sounds."""
    sounds = [
        sound
        for name in SOUNDS
        if (sound := get_dict(speaker, name, "status").get("sound")) is not None
    ]
    return any(sound != NO_SOUND for sound in sounds) if sounds else None


def _parse_mode(name: object) -> str | None:
    mode = parsing.as_name(name) if isinstance(name, str) else None
    return None if mode is None else mode.removeprefix(_MODE_PREFIX)


_VALUES: Mapping[str, Callable[[Resource], Value]] = {
    MOTION: _parse_motion,
    TEMPERATURE: _parse_temperature,
    ILLUMINANCE: lambda sensor: lux(_parse_level(sensor)),
    OPEN: lambda sensor: _OPEN.get(
        str(get_dict(sensor, "contact_report").get("state"))
    ),
    TAMPER: _parse_tamper,
    CHIME: _parse_sounding,
    INPUTS: lambda sensor: _parse_mode(get_dict(sensor, "switch_mode").get("mode")),
    AUTOMATION: lambda instance: parsing.as_bool(instance.get("enabled")),
    ENTERTAINMENT: lambda area: {"active": True, "inactive": False}.get(
        str(area.get("status"))
    ),
}


def _parse_names(*lists: object) -> tuple[str, ...]:
    """Return the names in lists, each once, without those that mean silence."""
    names = (
        name
        for values in lists
        for value in (values if isinstance(values, list) else ())
        if isinstance(value, str) and (name := parsing.as_name(value)) is not None
    )
    return tuple(dict.fromkeys(name for name in names if name != NO_SOUND))


def parse_sounds(speaker: Resource) -> tuple[str, ...]:
    """Return the sounds of a chime; the first is the one that it plays by default."""
    return _parse_names(
        *(get_dict(speaker, name).get("sound_values") for name in SOUNDS)
    )


def _parse_choices(kind: str, sensor: Resource) -> tuple[str, ...]:
    if kind == CHIME:
        return parse_sounds(sensor)
    modes = _parse_names(get_dict(sensor, "switch_mode").get("mode_values"))
    return tuple(mode.removeprefix(_MODE_PREFIX) for mode in modes)


def parse_battery(power: Resource | None) -> int | None:
    """Return a battery's charge in percent."""
    level = parsing.as_int(get_dict(power or {}, "power_state").get("battery_level"))
    return level if level is not None and 0 <= level <= 100 else None


def parse_sensor(
    sensor: Resource,
    metadata: Metadata,
    device_key: str,
    connectivity: Resource | None = None,
    power: Resource | None = None,
    thresholds: tuple[int, int] | None = None,
    is_trusted: bool = True,
) -> Sensor:
    """Return what a resource tells; `thresholds` are those of dark and daylight.

    Unless its connection `is_trusted`, it counts as reachable.
    """
    kind = _KINDS[str(sensor["type"])]
    enabled = parsing.as_bool(sensor.get("enabled"))
    is_off = enabled is False and kind != AUTOMATION
    sensitivity = get_dict(sensor, "sensitivity")
    level = _parse_level(sensor) if kind == ILLUMINANCE else None
    is_measured = level is not None and thresholds is not None and not is_off
    value = None if is_off or kind not in _VALUES else _VALUES[kind](sensor)
    return Sensor(
        number=str(sensor["id"]),
        device_key=device_key,
        kind=kind,
        metadata=metadata,
        primary=kind in (MOTION, OPEN, SWITCH),
        value=value,
        reachable=is_reachable(connectivity if is_trusted else None, is_light=False),
        battery=parse_battery(power),
        has_battery=power is not None,
        dark=level < thresholds[0] if is_measured else None,  # type: ignore[index,operator]  # both are known
        daylight=level >= sum(thresholds) if is_measured else None,  # type: ignore[arg-type,operator]  # both are known
        # What several sensors measure together is set at each of them.
        enabled=None if sensor["type"] in OF_GROUPS else enabled,
        sensitivity=parsing.as_int(sensitivity.get("sensitivity")),
        most_sensitive=parsing.as_int(sensitivity.get("sensitivity_max")),
        choices=_parse_choices(kind, sensor) if kind in (CHIME, INPUTS) else (),
        is_muted=_MUTED.get(str(get_dict(sensor, "mute").get("mute"))),
        connection=parse_connection(connectivity),
    )


def counting_service(services: Iterable[Resource]) -> Resource | None:
    """Return the service that measures for an area; the others keep old values."""
    return next(
        (
            service
            for service in services
            if service.get("enabled") is not False
            and get_dict(service, "motion").get("motion_valid") is not False
        ),
        None,
    )


def parse_area(area: Resource, *services: Resource) -> Sensor:
    """Return a MotionAware area as the motion sensor that it is."""
    counting = counting_service(services)
    enabled = parsing.as_bool(area.get("enabled"))
    measures = enabled is not False and area.get("health") not in _BROKEN
    settings = get_dict(counting or next(iter(services), {}), "sensitivity")
    return Sensor(
        number=str(area["id"]),
        device_key=str(area["id"]),
        kind=MOTION,
        metadata=Metadata(
            name=parsing.as_name(area.get("name")) or "",
            product="MotionAware area",
            model_id=None,
            manufacturer=_SIGNIFY,
            sw_version=None,
        ),
        primary=True,
        value=_parse_motion(counting) if measures and counting is not None else None,
        reachable=None,
        enabled=enabled,
        sensitivity=parsing.as_int(settings.get("sensitivity")),
        most_sensitive=parsing.as_int(settings.get("sensitivity_max")),
    )


def parse_named(resource: Resource, product: str, script: Resource | None) -> Metadata:
    """Return the name of what is no device; an automation may have its script's."""
    named = parse_metadata(script or {}, resource.get("metadata"))
    return Metadata(named.name, product, None, _SIGNIFY, None)

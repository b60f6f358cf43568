"""What only API v2 knows: devices, areas and automations without a v1 resource.

Each maker adds resources to a house, by key ("/v2/<name>#<kind>"). A reference
names its target by key; the bridge's own ids take their place when it answers.
"""

from collections.abc import Iterable

from simulator.hue.answers import Json
from simulator.hue.house import House
from simulator.hue.lamps import SIGNIFY

from .json_data import reference

REPORTED = "2026-09-21T08:00:00.000Z"
SOUNDS = ("bleep", "sonar", "ding_dong_classic", "westminster_modern")
SCRIPTS = {
    "wake-up": ("Wake up", "automation"),
    "away": ("Mimic presence", "automation"),
    "switch": ("Accessory", "accessory"),
    "areas": ("Motion areas", "other"),
}


def key(name: str, kind: str) -> str:
    """Return the key of what only API v2 has."""
    return f"/v2/{name}#{kind}"


def ref(name: str, kind: str) -> Json:
    """Return a reference to what only API v2 has."""
    return reference(key(name, kind), kind)


def _product(title: str, model: str, product: str, archetype: str) -> Json:
    return {
        "metadata": {"name": title, "archetype": archetype},
        "product_data": {
            "model_id": model,
            "manufacturer_name": SIGNIFY,
            "product_name": product,
            "product_archetype": archetype,
            "certified": True,
            "software_version": "2.67.9",
            "hardware_platform_type": "100b-125",
        },
        "identify": {},
    }


def add_device(
    house: House,
    name: str,
    product: tuple[str, str, str, str],
    services: dict[str, Json],
    room: str | None = None,
) -> None:
    """Add a device with its services by kind, to a room if one is named."""
    owner = ref(name, "device")
    for kind, features in services.items():
        house.v2[key(name, kind)] = {"type": kind, "owner": owner} | features
    listed = [ref(name, kind) for kind in services]
    device = {"type": "device"} | _product(*product) | {"services": listed}
    house.v2[key(name, "device")] = device
    if room is not None:
        house.placed.setdefault(room, []).append(key(name, "device"))


def _battery(mac: str, level: int = 90) -> dict[str, Json]:
    """Return the services of a battery-powered Zigbee device."""
    power = {"battery_level": level, "battery_state": "normal"}
    return {"device_power": {"power_state": power}} | _zigbee(mac)


def _zigbee(mac: str) -> dict[str, Json]:
    return {
        "zigbee_connectivity": {"status": "connected", "mac_address": mac},
        "device_software_update": {"state": "no_update", "problems": []},
    }


def motion(*, sensitivity: bool = True, status: bool = True) -> Json:
    """Return the features of a motion service that has seen nobody."""
    report = {"changed": REPORTED, "motion": False}
    made: Json = {
        "enabled": True,
        "motion": {"motion": False, "motion_valid": True, "motion_report": report},
    }
    if sensitivity:
        made["sensitivity"] = {"sensitivity": 2, "sensitivity_max": 4}
        if status:
            made["sensitivity"]["status"] = "set"
    return made


def add_contact(
    house: House, name: str, title: str, mac: str, room: str | None = None
) -> None:
    """Add a contact sensor, closed and not tampered with."""
    report = {"changed": REPORTED, "state": "contact"}
    tamper = {"changed": REPORTED, "source": "battery_door", "state": "not_tampered"}
    services: dict[str, Json] = {
        "contact": {"enabled": True, "contact_report": report},
        "tamper": {"tamper_reports": [tamper]},
    }
    product = (title, "SOC001", "Hue secure contact sensor", "unknown_archetype")
    add_device(house, name, product, services | _battery(mac), room)


def add_camera(house: House, name: str, title: str, room: str | None = None) -> None:
    """Add a camera, which has neither an address nor a sensitivity."""
    services = {"camera_motion": motion(sensitivity=False)}
    product = (title, "CMW004", "Secure wired camera", "unknown_archetype")
    add_device(house, name, product, services, room)


def add_doorbell(house: House, name: str, title: str) -> None:
    """Add a doorbell with a camera, which nobody has rung yet."""
    bell: Json = {
        "metadata": {"control_id": 1},
        "button": {"repeat_interval": 800, "event_values": ["initial_press"]},
    }
    services = {"bell_button": bell, "camera_motion": motion(sensitivity=False)}
    product = (title, "DBW001", "Secure video doorbell", "unknown_archetype")
    add_device(house, name, product, services)


def _sound(sounds: Iterable[str]) -> Json:
    """Return a silent sound feature of a speaker."""
    values = list(sounds)
    states = list(dict.fromkeys([*values, "no_sound"]))
    return {
        "sound_values": values,
        "status": {"sound": "no_sound", "sound_values": states},
    }


def add_chime(
    house: House, name: str, title: str, mac: str, room: str | None = None
) -> None:
    """Add a chime; only its alarm can be ended with `no_sound`."""
    speaker = {
        "alarm": _sound(["siren", "no_sound"]),
        "chime": _sound(SOUNDS),
        "alert": _sound(["alert"]),
        "mute": {"mute": "unmute"},
    }
    product = (title, "COM001", "Secure chime", "hue_chime")
    add_device(house, name, product, {"speaker": speaker} | _zigbee(mac), room)


def add_area(house: House, name: str, title: str, group: str, lamps: list[str]) -> None:
    """Add a MotionAware area of a room, zone or (group 0) the whole home."""
    kind = "bridge_home" if group == "0" else house.groups[group]["type"].lower()
    owner = ref(name, "motion_area_configuration")
    kinds = ("convenience_area_motion", "security_area_motion")
    house.v2[key(name, "motion_area_configuration")] = {
        "type": "motion_area_configuration",
        "name": title,
        "group": reference(f"/groups/{group}#{kind}", kind),
        "enabled": True,
        "health": "healthy",
        "participants": [
            {
                "resource": reference(
                    f"/lights/{lamp}#motion_area_candidate", "motion_area_candidate"
                ),
                "status": {"health": "healthy"},
            }
            for lamp in lamps
        ],
        "services": [ref(name, kind) for kind in kinds],
    }
    for service in kinds:
        features = motion(status=False)
        house.v2[key(name, service)] = {"type": service, "owner": owner} | features


def add_service_group(house: House, name: str, title: str, sensors: list[str]) -> None:
    """Add motion sensors (v1 numbers) that a person grouped by hand."""
    macs = [house.sensors[sensor]["uniqueid"].partition("-")[0] for sensor in sensors]
    house.v2[key(name, "service_group")] = {
        "type": "service_group",
        "metadata": {"name": title},
        "children": [
            reference(f"/sensors/{sensor}#motion", "motion") for sensor in sensors
        ],
        "services": [ref(name, "grouped_motion")],
        "devices": macs,
    }


def add_smart_scene(house: House, name: str, title: str, scenes: list[str]) -> None:
    """Add a smart scene that goes through scenes (v1 ids) of one group, every day."""
    group = house.scenes[scenes[0]]["group"]
    kind = "bridge_home" if group == "0" else house.groups[group]["type"].lower()
    starts: list[Json] = [
        {"kind": "sunrise"},
        {"kind": "time", "time": {"hour": 12, "minute": 30, "second": 0}},
        {"kind": "sunset"},
    ]
    slots = [
        {"start_time": start, "target": reference(f"/scenes/{scene}#scene", "scene")}
        for start, scene in zip(starts, scenes, strict=False)
    ]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    week = [*days, "saturday", "sunday"]
    house.v2[key(name, "smart_scene")] = {
        "type": "smart_scene",
        "metadata": {"name": title},
        "group": reference(f"/groups/{group}#{kind}", kind),
        "week_timeslots": [{"recurrence": week, "timeslots": slots}],
        "transition_duration": 60000,
        "active_timeslot": {"timeslot_id": 0, "weekday": "monday"},
        "state": "inactive",
    }


def add_scripts(house: House) -> None:
    """Add what automations of the app are made from."""
    for name, (title, category) in SCRIPTS.items():
        house.v2[key(name, "behavior_script")] = {
            "type": "behavior_script",
            "description": f"Script for {title.lower()}",
            "configuration_schema": {"$ref": f"{name}_config.json#"},
            "trigger_schema": {"$ref": "trigger.json#"},
            "state_schema": {},
            "version": "0.0.1",
            "metadata": {"name": title, "category": category},
            "supported_features": [],
        }


def add_automation(house: House, name: str, script: str, title: str | None) -> None:
    """Add one of the app's automations; "away" can be started and stopped."""
    target = reference("/groups/1#room", "room")
    features: Json = {
        "script_id": key(script, "behavior_script"),
        "enabled": True,
        "status": "running",
        "last_error": "",
        "configuration": {"where": [{"group": target}]},
        "dependees": [
            {"target": target, "level": "critical", "type": "ResourceDependee"}
        ],
        "metadata": {} if title is None else {"name": title},
        "state": {"pm_state": "stopped"} if script == "away" else None,
    }
    house.v2[key(name, "behavior_instance")] = {"type": "behavior_instance"} | features

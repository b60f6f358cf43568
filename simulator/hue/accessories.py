"""Sensors and switches of every type, as the v1 API of today's firmware shows them.

A physical device may be several resources that share the MAC in `uniqueid`.
"""

from typing import Any

from .answers import Json
from .lamps import SIGNIFY

EVENTS = {
    "initial_press": 0,
    "repeat": 1,
    "short_release": 2,
    "long_release": 3,
}
LONG_PRESS = 10  # the tap dial's further event: button * 1000 + 10
TAP = {1: 34, 2: 16, 3: 17, 4: 18}
USED = "2024-05-01T06:30:12"
UPDATED = {"state": "noupdates", "lastinstall": "2024-02-06T03:10:41"}


def daylight() -> Json:
    """Return the bridge's own sensor for day and night."""
    return {
        "state": {"daylight": True, "lastupdated": USED},
        "config": {
            "on": True,
            "configured": True,
            "sunriseoffset": 30,
            "sunsetoffset": -30,
        },
        "name": "Daylight",
        "type": "Daylight",
        "modelid": "PHDL00",
        "manufacturername": SIGNIFY,
        "swversion": "1.0",
    }


def _zigbee(kind: str, name: str, uniqueid: str, model: Json, **parts: Any) -> Json:
    """Return a sensor resource of a battery-powered Zigbee device."""
    config = {"on": True, "battery": 100, "reachable": True, "pending": []}
    return {
        "state": parts["state"] | {"lastupdated": parts.get("used", USED)},
        "swupdate": dict(UPDATED),
        "config": config | parts.get("config", {}),
        "name": name,
        "type": kind,
        **model,
        "uniqueid": uniqueid,
        "capabilities": {
            "certified": True,
            "primary": parts.get("primary", True),
            **({"inputs": parts["inputs"]} if "inputs" in parts else {}),
        },
    }


def motion(name: str, mac: str) -> list[Json]:
    """Return a motion sensor: presence, light level and temperature."""
    model = {
        "modelid": "SML003",
        "manufacturername": SIGNIFY,
        "productname": "Hue motion sensor",
        "swversion": "2.53.6",
    }
    both = {"alert": "none", "ledindication": False, "usertest": False}
    return [
        _zigbee(
            "ZLLPresence",
            name,
            f"{mac}-02-0406",
            model,
            state={"presence": False},
            config=both | {"sensitivity": 2, "sensitivitymax": 4},
        ),
        _zigbee(
            "ZLLLightLevel",
            f"{name} light level",
            f"{mac}-02-0400",
            model | {"productname": "Hue ambient light sensor"},
            state={"lightlevel": 17354, "dark": False, "daylight": False},
            config=both | {"tholddark": 16000, "tholdoffset": 7000},
            primary=False,
        ),
        _zigbee(
            "ZLLTemperature",
            f"{name} temperature",
            f"{mac}-02-0402",
            model | {"productname": "Hue temperature sensor"},
            state={"temperature": 2146},
            config=both,
            primary=False,
        ),
    ]


def _inputs(buttons: int, *, long_press: bool) -> list[Json]:
    """Return what a switch with so many buttons can send."""
    codes = EVENTS | ({"long_press": LONG_PRESS} if long_press else {})
    return [
        {
            "repeatintervals": [800],
            "events": [
                {"buttonevent": button * 1000 + code, "eventtype": event}
                for event, code in codes.items()
            ],
        }
        for button in range(1, buttons + 1)
    ]


def dimmer(name: str, mac: str) -> list[Json]:
    """Return a dimmer switch with four buttons."""
    model = {
        "modelid": "RWL022",
        "manufacturername": SIGNIFY,
        "productname": "Hue dimmer switch",
        "swversion": "2.45.2",
    }
    return [
        _zigbee(
            "ZLLSwitch",
            name,
            f"{mac}-02-fc00",
            model,
            state={"buttonevent": 1002},
            inputs=_inputs(4, long_press=False),
        )
    ]


def tap_dial(name: str, mac: str) -> list[Json]:
    """Return a tap dial: a switch with four buttons, and the dial around them."""
    model = {
        "modelid": "RDM002",
        "manufacturername": SIGNIFY,
        "productname": "Hue tap dial switch",
        "swversion": "2.59.25",
    }
    turns = [
        {"rotaryevent": 1, "eventtype": "start"},
        {"rotaryevent": 2, "eventtype": "repeat"},
    ]
    still = {"rotaryevent": None, "expectedrotation": None}
    return [
        _zigbee(
            "ZLLSwitch",
            name,
            f"{mac}-01-fc00",
            model,
            state={"buttonevent": 2002},
            inputs=_inputs(4, long_press=True),
        ),
        _zigbee(
            "ZLLRelativeRotary",
            name,
            f"{mac}-14-fc00",
            model,
            state=still | {"expectedeventduration": None},
            used="none",
            inputs=[{"repeatintervals": [400], "events": turns}],
        ),
    ]


def wall_module(name: str, mac: str, mode: str = "singlerocker") -> list[Json]:
    """Return a module behind wall switches; `mode` is how it reads its inputs."""
    model = {
        "modelid": "RDM001",
        "manufacturername": SIGNIFY,
        "productname": "Hue wall switch module",
        "swversion": "1.0.6",
    }
    modes = ["singlerocker", "singlepushbutton", "dualrocker", "dualpushbutton"]
    return [
        _zigbee(
            "ZLLSwitch",
            name,
            f"{mac}-01-fc00",
            model,
            state={"buttonevent": None},
            used="none",
            config={"devicemode": mode, "devicemodevalues": modes},
            inputs=wall_inputs(mode),
        )
    ]


def wall_inputs(mode: str) -> list[Json]:
    """Return what a wall module can send in a mode."""
    return _inputs(2 if mode.startswith("dual") else 1, long_press=True)


def tap(name: str, address: str) -> list[Json]:
    """Return a tap switch: no battery, no Zigbee MAC, not used yet."""
    return [
        {
            "state": {"buttonevent": None, "lastupdated": "none"},
            "swupdate": {"state": "notupdatable", "lastinstall": None},
            "config": {"on": True},
            "name": name,
            "type": "ZGPSwitch",
            "modelid": "ZGPSWITCH",
            "manufacturername": SIGNIFY,
            "productname": "Hue tap switch",
            "uniqueid": f"{address}-f2",
            "capabilities": {
                "certified": True,
                "primary": True,
                "inputs": [
                    {"events": [{"buttonevent": code, "eventtype": "initial_press"}]}
                    for code in TAP.values()
                ],
            },
        }
    ]


FRIENDS = {
    1: (16, 20),
    2: (17, 21),
    3: (18, 22),
    4: (19, 23),
    5: (98, 99),
    6: (100, 101),
}


def friends_of_hue(name: str, address: str) -> list[Json]:
    """Return a Friends of Hue switch: the tap's type, with codes of its own.

    Its last two buttons are two rockers that are pressed at once.
    """
    (switch,) = tap(name, address)
    switch |= {"modelid": "FOHSWITCH", "productname": "Friends of Hue Switch"}
    switch["manufacturername"] = "PhilipsFoH"
    switch["capabilities"]["inputs"] = [
        {
            "repeatintervals": [],
            "events": [
                {"buttonevent": pressed, "eventtype": "initial_press"},
                {"buttonevent": released, "eventtype": "short_release"},
            ],
        }
        for pressed, released in FRIENDS.values()
    ]
    return [switch]


def clip(kind: str, name: str, uniqueid: str, state: Json, **config: Any) -> Json:
    """Return a software sensor, which another application keeps up to date."""
    return {
        "state": state | {"lastupdated": USED},
        "config": {"on": True, "reachable": True} | config,
        "name": name,
        "type": kind,
        "modelid": "EX-SENSOR",
        "manufacturername": "Example Sensors",
        "swversion": "1.0",
        "uniqueid": uniqueid,
        "recycle": False,
    }


def geofence(name: str, uniqueid: str) -> Json:
    """Return a phone's presence as its app reports it."""
    return {
        "state": {"presence": False, "lastupdated": USED},
        "config": {"on": True, "reachable": True},
        "name": name,
        "type": "Geofence",
        "modelid": "HA_GEOFENCE",
        "manufacturername": "Example Apps",
        "swversion": "A_1",
        "uniqueid": uniqueid,
        "recycle": False,
    }


def button_code(sensor: Json, button: int, event: str) -> int:
    """Return the v1 `buttonevent`; ValueError for what the device cannot send."""
    inputs = sensor.get("capabilities", {}).get("inputs", [])
    for number, entry in enumerate(inputs, start=1):
        for defined in entry["events"]:
            if (number, event) == (button, defined["eventtype"]):
                return int(defined["buttonevent"])
    msg = f"{sensor['name']} has no {event} of button {button}"
    raise ValueError(msg)

"""Lamps of every type, as the v1 API of today's firmware shows them."""

from dataclasses import dataclass, field
from typing import Any

from .answers import Json

SIGNIFY = "Signify Netherlands B.V."
GAMUT_A = [[0.704, 0.296], [0.2151, 0.7106], [0.138, 0.08]]
GAMUT_C = [[0.6915, 0.3083], [0.17, 0.7], [0.1532, 0.0475]]
WHITE = {"xy": [0.4573, 0.41], "hue": 8418, "sat": 140}


@dataclass(frozen=True, slots=True)
class Kind:
    """What lamps of one model have in common."""

    type: str
    modelid: str
    productname: str
    archetype: str
    manufacturername: str = SIGNIFY
    swversion: str = "1.104.2"
    state: Json = field(default_factory=dict)
    control: Json = field(default_factory=dict)
    certified: bool = True


KINDS = {
    "plug": Kind(
        type="On/Off plug-in unit",
        modelid="LOM001",
        productname="Hue Smart plug",
        archetype="plug",
    ),
    "relay": Kind(
        type="On/Off light",
        modelid="EX-RELAY-1",
        productname="On/Off light",
        archetype="classicbulb",
        manufacturername="Example Lighting",
        swversion="2.1.0",
        certified=False,
    ),
    "dimmable": Kind(
        type="Dimmable light",
        modelid="LWA001",
        productname="Hue white lamp",
        archetype="classicbulb",
        state={"bri": 254},
        control={"mindimlevel": 5000, "maxlumen": 800},
    ),
    "color_temperature": Kind(
        type="Color temperature light",
        modelid="LTA001",
        productname="Hue ambiance lamp",
        archetype="classicbulb",
        state={"bri": 254, "ct": 366, "colormode": "ct"},
        control={"mindimlevel": 200, "maxlumen": 800, "ct": {"min": 153, "max": 454}},
    ),
    "narrow_color_temperature": Kind(
        type="Color temperature light",
        modelid="EX-WS-806",
        productname="Color temperature light",
        archetype="classicbulb",
        manufacturername="Example Lighting",
        swversion="2.1.0",
        state={"bri": 254, "ct": 370, "colormode": "ct"},
        control={"ct": {"min": 250, "max": 420}},
        certified=False,
    ),
    "color": Kind(
        type="Color light",
        modelid="LLC011",
        productname="Hue bloom",
        archetype="huebloom",
        swversion="5.127.1.26581",
        state={"bri": 254, **WHITE, "effect": "none", "colormode": "xy"},
        control={
            "mindimlevel": 10000,
            "maxlumen": 120,
            "colorgamuttype": "A",
            "colorgamut": GAMUT_A,
        },
    ),
    "extended_color": Kind(
        type="Extended color light",
        modelid="LCA001",
        productname="Hue color lamp",
        archetype="sultanbulb",
        state={"bri": 254, **WHITE, "effect": "none", "ct": 366, "colormode": "ct"},
        control={
            "mindimlevel": 200,
            "maxlumen": 800,
            "colorgamuttype": "C",
            "colorgamut": GAMUT_C,
            "ct": {"min": 153, "max": 500},
        },
    ),
}


def mac(number: int) -> str:
    """Return a made-up Zigbee address, one for each number."""
    tail = number.to_bytes(4).hex(":")
    return f"00:17:88:01:{tail}"


def lamp(kind: str, name: str, uniqueid: str, **state: Any) -> Json:
    """Return a lamp of a kind in `KINDS`; `state` changes what it starts with."""
    model = KINDS[kind]
    start = {"on": False, **_copy(model.state), "alert": "none"}
    start |= {"mode": "homeautomation", "reachable": True}
    return {
        "state": start | state,
        "swupdate": {"state": "noupdates", "lastinstall": "2024-02-06T03:10:41"},
        "type": model.type,
        "name": name,
        "modelid": model.modelid,
        "manufacturername": model.manufacturername,
        "productname": model.productname,
        "capabilities": {
            "certified": model.certified,
            "control": _copy(model.control),
            "streaming": {"renderer": "xy" in model.state, "proxy": False},
        },
        "config": {
            "archetype": model.archetype,
            "function": "mixed",
            "direction": "omnidirectional",
            "startup": {"mode": "safety", "configured": True},
        },
        "uniqueid": uniqueid,
        "swversion": model.swversion,
        "productid": f"{model.modelid}-1",
    }


def _copy(value: Any) -> Any:
    """Return JSON data that shares nothing with the kind it came from."""
    if isinstance(value, dict):
        return {key: _copy(part) for key, part in value.items()}
    return [_copy(part) for part in value] if isinstance(value, list) else value

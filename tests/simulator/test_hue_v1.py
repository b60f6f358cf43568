"""The simulated bridge's v1 API: what it shows, as the documents print it."""

from http import HTTPStatus

import pytest

from simulator.hue import default_house, generate
from simulator.hue.house import OWNER
from simulator.hue.lamps import KINDS

from .conftest import errors_and_successes as types

SHORT = {
    "name",
    "datastoreversion",
    "swversion",
    "apiversion",
    "mac",
    "bridgeid",
    "factorynew",
    "replacesbridgeid",
    "modelid",
    "starterkitid",
}
# The documented sample of GET /api/<key>/config.
CONFIG = {
    "name": "Lumm",
    "mac": "00:00:00:00:7b:be",
    "dhcp": True,
    "ipaddress": "192.168.0.21",
    "netmask": "255.255.255.0",
    "gateway": "192.168.0.1",
    "proxyaddress": " ",
    "proxyport": 0,
    "swversion": "01003542",
    "swupdate": {"updatestate": 0, "url": "", "text": "", "notify": False},
    "portalservices": True,
}
# The documented sample of a lamp's state.
LAMP = {
    "on": True,
    "bri": 202,
    "hue": 13122,
    "sat": 211,
    "xy": [0.5119, 0.4147],
    "ct": 467,
    "alert": "none",
    "effect": "none",
    "colormode": "ct",
    "reachable": True,
}


@pytest.fixture
async def call(hue_bridge):
    """Return a caller of a square bridge that may be called without a pause."""
    caller = await hue_bridge()
    caller.bridge.light_rate.most = caller.bridge.group_rate.most = 1000
    yield caller
    assert caller.bridge.violations == []
    assert caller.bridge.foreign_keys == 0


async def test_short_config(call):
    """Anybody may read it, under any name."""
    status, short = await call("GET", "/api/config")
    assert status == HTTPStatus.OK
    assert set(short) == SHORT
    assert short["bridgeid"] == "001788FFFE0A0B0C"
    assert short["mac"] == "00:17:88:0a:0b:0c"
    assert await call("GET", "/api/nouser/config") == (status, short)


async def test_emulator_has_no_bridge_id(hue_bridge):
    """An emulator can be told by that."""
    call = await hue_bridge(bridge_id=None)
    _, short = await call("GET", "/api/config")
    assert set(short) == SHORT - {"bridgeid"}


async def test_full_config(call):
    """The documented sample, and what today's firmware adds."""
    call.bridge.set_config(**CONFIG)
    config = await call.v1("GET", "/config")
    assert {key: config[key] for key in CONFIG} == CONFIG
    assert config["whitelist"][OWNER]["name"] == "hue-app#phone"
    assert set(config["whitelist"][OWNER]) == {"last use date", "create date", "name"}
    assert config["swupdate2"]["bridge"]["state"] == "noupdates"
    assert config["internetservices"]["internet"] == "connected"
    assert config["linkbutton"] is False
    call.bridge.set_config(swupdate2={"bridge": {"state": "readytoinstall"}})
    config = await call.v1("GET", "/config")
    assert config["swupdate2"]["bridge"] == {
        "state": "readytoinstall",
        "lastinstall": "2024-02-06T14:01:22",
    }


async def test_put_config(call):
    """The documented answer, and what cannot be set."""
    assert await call.v1("PUT", "/config", json={"name": "Lumm"}) == [
        {"success": {"/config/name": "Lumm"}}
    ]
    body = {"name": "x", "mac": "00:00:00:00:00:00", "colour": 1, "dhcp": False}
    assert types(await call.v1("PUT", "/config", json=body)) == [
        (7, "/config/name"),
        (8, "/config/mac"),
        (6, "/config/colour"),
        "/config/dhcp",
    ]
    assert (await call.v1("GET", "/config"))["name"] == "Lumm"


async def test_documented_lamp(call):
    """The documented sample comes out, with today's further fields."""
    call.bridge.house.lights["1"]["state"] |= LAMP
    light = await call.v1("GET", "/lights/1")
    assert {key: light["state"][key] for key in LAMP} == LAMP
    assert light["type"] == "Extended color light"
    assert light["capabilities"]["control"]["ct"] == {"min": 153, "max": 500}
    assert {"uniqueid", "swversion", "productname", "swupdate", "config"} <= set(light)
    assert (await call.v1("GET", "/lights"))["1"] == light


async def test_whole_state(call):
    """One answer has all collections."""
    whole = await call.v1("GET", "")
    assert {"lights", "groups", "config", "schedules", "scenes", "sensors"} <= set(
        whole
    )
    for name in ("lights", "groups", "scenes", "sensors", "schedules"):
        assert await call.v1("GET", f"/{name}") == whole[name]


async def test_house_has_every_kind(call):
    """Every lamp and accessory type that the documents name."""
    lights = await call.v1("GET", "/lights")
    assert {one["type"] for one in lights.values()} == {
        kind.type for kind in KINDS.values()
    }
    assert [n for n, one in lights.items() if not one["state"]["reachable"]] == ["7"]
    sensors = await call.v1("GET", "/sensors")
    clip = "GenericFlag GenericStatus Humidity LightLevel OpenClose Presence Switch"
    zigbee = "LightLevel Presence RelativeRotary Switch Temperature"
    assert {one["type"] for one in sensors.values()} == {
        "Daylight",
        "Geofence",
        "ZGPSwitch",
        "CLIPTemperature",
        *(f"CLIP{one}" for one in clip.split()),
        *(f"ZLL{one}" for one in zigbee.split()),
    }
    macs = {sensors[n]["uniqueid"].split("-")[0] for n in "234"}
    assert len(macs) == 1
    groups = await call.v1("GET", "/groups")
    assert [one["type"] for one in groups.values()] == [
        "Room",
        "Room",
        "Zone",
        "Entertainment",
    ]


async def test_missing_resources(call):
    """Type 3, as an array in place of the object, with status 200."""
    for path in ("/lights/99", "/groups/99", "/sensors/99", "/scenes/none"):
        description = f"resource, {path}, not available"
        error = {"type": 3, "address": path, "description": description}
        assert await call.v1("GET", path) == [{"error": error}]
    for path in ("/lights/99/state", "/groups/99/action", "/sensors/99/config"):
        answer = await call.v1("PUT", path, json={"on": True})
        assert answer[0]["error"]["type"] == 3


async def test_round_bridge(hue_bridge):
    """Plain http, no v2, and resources without what came later."""
    call = await hue_bridge(model="BSB001")
    assert call.bridge.url.startswith("http://")
    headers = {"hue-application-key": call.key, "Accept": "text/event-stream"}
    for path in ("/eventstream/clip/v2", "/clip/v2/resource/button"):
        status, _ = await call("GET", path, headers=headers)
        assert status == HTTPStatus.NOT_FOUND
    light = await call.v1("GET", "/lights/1")
    assert not {"capabilities", "productname", "swupdate"} & set(light)
    scene = await call.v1("GET", "/scenes/Rlx4VaVgQzTWlgy")
    assert "type" not in scene
    assert "swupdate2" not in await call.v1("GET", "/config")
    assert call.bridge.violations == []


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("BSB001", "Philips hue bridge 2012"),
        ("BSB002", "Philips hue bridge 2015"),
        ("BSB003", None),
    ],
)
async def test_description(hue_bridge, model, name):
    """The UPnP description; the Pro has none."""
    call = await hue_bridge(model=model)
    status, text = await call("GET", "/description.xml")
    assert (status == HTTPStatus.OK) is (name is not None)
    assert name is None or f"<modelName>{name}</modelName>" in text


def test_generated_house():
    """Rooms of eight, two scenes each, accessories as asked."""
    house = generate(20, 3)
    assert len(house.lights) == 20
    assert [len(one["lights"]) for one in house.groups.values()] == [8, 8, 4]
    assert len(house.scenes) == 6
    assert len(house.sensors) == 1 + 3 + 1 + 2
    ids = [one["uniqueid"] for one in house.lights.values()]
    assert len(set(ids)) == 20
    assert default_house() == default_house()

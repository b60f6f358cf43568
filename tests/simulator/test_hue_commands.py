"""The simulated bridge's v1 API: commands, the house that follows, the controls."""

import pytest

from .conftest import errors_and_successes as types


@pytest.fixture
async def call(hue_bridge):
    """Return a caller of a square bridge that may be called without a pause."""
    caller = await hue_bridge()
    caller.bridge.light_rate.most = caller.bridge.group_rate.most = 1000
    yield caller
    assert caller.bridge.violations == []
    assert caller.bridge.foreign_keys == 0


async def test_group_zero(call):
    """All lamps; absent from the list."""
    assert "0" not in await call.v1("GET", "/groups")
    everything = await call.v1("GET", "/groups/0")
    assert everything["lights"] == list(call.bridge.house.lights)
    assert everything["state"] == {"all_on": False, "any_on": True}
    answer = await call.v1("PUT", "/groups/0/action", json={"on": False})
    assert answer == [{"success": {"/groups/0/action/on": False}}]
    everything = await call.v1("GET", "/groups/0")
    assert everything["state"] == {"all_on": False, "any_on": False}


async def test_light_answers_for_each_parameter(call):
    """A success or an error for each: a mixed array."""
    body = {
        "on": True,
        "bri": 255,
        "xy": [0.3, 0.3],
        "transitiontime": 4,
        "colour": "red",
        "reachable": False,
        "effect": "disco",
    }
    address = "/lights/1/state"
    answer = await call.v1("PUT", address, json=body)
    assert answer == [
        {"success": {f"{address}/on": True}},
        {
            "error": {
                "type": 7,
                "address": f"{address}/bri",
                "description": "invalid value, 255, for parameter, bri",
            }
        },
        {"success": {f"{address}/xy": [0.3, 0.3]}},
        {"success": {f"{address}/transitiontime": 4}},
        {
            "error": {
                "type": 6,
                "address": f"{address}/colour",
                "description": "parameter, colour, not available",
            }
        },
        {
            "error": {
                "type": 8,
                "address": f"{address}/reachable",
                "description": "parameter, reachable, is not modifiable",
            }
        },
        {
            "error": {
                "type": 7,
                "address": f"{address}/effect",
                "description": "invalid value, disco, for parameter, effect",
            }
        },
    ]
    state = call.bridge.house.lights["1"]["state"]
    assert (state["xy"], state["colormode"], state["bri"]) == ([0.3, 0.3], "xy", 144)


async def test_light_that_is_off(call):
    """Type 201, unless the same request switches it on."""
    address = "/lights/2/state"
    assert await call.v1("PUT", address, json={"bri": 7}) == [
        {
            "error": {
                "type": 201,
                "address": f"{address}/bri",
                "description": "parameter, bri, is not modifiable. Device is set to off.",
            }
        }
    ]
    answer = await call.v1("PUT", address, json={"bri": 7, "on": True})
    assert types(answer) == [f"{address}/bri", f"{address}/on"]
    answer = await call.v1("PUT", address, json={"on": False, "transitiontime": 10})
    assert types(answer) == [f"{address}/on", f"{address}/transitiontime"]
    assert call.bridge.house.lights["2"]["state"]["bri"] == 1


@pytest.mark.parametrize(
    ("number", "takes", "refuses"),
    [
        ("4", {"on"}, {"bri", "ct", "xy", "hue", "effect"}),
        ("2", {"bri"}, {"ct", "xy", "hue", "effect"}),
        ("3", {"bri", "ct"}, {"xy", "hue", "sat", "effect"}),
        ("5", {"bri", "xy", "hue", "sat", "effect"}, {"ct"}),
        ("1", {"bri", "xy", "hue", "sat", "ct", "effect", "alert"}, set()),
    ],
)
async def test_what_lamps_can_do(call, number, takes, refuses):
    """A lamp refuses what its type has not: type 6."""
    whole = {
        "on": True,
        "bri": 9,
        "ct": 300,
        "xy": [0.4, 0.4],
        "hue": 1,
        "sat": 1,
        "effect": "none",
        "alert": "select",
    }
    body = {key: value for key, value in whole.items() if key in takes | refuses}
    address = f"/lights/{number}/state"
    answer = await call.v1("PUT", address, json={"on": True} | body)
    assert {one for one in types(answer) if isinstance(one, str)} == {
        f"{address}/{key}" for key in takes | {"on"}
    }
    assert {one for one in types(answer) if isinstance(one, tuple)} == {
        (6, f"{address}/{key}") for key in refuses
    }


async def test_colour_modes(call):
    """The values of the other modes follow."""
    light = call.bridge.house.lights["1"]["state"]
    for body, mode in (
        ({"hue": 0, "sat": 254}, "hs"),
        ({"ct": 153}, "ct"),
        ({"xy": [0.6915, 0.3083]}, "xy"),
        ({"ct_inc": 20}, "ct"),
        ({"hue_inc": -1}, "hs"),
    ):
        before = list(light["xy"])
        await call.v1("PUT", "/lights/1/state", json=body)
        assert light["colormode"] == mode
        assert light["xy"] != before
    assert light["ct"] == 173
    await call.v1("PUT", "/lights/1/state", json={"bri_inc": -254})
    assert light["bri"] == 1


async def test_group_follows_its_lamps(call):
    """And its lamps follow the group, each as far as it can."""
    house = call.bridge.house
    action = {"on": True, "bri": 99, "ct": 200, "transitiontime": 4}
    answer = await call.v1("PUT", "/groups/1/action", json=action)
    assert types(answer) == [f"/groups/1/action/{key}" for key in action]
    assert house.lights["2"]["state"]["bri"] == 99
    assert house.lights["3"]["state"]["ct"] == 200
    assert house.lights["4"]["state"]["on"] is True
    assert "bri" not in house.lights["4"]["state"]
    group = await call.v1("GET", "/groups/1")
    assert group["state"] == {"all_on": True, "any_on": True}
    assert (group["action"]["bri"], group["action"]["colormode"]) == (99, "ct")
    call.bridge.set_light("4", on=False)
    group = await call.v1("GET", "/groups/1")
    assert group["state"] == {"all_on": False, "any_on": True}
    answer = await call.v1("PUT", "/groups/1/action", json={"bri": 0.5, "colour": 1})
    assert types(answer) == [
        (7, "/groups/1/action/bri"),
        (6, "/groups/1/action/colour"),
    ]


async def test_group_leaves_lamps_that_are_off(call):
    """Brightness alone switches nothing on."""
    await call.v1("PUT", "/groups/1/action", json={"bri": 50})
    states = [call.bridge.house.lights[n]["state"] for n in "123"]
    assert [(one["on"], one["bri"]) for one in states] == [
        (True, 50),
        (False, 254),
        (True, 50),
    ]


async def test_scene(call):
    """A scene sets its lamps within the group; group 0 has them all."""
    lights = call.bridge.house.lights
    scenes = await call.v1("GET", "/scenes")
    assert "lightstates" not in scenes["Rlx4VaVgQzTWlgy"]
    assert scenes["Rlx4VaVgQzTWlgy"]["group"] == "1"
    body = {"scene": "Rlx4VaVgQzTWlgy", "transitiontime": 20}
    answer = await call.v1("PUT", "/groups/1/action", json=body)
    assert types(answer) == [f"/groups/1/action/{key}" for key in body]
    assert (lights["2"]["state"]["bri"], lights["3"]["state"]["ct"]) == (56, 447)
    assert lights["4"]["state"]["on"] is False
    await call.v1("PUT", "/groups/0/action", json={"scene": "Dim1qAzWs3Xe5Rc"})
    assert (lights["2"]["state"]["bri"], lights["9"]["state"]["bri"]) == (1, 1)
    answer = await call.v1("PUT", "/groups/1/action", json={"scene": "gone"})
    assert types(answer) == [(7, "/groups/1/action/scene")]
    single = await call.v1("GET", "/scenes/Dim1qAzWs3Xe5Rc")
    assert single["type"] == "LightScene"
    assert set(single["lightstates"]) == {"2", "9"}


async def test_sensor_config(call):
    """What a motion sensor takes and what it does not."""
    address = "/sensors/2/config"
    body = {"on": False, "sensitivity": 4}
    assert await call.v1("PUT", address, json=body) == [
        {"success": {f"{address}/on": False}},
        {"success": {f"{address}/sensitivity": 4}},
    ]
    body = {"sensitivity": 5, "battery": 1, "sensitivitymax": 9, "tholddark": 1}
    assert types(await call.v1("PUT", address, json=body)) == [
        (7, f"{address}/sensitivity"),
        (8, f"{address}/battery"),
        (8, f"{address}/sensitivitymax"),
        (6, f"{address}/tholddark"),
    ]
    config = call.bridge.house.sensors["2"]["config"]
    assert (config["on"], config["sensitivity"], config["battery"]) == (False, 4, 100)


@pytest.mark.parametrize("path", ["/lights/1/state", "/groups/1/action", "/config"])
async def test_empty_body(call, path):
    """Type 5."""
    answer = await call.v1("PUT", path, json={})
    assert types(answer) == [(5, path)]


async def test_people_at_home(call):
    """The controls move the world that the API shows."""
    bridge = call.bridge
    number = bridge.add_light("color_temperature", "Desk", group="2")
    assert (await call.v1("GET", f"/lights/{number}"))["name"] == "Desk"
    assert number in (await call.v1("GET", "/groups/2"))["lights"]
    bridge.remove_light("2")
    assert "2" not in (await call.v1("GET", "/groups/1"))["lights"]
    assert "2" not in (await call.v1("GET", "/scenes/Dim1qAzWs3Xe5Rc"))["lights"]
    bridge.change("lights", "1", name="Other", swupdate={"state": "readytoinstall"})
    light = await call.v1("GET", "/lights/1")
    assert (light["name"], light["swupdate"]["state"]) == ("Other", "readytoinstall")
    assert "lastinstall" in light["swupdate"]
    zone = bridge.add_group("Zone", ["1"], kind="Zone")
    scene = bridge.add_scene("Dark", zone, {"1": {"on": False}})
    bridge.recall_scene(scene)
    assert bridge.house.lights["1"]["state"]["on"] is False
    bridge.set_group(zone, on=True)
    assert (await call.v1("GET", f"/groups/{zone}"))["state"]["all_on"] is True
    bridge.remove_group(zone)
    assert scene not in await call.v1("GET", "/scenes")
    sensor = bridge.add_sensor(dict(bridge.house.sensors["11"]))
    bridge.set_sensor(sensor, {"status": 3}, {"on": False})
    shown = await call.v1("GET", f"/sensors/{sensor}")
    assert (shown["state"]["status"], shown["config"]["on"]) == (3, False)
    assert shown["state"]["lastupdated"] > "2024-05-01T06:30:12"
    bridge.remove_sensor(sensor)
    assert sensor not in await call.v1("GET", "/sensors")
    with pytest.raises(ValueError, match="has no"):
        bridge.set_light("4", bri=3)


async def test_buttons_in_v1(call):
    """The codes of dimmer, tap and dial."""
    bridge = call.bridge
    for sensor, button, event, code in (
        ("5", 2, "long_release", 2003),
        ("6", 1, "initial_press", 34),
        ("6", 4, "initial_press", 18),
        ("7", 4, "repeat", 4001),
    ):
        bridge.press_button(sensor, button, event)
        state = (await call.v1("GET", f"/sensors/{sensor}"))["state"]
        assert state["buttonevent"] == code
    bridge.turn_dial("8", 30, "counter_clock_wise", "repeat", 800)
    state = (await call.v1("GET", "/sensors/8"))["state"]
    assert state["rotaryevent"] == 2
    assert (state["expectedrotation"], state["expectedeventduration"]) == (-30, 800)
    for sensor, button, event in (("6", 1, "repeat"), ("5", 5, "repeat"), ("6", 5, "")):
        with pytest.raises(ValueError, match="has no"):
            bridge.press_button(sensor, button, event)

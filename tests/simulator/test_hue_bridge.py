"""A simulated Hue bridge beyond single requests: its house, limits and controls."""

import asyncio
from http import HTTPStatus

from aiohttp import ClientError, ClientSession
import pytest

from simulator.control import Control
from simulator.hue import default_house, generate
from simulator.hue.lamps import KINDS


@pytest.fixture
async def call(hue_bridge):
    """Return a caller of a square bridge that may be called without a pause."""
    caller = await hue_bridge()
    caller.bridge.light_rate.most = caller.bridge.group_rate.most = 1000
    yield caller
    assert caller.bridge.violations == []
    assert caller.bridge.foreign_keys == 0


async def test_house_has_every_kind(call):
    """Every lamp and accessory type that the documents name."""
    lights = await call.v1("GET", "/lights")
    assert {light["type"] for light in lights.values()} == {
        kind.type for kind in KINDS.values()
    }
    assert [n for n, light in lights.items() if not light["state"]["reachable"]] == [
        "7"
    ]
    sensors = await call.v1("GET", "/sensors")
    clip = "GenericFlag GenericStatus Humidity LightLevel OpenClose Presence Switch"
    zigbee = "LightLevel Presence RelativeRotary Switch Temperature"
    assert {sensor["type"] for sensor in sensors.values()} == {
        "Daylight",
        "Geofence",
        "ZGPSwitch",
        "CLIPTemperature",
        *(f"CLIP{name}" for name in clip.split()),
        *(f"ZLL{name}" for name in zigbee.split()),
    }
    macs = {sensors[n]["uniqueid"].split("-")[0] for n in "234"}
    assert len(macs) == 1
    groups = await call.v1("GET", "/groups")
    kinds = [group["type"] for group in groups.values()]
    assert kinds == ["Room", "Room", "Zone", "Entertainment"]


def test_generated_house():
    """Rooms of eight, two scenes each, accessories as asked."""
    house = generate(20, 3)
    assert len(house.lights) == 20
    assert [len(group["lights"]) for group in house.groups.values()] == [8, 8, 4]
    assert len(house.scenes) == 6
    assert len(house.sensors) == 1 + 3 + 1 + 2
    ids = [light["uniqueid"] for light in house.lights.values()]
    assert len(set(ids)) == 20
    assert default_house() == default_house()


async def test_another_bridges_key_is_noticed(hue_bridge):
    """No bridge may see a key that another one gave."""
    first = await hue_bridge()
    second = await hue_bridge(bridge_id="001788fffe0d0e0f")
    await second("GET", "/api/config")
    await second("GET", "/api/nouser/config")
    assert second.bridge.foreign_keys == 0
    await second("GET", f"/api/{first.key}/config")
    await second("GET", f"/api/{first.key}/lights")
    headers = {"hue-application-key": first.key}
    await second("GET", "/clip/v2/resource/button", headers=headers)
    assert second.bridge.foreign_keys == 3
    assert first.bridge.foreign_keys == 0


async def test_simultaneous_requests(call):
    """Three are served at once; the fourth gets 429."""
    call.bridge.answer_seconds = 0.2
    path = f"/api/{call.key}/lights"
    answers = await asyncio.gather(*(call("GET", path) for _ in range(4)))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [*[HTTPStatus.OK] * 3, HTTPStatus.TOO_MANY_REQUESTS]
    assert (await call("GET", path))[0] == HTTPStatus.OK


async def test_https_to_an_old_bridge(hue_bridge):
    """Nothing is heard of a client that speaks TLS to plain http."""
    call = await hue_bridge(model="BSB001")
    with pytest.raises(ClientError):
        await call.session.get(f"https://127.0.0.1:{call.bridge.port}/api/config")
    assert (call.bridge.requests, call.bridge.violations) == ([], [])


async def test_control_port(call):
    """The demo moves the house over HTTP."""
    control = Control(call.bridge.clock, [call.bridge])
    await control.start()
    async with ClientSession(f"{control.url}/hue/") as session:
        for action, settings in (
            ("press_link_button", {}),
            ("set_light", {"number": "2", "on": True, "bri": 3}),
            ("press_button", {"sensor": "5", "button": 1}),
            ("set_sensor", {"number": 2, "state": {"presence": True}}),
            ("set_config", {"swupdate2": {"state": "readytoinstall"}}),
        ):
            async with session.post(action, json=settings) as response:
                assert response.status == HTTPStatus.OK
        async with session.post("register", json={"name": "Tablet"}) as response:
            key = await response.json()
        async with session.post("set_light", json={"number": "99"}) as response:
            assert response.status == HTTPStatus.BAD_REQUEST
    await control.stop()
    house = call.bridge.house
    assert call.bridge.pressed
    assert house.lights["2"]["state"]["bri"] == 3
    assert house.sensors["5"]["state"]["buttonevent"] == 1000
    assert house.sensors["2"]["state"]["presence"] is True
    assert call.bridge.whitelist.entries[key]["name"] == "Tablet"

"""What the simulated bridge refuses, what it keeps, and what survives."""

import asyncio
from http import HTTPStatus
import json

from aiohttp import ClientError, ClientSession
import pytest

from simulator.control import Control
from simulator.hue.house import OWNER

from .conftest import errors_and_successes as types


@pytest.fixture
async def call(hue_bridge):
    """Return a caller of a square bridge that may be called without a pause."""
    caller = await hue_bridge()
    caller.bridge.light_rate.most = caller.bridge.group_rate.most = 1000
    yield caller
    assert caller.bridge.violations == []
    assert caller.bridge.foreign_keys == 0


async def test_unknown_key(call):
    """Type 1 with status 200, whatever is asked."""
    for method, path in (("GET", "/lights"), ("PUT", "/lights/1/state"), ("GET", "")):
        status, answer = await call(method, f"/api/short{path}", json={"on": True})
        assert status == HTTPStatus.OK
        assert types(answer) == [(1, path or "/")]


async def test_unknown_key_with_403(hue_bridge):
    """Some bridges say so in the status; the short config stays open."""
    call = await hue_bridge(forbid=True)
    status, _ = await call("GET", "/api/short/lights")
    assert status == HTTPStatus.FORBIDDEN
    status, short = await call("GET", "/api/short/config")
    assert (status, "whitelist" in short) == (HTTPStatus.OK, False)


async def test_undocumented(hue_bridge):
    """Answered as a bridge does, and kept."""
    call = await hue_bridge()
    assert types(await call.v1("GET", "/telescopes")) == [(3, "/telescopes")]
    assert types(await call.v1("DELETE", "/lights/1")) == [(4, "/lights/1")]
    assert (await call("GET", "/clip/v1"))[0] == HTTPStatus.NOT_FOUND
    assert len(call.bridge.violations) == 3


async def test_body_that_is_no_json(hue_bridge):
    """Type 2, and kept."""
    call = await hue_bridge()
    answer = await call.v1("PUT", "/lights/1/state", data=b"on=true")
    assert types(answer) == [(2, "/lights/1/state")]
    assert call.bridge.violations == [
        "no JSON object: PUT /api/{username}/lights/{number}/state"
    ]


async def test_rates(hue_bridge):
    """About ten commands a second to lamps and one to groups; more is kept."""
    call = await hue_bridge()
    for _ in range(3):
        for _ in range(12):
            await call.v1("PUT", "/lights/1/state", json={"on": True})
        for _ in range(2):
            await call.v1("PUT", "/groups/1/action", json={"on": True})
        call.bridge.clock.advance(1)
    assert call.bridge.violations == []
    for _ in range(13):
        await call.v1("PUT", "/lights/1/state", json={"on": True})
    for _ in range(3):
        await call.v1("PUT", "/groups/1/action", json={"on": True})
    assert call.bridge.violations == [
        "more than 12 a second: PUT /api/{username}/lights/{number}/state",
        "more than 2 a second: PUT /api/{username}/groups/{number}/action",
    ]


async def test_simultaneous_requests(call):
    """Three are served at once; the fourth gets 429."""
    call.bridge.answer_seconds = 0.2
    path = f"/api/{call.key}/lights"
    answers = await asyncio.gather(*(call("GET", path) for _ in range(4)))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [*[HTTPStatus.OK] * 3, HTTPStatus.TOO_MANY_REQUESTS]
    assert (await call("GET", path))[0] == HTTPStatus.OK


async def test_colour_temperature_beyond_the_lamp(hue_bridge):
    """The documents name the lamp's own range; the lamp shows what it can."""
    call = await hue_bridge()
    body = {"on": True, "ct": 153}
    answer = await call.v1("PUT", "/lights/6/state", json=body)
    assert answer[1] == {"success": {"/lights/6/state/ct": 153}}
    assert call.bridge.house.lights["6"]["state"]["ct"] == 250
    assert len(call.bridge.violations) == 1
    answer = await call.v1("PUT", "/lights/6/state", json={"ct": 152})
    assert types(answer) == [(7, "/lights/6/state/ct")]


async def test_state_survives(hue_bridge):
    """A restart goes on with keys, house and certificate."""
    first = await hue_bridge()
    first.bridge.set_light("2", on=True, bri=17)
    first.bridge.revoke(OWNER)
    first.bridge.press_button("5", 3, "repeat")
    state = json.loads(json.dumps(first.bridge.state()))
    second = await hue_bridge()
    second.bridge.restore(state)
    assert second.bridge.state() == state
    status, light = await second("GET", f"/api/{first.key}/lights/2")
    assert (status, light["state"]["bri"]) == (HTTPStatus.OK, 17)
    await second("GET", f"/api/{OWNER}/lights")
    assert second.bridge.foreign_keys == 0
    assert second.bridge.certificate_sha256 == first.bridge.certificate_sha256


async def test_lost_answer(call):
    """A fault after the fact: the lamp is on, nobody says so.

    aiohttp's client repeats a PUT once by itself.
    """
    route = "PUT /api/{username}/lights/{number}/state"
    call.bridge.inject(route, "lost", times=2)
    with pytest.raises(ClientError):
        await call.v1("PUT", "/lights/2/state", json={"on": True})
    assert call.bridge.house.lights["2"]["state"]["on"] is True
    assert call.bridge.count(route) == 2


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

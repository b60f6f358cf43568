"""Lightbug's trackers: config, activity, geofences, and what moves them."""

from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from aiohttp import ClientSession

from simulator.control import Control
from simulator.lightbug import Lightbug

from .calls import ONE, USER, ask, milliseconds


async def test_unknown_device(client: ClientSession) -> None:
    """LoopBack's 404."""
    for path in ("", "/points", "/readings", "/config", "/flightMode?duration=5"):
        answer = await client.get(f"/api/devices/7{path}")
        assert answer.status == 404
        assert (await answer.json())["error"] == {
            "statusCode": 404,
            "name": "Error",
            "message": 'Unknown "device" id "7".',
            "code": "MODEL_NOT_FOUND",
        }


async def test_config(lightbug: Lightbug, client: ClientSession) -> None:
    """A partial config waits for the tracker's next connection."""
    path = f"/api/devices/{ONE}/config"
    before = await ask(client, path)
    assert (before["modified"], before["interval"]) == (None, 300)
    changes = {"interval": 3600, "sleepInterval": 3600, "reset": 0}
    answer = await client.put(path, json=changes)
    after = await answer.json()
    assert answer.status == 200
    assert after == before | changes | {"modified": after["modified"]}
    assert after["modified"] > before["receivedAt"]
    lightbug.clock.advance(60)
    lightbug.connect(ONE)
    received = await ask(client, path)
    assert received["receivedAt"] > after["modified"]
    assert (received["modified"], received["reset"]) == (None, None)
    device = await ask(client, f"/api/devices/{ONE}")
    assert device["lastConnection"] == received["receivedAt"]
    lightbug.clock.advance(60)
    lightbug.connect(ONE)
    assert (await ask(client, path))["receivedAt"] == received["receivedAt"]
    assert lightbug.violations == []


async def test_config_refusals(lightbug: Lightbug, client: ClientSession) -> None:
    """Wrong types, unknown fields, something that is not JSON."""
    path = f"/api/devices/{ONE}/config"
    for wrong in ({"interval": "fast"}, {"interval": True}, {"forceFw": 1}):
        assert (await client.put(path, json=wrong)).status == 422
    answer = await client.put(
        path, data="{", headers={"Content-Type": "application/json"}
    )
    assert answer.status == 400
    assert lightbug.violations == []
    await client.put(path, json={"intervall": 60, "id": 1})
    assert lightbug.violations == ["not a field of deviceConfig: intervall"]
    assert (await ask(client, path))["id"] != 1


async def test_flight_mode(lightbug: Lightbug, client: ClientSession) -> None:
    """A GET that changes something: counted, and in force from the next connection."""
    path = f"/api/devices/{ONE}/flightMode"
    await ask(client, path, 400, duration=0)
    await ask(client, path, 400, duration="long")
    assert await ask(client, path, duration=30) == {}
    assert [one["duration"] for one in lightbug.flight_modes] == [30]
    device = lightbug.tracker(ONE).device
    assert device["currentMode"] == 0
    lightbug.connect(ONE)
    assert device["currentMode"] == 6
    lightbug.clock.advance(1801)
    lightbug.connect(ONE)
    assert device["currentMode"] == 0
    assert lightbug.violations == []
    await ask(client, path, 400)
    assert lightbug.violations == [f"no duration: {path}"]


async def test_dangerous_gets(lightbug: Lightbug, client: ClientSession) -> None:
    """The other GETs that change things are nothing for a client."""
    await ask(client, f"/api/devices/{ONE}/deactivate")
    assert lightbug.violations == [
        f"changes the device: GET /api/devices/{ONE}/deactivate"
    ]


async def test_activity(lightbug: Lightbug, client: ClientSession) -> None:
    """The sample's alert, in a range of dates that must be given."""
    path = f"{USER}/getRecentActivity"
    lightbug.add_activity(
        ONE,
        "button",
        name="SOS Button Press",
        zones=["Harbour Area"],
        message="[Lights on]",
        created="2024-01-22T12:30:23.183Z",
        pointId=1262277892,
        triggerId=488400,
    )
    lightbug.add_activity(ONE, "lowBat")
    start = datetime(2024, 1, 22, tzinfo=UTC).timestamp() * 1000
    assert await ask(client, path, dateRange=[start, start + 86_400_000]) == [
        {
            "created": "2024-01-22T12:30:23.183Z",
            "params": {
                "type": "button",
                "subtype": "button",
                "name": "SOS Button Press",
                "zones": ["Harbour Area"],
                "message": "[Lights on]",
            },
            "deviceId": ONE,
            "pointId": 1262277892,
            "triggerId": 488400,
        }
    ]
    both = await ask(client, path, dateRange=[0, milliseconds(lightbug, 1)])
    assert [one["params"]["type"] for one in both] == ["lowBat", "button"]
    assert lightbug.violations == []
    error = await ask(client, path, 400)
    assert error["error"]["message"] == "dateRange is a required argument"
    assert lightbug.violations == [f"no dateRange: {path}"]


async def test_geofences(lightbug: Lightbug, client: ClientSession) -> None:
    """A circle, a polygon, and one of our own, in both APIs."""
    own = lightbug.add_geofence("Bay", 54.3, 7.7, 250)
    v1 = await ask(client, f"{USER}/geofences")
    assert [one["name"] for one in v1] == ["Anchorage", "Fishing ground", "Bay"]
    assert {len(one) for one in v1} == {14}
    assert await ask(client, f"{USER}/geofences/{own}") == v1[2]
    v2 = await ask(client, "/v2/users/4321/geofences", _limit=100)
    assert v2["totalElements"] == 3
    assert v2["data"][2] == {
        "id": own,
        "name": "Bay",
        "center": {"lat": 54.3, "lng": 7.7},
        "radius": 250,
        "meta": {},
        "modified": False,
        "ownerId": lightbug.user_id,
    }
    assert len(v2["data"][1]["outline"]) == 4
    single = await ask(client, f"/v2/users/4321/geofences/{own}")
    assert single == v2["data"][2]
    await ask(client, f"{USER}/geofences/1", 404)
    missing = await ask(client, "/v2/users/4321/geofences/1", 404)
    assert missing == {"code": 404, "message": "status not found"}
    assert lightbug.violations == []


async def test_moving(lightbug: Lightbug, client: ClientSession) -> None:
    """A tracker that moves connects; its route goes round."""
    lightbug.set_config(ONE, interval=60)
    point = lightbug.move(ONE, 54.25, 7.75, speed=12, batteryPct=80)
    device = await ask(client, f"/api/devices/{ONE}")
    assert device["batteryPct"] == 80
    assert lightbug.tracker(ONE).config["modified"] is None
    newest = lightbug.tracker(ONE).points[-1]
    assert newest["id"] == point
    assert newest["location"] == {"lat": 54.25, "lng": 7.75}
    assert (newest["speed"], newest["created"]) == (12, device["lastConnection"])
    ticks = 37
    for _ in range(ticks):
        lightbug.tick_route(ONE)
    route = lightbug.tracker(ONE).points[-ticks:]
    assert [one["sendReason"] for one in route[:2]] == [17 | 32, 17]
    assert route[0]["location"] == route[-1]["location"]
    assert len({str(one["location"]) for one in route}) == 36
    assert all(0 <= one["course"] < 360 for one in route)


async def test_added_and_removed(lightbug: Lightbug, client: ClientSession) -> None:
    """Trackers come and go, under ids that are never used twice."""
    new = lightbug.add_tracker("Kite", points=0)
    lightbug.set_device(new, currentMode=1)
    device = await ask(client, f"/api/devices/{new}")
    assert (device["name"], device["currentMode"]) == ("Kite", 1)
    lightbug.remove_tracker(new)
    await ask(client, f"/api/devices/{new}", 404)
    assert lightbug.add_tracker() == new + 1


async def test_fleet(lightbug: Lightbug, client: ClientSession) -> None:
    """A fleet of 2,000 is made and listed fast."""
    start = perf_counter()
    lightbug.generate(2000)
    listed = await ask(client, "/v2/devices", _limit=2000, _include="config")
    summary = await ask(client, f"{USER}/getDeviceSummary", pointCount=1)
    assert perf_counter() - start < 5
    assert len(listed["data"]) == len(summary) == 2000
    assert len({one["serial"] for one in summary}) == 2000
    assert len({str(one["latestPoints"][0]["location"]) for one in summary}) == 2000


async def test_control_port(lightbug: Lightbug, client: ClientSession) -> None:
    """Everything that moves the account can be asked for over HTTP."""
    control = Control(lightbug.clock, [lightbug])
    await control.start()
    asked: list[tuple[str, dict[str, Any], Any]] = [
        ("move", {"device_id": ONE, "lat": 54.5, "lng": 7.5, "speed": 9}, int),
        ("add_point", {"device_id": ONE, "timestamp": 7000}, int),
        ("add_reading", {"device_id": ONE, "type": "temp", "value": 1}, int),
        ("add_activity", {"device_id": ONE, "type": "button"}, dict),
        ("add_history", {"device_id": ONE, "count": 2}, None),
        ("set_device", {"device_id": ONE, "name": "Kite"}, None),
        ("set_config", {"device_id": ONE, "interval": 60}, None),
        ("connect", {"device_id": ONE}, None),
        ("tick_route", {"device_id": ONE}, int),
        ("add_geofence", {"name": "Bay", "lat": 54, "lng": 8, "radius": 9}, int),
        ("add_tracker", {}, int),
        ("remove_tracker", {"device_id": ONE}, None),
        ("generate", {"count": 2}, list),
        ("add_personal_token", {}, str),
        ("expire_tokens", {}, None),
        ("revoke_tokens", {}, None),
        ("block_login", {}, None),
        ("set_limits", {"normal": 5, "form": "edge"}, None),
    ]
    try:
        for action, settings, kind in asked:
            url = f"{control.url}/lightbug/{action}"
            answer = await client.post(url, json=settings)
            assert answer.status == 200, action
            value = await answer.json()
            assert value is None if kind is None else isinstance(value, kind)
        url = f"{control.url}/lightbug/move"
        wrong = {"device_id": 7, "lat": 54, "lng": 8}
        assert (await client.post(url, json=wrong)).status == 400
    finally:
        await control.stop()
    assert len(lightbug.trackers) == 2
    assert lightbug.limit_form == "edge"

"""Lightbug's simulator beyond single requests: tokens, routes, fleets, the controls."""

import base64
import json
from time import perf_counter
from typing import Any

from aiohttp import ClientSession
import pytest

from simulator.control import Control
from simulator.lightbug import Lightbug

ONE = 2370001


@pytest.fixture
def lightbug() -> Lightbug:
    """Return Lightbug with its household."""
    return Lightbug()


def test_claims(lightbug: Lightbug) -> None:
    """The token names the user, as the documents' sample does."""
    token, _ = lightbug.issue_v2(0)
    payload = token.text.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert list(claims) == ["exp", "jti", "name", "sub"]
    assert (claims["name"], claims["sub"]) == (lightbug.username, lightbug.user_id)


def test_route(lightbug: Lightbug) -> None:
    """A tracker's route goes round."""
    ticks = 37
    for _ in range(ticks):
        lightbug.tick_route(ONE)
    route = lightbug.tracker(ONE).points[-ticks:]
    assert [point["sendReason"] for point in route[:2]] == [17 | 32, 17]
    assert route[0]["location"] == route[-1]["location"]
    assert len({str(point["location"]) for point in route}) == 36
    assert all(0 <= point["course"] < 360 for point in route)


async def test_fleet(lightbug: Lightbug, socket_enabled: None) -> None:
    """A fleet of 2,000 is made and listed fast."""
    await lightbug.start()
    start = perf_counter()
    lightbug.generate(2000)
    headers = {"Authorization": lightbug.add_personal_token()}
    paths = (
        "/v2/devices?_limit=2000&_include=config",
        "/api/users/4321/getDeviceSummary?pointCount=1",
    )
    answers = []
    async with ClientSession(lightbug.url, headers=headers) as session:
        for path in paths:
            async with session.get(path) as answer:
                answers.append(await answer.json())
    await lightbug.stop()
    assert perf_counter() - start < 5
    listed, summary = answers
    assert len(listed["data"]) == len(summary) == 2000
    assert len({tracker["serial"] for tracker in summary}) == 2000
    assert (
        len({str(tracker["latestPoints"][0]["location"]) for tracker in summary})
        == 2000
    )


async def test_control_port(lightbug: Lightbug, socket_enabled: None) -> None:
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
    async with ClientSession(f"{control.url}/lightbug/") as session:
        for action, settings, kind in asked:
            async with session.post(action, json=settings) as answer:
                assert answer.status == 200, action
                value = await answer.json()
            assert value is None if kind is None else isinstance(value, kind)
        wrong = {"device_id": 7, "lat": 54, "lng": 8}
        async with session.post("move", json=wrong) as answer:
            assert answer.status == 400
    await control.stop()
    assert len(lightbug.trackers) == 2
    assert lightbug.limit_form == "edge"

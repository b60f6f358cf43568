"""LoopBack's filter on points and readings, and the limits of both."""

import json
from typing import Any

from aiohttp import ClientSession
import pytest

from simulator.lightbug import Lightbug

from .calls import ONE

DAY = 86_400_000


async def rows(
    client: ClientSession, what: str = "points", status: int = 200, **wanted: Any
) -> Any:
    """Return the rows of the first tracker that pass a filter."""
    answer = await client.get(
        f"/api/devices/{ONE}/{what}", params={"filter": json.dumps(wanted)}
    )
    assert answer.status == status
    return await answer.json()


async def numbers(client: ClientSession, **wanted: Any) -> list[int]:
    """Return which points pass a filter: 0 is the oldest of the household's six."""
    return [one["id"] - 1262277001 for one in await rows(client, **wanted)]


async def test_order_limit_skip(lightbug: Lightbug, client: ClientSession) -> None:
    """The documents' own examples."""
    assert await numbers(client) == [0, 1, 2, 3, 4, 5]
    newest = {"limit": 1, "order": "timestamp DESC"}
    assert await numbers(client, **newest, where={"location": {"neq": None}}) == [5]
    assert await numbers(client, order=["timestamp DESC"], limit=2) == [5, 4]
    assert await numbers(client, order=["timestamp DESC"], limit=2, skip=4) == [1, 0]
    assert await numbers(client, order=["accuracy ASC", "id DESC"], limit=1) == [5]
    assert await numbers(client, order="timestamp", limit=0) == []
    assert lightbug.violations == []


async def test_times(lightbug: Lightbug, client: ClientSession) -> None:
    """Milliseconds and ISO texts, on both times of a point."""
    points = lightbug.tracker(ONE).points
    texts = [one["timestamp"] for one in points]
    now = int(lightbug.clock.time() * 1000)
    recent = {"timestamp": {"between": [now - 950_000, now]}}
    assert await numbers(client, where=recent) == [3, 4, 5]
    for name in ("timestamp", "created"):
        for operator, expected in (
            ("gt", [4, 5]),
            ("gte", [3, 4, 5]),
            ("lt", [0, 1, 2]),
            ("lte", [0, 1, 2, 3]),
        ):
            where = {name: {operator: texts[3]}}
            assert await numbers(client, where=where) == expected
    late = points[5] | {"timestamp": texts[0], "id": points[5]["id"] + 1}
    points.append(late)
    both = {"and": [{"timestamp": {"lt": texts[1]}}, {"created": {"gt": texts[1]}}]}
    assert await numbers(client, where=both) == [6]
    either = {"or": [{"timestamp": texts[2]}, {"id": late["id"]}]}
    assert await numbers(client, where=either) == [2, 6]


async def test_other_properties(lightbug: Lightbug, client: ClientSession) -> None:
    """Ids, location types, null."""
    first = lightbug.tracker(ONE).points[0]["id"]
    lightbug.add_point(ONE, locationType="gsm")
    lightbug.add_point(ONE, locationType="invalid", location=None)
    for where, expected in (
        ({"id": {"gt": first + 4}}, [5, *await added(client)]),
        ({"id": {"inq": [first, first + 2]}}, [0, 2]),
        (
            {"id": {"nin": [first, first + 1, first + 2]}, "locationType": "gps"},
            [3, 4, 5],
        ),
        ({"location": None}, (await added(client))[1:]),
        ({"locationType": {"inq": ["gsm", "wifi"]}}, (await added(client))[:1]),
        ({"locationType": {"neq": "gps"}}, await added(client)),
        ({"id": {"gt": "many"}}, []),
    ):
        assert await numbers(client, where=where) == expected


async def added(client: ClientSession) -> list[int]:
    """Return the two points that were added last."""
    return (await numbers(client))[-2:]


async def test_fields(client: ClientSession) -> None:
    """Fields by list, by what is wanted, by what is not."""
    for fields in (["id", "speed"], {"id": True, "speed": True}):
        assert set((await rows(client, fields=fields))[0]) == {"id", "speed"}
    assert "speed" not in (await rows(client, fields={"speed": False}))[0]
    assert len((await rows(client))[0]) == 23


async def test_readings(lightbug: Lightbug, client: ClientSession) -> None:
    """Readings by their type; a value is any JSON."""
    new = lightbug.add_reading(ONE, "temp", 19.25, created=0)
    temp = await rows(
        client, "readings", where={"type": "temp"}, limit=10, order=["timestamp DESC"]
    )
    assert [one["value"] for one in temp] == [19.25, 21.5]
    assert (temp[0]["id"], temp[0]["created"]) == (new, "1970-01-01T00:00:00.000Z")
    assert len(temp[0]) == 12
    ultra = await rows(client, "readings", where={"type": {"inq": ["ultra"]}})
    assert ultra[0]["value"]["numObjects"] == 1
    assert lightbug.violations == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"where": []},
        {"where": {"id": {"near": 1}}},
        {"where": {"id": {"inq": 1}}},
        {"where": {"timestamp": {"between": [1]}}},
        {"where": {"timestamp": {"gt": "yesterday"}}},
        {"where": {"timestamp": {"gt": 1e300}}},
        {"where": {"and": {}}},
        {"limit": "all"},
        {"limit": -1},
        {"skip": 1.5},
        {"order": "timestamp DOWN"},
    ],
)
async def test_bad_filters(client: ClientSession, wanted: dict[str, Any]) -> None:
    """What is no filter is refused."""
    error = (await rows(client, status=400, **wanted))["error"]
    assert error["statusCode"] == 400


async def test_filter_is_json(client: ClientSession) -> None:
    """The filter is JSON text of an object."""
    for text in ("{", "[]"):
        answer = await client.get(f"/api/devices/{ONE}/points", params={"filter": text})
        assert answer.status == 400


async def test_ninety_days(lightbug: Lightbug, client: ClientSession) -> None:
    """Of a longer range the latest 90 days are answered."""
    now = int(lightbug.clock.time() * 1000)
    lightbug.tracker(ONE).points.clear()
    for age in (200, 120, 95, 80, 1):
        lightbug.add_point(ONE, timestamp=now - age * DAY, speed=age)

    async def days(**where: Any) -> list[int]:
        return [one["speed"] for one in await rows(client, where=where)]

    assert await days() == [80, 1]
    assert await days(timestamp={"gt": 0}) == [80, 1]
    assert await days(timestamp={"between": [0, now - 90 * DAY]}) == [120, 95]
    assert await days(timestamp={"lt": now - 119 * DAY}) == [200, 120]
    # A filter by arrival is limited by arrival.
    assert await days(created={"gte": now - DAY}) == [200, 120, 95, 80, 1]
    assert await days(timestamp={"lt": 1000}) == []


async def test_ten_thousand_rows(lightbug: Lightbug, client: ClientSession) -> None:
    """A request answers 10,000 rows at most, whatever it asks for."""
    lightbug.add_history(ONE, 10_050)
    assert len(await rows(client, fields=["id"])) == 10_000
    asked: dict[str, Any] = {
        "fields": ["id"],
        "limit": 20_000,
        "order": "timestamp DESC",
    }
    newest = await rows(client, **asked)
    assert len(newest) == 10_000
    assert newest[0]["id"] == 1262277006
    assert len(await rows(client, **asked, skip=10_000)) == 56

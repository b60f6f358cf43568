"""Lightbug's summary and its lists of devices."""

from typing import Any

from aiohttp import ClientSession
import pytest

from simulator.lightbug import Lightbug

from .calls import ONE, USER, ask, milliseconds

# What the documentation site shows for a point of the summary.
SAMPLE = {
    "location": {"lng": 7.9, "lat": 54.0},
    "timestamp": "2024-01-22T12:30:22.708Z",
    "speed": None,
    "altitude": None,
    "course": None,
    "sendReason": 1,
    "accuracy": 20,
    "locationType": "wifi",
    "averageCharge": None,
    "created": "2024-01-22T12:30:22.708Z",
    "address": "45, Harbour Lane, Windhaven",
    "alertType": None,
    "gsmSignal": 28,
    "correlationId": "madeFIRSTmadeFIRST1234",
    "id": 1262277892,
    "deviceId": ONE,
}
BARE = (
    "id timestamp location speed course accuracy sendReason address deviceId alertType"
)


async def test_summary_sample(lightbug: Lightbug, client: ClientSession) -> None:
    """The sample's point, in both shapes that the documents show."""
    lightbug.tracker(ONE).points.clear()
    lightbug.add_point(ONE, **SAMPLE)
    rich = await ask(client, f"{USER}/getDeviceSummary", pointCount=1)
    assert rich[0]["latestPoints"] == [SAMPLE]
    assert rich[0]["id"] == ONE
    assert rich[0]["config"]["currentFW"] == "78"
    assert rich[0]["subscription"]["plan"]["name"] == "standard"
    assert rich[3]["latestPoints"] == []
    assert rich[3]["subscription"] == {}

    lightbug.summary_shape = "bare"
    bare = await ask(client, f"{USER}/getDeviceSummary", pointCount=1)
    assert bare[0]["latestPoints"] == [{name: SAMPLE[name] for name in BARE.split()}]
    assert "config" not in bare[0]
    assert bare[0]["batteryVoltage"] == 3.771
    assert lightbug.violations == []


async def test_summary_alert_is_text_or_null(
    lightbug: Lightbug, client: ClientSession
) -> None:
    """The rich shape types as text what is a number elsewhere."""
    lightbug.move(ONE, 54.1, 7.8, alertType=8)
    rich = await ask(client, f"{USER}/getDeviceSummary", pointCount=1)
    assert rich[0]["latestPoints"][0]["alertType"] == "8"
    points = await ask(
        client, f"/api/devices/{ONE}/points", filter={"order": "id DESC"}
    )
    assert points[0]["alertType"] == 8


async def test_summary_query(lightbug: Lightbug, client: ClientSession) -> None:
    """Point count, date range, approximate locations, and by which time is newest."""
    path = f"{USER}/getDeviceSummary"

    async def latest(**query: Any) -> list[int]:
        first = (await ask(client, path, **query))[0]
        return [point["id"] for point in first["latestPoints"]]

    assert len(await latest()) == 5
    assert await latest(pointCount=0) == []
    assert len(await latest(pointCount=100)) == 6
    now = milliseconds(lightbug)
    assert len(await latest(dateRange=[now - 950_000, now])) == 3
    gsm = lightbug.move(ONE, 54.1, 7.8, locationType="gsm")
    poor = lightbug.move(ONE, 54.1, 7.8, accuracy=2500)
    assert await latest(pointCount=2) == [poor, gsm]
    assert not {poor, gsm} & set(await latest(hideApprox=True))
    late = lightbug.add_point(ONE, timestamp=now - 9_000_000)
    assert late not in await latest()
    lightbug.summary_by = "created"
    assert (await latest(pointCount=1)) == [late]
    for query in ({"pointCount": "x"}, {"pointCount": -1}, {"dateRange": [1]}):
        await ask(client, path, 400, **query)


async def test_summary_of_a_point_without_times(
    lightbug: Lightbug, client: ClientSession
) -> None:
    """A point may have no time: it is the oldest."""
    lightbug.tracker(ONE).points.clear()
    lightbug.add_point(ONE, timestamp=None, created=None)
    first = (await ask(client, f"{USER}/getDeviceSummary"))[0]
    assert [one["timestamp"] for one in first["latestPoints"]] == [None]
    points = await ask(client, f"/api/devices/{ONE}/points")
    assert [one["created"] for one in points] == [None]


async def test_device_lists(lightbug: Lightbug, client: ClientSession) -> None:
    """v1 lists with null for what is not there, v2 leaves it out."""
    v1 = await ask(client, f"{USER}/devices")
    v2 = await ask(client, "/v2/devices", _limit=1000, _include="config,subscription")
    assert {k: v for k, v in v2.items() if k != "data"} == {
        "page": 1,
        "limit": 1000,
        "totalElements": 8,
        "totalPages": 1,
    }
    assert [one["id"] for one in v1] == [one["id"] for one in v2["data"]]
    assert (v1[0]["batteryPct"], v2["data"][0]["batteryPct"]) == (
        33.333333333333336,
        33,
    )
    tag = lightbug.odd["tag"] - ONE
    assert (v1[tag]["imei"], "imei" in v2["data"][tag]) == (None, False)
    first = v2["data"][0]
    assert first["config"]["currentFW"] == 78
    assert first["config"]["reasonsToWake"]["move"] is True
    assert "plan" not in first["subscription"]
    plan = await ask(client, "/v2/devices", _limit=1, _include="subscription.plan")
    assert plan["data"][0]["subscription"]["plan"]["displayName"] == "Standard"
    assert "config" not in plan["data"][0]
    assert await ask(client, f"/api/devices/{ONE}") == v1[0]
    assert lightbug.violations == []


@pytest.mark.parametrize("first_page", [0, 1])
async def test_pages(
    lightbug: Lightbug, client: ClientSession, first_page: int
) -> None:
    """A page holds ten unless told otherwise, which hides the rest."""
    lightbug.first_page = first_page
    lightbug.generate(25)
    hidden = await ask(client, "/v2/devices")
    assert (len(hidden["data"]), hidden["totalElements"]) == (10, 25)
    assert lightbug.violations == ["no _limit: /v2/devices"]
    lightbug.violations.clear()

    pages = [
        await ask(client, "/v2/devices", _limit=10, _page=first_page + n)
        for n in range(4)
    ]
    assert [len(one["data"]) for one in pages] == [10, 10, 5, 0]
    assert [one["page"] for one in pages] == list(range(first_page, first_page + 4))
    assert {one["totalPages"] for one in pages} == {3}
    ids = [one["id"] for page in pages for one in page["data"]]
    assert ids == list(range(lightbug.tracker(ids[0]).id, ids[0] + 25))
    down = await ask(client, "/v2/devices", _limit=2, _sort="id", _direction="desc")
    assert [one["id"] for one in down["data"]] == ids[:-3:-1]
    if first_page:
        await ask(client, "/v2/devices", 400, _limit=10, _page=0)
    await ask(client, "/v2/devices", 400, _limit=0)
    await ask(client, "/v2/devices", 400, _limit="many")
    await ask(client, "/v2/devices", 400, _limit=10, _direction="up")
    assert lightbug.violations == []
    await ask(client, "/v2/devices", 400, _limit=10_001)
    assert lightbug.violations == ["_limit beyond 10000: /v2/devices"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"id": "2370001,2370002"}, 2),
        ({"type": "BleTag"}, 1),
        ({"active": "false"}, 1),
        ({"name": "Din*"}, 1),
        ({"name": "Din"}, 0),
        ({"serial": "43000001"}, 1),
    ],
)
async def test_device_filters(
    client: ClientSession, query: dict[str, Any], count: int
) -> None:
    """Filters narrow what is counted."""
    answer = await ask(client, "/v2/devices", _limit=100, **query)
    assert answer["totalElements"] == len(answer["data"]) == count


async def test_odd_trackers(lightbug: Lightbug, client: ClientSession) -> None:
    """The household has one of each oddity."""
    summary = {
        one["id"]: one
        for one in await ask(client, f"{USER}/getDeviceSummary", pointCount=1)
    }
    odd = {key: summary[device_id] for key, device_id in lightbug.odd.items()}
    assert odd["tag"]["latestPoints"] == []
    assert (odd["tag"]["imei"], odd["tag"]["lastConnection"]) == (None, None)
    assert odd["deactivated"]["active"] is False
    invalid = odd["invalid"]["latestPoints"][0]
    assert (invalid["locationType"], invalid["location"]) == ("invalid", None)
    epoch = odd["epoch"]["latestPoints"][0]
    assert epoch["timestamp"].startswith("1970")
    assert epoch["created"] > "2020"
    assert odd["check_in"]["latestPoints"][0]["sendReason"] == 255
    # The fix before is still there for who asks for it.
    for key, where in (
        ("invalid", {"locationType": {"neq": "invalid"}}),
        ("invalid", {"location": {"neq": None}}),
        ("check_in", {"sendReason": {"neq": 255}}),
    ):
        points = await ask(
            client,
            f"/api/devices/{lightbug.odd[key]}/points",
            filter={"limit": 1, "order": "timestamp DESC", "where": where},
        )
        assert points[0]["location"]["lat"] > 50

"""Alerts by whom they are told, and how often: points, activity, a wrong clock."""

from datetime import UTC

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lightbug import Lightbug
from tests.common import pass_time, settle

from .conftest import ACTIVITY, POLL, Heard

FIRST = 2_370_001
HOUR = 3600
DAY = 24 * HOUR


@pytest.mark.parametrize("shape", ["rich", "bare"])
@pytest.mark.parametrize("count", [3, 8])
async def test_packed_points(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    count: int,
    shape: str,
) -> None:
    """Every point of an upload is looked at, also more than a summary holds."""
    lightbug.summary_shape = "bare" if shape == "bare" else "rich"
    await pass_time(hass, freezer, POLL)
    alerts = [8, *[1] * (count - 2), 2]
    lightbug.send_packed(FIRST, [{"alertType": alert} for alert in alerts])
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["button", *["drop"] * (count - 2), "rotation"]
    times = [attribute["time"] for attribute in heard.attributes]
    assert times == sorted(set(times))


async def test_packed_points_through_a_restart(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """What a tracker sent while Home Assistant was off is told, each once."""
    await pass_time(hass, freezer, POLL)
    lightbug.add_point(FIRST, alertType=8)
    await pass_time(hass, freezer, POLL)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, HOUR)
    lightbug.send_packed(FIRST, [{"alertType": kind} for kind in (1, *[0] * 6, 2)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["button", "drop", "rotation"]


@pytest.mark.parametrize("first", ["activity", "activity, hours before", "point"])
async def test_alert_mode(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    first: str,
) -> None:
    """`alertMode` and the bits of its point are one alert, in different polls, too."""
    await pass_time(hass, freezer, 10)
    points = lightbug.tracker(FIRST).points
    lightbug.add_point(FIRST, alertType=2)
    point = points.pop()
    if first == "point":
        points.append(point)
    else:
        lightbug.add_activity(FIRST, "alertMode", pointId=point["id"])
    await pass_time(hass, freezer, POLL)
    if first == "activity, hours before":
        # By then, the activity is not asked for any more.
        await pass_time(hass, freezer, 2 * HOUR)
        lightbug.add_activity(FIRST, "newLoc")
        await pass_time(hass, freezer, POLL)
    if first == "point":
        lightbug.add_activity(FIRST, "alertMode", pointId=point["id"])
    else:
        points.append(point)
    await pass_time(hass, freezer, POLL)
    assert heard.kinds == ["rotation" if first == "point" else "other"]


async def test_no_trigger_is_named(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """Two alerts of one point and moment are told apart by what they are."""
    await pass_time(hass, freezer, 10)
    for kind in ("temp", "humidity"):
        lightbug.add_activity(FIRST, kind, triggerId=None)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert sorted(heard.kinds) == ["humidity", "temperature"]


async def test_flood_of_new_places(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """What is no alert is neither told nor asked for again and again."""
    for _ in range(5):
        await pass_time(hass, freezer, HOUR)
        lightbug.add_activity(FIRST, "newLoc")
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert heard.kinds == []
    last = [request for request in lightbug.requests if request.key == ACTIVITY][-1]
    since = int(last.query["dateRange"].strip("[]").split(",")[0]) / 1000
    assert freezer().timestamp() - since < 2 * HOUR  # type: ignore[operator]  # its type knows no call


@pytest.mark.parametrize("days", [3, -3])
async def test_wrong_date_once(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
    days: int,
) -> None:
    """One wrong `Date` rings nothing twice and loses nothing."""
    await pass_time(hass, freezer, 10)
    lightbug.add_activity(FIRST, "speed")
    lightbug.add_point(FIRST, alertType=1)
    await pass_time(hass, freezer, POLL)
    assert sorted(heard.kinds) == ["drop", "speed"]
    lightbug.clock.advance(days * DAY)
    created = freezer.time_to_freeze.replace(tzinfo=UTC).isoformat()
    lightbug.add_activity(FIRST, "distance", created=created)
    lightbug.add_point(FIRST, alertType=8, timestamp=created, created=created)
    await pass_time(hass, freezer, POLL)
    assert "button" in heard.kinds
    lightbug.clock.advance(-days * DAY)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert sorted(heard.kinds) == ["button", "distance", "drop", "speed"]
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await pass_time(hass, freezer, POLL)
    assert sorted(heard.kinds) == ["button", "distance", "drop", "speed"]


async def test_names_without_limit(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    heard: Heard,
) -> None:
    """Names and messages are cut, and hold no control characters."""
    await pass_time(hass, freezer, 10)
    long = "x\x1b[31m\n\u202e" * 100_000
    lightbug.add_activity(
        FIRST, "speed", long, name=long, zones=[long, "", "5"], message=long
    )
    lightbug.set_device(FIRST, name=long)
    await pass_time(hass, freezer, POLL)
    (alert,) = heard.attributes
    for shown, most in (
        (alert["name"], 64),
        (alert["subtype"], 64),
        (alert["zones"][0], 64),
        (alert["message"], 255),
    ):
        assert shown.startswith("x")
        assert len(shown) <= most
        assert shown.isprintable()
    assert alert["zones"][1:] == ["5"]

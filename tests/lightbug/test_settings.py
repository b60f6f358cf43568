"""Settings and actions: what people do to a tracker, and what they ask it for."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol
import yaml

from custom_components.lantern import services
from custom_components.lantern.lightbug.actions import ACTIONS
from simulator.lightbug import Lightbug
from tests.common import entity_id, pass_time, settle, state_of

from .conftest import POINTS, POLL, unique

FIRST = 2_370_001
CONFIG = "PUT /api/devices/{id}/config"
FLIGHT = "GET /api/devices/{id}/flightMode"
FENCES = "GET /api/users/{id}/geofences"

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")


def number(hass: HomeAssistant, key: str) -> str:
    """Return the state of the first tracker's number."""
    return state_of(hass, "number", unique(FIRST, key))


def pending(hass: HomeAssistant) -> str:
    """Return whether the first tracker has still to fetch its settings."""
    return state_of(hass, "binary_sensor", unique(FIRST, "config_pending"))


async def set_number(hass: HomeAssistant, key: str, value: float) -> None:
    """Set the first tracker's number, as a person does."""
    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": entity_id(hass, "number", unique(FIRST, key)), "value": value},
        blocking=True,
    )


def device(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the first tracker's id in the device registry."""
    registered_device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", f"lightbug:{FIRST}"), entry.entry_id
    )
    assert registered_device is not None
    return registered_device.id


async def act(hass: HomeAssistant, action: str, **data: Any) -> Any:
    """Call an action of Lantern's, for its response where it has one."""
    return await hass.services.async_call(
        "lantern",
        action,
        data,
        blocking=True,
        return_response=action != "lightbug_set_flight_mode",
    )


def test_actions_are_described() -> None:
    """Each action and field has a selector, a name and an explanation."""
    lantern = Path(services.__file__).parent
    selectors = yaml.safe_load((lantern / "services.yaml").read_text())
    texts = json.loads((lantern / "translations" / "en.json").read_text())["services"]
    icons = json.loads((lantern / "icons.json").read_text())["services"]
    assert len(ACTIONS) == 3
    for action in ACTIONS:
        fields = {str(action.target), *map(str, action.fields)}
        assert set(selectors[action.name]["fields"]) == fields
        action_texts = texts[action.name]
        assert set(action_texts["fields"]) == fields
        for labels in (action_texts, *action_texts["fields"].values()):
            assert labels["name"]
            assert labels["description"]
        assert icons[action.name]["service"].startswith("mdi:")


# Settings ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "name", "value", "held"),
    [
        ("wake_interval", "interval", 600, 300),
        ("sleep_interval", "sleepInterval", 86_400, 43_200),
    ],
)
async def test_interval(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    key: str,
    name: str,
    value: int,
    held: int,
) -> None:
    """One field is changed; it waits until the tracker connects, also after a restart."""
    assert number(hass, key) == str(held)
    assert pending(hass) == "off"
    await pass_time(hass, freezer, 10)
    await set_number(hass, key, value)
    (sent,) = [request for request in lightbug.requests if request.key == CONFIG]
    assert sent.json == {name: value}
    assert number(hass, key) == str(value)
    assert pending(hass) == "on"
    await pass_time(hass, freezer, POLL)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert number(hass, key) == str(value)
    assert pending(hass) == "on"
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert number(hass, key) == str(value)
    assert pending(hass) == "off"


async def test_somebody_else_changes_it(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The service's value is shown, no matter who set it."""
    lightbug.set_config(FIRST, interval=120, sleepInterval=None)
    await pass_time(hass, freezer, POLL)
    assert number(hass, "wake_interval") == "120"
    assert number(hass, "sleep_interval") == "unknown"
    assert pending(hass) == "off"


async def test_receipt_that_is_not_told(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Where the service does not say when it sent the settings, nobody knows."""
    await set_number(hass, "wake_interval", 600)
    assert pending(hass) == "on"
    lightbug.tracker(FIRST).config["receivedAt"] = None
    await pass_time(hass, freezer, POLL)
    assert pending(hass) == "unknown"


async def test_answer_that_tells_nothing(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An answer without the settings: the next poll brings what the service holds."""
    lightbug.inject(CONFIG, "empty")
    await set_number(hass, "wake_interval", 600)
    assert number(hass, "wake_interval") == "300"
    lightbug.tracker(FIRST).config["interval"] = 600
    await pass_time(hass, freezer, POLL)
    assert number(hass, "wake_interval") == "600"


async def test_answer_of_somebody_else(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """A web page says nothing of settings: the caller gets an error."""
    lightbug.inject(CONFIG, "html")
    with pytest.raises(HomeAssistantError, match="invalid response"):
        await set_number(hass, "wake_interval", 600)
    assert number(hass, "wake_interval") == "300"


async def test_interval_is_refused(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """What fails is told, and nothing is shown as changed."""
    lightbug.inject(CONFIG, "status", status=422, body="{}", times=-1)
    with pytest.raises(HomeAssistantError, match="rejected"):
        await set_number(hass, "wake_interval", 600)
    with pytest.raises(ServiceValidationError):
        await set_number(hass, "wake_interval", 59)
    assert number(hass, "wake_interval") == "300"
    assert pending(hass) == "off"
    assert lightbug.count(CONFIG) == 2


async def test_service_that_wants_whole_settings(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Where one field is not enough, the others are sent along as they are."""
    lightbug.strict_config = True
    lightbug.tracker(FIRST).config |= {"packing": 3, "reset": 1, "command": 7}
    await set_number(hass, "wake_interval", 600)
    first, second = [
        request.json for request in lightbug.requests if request.key == CONFIG
    ]
    assert first == {"interval": 600}
    assert second["interval"] == 600
    assert second["packing"] == 3
    assert second["alertAction"] == "nothing"
    # What a tracker does once is not ordered again.
    assert not second.keys() & {"reset", "command", "receivedAt", "id"}
    assert number(hass, "wake_interval") == "600"
    assert pending(hass) == "on"


@pytest.mark.parametrize("status", [400, 422])
async def test_refusal_in_words(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry, status: int
) -> None:
    """The service's own words say why a setting was refused."""
    body = json.dumps({"error": {"statusCode": status, "message": "`interval` is odd"}})
    lightbug.inject(CONFIG, "status", status=status, body=body, times=-1)
    with pytest.raises(HomeAssistantError, match="setting: `interval` is odd"):
        await set_number(hass, "wake_interval", 600)
    assert number(hass, "wake_interval") == "300"


# Flight mode and geofences --------------------------------------------------------


async def test_flight_mode(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A confirmed flight mode is asked for once, for so many minutes."""
    target = device(hass, entry)
    await act(
        hass, "lightbug_set_flight_mode", device_id=target, minutes=90, confirm=True
    )
    (asked,) = lightbug.flight_modes
    assert (asked["deviceId"], asked["duration"]) == (FIRST, 90)
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", unique(FIRST, "mode")) == "flight"


async def test_flight_mode_is_not_asked_for_lightly(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """Without a confirmation, or for longer than a day, nothing is sent."""
    target = device(hass, entry)
    name = "lightbug_set_flight_mode"
    with pytest.raises(ServiceValidationError, match="Confirm"):
        await act(hass, name, device_id=target, minutes=90, confirm=False)
    for minutes in (0, 1441, "long"):
        with pytest.raises(vol.Invalid):
            await act(hass, name, device_id=target, minutes=minutes, confirm=True)
    with pytest.raises(vol.Invalid):
        await act(hass, name, device_id=target, minutes=90)
    assert lightbug.count(FLIGHT) == 0


async def test_geofences(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """The account's geofences: a circle has a radius, a polygon its corners."""
    answer = await act(hass, "lightbug_get_geofences", config_entry_id=entry.entry_id)
    circle, polygon = answer["geofences"]
    assert circle == {
        "id": 9001,
        "name": "Anchorage",
        "latitude": 54.0,
        "longitude": 7.9,
        "radius": 500,
    }
    assert polygon["name"] == "Fishing ground"
    assert polygon["outline"][0] == {"latitude": 54.1, "longitude": 7.9}
    assert len(polygon["outline"]) == 4


# History ---------------------------------------------------------------------------


async def history(
    hass: HomeAssistant, entry: MockConfigEntry, start: datetime, **data: Any
) -> Any:
    """Return the first tracker's history."""
    target = device(hass, entry)
    return await act(
        hass,
        "lightbug_get_history",
        device_id=target,
        start=start.isoformat(),
        **data,
    )


async def test_history(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Every fix of the range is there once, in the order in which it was taken."""
    lightbug.tracker(FIRST).points.clear()
    start = datetime.now(UTC)
    wanted = []
    for _ in range(5):
        await pass_time(hass, freezer, 60)
        wanted.append(lightbug.tick_route(FIRST))
    lightbug.add_point(FIRST, sendReason=255)
    lightbug.add_point(FIRST, locationType="invalid", location=None)
    # Taken before the last one, arrived after it.
    await pass_time(hass, freezer, 60)
    late = start + timedelta(seconds=90)
    wanted.insert(1, lightbug.add_point(FIRST, timestamp=late.isoformat()))
    # No clock, and one that is ahead: the time of arrival counts.
    wanted.append(lightbug.add_point(FIRST, timestamp="1970-01-01T00:00:07.000Z"))
    wanted.append(lightbug.add_point(FIRST, timestamp="2038-01-01T00:00:00.000Z"))
    await pass_time(hass, freezer, 60)
    lightbug.add_point(FIRST)
    end = datetime.now(UTC) - timedelta(seconds=1)
    answer = await history(hass, entry, start, end=end.isoformat())
    assert answer["truncated"] is False
    assert [point["id"] for point in answer["points"]] == wanted
    first = answer["points"][0]
    assert first["source"] == "gps"
    assert first["accuracy"] == 8
    assert first["speed"] == 14.5
    assert first["time"] > start.isoformat()
    assert answer["points"][1]["time"][:19] == late.isoformat()[:19]
    rest = await history(hass, entry, end)
    assert len(rest["points"]) == 1


@pytest.mark.parametrize(
    ("count", "seconds", "requests"), [(25_000, 60, 6), (700, 86_400, 16)]
)
async def test_long_history(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    count: int,
    seconds: float,
    requests: int,
) -> None:
    """More than 10,000 points, or more than 90 days, take several requests."""
    lightbug.tracker(FIRST).points.clear()
    lightbug.add_history(FIRST, count, seconds)
    start = datetime.now(UTC) - timedelta(seconds=count * seconds + 10)
    read = lightbug.count(POINTS)
    answer = await history(hass, entry, start)
    ids = [point["id"] for point in answer["points"]]
    assert ids == [point["id"] for point in lightbug.tracker(FIRST).points]
    assert answer["truncated"] is False
    assert lightbug.count(POINTS) == read + requests


async def test_page_of_one_moment(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """More points of the same moment than a page holds are all found."""
    lightbug.tracker(FIRST).points.clear()
    start = datetime.now(UTC) - timedelta(seconds=1)
    lightbug.add_history(FIRST, 20_001, 0)
    answer = await history(
        hass, entry, start, end=(start + timedelta(seconds=2)).isoformat()
    )
    assert len({point["id"] for point in answer["points"]}) == 20_001


async def test_too_much_history(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """After 50,000 points it ends, and says so; the rest is got from there on."""
    lightbug.tracker(FIRST).points.clear()
    lightbug.add_history(FIRST, 50_100, 60)
    start = datetime.now(UTC) - timedelta(days=40)
    answer = await history(hass, entry, start)
    assert len(answer["points"]) == 50_000
    assert answer["truncated"] is True
    last = datetime.fromisoformat(answer["points"][-1]["time"])
    rest = await history(hass, entry, last)
    ids = {point["id"] for point in answer["points"] + rest["points"]}
    assert len(ids) == 50_100
    assert rest["truncated"] is False


async def test_far_too_much_history(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """Reading ends soon after 50,000 points, however many there are."""
    lightbug.tracker(FIRST).points.clear()
    lightbug.add_history(FIRST, 75_000, 60)
    read = lightbug.count(POINTS)
    answer = await history(hass, entry, datetime.now(UTC) - timedelta(days=60))
    assert answer["truncated"] is True
    assert len(answer["points"]) <= 50_000
    times = [point["time"] for point in answer["points"]]
    assert times == sorted(times)
    assert lightbug.count(POINTS) - read <= 12


@pytest.mark.parametrize(
    "end",
    [
        "{next_year}-12-31T23:59:59",
        "2126-01-01T00:00:00",
        "9999-12-31T23:59:59",
        "9999-12-31T23:59:59-12:00",
    ],
)
async def test_history_until_the_end_of_time(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry, end: str
) -> None:
    """An end that lies ahead is now: what is not yet costs no request."""
    read = lightbug.count(POINTS)
    now = datetime.now(UTC)
    end = end.format(next_year=now.year + 1)
    answer = await history(hass, entry, now - timedelta(days=1), end=end)
    assert len(answer["points"]) == 6
    assert answer["truncated"] is False
    assert lightbug.count(POINTS) == read + 2


@pytest.mark.parametrize(("first_seen", "truncated"), [("told", False), (None, True)])
async def test_history_of_everything(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    first_seen: str | None,
    truncated: bool,
) -> None:
    """A long time begins with the tracker's first connection, or ends at a budget."""
    if first_seen is None:
        lightbug.set_device(FIRST, firstSeen=None)
        await pass_time(hass, freezer, POLL)
    read = lightbug.count(POINTS)
    answer = await history(hass, entry, datetime(2000, 1, 2, tzinfo=UTC))
    assert answer["truncated"] is truncated
    assert len(answer["points"]) == (0 if truncated else 6)
    assert lightbug.count(POINTS) - read <= 100


@pytest.mark.parametrize("start", ["1999-12-31T23:59:59", "0001-01-01T00:00:00+14:00"])
async def test_history_before_there_was_any(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry, start: str
) -> None:
    """A start before 2000 is refused in words, before anything is asked."""
    read = lightbug.count()
    with pytest.raises(ServiceValidationError, match="2000 or later"):
        await act(
            hass, "lightbug_get_history", device_id=device(hass, entry), start=start
        )
    assert lightbug.count() == read


async def test_history_when_requests_run_out(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
) -> None:
    """What was read is returned, and said to be cut."""
    lightbug.tracker(FIRST).points.clear()
    lightbug.add_history(FIRST, 700, 86_400)
    lightbug.set_limits(normal=100, seconds=3600)
    lightbug.normal.used = 84
    answer = await history(hass, entry, datetime.now(UTC) - timedelta(days=700))
    assert answer["truncated"] is True
    assert 80 < len(answer["points"]) < 300


async def test_history_that_is_none(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """A full page of rows without a time leads nowhere, and is told."""
    rows = ",".join(["{}"] * 10_000)
    lightbug.inject(POINTS, "body", body=f"[{rows}]")
    with pytest.raises(HomeAssistantError, match="invalid response"):
        await history(hass, entry, datetime.now(UTC) - timedelta(hours=1))


async def test_history_of_nothing(
    hass: HomeAssistant, lightbug: Lightbug, entry: MockConfigEntry
) -> None:
    """An end before the start is refused before anything is asked."""
    read = lightbug.count(POINTS)
    now = datetime.now(UTC)
    with pytest.raises(ServiceValidationError, match="after the start"):
        await history(hass, entry, now, end=(now - timedelta(1)).isoformat())
    assert lightbug.count(POINTS) == read


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"kind": "status", "status": 500}, "cannot be reached"),
        ({"kind": "html"}, "invalid response"),
        ({"kind": "status", "status": 404, "body": "{}"}, "rejected"),
        (
            {"kind": "status", "status": 429, "headers": {"X-Ratelimit-Window": "9"}},
            "limits",
        ),
    ],
)
async def test_history_in_trouble(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    fault: dict[str, Any],
    text: str,
) -> None:
    """Half a history is none: what fails is told."""
    lightbug.inject(POINTS, **fault)
    with pytest.raises(HomeAssistantError, match=text):
        await history(hass, entry, datetime.now(UTC) - timedelta(hours=1))


async def test_only_the_poll_runs_when_requests_are_scarce(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """With less than a tenth of the requests left, actions and settings wait."""
    target = device(hass, entry)
    lightbug.set_limits(normal=100, seconds=3600)
    lightbug.normal.used = 91
    await pass_time(hass, freezer, POLL)
    sent = lightbug.count()
    for call in (
        history(hass, entry, datetime.now(UTC) - timedelta(hours=1)),
        act(hass, "lightbug_get_geofences", config_entry_id=entry.entry_id),
        act(
            hass, "lightbug_set_flight_mode", device_id=target, minutes=9, confirm=True
        ),
        set_number(hass, "wake_interval", 600),
    ):
        with pytest.raises(HomeAssistantError, match="limits"):
            await call
    assert lightbug.count() == sent
    await pass_time(hass, freezer, POLL)
    assert lightbug.count() == sent + 3

"""A tracker's history as GPX 1.1."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lightbug import Lightbug
from tests.common import pass_time

from .conftest import POLL
from .gpx_schema import NAMESPACE, check

FIRST = 2_370_001
HOSTILE = '</name><x a="1">]]>&amp; \x00\x1b\x7f\ufffe\ud800 <!-- Ünï 🛶'


async def history(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> Any:
    """Return the first tracker's history of the last hour."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", f"lightbug:{FIRST}"), entry.entry_id
    )
    assert device is not None
    start = datetime.now(UTC) - timedelta(hours=1)
    return await hass.services.async_call(
        "lantern",
        "lightbug_get_history",
        {"device_id": device.id, "start": start.isoformat(), **data},
        blocking=True,
        return_response=True,
    )


@pytest.fixture
def no_past(lightbug: Lightbug, entry: MockConfigEntry) -> None:
    """Take the points of a tracker away that Lantern has already seen."""
    lightbug.tracker(FIRST).points.clear()


@pytest.mark.usefixtures("no_past")
async def test_gpx(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The track is what the points say, but for places that were only repeated."""
    for _ in range(3):
        await pass_time(hass, freezer, 60)
        lightbug.tick_route(FIRST)
    lightbug.add_point(FIRST, sendReason=128)
    points = (await history(hass, entry))["points"]
    answer = await history(hass, entry, format="gpx")
    assert set(answer) == {"gpx", "truncated"}
    assert answer["truncated"] is False
    root = check(answer["gpx"])
    (name,) = root.iter(f"{NAMESPACE}name")
    assert name.text == lightbug.tracker(FIRST).device["name"]
    seen = [point for point in points if not point["stale"]]
    assert len(points) == len(seen) + 1 == 4
    track = [
        (
            float(element.attrib["lat"]),
            float(element.attrib["lon"]),
            float(element.findtext(f"{NAMESPACE}ele", "nan")),
            datetime.fromisoformat(element.findtext(f"{NAMESPACE}time", "")),
            element.findtext(f"{NAMESPACE}desc"),
            element.findtext(f"{NAMESPACE}src"),
        )
        for element in root.iter(f"{NAMESPACE}trkpt")
    ]
    assert track == [
        (
            point["latitude"],
            point["longitude"],
            point["altitude"],
            datetime.fromisoformat(point["time"]),
            point["address"],
            point["source"],
        )
        for point in seen
    ]


@pytest.mark.usefixtures("no_past")
async def test_gpx_of_hostile_texts_and_odd_numbers(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Whatever a service says, the document is GPX, and says it."""
    await pass_time(hass, freezer, 60)
    lightbug.set_device(FIRST, name=HOSTILE)
    places: list[tuple[Any, Any, Any]] = [
        (-90, 180, 1e-9),
        (0.0000123, -180, -430.5),
        (54.123456789012, 1e-5, None),
        (1, 179.99999999, None),
    ]
    for lat, lng, altitude in places:
        where = {"lat": lat, "lng": lng}
        lightbug.add_point(FIRST, location=where, altitude=altitude, address=HOSTILE)
    await pass_time(hass, freezer, POLL)
    answer = await history(hass, entry, format="gpx")
    root = check(answer["gpx"])
    texts = [
        element.text
        for tag in ("name", "desc")
        for element in root.iter(f"{NAMESPACE}{tag}")
    ]
    assert len(texts) == 1 + len(places)
    for text in texts:
        assert text is not None
        assert text.startswith('</name><x a="1">]]>&amp; ')
        assert text.endswith(" <!-- Ünï 🛶")
        assert not set(text) & set("\x00\x1b\x7f\ufffe\ud800")
    track = [
        (
            element.attrib["lat"],
            element.attrib["lon"],
            element.findtext(f"{NAMESPACE}ele"),
        )
        for element in root.iter(f"{NAMESPACE}trkpt")
    ]
    assert track == [
        ("-90", "-180", "0"),
        ("0.0000123", "-180", "-430.5"),
        ("54.1234568", "0.00001", None),
        ("1", "-180", None),
    ]


@pytest.mark.usefixtures("no_past")
async def test_gpx_of_nothing(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A range without points is a track without points."""
    answer = await history(hass, entry, format="gpx")
    assert not list(check(answer["gpx"]).iter(f"{NAMESPACE}trkpt"))

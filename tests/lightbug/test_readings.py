"""What trackers measure, how they are, and what is read beside the poll."""

import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.lightbug import Lightbug
from tests.common import add_entry, pass_time, state_of

from .conftest import POINTS, POLL, READINGS, UNIQUE_ID, stored, unique

FIRST = 2_370_001
SECOND = FIRST + 1
KEYS = (
    "temperature",
    "humidity",
    "pressure",
    "external_voltage",
    "charging_voltage",
    "light",
    "fill_distance",
)

everything = pytest.mark.usefixtures("entity_registry_enabled_by_default")


def sensor(hass: HomeAssistant, key: str, device_id: int = FIRST) -> str:
    """Return the state of a tracker's sensor."""
    return state_of(hass, "sensor", unique(device_id, key))


def measured(hass: HomeAssistant, device_id: int) -> set[str]:
    """Return which sensors of readings a tracker has."""
    registry = er.async_get(hass)
    return {
        key
        for key in KEYS
        if registry.async_get_entity_id("sensor", "lantern", unique(device_id, key))
    }


async def test_readings(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Readings are shown by those trackers that have them, and follow them."""
    assert measured(hass, FIRST) == set(KEYS)
    assert sensor(hass, "temperature") == "21.25"
    assert sensor(hass, "humidity") == "48.5"
    assert sensor(hass, "pressure") == "1018.0"
    assert sensor(hass, "external_voltage") == "12.4"
    assert sensor(hass, "charging_voltage") == "4.9"
    assert sensor(hass, "light") == "210.0"
    assert sensor(hass, "fill_distance") == "740.0"
    assert measured(hass, SECOND) == set()

    await pass_time(hass, freezer, 1)
    lightbug.add_reading(FIRST, "temp_bme", 4.5)
    lightbug.connect(FIRST)
    lightbug.add_reading(SECOND, "light", 7)
    lightbug.connect(SECOND)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "temperature") == "4.5"
    assert sensor(hass, "humidity") == "48.5"
    assert measured(hass, SECOND) == {"light"}
    assert sensor(hass, "light", SECOND) == "7.0"


@pytest.mark.parametrize(
    ("kind", "value", "key", "state"),
    [
        ("temp", -40, "temperature", "-40.0"),
        ("temp_bme", "19.5", "temperature", "19.5"),
        ("ultra", {"temp": 12.5}, "temperature", "12.5"),
        ("ultra", {"temp": 12.5, "distance": 0}, "temperature", "12.5"),
        ("ultra", {"distance": 740}, "fill_distance", "740.0"),
        ("ultra", {"distance": "74.5", "numObjects": 2}, "fill_distance", "74.5"),
        ("ultra", {"distance": 740, "numObjects": 0}, None, None),
        ("ultra", {"distance": -1}, None, None),
        ("ultra", {"distance": 10**400}, None, None),
        ("chg_voltage", 4900, "charging_voltage", "4.9"),
        ("chg_voltage", 0, "charging_voltage", "0.0"),
        ("chg_voltage", 100_001, None, None),
        ("chg_voltage", [4900], None, None),
        ("humidity_bme", 0, "humidity", "0.0"),
        ("pressure_bme", 1018.2, "pressure", "1018.2"),
        ("ext_voltage", 0, "external_voltage", "0.0"),
        ("light", 0, "light", "0.0"),
        ("temp", 300, None, None),
        ("temp", None, None, None),
        ("temp", {"temp": 20}, None, None),
        ("ultra", 20, None, None),
        ("humidity_bme", 101, None, None),
        # Millivolts or volts: nobody says, so nothing is shown.
        ("ext_voltage", 12_400, None, None),
        ("ble_seen", {"name": "Key tag"}, None, None),
        ("never_heard_of", [1, {"a": 2}], None, None),
    ],
)
async def test_reading_types(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    value: Any,
    key: str | None,
    state: str | None,
) -> None:
    """Each type is read by what it holds; what is none of ours makes no noise."""
    await pass_time(hass, freezer, 1)
    lightbug.add_reading(SECOND, kind, value)
    lightbug.connect(SECOND)
    caplog.clear()
    await pass_time(hass, freezer, POLL)
    assert measured(hass, SECOND) == ({key} if key else set())
    if key:
        assert sensor(hass, key, SECOND) == state
    assert not [
        record
        for record in caplog.records
        if record.name.startswith("custom_") and record.levelno > logging.DEBUG
    ]


@pytest.mark.parametrize(
    ("value", "state"),
    [(True, "on"), (False, "off"), (1, "on"), ("false", "off"), ({"x": 1}, None)],
)
async def test_tampered(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    value: Any,
    state: str | None,
) -> None:
    """A tracker that watches for tampering shows it, and what it says next."""
    await pass_time(hass, freezer, 1)
    lightbug.add_reading(SECOND, "tamper_detected", value)
    lightbug.connect(SECOND)
    await pass_time(hass, freezer, POLL)
    key = unique(SECOND, "tampered")
    if state is None:
        registry = er.async_get(hass)
        assert not registry.async_get_entity_id("binary_sensor", "lantern", key)
        return
    assert state_of(hass, "binary_sensor", key) == state
    await pass_time(hass, freezer, 1)
    lightbug.add_reading(SECOND, "tamper_detected", state == "off")
    lightbug.connect(SECOND)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "binary_sensor", key) == ("on" if state == "off" else "off")


async def test_two_thermometers_take_no_turns(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One type counts as long as it can be read; then the next one does.

    `temp` is the one inside the case, and too warm.
    """
    await pass_time(hass, freezer, 1)
    lightbug.add_reading(FIRST, "temp", 30)
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "temperature") == "21.25"
    lightbug.add_reading(FIRST, "temp_bme", None)
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "temperature") == "30.0"


@pytest.mark.parametrize("zero", [0, "0", 0.0])
async def test_sensor_that_is_not_ready(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    zero: Any,
) -> None:
    """All three values of the air are 0 at one time: it was not measured."""
    await pass_time(hass, freezer, 60)
    for kind in ("temp_bme", "humidity_bme", "pressure_bme"):
        lightbug.add_reading(FIRST, kind, zero)
        lightbug.add_reading(SECOND, kind, zero)
    lightbug.connect(FIRST)
    lightbug.connect(SECOND)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "temperature") == "21.25"
    assert sensor(hass, "humidity") == "48.5"
    assert sensor(hass, "pressure") == "1018.0"
    assert measured(hass, SECOND) == set()
    # Freezing air is measured.
    lightbug.add_reading(FIRST, "temp_bme", 0)
    lightbug.add_reading(FIRST, "humidity_bme", 80)
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "temperature") == "0.0"


async def test_older_reading_and_no_clock(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A reading that arrives late is not shown; one from 1970 is of its arrival."""
    await pass_time(hass, freezer, 60)
    late = lightbug.moment(-100 * 86_400)
    lightbug.add_reading(FIRST, "temp_bme", 1, timestamp=late)
    lightbug.add_reading(FIRST, "light", 5, timestamp="1970-01-01T00:01:00.000Z")
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "temperature") == "21.25"
    assert sensor(hass, "light") == "5.0"


async def test_readings_are_asked_for_after_a_connection(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Only a tracker that connected is asked; when requests are scarce, later."""
    asked = lightbug.count(READINGS)
    assert asked == len(lightbug.trackers)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(READINGS) == asked
    lightbug.set_limits(normal=100, seconds=3600)
    lightbug.normal.used = 95
    lightbug.add_reading(FIRST, "light", 5)
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(READINGS) == asked
    lightbug.set_limits(normal=2000)
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(READINGS) == asked + 1
    assert sensor(hass, "light") == "5.0"


@pytest.mark.parametrize(
    ("fault", "again"),
    [
        ({"kind": "status", "status": 500}, True),
        ({"kind": "html"}, True),
        ({"kind": "status", "status": 404, "body": "{}"}, False),
    ],
)
async def test_readings_in_trouble(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
    again: bool,
) -> None:
    """Trouble with the readings fails no poll and blocks no points.

    The last are kept; what is refused is not asked for again within the hour.
    """
    lightbug.summary_shape = "bare"
    lightbug.inject(READINGS, times=1, **fault)
    lightbug.add_reading(FIRST, "light", 5)
    read = lightbug.count(POINTS)
    lightbug.move(FIRST, 54.25, 8.5, batteryPct=50)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "battery") == "50.0"
    assert sensor(hass, "light") == "210.0"
    assert lightbug.count(POINTS) == read + 1
    lightbug.connect(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "light") == ("5.0" if again else "210.0")
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "light") == ("5.0" if again else "unknown")
    await pass_time(hass, freezer, 3600)
    assert sensor(hass, "light") == "5.0"


async def test_readings_in_trouble_for_long(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Newer readings that cannot be read for three polls are unknown, then back."""
    lightbug.inject(READINGS, "status", times=-1, status=503)
    lightbug.add_reading(FIRST, "light", 5)
    lightbug.connect(FIRST)
    for shown in ("210.0", "210.0", "unknown"):
        await pass_time(hass, freezer, POLL)
        assert sensor(hass, "light") == shown
    # A tracker without news keeps what it said.
    assert sensor(hass, "battery", SECOND) != "unknown"
    lightbug.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "light") == "5.0"


@everything
async def test_more_of_the_tracker(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Voltage, mobile signal, address, plan, and whether the place is stale."""
    lightbug.tracker(FIRST).device["expires"] = "2027-05-01T00:00:00.000Z"
    lightbug.tracker(FIRST).subscription = None
    lightbug.tracker(SECOND).subscription = {"expires": "2027-03-01T00:00:00.000Z"}
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert sensor(hass, "battery_voltage") == "3.771"
    assert sensor(hass, "gsm_signal") == "-57"
    assert sensor(hass, "address") == "45, Harbour Lane, Windhaven"
    assert sensor(hass, "plan_expires") == "2027-05-01T00:00:00+00:00"
    assert sensor(hass, "plan_expires", SECOND) == "2027-03-01T00:00:00+00:00"
    stale = unique(FIRST, "position_stale")
    assert state_of(hass, "binary_sensor", stale) == "off"

    lightbug.set_device(FIRST, batteryVoltage=None)
    lightbug.add_point(
        FIRST, sendReason=2 | 128, gsmSignal=99, address="x" * 300, speed=1
    )
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "battery_voltage") == "unknown"
    assert sensor(hass, "gsm_signal") == "unknown"
    assert state_of(hass, "binary_sensor", stale) == "on"
    await pass_time(hass, freezer, 1)
    lightbug.add_point(FIRST, sendReason=255, gsmSignal=1)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "gsm_signal") == "unknown"
    assert state_of(hass, "binary_sensor", stale) == "on"
    await pass_time(hass, freezer, 1)
    lightbug.add_point(FIRST, gsmSignal=0, address="x" * 300)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "gsm_signal") == "-113"
    assert sensor(hass, "address") == "x" * 255
    assert state_of(hass, "binary_sensor", stale) == "off"


@everything
async def test_bare_summary_keeps_the_signal(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What the bare summary does not say of the signal is no news."""
    await add_entry(hass, UNIQUE_ID, stored(lightbug))
    lightbug.summary_shape = "bare"
    lightbug.inject(POINTS, "status", status=500, times=-1)
    lightbug.add_point(FIRST)
    await pass_time(hass, freezer, POLL)
    assert sensor(hass, "gsm_signal") == "-57"

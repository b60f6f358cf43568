"""The number of the last log at LUX: missing, beyond belief, counted anew."""

from dataclasses import asdict
from datetime import timedelta
import json
import logging

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from simulator.lux import Lux
from tests.common import pass_time, settle, state_of

from .carrying import UPLOAD, hand_over, issue, mend, stored, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL

UNSENT = f"{BLUE}_unsent_logs"


@pytest.fixture(autouse=True)
async def repairs(hass: HomeAssistant) -> None:
    """Let people mend issues."""
    assert await async_setup_component(hass, "repairs", {})


@pytest.mark.parametrize("number", [10**12, 2**53, 100_000])
@pytest.mark.parametrize("before", [12, None])
async def test_number_beyond_belief(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    number: int,
    before: int | None,
) -> None:
    """A number that jumps counts no log as arrived; a repair says so until it is over."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13), treatment(14))
    lux.clear_faults()
    lux.set_device(BLUE_ID, last_log_file_id=before)
    await pass_time(hass, freezer, POLL * (before is None))
    lux.set_device(BLUE_ID, last_log_file_id=number)
    await pass_time(hass, freezer, POLL)
    assert (lux.count(UPLOAD), stored(lux)) == (0, [])
    assert state_of(hass, "sensor", UNSENT) == "2"
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "unknown"
    assert state_of(hass, "event", f"{BLUE}_treatment") != "log_received"
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "lux_number_doubted"
    assert (open_issue.translation_placeholders or {})["number"] == str(number)
    lux.set_device(BLUE_ID, last_log_file_id=12)
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13, 14]
    assert issue(hass) is None


@pytest.mark.parametrize(
    ("hours", "number", "is_believed"),
    [
        # One in half a minute since the treatment of the last log that waits, and 50.
        (1, 14 + 50 + 120, True),
        (1, 14 + 50 + 121, False),
        # A phone that brings what weeks have left.
        (3 * 7 * 24, 3000, True),
        (5 * 365 * 24, 12 + 10_000, True),
        (5 * 365 * 24, 12 + 10_001, False),
    ],
)
async def test_number_beyond_what_the_device_can_make(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    hours: int,
    number: int,
    is_believed: bool,
) -> None:
    """Waiting logs count as arrived only if the device can have come so far."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    start = dt_util.now().replace(microsecond=0) - timedelta(hours=hours, seconds=-POLL)
    logs = (treatment(13, start - timedelta(hours=1)), treatment(14, start))
    await hand_over(hass, entry, *logs)
    lux.clear_faults()
    lux.set_device(BLUE_ID, last_log_file_id=number)
    freezer.move_to(start + timedelta(hours=hours))
    await pass_time(hass, freezer, 0)
    assert lux.count(UPLOAD) == 0
    assert state_of(hass, "sensor", UNSENT) == ("0" if is_believed else "2")
    assert (issue(hass) is None) is is_believed


@pytest.mark.parametrize("number", [12 + 10_000, 12 + 10_001])
async def test_number_while_nothing_waits(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    number: int,
) -> None:
    """A phone may bring years of logs at once."""
    lux.set_device(BLUE_ID, last_log_file_id=number)
    await pass_time(hass, freezer, POLL)
    is_believed = number <= 12 + 10_000
    shown = state_of(hass, "sensor", f"{BLUE}_treatment_logs")
    assert shown == (str(number) if is_believed else "unknown")


async def test_no_number(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A device without a number sends nothing: a line after an hour, then a repair."""
    lux.set_device(BLUE_ID, last_log_file_id=None)
    await pass_time(hass, freezer, POLL)
    await hand_over(hass, entry, treatment(13))

    def lines() -> list[str]:
        return [
            record.getMessage()
            for record in caplog.records
            if record.levelno == logging.WARNING
            and "LUX does not say" in record.getMessage()
        ]

    await pass_time(hass, freezer, 3500)
    assert (lines(), issue(hass)) == ([], None)
    await pass_time(hass, freezer, 101)
    await pass_time(hass, freezer, POLL)
    assert len(lines()) == 1
    assert issue(hass) is None
    await pass_time(hass, freezer, 86_400)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_unnumbered"
    assert (open_issue.translation_placeholders or {})["device"] == "Blue mask"
    assert len(lines()) == 1
    lux.set_device(BLUE_ID, last_log_file_id=12)
    await mend(hass, "send_again")
    assert stored(lux) == [13]
    assert issue(hass) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("last_log_file_id", -1),
        ("last_log_file_id", "-1"),
        ("id", -5),
        ("id", None),
        ("real_user_id", -1),
        ("real_user_id", None),
    ],
)
async def test_odd_row_over_a_restart(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    field: str,
    value: object,
) -> None:
    """A row that lacks a number sends nothing, and spoils nothing that is kept."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13))
    lux.clear_faults()
    (row,) = (device for device in lux.devices.values() if device.id == BLUE_ID)
    row = asdict(row) | {"last_log_file_id": 20, field: value}
    lux.inject(DEVICES, "body", times=-1, body=json.dumps([row]))
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("lantern_lux_queues")
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert (lux.count(UPLOAD), issue(hass)) == (0, None)
    assert state_of(hass, "sensor", UNSENT) == "1"
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13]


async def test_send_anyway_ends_with_a_device_that_counts_anew(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What a person allowed for one row of numbers is not allowed for the next."""
    await hand_over(hass, entry, treatment(15))
    await mend(hass, "send_anyway")
    assert stored(lux) == [15]
    lux.set_device(BLUE_ID, last_log_file_id=0)
    await pass_time(hass, freezer, POLL)
    await hand_over(hass, entry, treatment(5, intensity=2))
    assert stored(lux) == [15]
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_gap"
    assert (open_issue.translation_placeholders or {})["missing"] == "1, 2, 3, 4"


async def test_clock_that_is_not_set(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log of the year 2000 is sent as it is, and is none of today's, nor a stranger's."""
    changes = []
    hass.bus.async_listen("state_changed", changes.append)
    long_ago = dt_util.now().replace(year=2000, month=1, day=1, hour=20)
    long = treatment(14, duration=255_555)
    await hand_over(hass, entry, treatment(13, long_ago), long, treatment(15))
    assert lux.logs[BLUE_ID][0].treatment_date.startswith("2000-01-01T20")
    assert lux.logs[BLUE_ID][1].treatment_time == 255_555
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{BLUE}_treatments_today") == "1"
    assert state_of(hass, "sensor", f"{BLUE}_treatment_time_today") == "20.0"
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment_duration") == "20.0"
    events = [
        change.data["new_state"].attributes
        for change in changes
        if change.data["entity_id"].startswith("event.blue")
    ]
    events = [event for event in events if event.get("event_type")]
    assert {event["event_type"] for event in events} == {"finished"}
    marks = {
        event["log_file_id"]: (event.get("clock_not_set"), event.get("backfilled"))
        for event in events
    }
    assert marks == {13: (True, True), 14: (True, None), 15: (None, None)}


@pytest.mark.parametrize("created", ["2026-11-01T00:00:00Z", "2026-11-01T00:00:00"])
async def test_start_before_the_device_was_there(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    created: str,
) -> None:
    """A start before LUX knew the device is a clock that was not set."""
    lux.set_device(BLUE_ID, created_at=created)
    freezer.move_to("2026-12-01 12:00:00+00:00")
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    await pass_time(hass, freezer, POLL)
    old = dt_util.now() - timedelta(days=40)
    await hand_over(hass, entry, treatment(13, old))
    assert stored(lux) == [13]
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment") == "unknown"
    await hand_over(hass, entry, treatment(14, old + timedelta(days=30)))
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment") != "unknown"

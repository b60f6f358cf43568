"""Hundreds of treatment logs on bad days: each arrives once, in order.

A thousand of them, in a process that is really killed: tests/e2e/test_kills.py.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
import errno
import json
from pathlib import Path
import random
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, state_of

from .carrying import UPLOAD, hand_over, issue, mend, stored, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL
from .faults import RandomFaults, failed_share

pytestmark = pytest.mark.usefixtures("quick_disk")

LOGS = 300
KILLS = 20
KILLED = 1800
FIRST = datetime(2024, 1, 1, 20, 0)


def log(number: int) -> dict[str, Any]:
    """Return the log with a number: two treatments a day."""
    return treatment(number, FIRST + timedelta(hours=12 * number), duration=number)


def disk(hass: HomeAssistant) -> list[Path]:
    """Return the files of the queue and of the treatments."""
    return list(Path(hass.config.path(".storage")).glob("lantern.lux_*"))


def logs_in(files: Mapping[Path, bytes]) -> dict[str, list[int]]:
    """Return the numbers of the first device's logs, by the file's name."""
    devices = {file.name: json.loads(text)["data"] for file, text in files.items()}
    return {
        name: [row["log_file_id"] for row in rows.get(BLUE, {"logs": []})["logs"]]
        for name, rows in devices.items()
    }


def on_disk(hass: HomeAssistant) -> set[int]:
    """Return the numbers of the logs that are safe: queued, or uploaded."""
    files = {path: path.read_bytes() for path in disk(hass)}
    return {number for rows in logs_in(files).values() for number in rows}


def whole(lux: Lux, numbers: range) -> None:
    """Assert that LUX has each log once, in order, as it was handed over."""
    logs = lux.logs[BLUE_ID]
    assert [log.log_file_id for log in logs] == list(numbers)
    assert {log.arrived for log in logs} == {1}
    for log in logs:
        number = log.log_file_id
        assert number is not None
        assert log.treatment_time == number
        wall = FIRST + timedelta(hours=12 * number)
        assert log.treatment_date == wall.isoformat()


async def calendar(hass: HomeAssistant) -> list[str]:
    """Return the local starts that the calendar has."""
    name = entity_id(hass, "calendar", f"{BLUE}_treatments")
    span = {"start_date_time": FIRST, "end_date_time": FIRST + timedelta(days=2000)}
    answer: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": name, **span},
        blocking=True,
        return_response=True,
    )
    return [event["start"][:19] for event in answer[name]["events"]]


@pytest.fixture(autouse=True)
async def repairs(hass: HomeAssistant) -> None:
    """Let people mend issues; a loop in debug mode would take half of the time."""
    hass.loop.set_debug(False)
    assert await async_setup_component(hass, "repairs", {})


async def through(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory, last: int
) -> int:
    """Let time pass, and a person press "send again", until LUX has all."""
    pressed = 0
    for _ in range(2000):
        if stored(lux)[-1:] == [last] and issue(hass) is None:
            break
        if (
            open_issue := issue(hass)
        ) is not None and open_issue.translation_key != "queue_gap":
            pressed += 1
            await mend(hass, "send_again")
        else:
            await pass_time(hass, freezer, POLL)
    return pressed


async def test_hundreds_of_logs_on_bad_days(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Three of ten uploads go wrong; LUX has every log once, in order."""
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    lux.faults = [RandomFaults()]
    for first in range(13, 13 + LOGS, 100):
        numbers = list(range(first, first + 100))
        random.Random(first).shuffle(numbers)
        taken = await hand_over(hass, entry, *map(log, numbers))
        assert taken == {"queued": 100}
        assert set(numbers) <= on_disk(hass)
    pressed = await through(hass, lux, freezer, 12 + LOGS)
    whole(lux, range(13, 13 + LOGS))
    assert failed_share(lux) > 0.25
    assert pressed == 0, "a person was asked about LUX's own faults"
    assert state_of(hass, "sensor", f"{BLUE}_unsent_logs") == "0"
    assert on_disk(hass) == set(range(13, 13 + LOGS))
    assert await calendar(hass) == [log.treatment_date for log in lux.logs[BLUE_ID]]


async def test_requests_of_a_backlog(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """1,000 logs go in twenty requests, the number read before each and after the last."""
    lux.requests.clear()
    await hand_over(hass, entry, *map(log, range(13, 1013)))
    whole(lux, range(13, 1013))
    assert [request.key for request in lux.requests] == [DEVICES, UPLOAD] * 20 + [
        DEVICES
    ]


async def test_outage_with_restarts_and_a_full_disk(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What was promised in an outage arrives; what was not promised does not."""
    await lux.stop()
    promised = []
    full = OSError(errno.ENOSPC, "No space left on device")
    for number in range(13, 53):
        if number % 10 == 3:  # restarted
            hass.data.pop("lantern_lux_queues", None)
            hass.data.pop("lantern_lux_treatments", None)
            await hass.config_entries.async_reload(entry.entry_id)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        if number % 7 == 0:
            with (
                patch("homeassistant.util.file.AtomicWriter", side_effect=full),
                pytest.raises(HomeAssistantError),
            ):
                await hand_over(hass, entry, log(number))
            assert number not in on_disk(hass)
        await hand_over(hass, entry, log(number))
        promised.append(number)
        assert set(promised) <= on_disk(hass)
    await lux.start()
    await pass_time(hass, freezer, 600)
    await through(hass, lux, freezer, 52)
    whole(lux, range(13, 53))


async def test_killed_in_mid_upload(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Stopped anywhere between two bytes, it goes on after the restart."""
    dice = random.Random(811)
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    await hass.config_entries.async_unload(entry.entry_id)
    last = 12 + KILLED
    await hand_over(hass, entry, *map(log, range(13, last + 1)))
    progress, ahead = [], []
    for _ in range(KILLS):
        await hass.config_entries.async_setup(entry.entry_id)
        upload = lux.count(UPLOAD) + dice.randrange(3)
        while lux.count(UPLOAD) < upload and stored(lux)[-1:] != [last]:
            await asyncio.sleep(0)
        for _ in range(dice.randrange(40)):
            await asyncio.sleep(0)
        files = {path: path.read_bytes() for path in disk(hass)}
        progress.append(len(stored(lux)))
        (waiting,) = (rows for log, rows in logs_in(files).items() if "queue" in log)
        ahead.append(len(waiting) + progress[-1] - KILLED)
        await hass.config_entries.async_unload(entry.entry_id)
        await settle(hass)
        # A kill leaves the disk as it was; nothing in memory outlives it.
        for path, content in files.items():
            path.write_bytes(content)
        hass.data.pop("lantern_lux_queues")
        hass.data.pop("lantern_lux_treatments")
    assert sum(0 < share < KILLED for share in progress) > KILLS / 2, (
        "nothing was killed on its way"
    )
    assert 50 in ahead, "nothing was killed between an upload and the disk"
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await through(hass, lux, freezer, last)
    whole(lux, range(13, last + 1))
    assert on_disk(hass) == set(range(13, last + 1))
    assert state_of(hass, "sensor", f"{BLUE}_unsent_logs") == "0"

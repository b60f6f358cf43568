"""The phone uploads logs of the same device at the same moment as Lantern.

A number is one log of the device, no matter who uploads it. LUX's page does not say what
becomes of a number that comes twice: it may be taken in place of the first, or be
refused with 409 `Create Device Log Failed`. Both are tried.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
import random
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator.faults import Fault
from simulator.lux import Lux
from tests.common import pass_time, state_of

from .carrying import UPLOAD, hand_over, issue, stored, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL

FIRST = datetime(2024, 1, 1, 20, 0)
UNSENT = f"{BLUE}_unsent_logs"


@dataclass(slots=True)
class Meanwhile(Fault):
    """Lets something happen when a request arrives, before it is answered."""

    kind: str = ""
    times: int = -1
    happens: Callable[[], None] = lambda: None

    @override
    def hits(self, method: str, route: str) -> bool:
        """Let it happen; the request itself goes on."""
        if Fault.hits(self, method, route):
            self.times -= self.times > 0
            self.happens()
        return False


def log(number: int) -> dict[str, Any]:
    """Return the log with a number, as Lantern is given it."""
    return treatment(number, FIRST + timedelta(days=number), duration=number)


def phone_carries(lux: Lux, number: int) -> None:
    """Let the phone upload the log with a number."""
    start = (FIRST + timedelta(days=number)).isoformat()
    lux.phone_upload(BLUE_ID, start=start, duration=number, number=number)


def counter(lux: Lux) -> int:
    """Return the number of the last log that LUX has."""
    return lux.devices[BLUE_ID].last_log_file_id


def refuse_repeats(lux: Lux) -> Fault:
    """Let LUX refuse an upload whose number it has."""

    def refuse() -> None:
        # Lantern sends what comes after the counter that it read.
        sent = lux.device_logs.reported[BLUE_ID] + 1
        lux.failing["create_log"] = int(sent <= counter(lux))

    return Meanwhile(UPLOAD, happens=refuse)


def whole(lux: Lux, last: int) -> None:
    """Assert that LUX has each number once, in order, and the right log under it."""
    assert stored(lux) == list(range(13, last + 1))
    for log in lux.logs[BLUE_ID]:
        assert log.log_file_id is not None
        assert log.treatment_time == log.log_file_id
        start = FIRST + timedelta(days=log.log_file_id)
        assert log.treatment_date == start.isoformat()


@pytest.mark.parametrize("refused", [False, True], ids=["taken", "refused"])
@pytest.mark.parametrize("count", [1, 2, 3])
async def test_phone_between_reading_and_upload(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, count: int, refused: bool
) -> None:
    """The counter is read, the phone uploads, then Lantern's upload arrives."""

    def phone() -> None:
        for number in range(13, 13 + count):
            phone_carries(lux, number)

    lux.faults.append(Meanwhile(UPLOAD, times=1, happens=phone))
    if refused:
        lux.faults.append(refuse_repeats(lux))
    await hand_over(hass, entry, log(13), log(14), log(15))
    whole(lux, 15)
    # What was on its way came twice, unless LUX refused it: then the rest goes.
    assert lux.count(UPLOAD) == (2 if refused and count < 3 else 1)
    twice = 0 if refused else count
    assert [log.arrived for log in lux.logs[BLUE_ID]] == [2] * twice + [1] * (3 - twice)
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert issue(hass) is None


async def test_phone_after_the_upload(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Both read the counter, Lantern's upload arrives, then the phone's."""
    lux.faults.append(Meanwhile(DEVICES, happens=lambda: phone_carries(lux, 13)))
    lux.faults[0].times = 0
    await hand_over(hass, entry, log(13))
    lux.faults[0].times = 1
    await hand_over(hass, entry, log(14))
    whole(lux, 14)
    assert [(log.sender, log.arrived) for log in lux.logs[BLUE_ID]] == [
        ("phone", 2),
        ("client", 1),
    ]
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "14"
    assert state_of(hass, "sensor", UNSENT) == "0"


@pytest.mark.parametrize("refused", [False, True], ids=["taken", "refused"])
@pytest.mark.usefixtures("quick_disk")
async def test_phone_at_any_moment(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    refused: bool,
) -> None:
    """Both hold the same hundred logs and carry them at once."""
    hass.loop.set_debug(False)  # it would take half of the time
    dice = random.Random(7301)
    before, between = [], []

    def phone(moments: list[int]) -> None:
        # It goes on where it believes LUX to be: there, or one behind.
        number = counter(lux) + dice.choice([0, 1, 1, 1])
        if dice.random() < 0.5 and 13 <= number <= 112:
            phone_carries(lux, number)
            moments.append(number)

    lux.faults = [
        Meanwhile(DEVICES, happens=lambda: phone(before)),
        Meanwhile(UPLOAD, happens=lambda: phone(between)),
    ]
    if refused:
        lux.faults.append(refuse_repeats(lux))
    number = 13
    while number <= 112:
        count = dice.randint(1, 4)
        batch = [log for log in range(number, number + count) if counter(lux) < log]
        number += count
        if batch := [log for log in batch if log <= 112]:
            await hand_over(hass, entry, *map(log, batch))
    lux.faults.clear()
    await pass_time(hass, freezer, POLL)
    whole(lux, 112)
    assert min(len(before), len(between)) > 10
    assert {log.sender for log in lux.logs[BLUE_ID]} == {"phone", "client"}
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert issue(hass) is None

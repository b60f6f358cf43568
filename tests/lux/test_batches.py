"""Logs that follow each other go in one request; each arrives once all the same."""

from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from simulator.lux import Lux
from tests.common import pass_time, state_of

from .carrying import UPLOAD, hand_over, issue, mend, stored, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, PLAIN, POLL

pytestmark = pytest.mark.usefixtures("quick_disk")

FIRST = datetime(2025, 1, 1, 20, 0)
UNSENT = f"{BLUE}_unsent_logs"


@pytest.fixture(autouse=True)
async def repairs(hass: HomeAssistant) -> None:
    """Let people mend issues."""
    assert await async_setup_component(hass, "repairs", {})


def logs(first: int, last: int) -> list[dict[str, Any]]:
    """Return logs with consecutive numbers, one a day."""
    return [
        treatment(number, FIRST + timedelta(days=number), duration=number)
        for number in range(first, last + 1)
    ]


def sent(lux: Lux) -> list[list[int | None]]:
    """Return the numbers of the logs in each upload."""
    bodies = [
        request.json["log_arrays"] for request in lux.requests if request.key == UPLOAD
    ]
    return [[item.get("log_file_id") for item in body] for body in bodies]


def once(lux: Lux, last: int) -> None:
    """Assert that LUX has each log once, in order."""
    assert stored(lux) == list(range(13, last + 1))
    assert {log.arrived for log in lux.logs[BLUE_ID]} == {1}


async def test_most_in_one_request(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Fifty logs go together, and no log over a missing number."""
    numbers = [*logs(13, 64), *logs(66, 67), *logs(69, 69)]
    await hand_over(hass, entry, *numbers)
    assert sent(lux) == [list(range(13, 63)), [63, 64]]
    once(lux, 64)
    await mend(hass, "send_anyway")
    assert sent(lux)[2:] == [[66, 67], [69]]


async def test_devices_and_temporary_logs_go_apart(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A request holds logs of one device; a temporary log comes alone, and last."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    now = treatment(start=dt_util.now() - timedelta(minutes=5))
    await hand_over(hass, entry, *logs(13, 15), now, *logs(16, 17))
    await hand_over(hass, entry, *logs(4, 5), device_id=PLAIN)
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert sent(lux) == [[13, 14, 15, 16, 17], [None], [4, 5]]
    assert lux.violations == []
    assert (stored(lux, BLUE_ID + 1), state_of(hass, "sensor", UNSENT)) == ([4, 5], "0")


async def test_refusal_finds_its_log(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Logs that were refused together go one by one; the refused one blocks."""
    lux.refuse_log(16)
    await hand_over(hass, entry, *logs(13, 20))
    assert sent(lux) == [list(range(13, 21)), [13], [14], [15], [16]]
    once(lux, 15)
    assert state_of(hass, "sensor", UNSENT) == "5"
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_blocked"
    lux.refuse_log(16, refused=False)
    await mend(hass, "send_again")
    once(lux, 20)
    assert issue(hass) is None


async def test_together_again_after_a_refusal(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """What comes after logs that were refused together goes together."""
    lux.fail("create_log")
    await hand_over(hass, entry, *logs(13, 80))
    assert sent(lux)[0] == list(range(13, 63))
    assert sent(lux)[1:51] == [[number] for number in range(13, 63)]
    assert sent(lux)[51:] == [list(range(63, 81))]
    once(lux, 80)


@pytest.mark.parametrize("count", [0, 1, 5, 8])
@pytest.mark.parametrize("is_lost", [False, True])
async def test_stored_in_part(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    count: int,
    is_lost: bool,
) -> None:
    """Whatever LUX stored before it broke down is not sent again."""
    lux.store_partly(count)
    if is_lost:
        lux.inject(UPLOAD, "lost")
    await hand_over(hass, entry, *logs(13, 20))
    assert stored(lux) == list(range(13, 13 + count))
    await pass_time(hass, freezer, 31)
    once(lux, 20)
    assert sent(lux)[1:] == [[number] for number in range(13 + count, 21)]
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "20"


@pytest.mark.parametrize("count", [0, 1, 7])
async def test_success_that_is_none(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    count: int,
) -> None:
    """Logs that LUX lacks after it said that it has them wait, and go one by one."""
    lux.store_partly(count, is_hidden=True)
    await hand_over(hass, entry, *logs(13, 20))
    assert stored(lux) == list(range(13, 13 + count))
    assert state_of(hass, "sensor", UNSENT) == str(8 - count)
    await pass_time(hass, freezer, 31)
    once(lux, 20)
    assert sent(lux)[1:] == [[number] for number in range(13 + count, 21)]
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert lux.violations == []


@pytest.mark.parametrize("times", [1, 3])
async def test_success_of_one_log_that_is_none(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    times: int,
) -> None:
    """A log that LUX lacks after it said that it has it waits, and goes again."""
    for failed in range(times):
        lux.store_partly(0, is_hidden=True)
        if failed:
            await pass_time(hass, freezer, 31 * 2 ** (failed - 1))
        else:
            await hand_over(hass, entry, *logs(13, 13))
        assert (stored(lux), state_of(hass, "sensor", UNSENT)) == ([], "1")
        assert lux.count(UPLOAD) == failed + 1
    await pass_time(hass, freezer, 31 * 2 ** (times - 1))
    once(lux, 13)
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert state_of(hass, "sensor", f"{BLUE}_treatments_today") == "0"
    assert lux.count(UPLOAD) == times + 1
    assert lux.violations == []


async def test_too_much_for_the_service(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A service that breaks down over many logs gets them one by one."""
    lux.inject(UPLOAD, "status", status=500)
    await hand_over(hass, entry, *logs(13, 20))
    assert stored(lux) == []
    await pass_time(hass, freezer, 31)
    assert sent(lux) == [list(range(13, 21)), *([number] for number in range(13, 21))]
    once(lux, 20)


async def test_counter_that_jumps_meanwhile(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Logs that the phone brought in during an outage are not sent."""
    lux.inject(UPLOAD, "status", status=500)
    await hand_over(hass, entry, *logs(13, 20))
    lux.phone_upload(BLUE_ID, 5)
    await pass_time(hass, freezer, 31)
    assert [log.sender for log in lux.logs[BLUE_ID]] == ["phone"] * 5 + ["client"] * 3
    once(lux, 20)

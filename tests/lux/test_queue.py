"""A treatment log that was taken over reaches LUX once, whatever happens."""

from datetime import timedelta
import errno
import logging
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

from atomicwrites import AtomicWriter
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, state_of

from .carrying import UPLOAD, hand_over, issue, mend, refuse, stored, treatment
from .conftest import ACCOUNT, BLUE, BLUE_ID, DEVICES, PLAIN, POLL, REFRESH, signed_in

UNSENT = f"{BLUE}_unsent_logs"


@pytest.fixture(autouse=True)
async def repairs(hass: HomeAssistant) -> None:
    """Let people mend issues."""
    assert await async_setup_component(hass, "repairs", {})


def files(hass: HomeAssistant, names: str = "lantern.lux_queue.*") -> list[Path]:
    """Return the files of the queue, or others."""
    return list(Path(hass.config.path(".storage")).glob(names))


async def test_completed_logs(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Logs go in the order of their numbers, each with its true local start."""
    await hass.config.async_set_time_zone("Asia/Seoul")
    start = dt_util.now() - timedelta(hours=5)
    logs = [treatment(14, start + timedelta(hours=1)), treatment(13, start)]
    assert await hand_over(hass, entry, *logs) == {"queued": 2}
    assert stored(lux) == [13, 14]
    wall = start.replace(tzinfo=None, microsecond=0).isoformat()
    assert lux.logs[BLUE_ID][0].treatment_date == wall
    assert lux.logs[BLUE_ID][0].finish_flag == 1
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "14"


async def test_temporary_log(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """LUX subtracts 30 s from a temporary log: the true start remains, each time."""
    start = dt_util.now() - timedelta(minutes=5)
    wall = start.replace(tzinfo=None, microsecond=0).isoformat()
    await hand_over(hass, entry, treatment(start=start, duration=30))
    assert [log.treatment_date for log in lux.logs[BLUE_ID]] == [wall]
    await hand_over(hass, entry, treatment(start=start, duration=240))
    assert [log.treatment_date for log in lux.logs[BLUE_ID]] == [wall]
    assert lux.logs[BLUE_ID][0].treatment_time == 240
    await hand_over(hass, entry, treatment(13, start, duration=300))
    assert [log.treatment_date for log in lux.logs[BLUE_ID]] == [wall]
    assert stored(lux) == [13]


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"log_file_id": 12}, "already_stored"),
        ({"start": "2099-01-01 10:00:00"}, "start_in_future"),
    ],
)
async def test_refused_by_the_action(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, wrong: dict[str, Any], key: str
) -> None:
    """One wrong log, and none of the call is taken; the caller is told why."""
    with pytest.raises(ServiceValidationError) as caught:
        await hand_over(hass, entry, treatment(13), treatment(14) | wrong)
    assert caught.value.translation_key == key
    assert stored(lux) == []
    assert state_of(hass, "sensor", UNSENT) == "0"


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": -1},
        {"duration": 10**10},
        {"duration": {"days": 10**12}},
        {"duration": {"minutes": "x"}},
        {"duration": True},
        {"intensity": -1},
        {"intensity": 10**19},
        {"start": "0001-01-01 00:00:00"},
        {"ending": None},
        {"ending": "asleep"},
        {"log_file_id": 0},
        {"log_file_id": 9223372036854775908},
        {"more": 1},
    ],
)
async def test_schema(
    hass: HomeAssistant, entry: ConfigEntry, wrong: dict[str, Any]
) -> None:
    """What is no log is refused."""
    with pytest.raises(vol.Invalid):
        await hand_over(hass, entry, treatment(13) | wrong)


async def test_duration_of_a_form(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A form gives hours, minutes and seconds."""
    form = {"hours": 1, "minutes": 2, "seconds": 3}
    await hand_over(hass, entry, treatment(13, duration=form))
    assert [log.treatment_time for log in lux.logs[BLUE_ID]] == [3723]


@pytest.mark.parametrize("duration", [0, 1, 86_401, 255_555, 500_000])
async def test_odd_durations(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, duration: int
) -> None:
    """LUX's own samples are taken, and 0: contacts that failed at once."""
    await hand_over(hass, entry, treatment(13, duration=duration), treatment(14))
    assert [log.treatment_time for log in lux.logs[BLUE_ID]] == [duration, 1200]
    calendar = entity_id(hass, "calendar", f"{BLUE}_treatments")
    span = {"start_date_time": "2020-01-01 00:00:00", "duration": {"days": 5000}}
    answer: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": calendar, **span},
        blocking=True,
        return_response=True,
    )
    events = answer[calendar]["events"]
    assert events
    assert all(event["start"] < event["end"] for event in events)


@pytest.mark.parametrize(("seconds", "is_taken"), [(299, True), (301, False)])
async def test_clock_a_little_ahead(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, seconds: int, is_taken: bool
) -> None:
    """A device's clock may be up to five minutes ahead of Home Assistant's."""
    log = treatment(13, dt_util.now() + timedelta(seconds=seconds))
    if is_taken:
        await hand_over(hass, entry, log)
    else:
        with pytest.raises(ServiceValidationError):
            await hand_over(hass, entry, log)
    assert stored(lux) == [13] * is_taken


@pytest.mark.usefixtures("quick_disk")
async def test_many_logs_in_one_call(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """2,000 logs are taken in any order, fast; more are refused."""
    hass.loop.set_debug(False)
    lux.inject(DEVICES, "reset", times=-1)
    start = dt_util.now() - timedelta(days=900)
    numbers = list(range(2100, 100, -1))
    logs = [treatment(number, start + timedelta(hours=number)) for number in numbers]
    began = perf_counter()
    with patch("homeassistant.util.file.AtomicWriter", wraps=AtomicWriter) as written:
        assert await hand_over(hass, entry, *logs) == {"queued": 2000}
        assert await hand_over(hass, entry, *logs) == {"queued": 2000}
    assert written.call_count < 20
    assert state_of(hass, "sensor", UNSENT) == "2000"
    assert perf_counter() - began < 20
    with pytest.raises(vol.Invalid):
        await hand_over(hass, entry, *logs, treatment(3000))


async def test_huge_number_in_the_file(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A number that an earlier version took bricks nothing: it is missing ones."""
    await hand_over(hass, entry, treatment(15))
    (file,) = files(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("lantern_lux_queues")
    huge = str(2**53)
    file.write_text(file.read_text().replace('_id":15,', f'_id":{huge},'))
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    open_issue = issue(hass)
    assert open_issue is not None
    assert huge[:-1] in (open_issue.translation_placeholders or {})["missing"]


async def test_half_completed_log(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Ending and number come together or not at all."""
    for name in ("ending", "log_file_id"):
        log = treatment(13)
        del log[name]
        with pytest.raises(vol.Invalid):
            await hand_over(hass, entry, log)


async def test_not_a_device(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """The account takes no logs."""
    with pytest.raises(ServiceValidationError) as caught:
        await hand_over(hass, entry, treatment(13), device_id=ACCOUNT)
    assert caught.value.translation_key == "not_a_treatment_device"


async def test_told_twice(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A waiting log that is uploaded again is accepted; another is refused."""
    lux.inject(DEVICES, "reset", times=-1)
    log = treatment(13)
    await hand_over(hass, entry, log)
    assert await hand_over(hass, entry, log) == {"queued": 1}
    assert state_of(hass, "sensor", UNSENT) == "1"
    with pytest.raises(ServiceValidationError) as caught:
        await hand_over(hass, entry, log | {"duration": 5})
    assert caught.value.translation_key == "already_queued"
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13]


async def test_full_disk(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What is not on disk is not promised, and not sent."""
    full = OSError(errno.ENOSPC, "No space left on device")
    with (
        patch("homeassistant.util.file.AtomicWriter", side_effect=full),
        pytest.raises(HomeAssistantError) as caught,
    ):
        await hand_over(hass, entry, treatment(13))
    assert caught.value.translation_key == "not_saved"
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == []
    assert await hand_over(hass, entry, treatment(13)) == {"queued": 1}
    assert stored(lux) == [13]


async def test_disk_fills_while_sending(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log that LUX has, but that could not be saved, stays and goes once."""
    lux.inject(DEVICES, "status", status=500)
    await hand_over(hass, entry, treatment(13))
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=full):
        await pass_time(hass, freezer, 31)
        assert stored(lux) == [13]
        assert state_of(hass, "sensor", UNSENT) == "1"
    await pass_time(hass, freezer, 61)
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert lux.count(UPLOAD) == 1


async def test_counter_that_could_not_be_kept(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """With a full disk, nothing is sent on an old counter."""
    lux.inject(DEVICES, "status", status=500)
    await hand_over(hass, entry, treatment(13), treatment(14))
    lux.phone_upload(BLUE_ID)
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=full):
        await pass_time(hass, freezer, 31)
        assert lux.count(UPLOAD) == 0
    await pass_time(hass, freezer, POLL)
    assert [log.sender for log in lux.logs[BLUE_ID]] == ["phone", "client"]
    assert lux.count(UPLOAD) == 1


async def test_private_file(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """Nobody else reads the queue's file, and its name tells nothing."""
    await hand_over(hass, entry, treatment(13))
    (file,) = files(hass)
    assert file.stat().st_mode & 0o077 == 0
    assert "4107" not in file.name


# --- what goes wrong on the way ---


@pytest.mark.parametrize("kind", ["lost", "reset", "html", "truncated", "empty"])
async def test_lost_answer(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    kind: str,
) -> None:
    """What became of an upload is read from the counter; no log comes twice."""
    lux.inject(UPLOAD, kind)
    await hand_over(hass, entry, treatment(13), treatment(14))
    await pass_time(hass, freezer, 31)
    assert stored(lux) == [13, 14]
    assert {log.arrived for log in lux.logs[BLUE_ID]} == {1}
    assert state_of(hass, "sensor", UNSENT) == "0"


async def test_back_off(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A service that is down is asked ever more rarely."""
    lux.inject(UPLOAD, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13))
    tries = []
    for _ in range(10):
        await pass_time(hass, freezer, 30)
        tries.append(lux.count(UPLOAD))
    assert tries == [2, 2, 3, 3, 3, 3, 4, 4, 4, 4]
    lux.clear_faults()
    await pass_time(hass, freezer, 240)
    assert stored(lux) == [13]


async def test_one_device_does_not_hold_another(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A refused log blocks its own device alone."""
    refuse(lux)
    await hand_over(hass, entry, treatment(13))
    await hand_over(hass, entry, treatment(4), device_id=PLAIN)
    assert stored(lux) == []
    assert stored(lux, BLUE_ID + 1) == [4]


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 500}, {"kind": "html"}, {"kind": "reset"}]
)
async def test_failed_upload_does_not_hold_another_device(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
) -> None:
    """An upload that fails again and again leaves the other devices their turn."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13))
    await hand_over(hass, entry, treatment(4), device_id=PLAIN)
    lux.clear_faults()
    lux.inject(UPLOAD, times=-1, **fault)
    await pass_time(hass, freezer, POLL)
    tried = [request.json for request in lux.requests if request.key == UPLOAD]
    assert [body["log_arrays"][0]["log_file_id"] for body in tried[:2]] == [13, 4]


async def test_outage_and_restart(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Logs are taken while set-up is retried, and wait on disk."""
    await lux.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert await hand_over(hass, entry, treatment(13)) == {"queued": 1}
    # As after a restart: nothing is remembered but what is on disk.
    hass.data.pop("lantern_lux_queues")
    with pytest.raises(ServiceValidationError) as caught:
        await hand_over(hass, entry, treatment(12))
    assert caught.value.translation_key == "already_stored"
    assert await hand_over(hass, entry, treatment(14)) == {"queued": 1}
    await lux.start()
    await pass_time(hass, freezer, 600)
    assert entry.state is ConfigEntryState.LOADED
    await settle(hass)
    assert stored(lux) == [13, 14]
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment_ending") == "normal"


async def test_taken_without_a_session(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A session that ended asks for a person; the logs wait for them."""
    lux.phone_sign_in()
    lux.expire_tokens()
    assert await hand_over(hass, entry, treatment(13)) == {"queued": 1}
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == ["reauth"]
    assert lux.count(REFRESH) == 1
    await hass.config_entries.async_unload(entry.entry_id)
    assert await hand_over(hass, entry, treatment(14)) == {"queued": 1}
    assert stored(lux) == []


async def test_taken_while_disabled(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A person who switched the entry off loses nothing; it goes when it is on."""
    disabled = ConfigEntryDisabler.USER
    await hass.config_entries.async_set_disabled_by(entry.entry_id, disabled)
    assert await hand_over(hass, entry, treatment(13)) == {"queued": 1}
    assert stored(lux) == []
    await hass.config_entries.async_set_disabled_by(entry.entry_id, None)
    await settle(hass)
    assert stored(lux) == [13]


async def test_phone_beside(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What the phone carried meanwhile is not carried again."""
    lux.inject(UPLOAD, "reset")
    await hand_over(hass, entry, treatment(13), treatment(14), treatment(15))
    lux.phone_upload(BLUE_ID, 2)
    await pass_time(hass, freezer, 31)
    assert stored(lux) == [13, 14, 15]
    assert [log.sender for log in lux.logs[BLUE_ID]] == ["phone", "phone", "client"]


# --- what waits for a person ---


async def test_gap(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log beyond the next number waits; the missing ones are named."""
    await hand_over(hass, entry, treatment(15))
    assert stored(lux) == []
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_gap"
    assert (open_issue.translation_placeholders or {})["missing"] == "13, 14"
    await hand_over(hass, entry, treatment(13))
    assert stored(lux) == [13]
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13, 14, 15]
    assert issue(hass) is None


async def test_gap_is_sent_anyway(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A person who knows better lets the logs go."""
    now = treatment(start=dt_util.now() - timedelta(minutes=5))
    await hand_over(hass, entry, treatment(15), treatment(17), now)
    assert stored(lux) == [None]
    await mend(hass, "send_anyway")
    assert stored(lux) == [15, 17]
    assert issue(hass) is None
    await hand_over(hass, entry, treatment(19))
    assert issue(hass) is not None


async def test_blocked(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A refused log blocks its device; nothing is sent until a person decides."""
    refuse(lux, times=2)
    await hand_over(hass, entry, treatment(13), treatment(14))
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_blocked"
    texts = open_issue.translation_placeholders or {}
    assert (texts["code"], texts["words"]) == ("409", "Not Connected Device")
    assert texts["device"] == "Blue mask"
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == []
    assert state_of(hass, "sensor", UNSENT) == "2"
    await mend(hass, "send_again")
    assert stored(lux) == [13, 14]
    assert issue(hass) is None


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (409, "Create Device Log Failed"),
        (409, "Update Device Log Failed"),
        (404, "Resource not found"),
        (404, "<html>"),
        (403, ""),
        (408, ""),
        (409, "Try later"),
        (421, ""),
        (425, ""),
        (500, "Internal server error. Please try again later."),
    ],
)
async def test_fault_of_the_service(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    status: int,
    detail: str,
) -> None:
    """What is no word about a log is tried again, and a repair only after a day."""
    body = f'{{"detail": "{detail}"}}'
    lux.inject(UPLOAD, "status", times=-1, status=status, body=body)
    await hand_over(hass, entry, treatment(13), treatment(14))
    await hand_over(hass, entry, treatment(4), device_id=PLAIN)
    await pass_time(hass, freezer, 80_000)
    assert issue(hass) is None
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert (stored(lux), stored(lux, BLUE_ID + 1)) == ([13, 14], [4])


async def test_fault_of_the_service_for_a_day(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After a day, a repair names the device and LUX's words."""
    lux.fail("create_log", 10_000)
    await hand_over(hass, entry, treatment(13))
    # One device's trouble holds no other.
    await pass_time(hass, freezer, 86_401)
    await pass_time(hass, freezer, POLL)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_stuck"
    texts = open_issue.translation_placeholders or {}
    assert texts["device"] == "Blue mask"
    assert texts["words"] == "Create Device Log Failed"


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (401, "Not authorized user"),
        (404, "Not Found Device"),
        (404, "not found user"),
        (409, "Not Connected Device"),
        (422, ""),
    ],
)
async def test_refused_for_good(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, status: int, detail: str
) -> None:
    """Only what LUX says of the log itself asks a person, at once."""
    body = f'{{"detail": "{detail}"}}'
    lux.inject(UPLOAD, "status", times=2, status=status, body=body)
    await hand_over(hass, entry, treatment(13))
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_blocked"
    lux.clear_faults()
    await mend(hass, "send_again")
    assert stored(lux) == [13]


async def test_blocked_is_deleted(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """Deleting takes the refused log alone; the next one has a gap before it."""
    refuse(lux, times=2)
    await hand_over(hass, entry, treatment(13), treatment(14))
    await mend(hass, "delete")
    assert state_of(hass, "sensor", UNSENT) == "1"
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_gap"
    await mend(hass, "delete")
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert issue(hass) is None
    assert stored(lux) == []
    # Home Assistant warns of what will stop working.
    assert "Detected that custom integration" not in caplog.text


async def test_blocked_until_the_phone_did_it(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A refused log that the phone brought in blocks no more."""
    refuse(lux, times=2)
    await hand_over(hass, entry, treatment(13), treatment(14))
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13, 14]
    assert issue(hass) is None


async def test_stuck(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After a day without success, a person is asked to look."""
    lux.inject(UPLOAD, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13))
    await pass_time(hass, freezer, 80_000)
    assert issue(hass) is None
    await pass_time(hass, freezer, 7_000)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_stuck"
    lux.clear_faults()
    await mend(hass, "send_again")
    assert stored(lux) == [13]
    assert issue(hass) is None


async def test_stuck_while_signed_out(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody signs in, and nothing is polled: it is said all the same, when due."""
    lux.phone_sign_in()
    lux.expire_tokens()
    await pass_time(hass, freezer, POLL)
    await hand_over(hass, entry, treatment(13))
    await pass_time(hass, freezer, 3600)
    await hand_over(hass, entry, treatment(14))
    lux.requests.clear()
    await pass_time(hass, freezer, 86_400 - 3601)
    assert issue(hass) is None
    await pass_time(hass, freezer, 2)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_stuck"
    assert lux.requests == []


@pytest.mark.parametrize("away", ["outage", "signed out"])
async def test_stuck_after_a_restart(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    away: str,
) -> None:
    """An account that cannot be set up says what is stuck, when it is due."""
    if away == "outage":
        await lux.stop()
    else:
        lux.phone_sign_in()
        lux.expire_tokens()
    await hand_over(hass, entry, treatment(13))
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("lantern_lux_queues")
    await pass_time(hass, freezer, 3600)
    await hass.config_entries.async_setup(entry.entry_id)
    await pass_time(hass, freezer, 86_400 - 3601)
    assert entry.state is not ConfigEntryState.LOADED
    assert issue(hass) is None
    await pass_time(hass, freezer, 2)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_stuck"


async def test_not_stuck_once_unloaded(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Who switches the account off is not asked about it."""
    lux.inject(UPLOAD, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13))
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, 90_000)
    assert issue(hass) is None


async def test_issues_tell_nothing_of_people(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """No issue holds a serial or the account's number; it names the device."""
    await hand_over(hass, entry, treatment(15))
    open_issue = issue(hass)
    assert open_issue is not None
    texts = open_issue.translation_placeholders or {}
    assert texts["device"] == "Blue mask"
    shown = f"{open_issue.issue_id} {open_issue.data} {texts}"
    for text in ("lux-unit", "SL2099", "4107", "parent@", "Norrowick"):
        assert text not in shown
    assert "Blue" not in f"{open_issue.issue_id} {open_issue.data}"


async def test_logs_tell_nothing_of_people(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever goes wrong, Lantern's own lines hold no serial, name or treatment."""
    caplog.set_level(logging.DEBUG)
    for kind in ("lost", "html", "reset"):
        lux.inject(UPLOAD, kind)
    refuse(lux)
    start = dt_util.now() - timedelta(hours=3)
    await hand_over(hass, entry, treatment(13, start), treatment(14))
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    own = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    log = "\n".join(record.getMessage() for record in own)
    assert log
    wall = start.strftime("%H:%M:%S")
    for text in ("lux-unit", "SL2099", "Blue", "7301", "Norrowick", wall):
        assert text not in log


async def test_removal_keeps_what_waits(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Logs outlive their entry; the same account picks them up again."""
    await hand_over(hass, entry, treatment(15))
    hass.config_entries.async_update_entry(entry, title="[Ann](http://x)")
    await hass.config_entries.async_remove(entry.entry_id)
    open_issue = issue(hass)
    assert open_issue is not None
    assert (open_issue.translation_key, open_issue.is_persistent) == (
        "queue_left",
        True,
    )
    texts = open_issue.translation_placeholders
    assert texts == {"account": r"\[Ann\](http\://x)", "count": "1"}
    hass.data.pop("lantern_lux_queues")
    lux.phone_upload(BLUE_ID, 2)
    await signed_in(hass, lux)
    assert stored(lux) == [13, 14, 15]
    assert issue(hass) is None


async def test_left_behind_and_deleted(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A person can delete what was left."""
    await hand_over(hass, entry, treatment(15))
    await hass.config_entries.async_remove(entry.entry_id)
    await mend(hass, "delete")
    assert files(hass) == []
    assert issue(hass) is None


async def test_left_behind_and_closed_without_a_deed(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Home Assistant closes the repair itself if Lantern is not loaded: it comes back."""
    await hand_over(hass, entry, treatment(15))
    await hass.config_entries.async_remove(entry.entry_id)
    open_issue = issue(hass)
    assert open_issue is not None
    ir.async_delete_issue(hass, DOMAIN, open_issue.issue_id)
    hass.data.pop("lantern_lux_queues")
    hass.config.components.remove(DOMAIN)
    assert await async_setup_component(hass, DOMAIN, {})
    await mend(hass, "delete")
    assert files(hass) == []
    assert issue(hass) is None


@pytest.mark.parametrize("kind", ["queue_gap", "queue_blocked", "queue_left"])
async def test_opening_a_repair_changes_nothing(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    hass_client: ClientSessionGenerator,
    kind: str,
) -> None:
    """Home Assistant's dialog opens with an input; nobody has clicked anything yet."""
    if kind == "queue_blocked":
        refuse(lux)
    await hand_over(hass, entry, treatment(13 if kind == "queue_blocked" else 15))
    if kind == "queue_left":
        await hass.config_entries.async_remove(entry.entry_id)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == kind
    before = files(hass)[0].read_text()
    client = await hass_client()
    path = "/api/repairs/issues/fix"
    answer = await client.post(
        path, json={"handler": "lantern", "issue_id": open_issue.issue_id}
    )
    shown = await answer.json()
    step = {"queue_left": ("form", "confirm")}.get(kind, ("menu", "init"))
    assert (shown["type"], shown["step_id"]) == step
    assert files(hass)[0].read_text() == before
    assert issue(hass) == open_issue
    path = f"{path}/{shown['flow_id']}"
    if kind != "queue_left":
        shown = await (await client.post(path, json={"next_step_id": "delete"})).json()
        assert (shown["type"], shown["step_id"]) == ("form", "delete")
        assert files(hass)[0].read_text() == before
    done = await (await client.post(path, json={})).json()
    assert done["type"] == "create_entry"
    assert all('"logs":[]' in file.read_text() for file in files(hass))
    assert issue(hass) is None


@pytest.mark.parametrize("removed", [False, True])
async def test_only_what_was_shown_is_deleted(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, removed: bool
) -> None:
    """A log that comes while the dialog is open is not deleted with the others."""
    await hand_over(hass, entry, treatment(15), treatment(17))
    if removed:
        await hass.config_entries.async_remove(entry.entry_id)
    open_issue = issue(hass)
    assert open_issue is not None
    flows = hass.data["repairs"]["flow_manager"]
    context = {"issue_id": open_issue.issue_id}
    flow_id = (await flows.async_init("lantern", context=context))["flow_id"]
    if removed:
        entry = await signed_in(hass, lux)
    else:
        await flows.async_configure(flow_id, {"next_step_id": "delete"})
    await hand_over(hass, entry, treatment(16))
    await flows.async_configure(flow_id, {})
    await settle(hass)
    lux.phone_upload(BLUE_ID, 3)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    sent = [(log.log_file_id, log.sender) for log in lux.logs[BLUE_ID]]
    assert sent == [(13, "phone"), (14, "phone"), (15, "phone"), (16, "client")]
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert issue(hass) is None


async def test_nothing_is_left(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Without waiting logs, removal leaves no file."""
    await hand_over(hass, entry, treatment(13))
    await settle(hass)
    assert len(files(hass, "lantern.lux*")) == 2
    await hass.config_entries.async_remove(entry.entry_id)
    assert files(hass, "lantern.lux*") == []
    assert issue(hass) is None


async def test_file_of_a_later_version(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """What a later Lantern wrote is neither read nor spoilt."""
    (file,) = files(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("lantern_lux_queues")
    file.write_text('{"version": 2}')
    assert not await hass.config_entries.async_setup(entry.entry_id)
    with pytest.raises(HomeAssistantError):
        await hand_over(hass, entry, treatment(13))
    assert file.read_text() == '{"version": 2}'

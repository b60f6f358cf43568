"""A temporary log is sent while it is the newest thing known of its device."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from simulator.lux import Lux
from tests.common import pass_time, settle, state_of

from .carrying import UPLOAD, hand_over, issue, refuse, stored, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL
from .test_queue import files

UNSENT = f"{BLUE}_unsent_logs"
ENDING = f"{BLUE}_last_treatment_ending"


async def back(hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory) -> None:
    """Let LUX answer again."""
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    await settle(hass)


@pytest.mark.parametrize("stale", ["phone", "late", "completed"])
async def test_stale_log_is_dropped(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    stale: str,
) -> None:
    """The phone completed it, it is too late, or its completed log waits, too."""
    lux.access_lifetime = lux.refresh_lifetime = 10**9
    lux.inject(DEVICES, "status", times=-1, status=500)
    start = dt_util.now() - timedelta(minutes=5)
    await hand_over(hass, entry, treatment(start=start))
    if stale == "phone":
        lux.phone_upload(BLUE_ID)
    elif stale == "late":
        await pass_time(hass, freezer, 5 * 86_400)
    else:
        await hand_over(hass, entry, treatment(13, start))
    await back(hass, lux, freezer)
    assert [log.temporary for log in lux.logs.get(BLUE_ID, [])] == (
        [] if stale == "late" else [False]
    )
    assert state_of(hass, "sensor", UNSENT) == "0"
    ending = "normal" if stale == "completed" else "unknown"
    assert state_of(hass, "sensor", ENDING) == ending


async def test_restored_backup(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A queue from a backup sends no temporary log of a treatment that is over."""
    start = dt_util.now() - timedelta(minutes=5)
    lux.inject(DEVICES, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(start=start))
    (file,) = files(hass)
    backup = file.read_text()
    lux.clear_faults()
    await hand_over(hass, entry, treatment(13, start))
    assert stored(lux) == [13]
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("lantern_lux_queues")
    file.write_text(backup)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert stored(lux) == [13]
    assert state_of(hass, "sensor", UNSENT) == "0"


async def test_own_logs_before_it(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Growth by Lantern's own older logs leaves the temporary one what it is."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    now = dt_util.now()
    await hand_over(hass, entry, treatment(start=now - timedelta(minutes=5)))
    older = treatment(13, now - timedelta(hours=5))
    await hand_over(hass, entry, older, treatment(14, now - timedelta(hours=3)))
    await back(hass, lux, freezer)
    assert stored(lux) == [13, 14, None]
    assert state_of(hass, "binary_sensor", f"{BLUE}_treatment_in_progress") == "on"


@pytest.mark.parametrize("status", [404, 422])
async def test_refused(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, status: int
) -> None:
    """A refused temporary log is dropped, and holds nothing that comes after it."""
    refuse(lux, status, "Not Found Device")
    start = dt_util.now() - timedelta(minutes=5)
    await hand_over(hass, entry, treatment(start=start))
    assert (state_of(hass, "sensor", UNSENT), issue(hass)) == ("0", None)
    await hand_over(hass, entry, treatment(13, start))
    assert stored(lux) == [13]


async def test_only_the_newest_waits(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A later temporary log takes the place of the one before."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    start = dt_util.now() - timedelta(minutes=20)
    for duration in (30, 600, 900):
        await hand_over(hass, entry, treatment(start=start, duration=duration))
    assert state_of(hass, "sensor", UNSENT) == "1"
    await back(hass, lux, freezer)
    assert lux.count(UPLOAD) == 1
    assert lux.logs[BLUE_ID][0].treatment_time == 900


async def test_ending_is_not_in_progress_for_ever(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """After 12 hours nobody knows how it ended, nor how long it took."""
    await hand_over(hass, entry, treatment(start=dt_util.now() - timedelta(minutes=5)))
    assert state_of(hass, "sensor", ENDING) == "in_progress"
    await pass_time(hass, freezer, 12 * 3600)
    assert state_of(hass, "sensor", ENDING) == "unknown"
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment_duration") == "unknown"
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment_intensity") == "4"

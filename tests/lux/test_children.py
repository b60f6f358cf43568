"""A treatment belongs to a child, whatever becomes of the device."""

import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, state_of

from .carrying import UPLOAD, hand_over, issue, mend, stored, treatment
from .conftest import BLUE, BLUE_ID, DEVICES, POLL
from .test_queue import files

UNSENT = f"{BLUE}_unsent_logs"
FIRST, SECOND = 7301, 7302


@pytest.fixture(autouse=True)
async def repairs(hass: HomeAssistant) -> None:
    """Let people mend issues."""
    assert await async_setup_component(hass, "repairs", {})


def move(lux: Lux, child: int | None = SECOND, **fields: Any) -> None:
    """Give the device to another child."""
    lux.set_device(BLUE_ID, real_user_id=child, **fields)


def uploaded_for(lux: Lux) -> list[int]:
    """Return as whose the logs were sent."""
    bodies = [request.json for request in lux.requests if request.key == UPLOAD]
    return [log["real_user_id"] for body in bodies for log in body["log_arrays"]]


async def moved_while_away(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Queue a log and a temporary one in an outage, and move the device meanwhile."""
    lux.inject(DEVICES, "status", times=-1, status=500)
    await hand_over(hass, entry, treatment(13), treatment())
    move(lux)
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)


async def test_moved_to_another_child(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A queued log is never sent as another child's; a person is asked."""
    await moved_while_away(hass, lux, entry, freezer)
    assert (stored(lux), lux.count(UPLOAD)) == ([], 0)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_moved"
    texts = open_issue.translation_placeholders or {}
    assert (texts["device"], texts["count"]) == ("Blue mask", "1")
    await mend(hass, "delete")
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert issue(hass) is None


async def test_kept_until_it_returns(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log that is kept is sent once the device is the child's again."""
    await moved_while_away(hass, lux, entry, freezer)
    await mend(hass, "keep")
    await pass_time(hass, freezer, 100_000)
    assert issue(hass) is None
    assert state_of(hass, "sensor", UNSENT) == "1"
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert (issue(hass), stored(lux)) == (None, [])
    move(lux, FIRST)
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13]
    assert state_of(hass, "sensor", UNSENT) == "0"


async def test_number_that_is_passed_meanwhile(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A number that LUX reached at another child proves nothing: the log stays."""
    await moved_while_away(hass, lux, entry, freezer)
    lux.phone_upload(BLUE_ID, 3)
    await pass_time(hass, freezer, POLL)
    move(lux, FIRST)
    await pass_time(hass, freezer, POLL)
    assert lux.count(UPLOAD) == 0
    assert state_of(hass, "sensor", UNSENT) == "1"
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_moved"


async def test_the_new_child_begins_anew(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Summary and queue of another child hold nothing of the first one's."""
    await hand_over(hass, entry, treatment(13))
    last = f"{BLUE}_last_treatment_intensity"
    assert state_of(hass, "sensor", last) == "4"
    move(lux)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", last) == "unknown"
    assert state_of(hass, "calendar", f"{BLUE}_treatments") == "off"
    await hand_over(hass, entry, treatment(14, intensity=9))
    assert uploaded_for(lux) == [FIRST, SECOND]
    assert state_of(hass, "sensor", last) == "9"
    assert state_of(hass, "sensor", f"{BLUE}_treatments_today") == "1"
    move(lux, FIRST)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", last) == "4"


async def test_counts_anew_at_another_child(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What Lantern carried for one child is not taken for what another's phone did."""
    await hand_over(hass, entry, treatment(13))
    move(lux, last_log_file_id=12)
    await pass_time(hass, freezer, POLL)
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    event = hass.states.get(entity_id(hass, "event", f"{BLUE}_treatment"))
    assert event is not None
    assert event.attributes["event_type"] == "log_received"
    assert event.attributes["to"] == 13


async def test_moved_between_look_and_upload(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """LUX refuses what was moved at the last moment; then it is the child's matter."""
    body = '{"detail": "Not Connected Device"}'
    lux.inject(UPLOAD, "status", status=409, body=body)
    await hand_over(hass, entry, treatment(13))
    move(lux)
    await pass_time(hass, freezer, POLL)
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_moved"
    move(lux, FIRST)
    await pass_time(hass, freezer, POLL)
    assert stored(lux) == [13]


async def test_log_of_an_older_file(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A log that an earlier version queued is the child's whose device it was then."""
    await hass.config_entries.async_unload(entry.entry_id)
    await hand_over(hass, entry, treatment(13))
    hass.data.pop("lantern_lux_queues")
    (file,) = files(hass)
    content = json.loads(file.read_text())
    for queue in content["data"].values():
        for name in ("created", "words"):
            del queue[name]
        for log in queue["logs"]:
            del log["real_user_id"]
    file.write_text(json.dumps(content))
    move(lux)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert lux.count(UPLOAD) == 0
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "queue_moved"


async def test_same_log_again_after_the_move(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Reading the device again does not give the log to the other child."""
    log = treatment(13)
    lux.inject(DEVICES, "status", times=-1, status=500)
    await hand_over(hass, entry, log)
    move(lux)
    lux.clear_faults()
    await pass_time(hass, freezer, POLL)
    await hand_over(hass, entry, log)
    assert lux.count(UPLOAD) == 0
    assert state_of(hass, "sensor", UNSENT) == "1"


@pytest.mark.parametrize("order", [(FIRST, SECOND), (SECOND, FIRST)])
async def test_listed_under_two_children(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    order: tuple[int, int],
) -> None:
    """It is followed for the same child in whatever order; a repair says so."""
    other = lux.add_device(SECOND, unique_id="lux-unit-0001", last_log_file_id=90)
    lux.children = {child: lux.children[child] for child in order}
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", f"{BLUE}_treatment_logs") == "12"
    await hand_over(hass, entry, treatment(13))
    assert uploaded_for(lux) == [FIRST]
    open_issue = issue(hass)
    assert open_issue is not None
    assert open_issue.translation_key == "lux_device_shared"
    lux.remove_device(other)
    await pass_time(hass, freezer, POLL)
    assert not [
        issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.active
    ]

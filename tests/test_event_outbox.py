"""Events of all vendors: each once, and only when automations can hear it."""

from collections.abc import Callable
from copy import deepcopy
import errno
from pathlib import Path
from typing import Any
from unittest.mock import patch

from atomicwrites import AtomicWriter
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant, callback
import pytest

from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux

from .common import add_entry, entity_id, pass_time, settle
from .contracts import CONTRACTS
from .hue import conftest as hue_home
from .hue.test_stream import eventually, quiet, sensor_number
from .lucit.test_heartbeat import press
from .lux.carrying import hand_over, treatment
from .lux.conftest import BLUE, BLUE_ID, POLL, signed_in

make = hue_home.make  # the fixture


def heard(hass: HomeAssistant) -> Callable[[], list[dict[str, Any]]]:
    """Return what lists the events that an automation hears from now on."""
    events: list[dict[str, Any]] = []

    @callback
    def listen(change: Event[Any]) -> None:
        before, after = change.data["old_state"], change.data["new_state"]
        if (
            change.data["entity_id"].startswith("event.")
            and hass.state is CoreState.running
            and None not in (before, after)
            and before.state not in ("unavailable", after.state)
            and after.state not in ("unknown", "unavailable")
        ):
            events.append(dict(after.attributes))

    hass.bus.async_listen("state_changed", listen)
    return lambda: events


async def hue_application(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, hue: HueBridge
) -> None:
    """Let an app in."""
    hue.register("stranger#phone")
    await pass_time(hass, freezer, 301)


async def lightbug_alert(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lightbug: Lightbug
) -> None:
    """Press a tracker's button."""
    lightbug.add_activity(2_370_001, "button", name="SOS")
    await pass_time(hass, freezer, 301)


async def lux_received(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lux: Lux
) -> None:
    """Upload a log from the phone."""
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)


async def lux_started(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lux: Lux
) -> None:
    """Hand over the temporary log of a treatment, which repeats."""
    entry = hass.config_entries.async_entries("lantern")[0]
    for duration in (60, 120):
        await hand_over(hass, entry, treatment(duration=duration))


async def lux_finished(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lux: Lux
) -> None:
    """Hand a log over."""
    entry = hass.config_entries.async_entries("lantern")[0]
    await hand_over(hass, entry, treatment(13, ending="faulty_contacts"))


async def lux_late(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lux: Lux
) -> None:
    """Hand a log over while the account is not set up, then set it up."""
    entry = hass.config_entries.async_entries("lantern")[0]
    await hass.config_entries.async_unload(entry.entry_id)
    await lux_finished(hass, freezer, lux)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)


async def lucit_instruction(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lucit: Lucit
) -> None:
    """Let an instruction come with a heartbeat."""
    lucit.queue_instruction()
    await press(hass)


async def live_with(hass: HomeAssistant, service: str, home: Any) -> ConfigEntry:
    """Set up an entry of a service."""
    return await CONTRACTS[service].set_up(hass, home)


def restore(folder: Path, disk: dict[Path, bytes]) -> None:
    """Put a folder back to what it was when the power was cut."""
    for path in folder.glob("lantern.*"):
        path.unlink()
    for path, content in disk.items():
        path.write_bytes(content)


@pytest.fixture
def home(request: pytest.FixtureRequest, service: str) -> Any:
    """Return the service of a test."""
    return request.getfixturevalue(service)


every_event = pytest.mark.parametrize(
    ("service", "happen", "event_type"),
    [
        ("hue", hue_application, "registered"),
        ("lightbug", lightbug_alert, "button"),
        ("lux", lux_received, "log_received"),
        ("lux", lux_started, "started"),
        ("lux", lux_finished, "finished"),
        ("lux", lux_late, "finished"),
    ],
)


@pytest.mark.parametrize("restarts", [0, 2])
@every_event
async def test_what_happens_while_home_assistant_starts(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    service: str,
    home: Any,
    happen: Any,
    event_type: str,
    restarts: int,
) -> None:
    """Automations do not run yet: the event waits for them, and comes once.

    It does so on disk: another life does not forget it.
    """
    hass.set_state(CoreState.starting)
    entry = await live_with(hass, service, home)
    await pass_time(hass, freezer, 301)
    delivered = heard(hass)
    await happen(hass, freezer, home)
    for _ in range(restarts):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert not delivered()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    assert [event["event_type"] for event in delivered()] == [event_type]
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await pass_time(hass, freezer, POLL)
    assert len(delivered()) == 1


@pytest.mark.parametrize(
    ("service", "happen", "event_type"),
    [
        ("lux", lux_received, "log_received"),
        ("lux", lux_started, "started"),
        ("lux", lux_finished, "finished"),
        ("lucit", lucit_instruction, "reload"),
    ],
)
async def test_killed(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    service: str,
    home: Any,
    happen: Any,
    event_type: str,
) -> None:
    """A kill at any moment: what the disk does not have as told is told, once."""
    entry = await live_with(hass, service, home)
    await pass_time(hass, freezer, 301)
    await hass.config_entries.async_reload(entry.entry_id)
    delivered = heard(hass)
    folder = Path(hass.config.path(".storage"))
    disks: list[tuple[dict[Path, bytes], Any]] = []
    own = f"lantern.{entry.entry_id}"
    commit = AtomicWriter.commit

    def commit_and_copy(writer: AtomicWriter, file: Any) -> None:
        commit(writer, file)
        files = {path: path.read_bytes() for path in folder.glob("lantern.*")}
        disks.append((files, deepcopy(hass_storage.get(own))))

    with patch.object(AtomicWriter, "commit", commit_and_copy):
        await happen(hass, freezer, home)
    assert [event["event_type"] for event in delivered()] == [event_type]
    are_marked = [b'"delivered":["' in b"".join(disk.values()) for disk, _ in disks]
    # It is on disk that it was told before it is, and once is enough.
    assert are_marked == sorted(are_marked)
    assert are_marked[-1]
    for (disk, remembered), is_marked in zip(disks, are_marked, strict=True):
        delivered().clear()
        await hass.config_entries.async_unload(entry.entry_id)
        hass.data.pop("lantern_lux_queues", None)
        await hass.async_add_executor_job(restore, folder, disk)
        hass_storage[own] = remembered
        await hass.config_entries.async_setup(entry.entry_id)
        for _ in range(2):
            await pass_time(hass, freezer, POLL)
        assert len(delivered()) == (0 if is_marked else 1)


@pytest.mark.parametrize("service", ["lightbug"])
async def test_an_alert_does_not_wait_for_the_disk(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, home: Lightbug
) -> None:
    """A call for help is told although it cannot be written down."""
    await live_with(hass, "lightbug", home)
    await pass_time(hass, freezer, 301)
    delivered = heard(hass)
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=full):
        await lightbug_alert(hass, freezer, home)
        assert [event["event_type"] for event in delivered()] == ["button"]
    await pass_time(hass, freezer, POLL)
    assert len(delivered()) == 1


@pytest.mark.parametrize(("seconds", "count"), [(4, 1), (6, 0)])
async def test_a_press_is_not_heard_late(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    make: hue_home.Start,
    seconds: float,
    count: int,
) -> None:
    """Nobody wants the lights to go on an hour after the switch was pressed."""
    hass.set_state(CoreState.starting)
    hue = await make(stream=True)
    await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    await eventually(hass, lambda: len(hue.streams) == 1)
    delivered = heard(hass)
    for event in ("initial_press", "short_release"):
        hue.press_button(sensor_number(hue, "ZLLSwitch"), 3, event)
    await quiet(hass)
    freezer.tick(seconds)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    events = [event["event_type"] for event in delivered()]
    assert events == ["initial_press", "short_release"] * count


async def test_an_event_does_not_come_with_its_entity(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, lux: Lux
) -> None:
    """What happened in an outage is told after the entity is available again."""
    await signed_in(hass, lux)
    delivered = heard(hass)
    await lux.stop()
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    state = hass.states.get(entity_id(hass, "event", f"{BLUE}_treatment"))
    assert state is not None
    assert state.state == "unavailable"
    lux.phone_upload(BLUE_ID)
    await lux.start()
    await pass_time(hass, freezer, POLL)
    assert [event["event_type"] for event in delivered()] == ["log_received"]

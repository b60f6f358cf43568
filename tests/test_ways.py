"""The three ways through the code: in how many of Lantern's files something runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import re
import sys
from types import CodeType

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant

from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lux import Lux

from .common import add_entry, entity_id, pass_time, settle
from .hue import conftest as hue_home
from .lightbug import conftest as lightbug_home
from .lux import conftest as lux_home
from .lux.carrying import hand_over, treatment

PAGE = Path(__file__).parent.parent / "docs" / "development" / "architecture.md"
TRACKER = 2_370_001
FOLDER = "custom_components/lantern/"
POLL = 300


@contextmanager
def files_passed() -> Iterator[set[str]]:
    """Collect the files of Lantern in which a function begins, in any thread."""
    files: set[str] = set()
    monitoring = sys.monitoring
    start = monitoring.events.PY_START

    def note(code: CodeType, _: int) -> None:
        if FOLDER in code.co_filename:
            files.add(code.co_filename.partition(FOLDER)[2])

    monitoring.use_tool_id(monitoring.PROFILER_ID, "ways")
    monitoring.register_callback(monitoring.PROFILER_ID, start, note)
    monitoring.set_events(monitoring.PROFILER_ID, start)
    try:
        yield files
    finally:
        monitoring.set_events(monitoring.PROFILER_ID, 0)
        monitoring.free_tool_id(monitoring.PROFILER_ID)


def assert_stated(way: str, files: set[str]) -> None:
    """Assert that a way passes no more files than the page says."""
    row = re.search(rf"^\| {way} \| \d+ \| (\d+) \|", PAGE.read_text(), re.MULTILINE)
    assert row is not None
    assert len(files) <= int(row[1]), (
        f"{PAGE.name} says {row[1]} files, now there are {len(files)}: {sorted(files)}. "
        "If each of them is worth it, write the number there"
    )


async def test_command(hass: HomeAssistant, hue: HueBridge) -> None:
    """A lamp's brightness, to a bridge with API v1 and back."""
    hue.clip_v2 = False
    await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    lamp = entity_id(hass, "light", f"{hue_home.light_id(1)}_light")
    data = {"entity_id": lamp, "brightness": 100}
    with files_passed() as files:
        await hass.services.async_call("light", "turn_on", data, blocking=True)
        await settle(hass)
    state = hass.states.get(lamp)
    assert state is not None
    assert state.attributes["brightness"] == 100
    assert_stated("a command", files)


async def test_fix(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """A tracker's new place, from the poll to the map."""
    stored = lightbug_home.stored(lightbug)
    await add_entry(hass, lightbug_home.UNIQUE_ID, stored)
    place = entity_id(hass, "device_tracker", f"lightbug:{TRACKER}_location")
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    before = hass.states.get(place)
    lightbug.tick_route(TRACKER)
    with files_passed() as files:
        await pass_time(hass, freezer, POLL)
    after = hass.states.get(place)
    assert before is not None
    assert after is not None
    assert after.attributes["latitude"] != before.attributes["latitude"]
    assert_stated("a fix", files)


async def test_log(hass: HomeAssistant, lux: Lux) -> None:
    """A treatment log: on disk, told as an event, uploaded, shown."""
    entry = await lux_home.signed_in(hass, lux)
    with files_passed() as files:
        await hand_over(hass, entry, treatment(13))
        await settle(hass)
    assert [log.log_file_id for log in lux.logs[lux_home.BLUE_ID]] == [13]
    assert_stated("a treatment log", files)

"""What a poll costs, in counts: cost follows what changed, not what exists."""

import asyncio
from collections import Counter
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.lantern.lightbug.coordinator import LightbugCoordinator
from simulator.hue import HueBridge
from simulator.hue.house import generate
from simulator.lightbug import Lightbug

from .common import add_entry, pass_time, settle
from .hue.conftest import UNIQUE_ID as HUE_ID, stored as hue_stored
from .lightbug.conftest import UNIQUE_ID as LIGHTBUG_ID, stored as lightbug_stored

POLL = 300
SECOND = "hue:00:17:88:01:00:00:00:02"


def woken_by(coordinator: Any) -> Counter[str | None]:
    """Count from now on which devices' listeners are woken."""
    woken: Counter[str | None] = Counter()
    for device_id in (*coordinator.data, None):
        coordinator.async_add_listener(
            lambda device_id=device_id: woken.update([device_id]), device_id
        )
    return woken


async def test_fleet(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """Of thirty trackers, the one that moved is read, woken and written."""
    ids = lightbug.generate(30)
    entry = await add_entry(hass, LIGHTBUG_ID, lightbug_stored(lightbug))
    coordinator = entry.runtime_data
    await pass_time(hass, freezer, POLL)
    events = async_capture_events(hass, "state_changed")
    woken = woken_by(coordinator)
    before = dict(coordinator.data)

    lightbug.requests.clear()
    await pass_time(hass, freezer, POLL)
    assert lightbug.count() == 3
    assert (events, woken) == ([], Counter())
    assert all(
        coordinator.data[device_id] is tracker for device_id, tracker in before.items()
    )

    moved = f"lightbug:{ids[7]}"
    lightbug.tick_route(ids[7])
    await pass_time(hass, freezer, POLL)
    assert woken == Counter({moved: 1, None: 1})
    changed = {event.data["entity_id"] for event in events}
    assert len(events) == len(changed)
    registry = er.async_get(hass)
    assert {
        registry.entities[entity_id].unique_id.split("_")[0] for entity_id in changed
    } == {moved}
    other = [
        device_id
        for device_id, tracker in before.items()
        if coordinator.data[device_id] is tracker
    ]
    assert len(other) == 29


async def test_house(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Of fifty lamps, the one that was dimmed is woken, with its room."""
    bridge = HueBridge(house=generate(50, 20))
    bridge.clip_v2 = False
    await bridge.start()
    entry = await add_entry(hass, HUE_ID, hue_stored(bridge))
    coordinator = entry.runtime_data
    await pass_time(hass, freezer, 10)
    events = async_capture_events(hass, "state_changed")
    woken = woken_by(coordinator)
    before = dict(coordinator.data)

    bridge.requests.clear()
    await pass_time(hass, freezer, 10)
    assert bridge.count() == 3
    assert (events, woken) == ([], Counter())
    assert all(
        coordinator.data[device_id] is device for device_id, device in before.items()
    )

    bridge.set_light("2", on=True)
    await pass_time(hass, freezer, 10)
    # The bridge itself holds all lamps together.
    rooms = {HUE_ID, f"{HUE_ID}:group:1", None}
    assert set(woken) == {SECOND, *rooms}
    assert {event.data["entity_id"] for event in events} == {
        "light.room_1_lamp_2",
        "light.room_1_room_1",
    }
    await bridge.stop()
    assert bridge.violations == []


@pytest.mark.parametrize("fleet", [700])
async def test_all_are_woken_in_slices(
    hass: HomeAssistant, lightbug: Lightbug, fleet: int
) -> None:
    """Where very many changed, each is woken once, and others get a turn meanwhile."""
    lightbug.generate(fleet)
    entry = MockConfigEntry(
        domain="lantern", unique_id=LIGHTBUG_ID, data=lightbug_stored(lightbug)
    )
    entry.add_to_hass(hass)
    coordinator = LightbugCoordinator(hass, entry)
    snapshot = await coordinator.async_fetch()
    coordinator.data = snapshot
    woken = woken_by(coordinator)
    coordinator.changed = set(snapshot)
    coordinator.async_update_listeners()
    assert 0 < woken.total() < fleet
    # A further change of one of them meanwhile is no second wake-up.
    coordinator.changed = {
        next(device_id for device_id in snapshot if not woken[device_id])
    }
    coordinator.async_update_listeners()
    await settle(hass)
    assert woken == Counter(dict.fromkeys(snapshot, 1) | {None: 2})
    await coordinator.async_shutdown()


async def test_entities_come_and_go_in_slices(
    hass: HomeAssistant, lightbug: Lightbug
) -> None:
    """At most 50 entities are added, and 100 removed, before others get a turn."""
    lightbug.generate(16)
    entry = MockConfigEntry(
        domain="lantern", unique_id=LIGHTBUG_ID, data=lightbug_stored(lightbug)
    )
    entry.add_to_hass(hass)
    turns: list[Counter[str]] = [Counter()]

    @callback
    def count(event: Event[Any]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if old is None or old.state == STATE_UNAVAILABLE != new.state:
            turns[-1]["added"] += 1
        elif new is not None and new.state == STATE_UNAVAILABLE:
            turns[-1]["removed"] += 1

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            turns.append(Counter())

    hass.bus.async_listen("state_changed", count)
    watching = asyncio.create_task(others())
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.config_entries.async_unload(entry.entry_id)
    await hass.config_entries.async_setup(entry.entry_id)
    watching.cancel()
    most: Counter[str] = Counter()
    for turn in turns:
        most |= turn
    # Two batches count as one turn where tasks change their order between them.
    assert 40 < most["added"] <= 2 * 50
    assert 80 < most["removed"] <= 2 * 100
    assert len(hass.states.async_all()) > 2 * 120

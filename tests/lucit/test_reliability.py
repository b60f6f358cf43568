"""Two hundred instructions through a bad line and ten restarts."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from copy import deepcopy
import random
import threading
from typing import Any
from unittest.mock import patch

from atomicwrites import AtomicWriter
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from simulator.lucit import Lucit
from tests.common import entity_id, pass_time, settle

from .conftest import UNIQUE_ID
from .test_heartbeat import BEAT, EVERY, press, switch
from .test_instructions import ACKNOWLEDGE, DEVICE, delivered, reply

INSTRUCTIONS = 200
ROUNDS = 450
RESTARTS = 10
FAULTY = 0.4
"""Of the rounds, per route: a fault that finds no request does nothing."""
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "headers": {"Retry-After": "200"}},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "truncated"},
    {"kind": "html"},
    {"kind": "empty"},
    {"kind": "extra"},
)


def _arrived(lucit: Lucit, before: Counter[str], reached: set[str]) -> None:
    """Note the instructions that Lucit handed out in an answer that arrived whole."""
    sent = {
        instruction.lcuid for instruction in lucit.instructions if instruction.status
    }
    fresh = sent - before.keys()
    before.update(fresh)
    beats = [
        request
        for request in lucit.requests
        if request.key == BEAT and request.status == 200
    ]
    if beats and beats[-1].fault in (None, "extra"):
        reached |= fresh


async def test_each_once(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
) -> None:
    """Each that reached us is told once, none twice; each is acknowledged once."""
    chance = random.Random(1)  # the same bad day each time
    event = entity_id(hass, "event", f"{UNIQUE_ID}_instruction")
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "mode": "parallel",
                "max": 100,
                "triggers": {
                    "trigger": "event.received",
                    "target": {"entity_id": event},
                    "options": {"event_type": ["reload", "other"]},
                },
                "actions": {
                    "action": "lantern.lucit_acknowledge_instruction",
                    "data": {
                        "device_id": "{{ device_id(trigger.entity_id) }}",
                        "instruction_lcuid": "{{ trigger.to_state.attributes"
                        ".instruction_lcuid }}",
                    },
                },
            }
        },
    )
    changes = async_capture_events(hass, "state_changed")
    queued = [lucit.queue_instruction() for _ in range(INSTRUCTIONS)]
    await switch(hass, on=True)
    handed: Counter[str] = Counter()
    reached: set[str] = set()
    _arrived(lucit, handed, reached)
    restarts = set(chance.sample(range(ROUNDS), RESTARTS))
    for round_ in range(ROUNDS):
        lucit.clear_faults()
        for route in (BEAT, ACKNOWLEDGE, DEVICE):
            if chance.random() < FAULTY:
                lucit.inject(route, **deepcopy(chance.choice(FAULTS)))
        if round_ in restarts:
            # A kill: what is written on the way out is not there afterwards.
            disk = deepcopy(hass_storage)
            await hass.config_entries.async_unload(entry.entry_id)
            hass_storage.clear()
            hass_storage.update(disk)
            await hass.config_entries.async_setup(entry.entry_id)
            await settle(hass)
        else:
            await pass_time(hass, freezer, EVERY)
        _arrived(lucit, handed, reached)
    lucit.clear_faults()
    for _ in range(4):
        await pass_time(hass, freezer, EVERY)
        _arrived(lucit, handed, reached)

    counts = Counter(event["instruction_lcuid"] for event in delivered(hass, changes))
    acknowledged = Counter(
        request.params["instruction_lcuid"]
        for request in lucit.requests
        if request.key == ACKNOWLEDGE
        and request.status == 200
        and request.fault in (None, "extra")
    )
    assert handed.keys() == set(queued), "the test ended too early"
    spoiled = sum(request.fault is not None for request in lucit.requests)
    assert spoiled >= 0.3 * lucit.count(), "the line was too good"
    assert len(reached) < INSTRUCTIONS, "no answer was lost: the line was too good"
    assert counts == Counter(reached)
    assert acknowledged == Counter(reached)


async def interrupted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    work: Coroutine[Any, Any, None],
    at: int,
) -> None:
    """Restart the entry so many steps of the event loop after work began."""
    task = hass.async_create_task(work)
    for _ in range(at):
        await asyncio.sleep(0)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    with suppress(HomeAssistantError):
        await task


async def test_restarted_at_any_moment(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """In the middle of a heartbeat or a reply: nothing twice, no reply forgotten."""
    changes = async_capture_events(hass, "state_changed")
    for at in range(0, 60, 2):
        lucit.queue_instruction()
        await interrupted(hass, entry, press(hass), at)
    counts = Counter(event["instruction_lcuid"] for event in delivered(hass, changes))
    # A restart waits for the answer that is under way: none is lost.
    assert counts == Counter(
        instruction.lcuid for instruction in lucit.instructions if instruction.status
    )
    assert len(counts) > 10

    for at, lcuid in enumerate(counts):
        call = reply(hass, entry, "acknowledge", instruction_lcuid=lcuid)
        await interrupted(hass, entry, call, at * 2)
    await pass_time(hass, freezer, EVERY)
    assert {
        instruction.lcuid
        for instruction in lucit.instructions
        if instruction.status == 2
    } == set(counts)
    asked = lucit.count(ACKNOWLEDGE)
    await pass_time(hass, freezer, EVERY)
    assert lucit.count(ACKNOWLEDGE) == asked


async def test_restarted_while_the_disk_is_slow(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """An instruction whose entity goes away during the write is told afterwards."""
    changes = async_capture_events(hass, "state_changed")
    writing, go = asyncio.Event(), threading.Event()

    def write_slowly(path: str, *more: Any, **options: Any) -> AtomicWriter:
        if "lantern.events." in path:
            hass.loop.call_soon_threadsafe(writing.set)
            go.wait(60)
        return AtomicWriter(path, *more, **options)

    lcuid = lucit.queue_instruction()
    with patch("homeassistant.util.file.AtomicWriter", write_slowly):
        pressing = hass.async_create_task(press(hass))
        await writing.wait()
        unloading = hass.async_create_task(
            hass.config_entries.async_unload(entry.entry_id)
        )
        outbox = entry.runtime_data.outbox
        while entry.state is ConfigEntryState.LOADED or outbox.can_deliver(
            UNIQUE_ID, "instruction"
        ):
            await asyncio.sleep(0)
        go.set()
        assert await unloading
        await pressing
    assert not delivered(hass, changes)
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert [event["instruction_lcuid"] for event in delivered(hass, changes)] == [lcuid]


async def test_nobody_listens(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """For an entity that is disabled the newest hundred are kept, in order."""
    changes = async_capture_events(hass, "state_changed")
    event = entity_id(hass, "event", f"{UNIQUE_ID}_instruction")
    registry = er.async_get(hass)
    registry.async_update_entity(event, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    queued = [lucit.queue_instruction() for _ in range(103)]
    for _ in queued:
        await press(hass)
    registry.async_update_entity(event, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert [event["instruction_lcuid"] for event in delivered(hass, changes)] == queued[
        3:
    ]

"""Remote instructions: told once, replied to once, whatever happens between."""

import errno
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
import voluptuous as vol

from custom_components.lantern.const import DOMAIN
from simulator.lucit import Lucit
from tests.common import entity_id, pass_time, settle

from .conftest import UNIQUE_ID, stored
from .test_heartbeat import BEAT, EVERY, press

REPLY = "POST /api/v3/lightning/devices/{lcuid}/instructions/{instruction_lcuid}"
ACKNOWLEDGE = f"{REPLY}/acknowledge"
FAILED = f"{REPLY}/failed"
DEVICE = "GET /api/v3/lightning/devices/{lcuid}"


def delivered(hass: HomeAssistant, changes: list[Event[Any]]) -> list[dict[str, Any]]:
    """Return the attributes of the instructions that an automation would see.

    Each event has its own time as the state; what is only restored has an old one.
    """
    event = entity_id(hass, "event", f"{UNIQUE_ID}_instruction")
    seen: dict[str, dict[str, Any]] = {}
    for change in changes:
        state = change.data["new_state"]
        if change.data["entity_id"] != event or state is None:
            continue
        if state.state not in ("unknown", "unavailable"):
            seen.setdefault(state.state, dict(state.attributes))
    return list(seen.values())


def stored_events(hass: HomeAssistant, entry: MockConfigEntry) -> list[Any]:
    """Return what is on disk of events, by entity."""
    path = Path(hass.config.path(".storage", f"lantern.events.{entry.entry_id}"))
    return list(json.loads(path.read_text())["data"].values())


async def reply(
    hass: HomeAssistant, entry: MockConfigEntry, action: str, **fields: Any
) -> None:
    """Call an action for the player."""
    player = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, UNIQUE_ID), entry.entry_id
    )
    assert player is not None
    await hass.services.async_call(
        DOMAIN,
        f"lucit_{action}_instruction",
        {"device_id": player.id, **fields},
        blocking=True,
    )
    await settle(hass)


@pytest.mark.parametrize(
    ("sent", "kind", "parameters", "run_at"),
    [
        ({}, "reload", {}, None),
        (
            {"run_at": "2026-11-22T08:00:00.000000Z", "parameters": {"hard": True}},
            "reload",
            {"hard": True},
            "2026-11-22T08:00:00+00:00",
        ),
        ({"instruction": "dance", "run_at": "soon"}, "other", {}, None),
    ],
)
async def test_told_on_arrival(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    sent: dict[str, Any],
    kind: str,
    parameters: Any,
    run_at: str | None,
) -> None:
    """An instruction is an event at once, even if it is for later."""
    changes = async_capture_events(hass, "state_changed")
    lcuid = lucit.queue_instruction(**sent)
    await press(hass)
    (event,) = delivered(hass, changes)
    assert event["event_type"] == kind
    assert event["instruction"] == sent.get("instruction", "reload")
    assert event["parameters"] == parameters
    assert event["run_at"] == run_at
    assert event["instruction_lcuid"] == lcuid


@pytest.mark.parametrize("form", ["list", "null", "absent"])
async def test_no_instruction(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry, form: Any
) -> None:
    """All three ways to say that there is none mean that."""
    changes = async_capture_events(hass, "state_changed")
    lucit.no_instruction = form
    await press(hass)
    assert not delivered(hass, changes)
    assert len(lucit.heartbeats) == 1


async def test_one_that_comes_again_is_not_told_again(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """Lucit may hand the same instruction out twice, also after a restart."""
    changes = async_capture_events(hass, "state_changed")
    lucit.queue_instruction()
    for _ in range(3):
        await press(hass)
        lucit.instructions[0].status = 0
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert len(lucit.heartbeats) == 3
    assert len(delivered(hass, changes)) == 1


async def test_one_without_an_identity_is_none(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """Nobody could tell whether it came before, or reply to it."""
    changes = async_capture_events(hass, "state_changed")
    body = '{"success": true, "lightning_device_remote_instruction": '
    lucit.inject(BEAT, "body", body=body + '{"instruction": "reload"}}')
    await press(hass)
    assert not delivered(hass, changes)


async def test_kept_until_the_event_entity_can_show_it(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the player is unavailable, instructions wait, through a restart too."""
    changes = async_capture_events(hass, "state_changed")
    hass.config_entries.async_update_entry(entry, options={"heartbeat": True})
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    lucit.inject(DEVICE, "status", times=-1, status=503)
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    first, second = lucit.queue_instruction(), lucit.queue_instruction("dance")
    for _ in range(2):
        await pass_time(hass, freezer, EVERY)
    assert [instruction.status for instruction in lucit.instructions] == [1, 1]
    assert not delivered(hass, changes)

    await hass.config_entries.async_unload(entry.entry_id)
    lucit.clear_faults()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    shown = delivered(hass, changes)
    assert [event["instruction_lcuid"] for event in shown] == [first, second]
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert len(delivered(hass, changes)) == 2


async def test_available_again(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An instruction that waited is told as soon as the player is available."""
    changes = async_capture_events(hass, "state_changed")
    lucit.inject(DEVICE, "status", times=-1, status=503)
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    lucit.queue_instruction()
    # The button is unavailable as well; the regular heartbeat is not.
    entry.runtime_data.heartbeat.switch(on=True)
    await settle(hass)
    assert len(lucit.heartbeats) == 1
    assert not delivered(hass, changes)
    lucit.clear_faults()
    await pass_time(hass, freezer, EVERY)
    assert len(delivered(hass, changes)) == 1


async def test_killed_before_it_was_told(
    hass: HomeAssistant, lucit: Lucit, hass_storage: dict[str, Any]
) -> None:
    """What a killed Home Assistant had on disk is told once automations run."""
    entry = MockConfigEntry(domain=DOMAIN, unique_id=UNIQUE_ID, data=stored(lucit))
    entry.add_to_hass(hass)
    lcuid = "LCUID-LDRI-262ca932-dda6-4233-8c4f-a497481388b3"
    waiting = {
        "instruction": "reload",
        "parameters": {},
        "run_at": None,
        "instruction_lcuid": lcuid,
    }
    key = f"lantern.{entry.entry_id}"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {"instructions_waiting": {lcuid: waiting}},
    }
    changes = async_capture_events(hass, "state_changed")
    hass.set_state(CoreState.starting)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert not delivered(hass, changes)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await settle(hass)
    (event,) = delivered(hass, changes)
    assert event["instruction_lcuid"] == lcuid
    # Nothing is left of it where a disk that refuses writes would not be noticed.
    assert hass_storage[key]["data"]["instructions_waiting"] == {}
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert len(delivered(hass, changes)) == 1


async def test_a_disk_that_refuses_writes(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing is told, or replied to, that would be told again after a restart."""
    changes = async_capture_events(hass, "state_changed")
    first, second = lucit.queue_instruction(), lucit.queue_instruction()
    await press(hass)
    lucit.inject(ACKNOWLEDGE, "status", times=1, status=503)
    await reply(hass, entry, "acknowledge", instruction_lcuid=first)
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=full):
        await press(hass)
        assert [event["instruction_lcuid"] for event in delivered(hass, changes)] == [
            first
        ]
        with pytest.raises(HomeAssistantError, match="cannot write to its disk"):
            await reply(hass, entry, "fail", instruction_lcuid=second)
        # A reply that is on disk is sent, and once.
        for _ in range(3):
            await pass_time(hass, freezer, EVERY)
        assert (lucit.count(ACKNOWLEDGE), lucit.count(FAILED)) == (2, 0)
        assert len(delivered(hass, changes)) == 1
    for _ in range(2):
        await pass_time(hass, freezer, EVERY)
    for instruction in lucit.instructions:
        instruction.status = 0  # Lucit hands them out again
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
        await press(hass)
    assert [event["instruction_lcuid"] for event in delivered(hass, changes)] == [
        first,
        second,
    ]
    assert lucit.count(ACKNOWLEDGE) == 2


# --- replies ---


async def test_acknowledge_once(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """The same reply once more is no second request, also after a restart."""
    lcuid = lucit.queue_instruction()
    await press(hass)
    for _ in range(2):
        for _ in range(2):
            await reply(hass, entry, "acknowledge", instruction_lcuid=lcuid)
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    assert lucit.instructions[0].status == 2
    assert lucit.count(ACKNOWLEDGE) == 1


async def test_fail(hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry) -> None:
    """Lucit learns that it did not work, and why."""
    first, second = lucit.queue_instruction(), lucit.queue_instruction()
    await press(hass)
    await reply(
        hass, entry, "fail", instruction_lcuid=first, message="The screen is dark"
    )
    await reply(hass, entry, "fail", instruction_lcuid=second)
    told_one, told_two = lucit.instructions
    assert (told_one.failed, told_one.message) == (True, "The screen is dark")
    assert (told_two.failed, told_two.message) == (True, None)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 429, "headers": {"Retry-After": "60"}},
        {"kind": "reset", "times": 2},
        {"kind": "nulls"},
        {"kind": "html"},
        {"kind": "lost"},
    ],
)
@pytest.mark.parametrize("restart", [False, True])
async def test_a_reply_is_kept_until_lucit_takes_it(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    fault: dict[str, Any],
    restart: bool,
) -> None:
    """Trouble on the way does not fail the automation; the reply is sent later."""
    lcuid = lucit.queue_instruction()
    await press(hass)
    lucit.inject(ACKNOWLEDGE, **fault)
    await reply(hass, entry, "acknowledge", instruction_lcuid=lcuid)
    if restart:
        await hass.config_entries.async_reload(entry.entry_id)
        await settle(hass)
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    assert lucit.instructions[0].status == 2
    answered = [
        request
        for request in lucit.requests
        if request.key == ACKNOWLEDGE
        and request.status == 200
        and request.fault is None
    ]
    assert len(answered) == 1
    asked = lucit.count(ACKNOWLEDGE)
    await pass_time(hass, freezer, EVERY)
    assert lucit.count(ACKNOWLEDGE) == asked


async def test_unknown_instruction(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A wrong ID is told to the one who typed it, and is not tried again."""
    with pytest.raises(ServiceValidationError, match="no such instruction"):
        await reply(hass, entry, "acknowledge", instruction_lcuid="LCUID-LDRI-1")
    with pytest.raises(vol.Invalid):
        await reply(hass, entry, "fail", instruction_lcuid="../../../auth")
    lucit.inject(FAILED, "status", status=409, body="{}")
    with pytest.raises(HomeAssistantError, match="Lucit rejected the request"):
        await reply(hass, entry, "fail", instruction_lcuid="LCUID-LDRI-1")
    await pass_time(hass, freezer, EVERY)
    assert (lucit.count(ACKNOWLEDGE), lucit.count(FAILED)) == (1, 1)


async def test_a_kept_reply_that_is_refused(
    hass: HomeAssistant,
    lucit: Lucit,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Lucit may forget an instruction meanwhile: one line, and no third try."""
    first, second = lucit.queue_instruction(), lucit.queue_instruction()
    for _ in range(2):
        await press(hass)
    lucit.inject(ACKNOWLEDGE, "status", times=2, status=503)
    for lcuid in (first, second):
        await reply(hass, entry, "acknowledge", instruction_lcuid=lcuid)
    del lucit.instructions[0]
    for _ in range(3):
        await pass_time(hass, freezer, EVERY)
    ours = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    refused = "Lucit does not take a reply: instructions/acknowledge: refused with 404"
    assert ours.count(refused) == 1
    assert not [record for record in ours if first in record]
    assert lucit.instructions[0].status == 2
    assert lucit.count(ACKNOWLEDGE) == 4


async def test_what_waits_for_lucit_is_bounded(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """Replies are kept in bytes that a disk can write; one more is refused in words."""
    lucit.inject(FAILED, "status", times=-1, status=503)
    with pytest.raises(vol.Invalid):
        await reply(hass, entry, "fail", instruction_lcuid="x", message="x" * 2001)
    # A character of these takes six bytes on disk.
    words = "\u00e4" * 2000
    lcuid_of_ours = lucit.queue_instruction()
    await press(hass)
    for lcuid in (lcuid_of_ours, *(f"L-{number}" for number in range(20))):
        await reply(hass, entry, "fail", instruction_lcuid=lcuid, message=words)
    with pytest.raises(ServiceValidationError, match="Too many replies"):
        await reply(hass, entry, "fail", instruction_lcuid="L-21", message=words)
    # What was taken is not given up for it, and can still be changed.
    lucit.clear_faults()
    await reply(hass, entry, "fail", instruction_lcuid=lcuid_of_ours, message="shorter")
    assert lucit.instructions[0].message == "shorter"


async def test_instructions_that_nothing_hears_are_bounded(
    hass: HomeAssistant, lucit: Lucit, entry: MockConfigEntry
) -> None:
    """The newest are kept, in a file that does not grow for ever."""
    event = entity_id(hass, "event", f"{UNIQUE_ID}_instruction")
    er.async_get(hass).async_update_entity(
        event, disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    for _ in range(60):
        newest = lucit.queue_instruction(parameters={"text": "x" * 7000})
        await press(hass)
    (row,) = stored_events(hass, entry)
    assert 30 < len(row["waiting"]) < 40
    assert row["waiting"][-1]["id"] == newest


@pytest.mark.parametrize("verb", ["acknowledge", "fail"])
async def test_actions_are_explained(hass: HomeAssistant, verb: str) -> None:
    """The form of an action has all its fields, each with a name and a text."""
    assert await async_setup_component(hass, DOMAIN, {})
    name = f"lucit_{verb}_instruction"
    shown = (await async_get_all_descriptions(hass))[DOMAIN][name]["fields"]
    schema: Any = hass.services.async_services()[DOMAIN][name].schema
    assert set(shown) == set(schema.schema)
    required = {name for name, field in shown.items() if field.get("required")}
    assert required == {"device_id", "instruction_lcuid"}
    texts = await async_get_translations(hass, "en", "services", {DOMAIN})
    for part in (name, *(f"{name}.fields.{field}" for field in shown)):
        assert texts[f"component.{DOMAIN}.services.{part}.name"]
        assert texts[f"component.{DOMAIN}.services.{part}.description"]

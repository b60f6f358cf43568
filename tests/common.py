"""What the tests of several vendors do."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from inspect import isgenerator
from threading import Event
from types import CodeType
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.lantern.const import DOMAIN

_QUICK_ROUNDS, _ROUNDS = 1_000, 6_000
# Tasks that wait here wait for other tasks, whom we wait for ourselves.
_SIGNALS = (asyncio.locks.__file__, asyncio.queues.__file__)


def _suspended_in(task: asyncio.Future[Any]) -> tuple[CodeType | None, Any]:
    """Return the innermost coroutine that a task is in, and what it awaits."""
    # Work in an executor is a bare future.
    awaited: Any = task.get_coro() if isinstance(task, asyncio.Task) else None
    code = None
    while (inner := getattr(awaited, "cr_await", None)) is not None:
        code, awaited = awaited.cr_code, inner
    return code, awaited


def is_sleeping(task: asyncio.Future[Any]) -> bool:
    """Return True if a task sleeps until some time passes."""
    code, awaited = _suspended_in(task)
    # A sleep of no time awaits a generator.
    return code is asyncio.sleep.__code__ and not isgenerator(awaited)


def _is_at_rest(task: asyncio.Future[Any]) -> bool:
    """Return True if a task goes on only after time, or after a signal."""
    code, _ = _suspended_in(task)
    return is_sleeping(task) or (code is not None and code.co_filename in _SIGNALS)


async def settle(hass: HomeAssistant) -> None:
    """Wait until Home Assistant has nothing left to do but to wait for time."""
    for _ in range(3):
        await hass.async_block_till_done()
        for number in range(_ROUNDS):
            # The set changes meanwhile.
            tasks = hass._background_tasks  # noqa: SLF001  # no public name waits for these alone
            busy = [task for task in tasks if not _is_at_rest(task)]
            if not busy:
                break
            await asyncio.sleep(0)
            if number > _QUICK_ROUNDS:
                # Clocks may stand still, so that only a thread can wait.
                await asyncio.to_thread(Event().wait, 0.001)
        else:
            raise AssertionError(f"still busy: {', '.join(map(_name_of, busy))}")
    await hass.async_block_till_done()


def _name_of(task: asyncio.Future[Any]) -> str:
    return task.get_name() if isinstance(task, asyncio.Task) else repr(task)


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass, and let Home Assistant do what became due."""
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass)
    await settle(hass)


async def start_flow(hass: HomeAssistant, step: str) -> ConfigFlowResult:
    """Choose a vendor in the menu of a new flow."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": step}
    )


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: Mapping[str, Any]
) -> ConfigFlowResult:
    """Submit the form of a flow."""
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], dict(user_input)
    )
    await settle(hass)
    return result


async def go_on(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Take a flow on whose progress is done, as the browser does by itself."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"])
    await settle(hass)
    return result


async def add_entry(
    hass: HomeAssistant, unique_id: str, data: Mapping[str, Any], title: str = "Test"
) -> MockConfigEntry:
    """Add an entry with stored data, as a flow left it, and set it up."""
    entry = MockConfigEntry(
        domain=DOMAIN, unique_id=unique_id, data=dict(data), title=title
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    return entry


def entity_id(hass: HomeAssistant, platform: str, unique_id: str) -> str:
    """Return the entity id that a unique id has."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, unique_id)
    assert entity_id is not None, f"no {platform} {unique_id}"
    return entity_id


def state_of(hass: HomeAssistant, platform: str, unique_id: str) -> str:
    """Return the state of the entity with a unique id."""
    state = hass.states.get(entity_id(hass, platform, unique_id))
    assert state is not None, f"{unique_id} has no state"
    return state.state


async def kept_through_restart(
    hass: HomeAssistant, entity: str, extra: Mapping[str, Any]
) -> None:
    """Leave on disk what an entity told Home Assistant to keep, and read it."""
    now = dt_util.utcnow().isoformat()
    state = {
        "state": {"entity_id": entity, "state": "unknown", "attributes": {}},
        "extra_data": dict(extra),
        "last_seen": now,
    }
    store: Store[list[Any]] = Store(
        hass, restore_state.STORAGE_VERSION, restore_state.STORAGE_KEY
    )
    await store.async_save([state])
    await restore_state.async_get(hass).async_load()


def snapshot_entities(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    snapshot: SnapshotAssertion,
    platform: str,
) -> None:
    """Compare an entry's entities of one platform with their snapshots."""
    entries = [
        registered
        for registered in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
        if registered.domain == platform
    ]
    assert entries, f"no {platform}"
    for registered in sorted(entries, key=lambda registered: registered.entity_id):
        assert registered == snapshot(name=f"{registered.entity_id}-entry")
        assert hass.states.get(registered.entity_id) == snapshot(
            name=f"{registered.entity_id}-state"
        )

"""A Home Assistant that lives on a folder, and may be started there again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from homeassistant import loader
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    frame,
    issue_registry as ir,
    label_registry as lr,
    recorder as recorder_helper,
    restore_state as rs,
)
from homeassistant.setup import async_setup_component
from homeassistant.util.async_ import get_scheduled_timer_handles
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.lantern.const import DOMAIN
from tests.common import settle

ZONE = "Europe/Berlin"
_AT_HOME = ContextVar("at_home", default=False)


@asynccontextmanager
async def home(
    folder: Path, recorder: Mapping[str, Any] | None = None
) -> AsyncGenerator[HomeAssistant]:
    """Start Home Assistant with what lies in its folder; stop it as a user does.

    Unlike the one that other tests are given, it reads and writes all it keeps, and
    its entries are not unloaded at the end: a real stop does not do that either.
    """
    failures: list[Mapping[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    moved_in = _AT_HOME.set(True)
    async with async_test_home_assistant(
        load_registries=False,
        config_dir=str(folder),
        initial_state=CoreState.not_running,
    ) as hass:
        try:
            await _start(hass, recorder)
            yield hass
        finally:
            await hass.async_stop(force=True)
            # A process that ends takes its timers along, and not those of the services.
            for timer in get_scheduled_timer_handles(loop):
                if timer._context.get(_AT_HOME):  # noqa: SLF001
                    timer.cancel()
            _AT_HOME.reset(moved_in)
    loop.set_exception_handler(None)
    assert not failures, failures


async def _start(hass: HomeAssistant, recorder: Mapping[str, Any] | None) -> None:
    """Read the registries and the entries, and set all of it up."""
    hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
    frame.async_setup(hass)
    await hass.config.async_set_time_zone(ZONE)
    dr.async_setup(hass)
    for registry in (ar, cr, dr, er, fr, ir, lr, rs):
        await registry.async_load(hass)
    await hass.config_entries.async_initialize()
    if recorder is not None:
        recorder_helper.async_initialize_recorder(hass)
        config = {"recorder": dict(recorder)}
        assert await async_setup_component(hass, "recorder", config)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_start()
    await settle(hass)

"""A Home Assistant to measure in: the same for every integration."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
import tempfile
from typing import Any
from unittest.mock import patch

import aiohttp
from homeassistant import loader
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

_PLATFORMS = ("binary_sensor", "device_tracker", "light", "sensor")


@asynccontextmanager
async def home(
    shown: Mapping[str, frozenset[str | None]] | None = None,
) -> AsyncGenerator[HomeAssistant]:
    """Give a running Home Assistant with an own folder.

    `shown` names, by integration, the keys of the entities that are enabled: so
    that all have equally many. Integrations that it does not name keep theirs.
    """

    def enabled(entity: Entity) -> bool:
        keys = (shown or {}).get(entity.platform.platform_name)
        description = getattr(entity, "entity_description", None)
        return keys is None or getattr(description, "key", None) in keys

    # Home Assistant's own resolver needs its zeroconf; here is loopback only.
    resolver = aiohttp.AsyncResolver()
    resolver.real_close = resolver.close  # type: ignore[attr-defined]
    with (
        patch(
            "homeassistant.helpers.aiohttp_client._async_make_resolver",
            return_value=resolver,
        ),
        tempfile.TemporaryDirectory() as folder,
        patch.object(Entity, "entity_registry_enabled_default", property(enabled)),
    ):
        async with async_test_home_assistant(config_dir=folder) as hass:
            del hass.data[loader.DATA_CUSTOM_COMPONENTS]
            for platform in _PLATFORMS:
                await hass.async_add_executor_job(
                    __import__, f"homeassistant.components.{platform}"
                )
            try:
                yield hass
            finally:
                for entry in hass.config_entries.async_entries():
                    await hass.config_entries.async_unload(entry.entry_id)
                await hass.async_stop(force=True)


async def add_entry(
    hass: HomeAssistant,
    domain: str,
    data: Mapping[str, Any],
    *,
    unique_id: str | None = None,
    **more: Any,
) -> MockConfigEntry:
    """Set an integration up with stored data, as its config flow left it."""
    entry = MockConfigEntry(
        domain=domain, data=dict(data), unique_id=unique_id, title=domain, **more
    )
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        raise RuntimeError(f"{domain} was not set up: {entry.state} {entry.reason}")
    return entry

"""The names that people's entities, dashboards and automations are built on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from syrupy.assertion import SnapshotAssertion
import voluptuous as vol

from custom_components.lantern.action import LanternAction
from custom_components.lantern.const import CONF_VENDOR, DOMAIN
from custom_components.lantern.vendors import VENDORS
from simulator.world import World
from tests.contracts import CONTRACTS

from .home import home
from .test_upgrade import LEFT_BEHIND, SINCE, move_back_in

MEANING = (
    "A line that goes or changes here breaks entities, dashboards or automations "
    "that people have. Only add."
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def unique_ids(hass: HomeAssistant, entry_id: str) -> dict[str, list[str]]:
    """Return the keys of all entities by device id; together they are unique ids."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    names = {
        device.id: device_id
        for device in devices
        for _, device_id in device.identifiers
    }
    unique_ids: dict[str, list[str]] = defaultdict(list)
    for entity in er.async_entries_for_config_entry(er.async_get(hass), entry_id):
        device_id = names[entity.device_id or ""]
        assert entity.unique_id.startswith(f"{device_id}_")
        key = entity.unique_id.removeprefix(f"{device_id}_")
        unique_ids[UUID.sub("<uuid>", device_id)].append(f"{entity.domain} {key}")
    return {
        device_id: sorted(unique_ids[device_id]) for device_id in sorted(unique_ids)
    }


def descriptions(vendor: str) -> dict[str, Any]:
    """Return each entity's translation key, with the values that it can have."""
    descriptions: dict[str, Any] = {}
    for platform, some in VENDORS[vendor].entities.items():
        for description in some:
            what = "event_types" if platform is Platform.EVENT else "options"
            values = getattr(description, what, None)
            descriptions[
                f"{platform} {description.translation_key or description.key}"
            ] = sorted(values) if values else None
    return dict(sorted(descriptions.items()))


def fields(schema: Any) -> Iterator[str]:
    """Yield the names of a schema's fields, those within others among them."""
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield str(key)
            yield from (f"{key}.{name}" for name in fields(value))
    elif isinstance(schema, list):
        for child in schema:
            yield from fields(child)
    elif isinstance(schema, vol.Schema):
        yield from fields(schema.schema)
    else:
        for child in getattr(schema, "validators", ()):
            yield from fields(child)


def action(description: LanternAction) -> list[str]:
    """Return the fields of an action."""
    return sorted({str(description.target), *fields(description.fields)})


def entries_of(hass: HomeAssistant) -> list[ConfigEntry]:
    """Return the entries of Lantern."""
    return hass.config_entries.async_entries(DOMAIN)


@pytest.fixture
def world_before(world: World, freezer: FrozenDateTimeFactory) -> World:
    """Serve the world that the last version's home was left in."""
    freezer.move_to(SINCE)
    return world


async def test_ids(
    world_before: World, folder: Path, snapshot: SnapshotAssertion
) -> None:
    """Nothing has another name than before."""
    await move_back_in(world_before, LEFT_BEHIND[-1], folder)
    async with home(folder) as hass:
        left = {entry.data[CONF_VENDOR] for entry in entries_of(hass)}
        for service in world_before.services:
            # A vendor that came later.
            if service.name not in left:
                await CONTRACTS[service.name].set_up(hass, service)
        entries = entries_of(hass)
        assert {entry.data[CONF_VENDOR] for entry in entries} == set(VENDORS)
        for entry in entries:
            vendor = entry.data[CONF_VENDOR]
            assert {
                "entities by device": unique_ids(hass, entry.entry_id),
                "translation keys, and event types or states": descriptions(vendor),
                "actions": {
                    described.name: action(described)
                    for described in VENDORS[vendor].actions
                },
                "stored with an entry": sorted(entry.data),
            } == snapshot(name=f"{vendor}. {MEANING}")

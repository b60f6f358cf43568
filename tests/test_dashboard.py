"""The dashboard that an action returns."""

from collections.abc import AsyncGenerator, Iterator
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util.yaml import dump, parse_yaml
import pytest

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.dashboard import GET_DASHBOARD
from simulator.service import Service

from .common import settle
from .contracts import CONTRACTS

CARDS = {"heading", "tile", "map", "calendar", "statistics-graph"}
HOSTILE = "- a: &b *c\n'\"\\ {{ x }} %YAML \u2028 \u0000 \U0001f600 #!"


@pytest.fixture
async def services() -> AsyncGenerator[dict[str, Service]]:
    """Serve all vendors' services."""
    services = {vendor: contract.make() for vendor, contract in CONTRACTS.items()}
    for service in services.values():
        await service.start()
    yield services
    for service in services.values():
        await service.stop()


@pytest.fixture
async def entries(
    hass: HomeAssistant, services: dict[str, Service]
) -> dict[str, ConfigEntry]:
    """Set up an entry of each vendor."""
    return {
        vendor: await contract.set_up(hass, services[vendor])
        for vendor, contract in CONTRACTS.items()
    }


async def dashboard(hass: HomeAssistant, *chosen: ConfigEntry) -> dict[str, Any]:
    """Return what the action returns."""
    data = {"config_entry_id": [entry.entry_id for entry in chosen]} if chosen else {}
    response = await hass.services.async_call(
        DOMAIN, GET_DASHBOARD, data, blocking=True, return_response=True
    )
    assert response is not None
    return response


def cards(response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all cards."""
    (view,) = response["views"]
    for section in view["sections"]:
        assert section["cards"][0]["type"] == "heading"
        assert section["column_span"] == view["max_columns"]
        yield from section["cards"]


def shown(response: dict[str, Any]) -> set[str]:
    """Return the ids of all entities and statistics that have a card."""
    listed: set[str] = set()
    for card in cards(response):
        assert card["type"] in CARDS
        listed |= {card["entity"]} if "entity" in card else set()
        listed |= set(card.get("entities", ()))
    return listed


async def test_cards(hass: HomeAssistant, entries: dict[str, ConfigEntry]) -> None:
    """Each service has cards, of entities that exist; nobody is asked or changed."""
    registry = er.async_get(hass)
    before = {entity.entity_id: entity for entity in registry.entities.values()}
    everything = shown(await dashboard(hass))
    assert everything <= set(hass.states.async_entity_ids())
    parts = [shown(await dashboard(hass, entry)) for entry in entries.values()]
    assert all(parts)
    assert sum(map(len, parts)) == len(everything)
    assert set().union(*parts) == everything
    two = list(entries.values())[:2]
    assert shown(await dashboard(hass, *two, two[0])) == parts[0] | parts[1]
    assert {entity.entity_id: entity for entity in registry.entities.values()} == before


async def test_what_is_not_shown(
    hass: HomeAssistant, entries: dict[str, ConfigEntry]
) -> None:
    """Disabled, hidden and abandoned entities have no card, renamed ones do."""
    registry = er.async_get(hass)
    disabled, hidden, renamed, *_ = sorted(
        shown(await dashboard(hass, entries["lightbug"]))
    )
    registry.async_update_entity(disabled, disabled_by=er.RegistryEntryDisabler.USER)
    registry.async_update_entity(hidden, hidden_by=er.RegistryEntryHider.USER)
    new = f"{renamed.partition('.')[0]}.my_own"
    registry.async_update_entity(renamed, new_entity_id=new)
    await settle(hass)
    abandoned = registry.async_get_or_create(
        "sensor",
        DOMAIN,
        "gone",
        config_entry=entries["lightbug"],
        device_id=registry.entities[new].device_id,
        translation_key="speed",
    )
    restored = {"restored": True}
    hass.states.async_set(abandoned.entity_id, "unavailable", restored)
    listed = shown(await dashboard(hass))
    assert not listed & {disabled, hidden, renamed, abandoned.entity_id}
    assert new in listed


async def test_without_the_service(
    hass: HomeAssistant, entries: dict[str, ConfigEntry]
) -> None:
    """An entry that is not loaded has the cards of the entities that are waiting."""
    before = shown(await dashboard(hass))
    for entry in entries.values():
        assert await hass.config_entries.async_unload(entry.entry_id)
    await settle(hass)
    assert before - shown(await dashboard(hass)) == set()


async def test_hostile_names(
    hass: HomeAssistant, entries: dict[str, ConfigEntry]
) -> None:
    """Whatever a device is called, the response is YAML that says the same."""
    registry = dr.async_get(hass)
    for device in list(registry.devices):
        registry.async_update_device(device.id, name_by_user=HOSTILE)
    await settle(hass)
    response = await dashboard(hass)
    assert any(card.get("heading") == HOSTILE for card in cards(response))
    assert parse_yaml(dump(response)) == response


async def test_treatments(hass: HomeAssistant, entries: dict[str, ConfigEntry]) -> None:
    """Treatments that were recorded have a calendar and graphs; logs have one, too."""
    graphs = [
        card
        for card in cards(await dashboard(hass, entries["lux"]))
        if card["type"] == "statistics-graph"
    ]
    assert graphs
    (logs,) = graphs[0]["entities"]
    device_id = er.async_get(hass).entities[logs].device_id
    await hass.services.async_call(
        DOMAIN,
        "lux_record_treatments",
        {
            "device_id": device_id,
            "treatments": [{"start": "2026-01-01 20:00:00", "duration": 600}],
        },
        blocking=True,
        return_response=True,
    )
    await settle(hass)
    listed = shown(await dashboard(hass, entries["lux"]))
    assert logs not in listed
    assert {entity_id.partition(".")[0] for entity_id in listed} >= {
        "calendar",
        "sensor",
    }
    assert [entity_id for entity_id in listed if entity_id.endswith("_treatment_time")]
    assert [entity_id for entity_id in listed if entity_id.startswith("lantern:lux_")]


async def test_language(hass: HomeAssistant, entries: dict[str, ConfigEntry]) -> None:
    """Headings are in the server's language."""
    hass.config.language = "de"
    headings = {
        card.get("heading") for card in cards(await dashboard(hass, entries["hue"]))
    }
    assert {"Leuchte", "Szene", "Sensor"} <= headings


async def test_wrong_entry(
    hass: HomeAssistant, entries: dict[str, ConfigEntry]
) -> None:
    """An entry that is none of Lantern's is refused in words."""
    with pytest.raises(
        ServiceValidationError, match="This entry does not belong to Lantern"
    ):
        await hass.services.async_call(
            DOMAIN,
            GET_DASHBOARD,
            {"config_entry_id": "nonsense"},
            blocking=True,
            return_response=True,
        )

"""Cards of a dashboard: what the vendors make them of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_RESTORED, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN
from .coordinator import LanternConfigEntry

type Card = dict[str, Any]
type Section = dict[str, Any]

COLUMNS = 3
"""Sections are as wide as the page, so that none leaves a part of it empty."""
WIDE: Card = {"columns": "full"}
ENTITY_NAME: Card = {"name": {"type": "entity"}}
"""Names a card without its device, which stands above it."""


@dataclass(frozen=True, slots=True)
class CardEntity:
    """An entity that a card can show, with Lantern's id of its device."""

    entity_id: str
    name: str
    platform: str
    key: str
    device_id: str
    device_name: str


@dataclass(frozen=True, slots=True)
class CardSource:
    """One entry and its entities, for a vendor to choose from."""

    entry: LanternConfigEntry
    entities: Sequence[CardEntity]
    titles: Mapping[str, str]
    """What Home Assistant calls a platform's entities, by platform."""

    def of(self, platform: Platform, *keys: str) -> list[CardEntity]:
        """Return the entities of a platform that have these keys, ordered by both."""
        return [
            entity
            for key in keys
            for entity in self.entities
            if entity.platform == platform and entity.key == key
        ]

    def by_device(self) -> list[CardSource]:
        """Return a source for each device, ordered by name."""
        return [
            CardSource(self.entry, list(entities), self.titles)
            for _, entities in groupby(self.entities, lambda entity: entity.device_id)
        ]

    @property
    def device_name(self) -> str:
        """Return the name of the first device."""
        return self.entities[0].device_name


type BuildSections = Callable[[CardSource], list[Section]]


def heading(text: str, icon: str | None = None) -> Card:
    """Return a heading; one without an icon is a subtitle."""
    card = {"type": "heading", "heading": text}
    return card | ({"icon": icon} if icon else {"heading_style": "subtitle"})


def tile(entity: CardEntity, **options: Any) -> Card:
    """Return a tile."""
    if entity.platform == Platform.EVENT:
        options = {"state_content": ["event_type", "state"]} | options
    return {"type": "tile", "entity": entity.entity_id, **options}


def tiles(entities: Sequence[CardEntity], **options: Any) -> list[Card]:
    """Return a tile for each entity."""
    return [tile(entity, **options) for entity in entities]


def titled(text: str, cards: Sequence[Card]) -> list[Card]:
    """Return cards below a subtitle, or nothing."""
    return [heading(text), *cards] if cards else []


def calendar(entities: Sequence[CardEntity], view: str) -> list[Card]:
    """Return a calendar of all these entities, if there are any."""
    if not entities:
        return []
    ids = [entity.entity_id for entity in entities]
    options = {**WIDE, "rows": 10}
    card = {"type": "calendar", "initial_view": view, "entities": ids}
    return [card | {"grid_options": options}]


def statistics_graph(statistic_id: str, stat_type: str) -> Card:
    """Return a graph of one statistic over a month, day by day."""
    return {
        "type": "statistics-graph",
        "period": "day",
        "days_to_show": 30,
        "chart_type": "bar" if stat_type == "change" else "line",
        "stat_types": [stat_type],
        "entities": [statistic_id],
        "grid_options": WIDE,
    }


def section(*cards: Card) -> Section:
    """Return a section."""
    return {"type": "grid", "column_span": COLUMNS, "cards": list(cards)}


@callback
def async_card_source(
    hass: HomeAssistant, entry: LanternConfigEntry, titles: Mapping[str, str]
) -> CardSource:
    """Return an entry's entities that exist, are enabled and are not hidden."""
    devices = dr.async_get(hass)
    shown = []
    for row in er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id):
        state = hass.states.get(row.entity_id)
        device = devices.async_get(row.device_id or "")
        if row.disabled or row.hidden or state is None or device is None:
            continue
        # Without a loaded entry, all of its entities are restored ones.
        is_loaded = entry.state is ConfigEntryState.LOADED
        if is_loaded and state.attributes.get(ATTR_RESTORED):
            continue
        ids = (
            device_id for domain, device_id in device.identifiers if domain == DOMAIN
        )
        device_name = device.name_by_user or device.name or ""
        shown.append(
            CardEntity(
                row.entity_id,
                state.name,
                row.domain,
                row.translation_key or "",
                next(ids, ""),
                device_name,
            )
        )
    shown.sort(key=_order)
    return CardSource(entry, shown, titles)


def _order(entity: CardEntity) -> tuple[str, str, str]:
    return entity.device_name.casefold(), entity.device_id, entity.name.casefold()

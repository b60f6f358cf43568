"""The action that returns a dashboard; nothing is written."""

from collections.abc import Sequence
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from .action import ATTR_CONFIG_ENTRY, SHORT_TEXT, find_entry
from .cards import COLUMNS, async_card_source
from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry
from .vendors import VENDORS

GET_DASHBOARD = "get_dashboard"
_TITLED = (Platform.LIGHT, Platform.SCENE, Platform.SENSOR)
"""What Home Assistant calls the entities of these platforms is a heading."""


async def async_get_dashboard(
    hass: HomeAssistant, entries: Sequence[LanternConfigEntry]
) -> dict[str, Any]:
    """Return the configuration of a dashboard, as its raw editor takes it."""
    language = hass.config.language
    texts = await async_get_translations(hass, language, "title", list(_TITLED))
    titles = {
        str(platform): texts.get(f"component.{platform}.title", platform.title())
        for platform in _TITLED
    }
    sections = []
    for vendor, row in VENDORS.items():
        for entry in entries:
            if entry.data[CONF_VENDOR] == vendor and row.build_sections is not None:
                source = async_card_source(hass, entry, titles)
                sections += row.build_sections(source) if source.entities else []
    view = {
        "title": "Lantern",
        "path": DOMAIN,
        "icon": "mdi:lighthouse",
        "type": "sections",
        "max_columns": COLUMNS,
        "sections": sections,
    }
    return {"views": [view]}


@callback
def async_register_dashboard(hass: HomeAssistant) -> None:
    """Register the action."""

    async def handle(call: ServiceCall) -> ServiceResponse:
        chosen = call.data.get(ATTR_CONFIG_ENTRY)
        if chosen is None:
            entries = hass.config_entries.async_entries(DOMAIN)
        else:
            entries = [find_entry(hass, entry_id) for entry_id in dict.fromkeys(chosen)]
        return await async_get_dashboard(hass, entries)

    # At run time voluptuous is Home Assistant's own engine.
    schema: Any = vol.Schema(
        {vol.Optional(ATTR_CONFIG_ENTRY): vol.All(cv.ensure_list, [SHORT_TEXT])}
    )
    hass.services.async_register(
        DOMAIN,
        GET_DASHBOARD,
        handle,
        schema=schema,
        supports_response=SupportsResponse.ONLY,
    )

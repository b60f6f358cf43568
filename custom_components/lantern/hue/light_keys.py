"""The entity keys of lamps, which are stored so that they never move."""

from collections.abc import Sequence

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..store import LanternStore
from ..transport import parsing
from .client.devices import assign_keys
from .client.models.light import Light


def light_keys(
    hass: HomeAssistant, store: LanternStore, device_id: str, lamps: Sequence[Light]
) -> tuple[str, ...]:
    """Return the keys of a device's lights, and store those of new ones."""
    section = store.section("light_keys")
    stored = {
        place: key
        for place, key in parsing.as_dict(section.get(device_id)).items()
        if isinstance(key, str)
    }
    registry = er.async_get(hass)

    def is_used(key: str) -> bool:
        unique_id = f"{device_id}_{key}"
        return bool(registry.async_get_entity_id(Platform.LIGHT, DOMAIN, unique_id))

    keys = assign_keys(lamps, stored, is_used)
    if stored != section.get(device_id):
        section[device_id] = stored
        store.async_delay_save()
    return keys

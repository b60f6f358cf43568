"""The options of a bridge; a change reloads its entry."""

from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.selector import (
    BooleanSelector,
    DeviceFilterSelectorConfig,
    DeviceSelector,
    DeviceSelectorConfig,
)
import voluptuous as vol

from ..const import DOMAIN
from .client.devices import is_physical

CONF_COUNT_AS_REACHABLE = "count_as_reachable"
CONF_SHOW_ROOMS = "show_rooms"
CONF_SHOW_SCENES = "show_scenes"

_DEVICES = DeviceSelector(
    DeviceSelectorConfig(
        multiple=True, filter=[DeviceFilterSelectorConfig(integration=DOMAIN)]
    )
)


@callback
def async_find_devices(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Return the device ids of an entry's lamps and accessories, by registry id."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return {
        device.id: device_id
        for device in devices
        for domain, device_id in device.identifiers
        if domain == DOMAIN and is_physical(device_id)
    }


@callback
def async_find_always_reachable(
    hass: HomeAssistant, entry: ConfigEntry
) -> frozenset[str]:
    """Return the ids of the devices that count as reachable."""
    chosen = entry.options.get(CONF_COUNT_AS_REACHABLE, ())
    devices = async_find_devices(hass, entry) if chosen else {}
    return frozenset(devices[choice] for choice in chosen if choice in devices)


class HueOptionsFlow(OptionsFlowWithReload):
    """Changes what is shown of a bridge, and which devices count as reachable."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form: every vendor has one of its own."""
        return await self.async_step_hue()

    async def async_step_hue(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the options."""
        own = async_find_devices(self.hass, self.config_entry)
        errors: dict[str, str] = {}
        options = dict(self.config_entry.options)
        if user_input is not None:
            options |= {CONF_COUNT_AS_REACHABLE: [], **user_input}
            if own.keys() >= set(options[CONF_COUNT_AS_REACHABLE]):
                return self.async_create_entry(data=options)
            errors[CONF_COUNT_AS_REACHABLE] = "not_of_this_bridge"
        chosen = options.get(CONF_COUNT_AS_REACHABLE, ())
        # A device that is gone can be chosen no more, and must not be in the way.
        options[CONF_COUNT_AS_REACHABLE] = [
            choice for choice in chosen if choice in own
        ]
        schema: Any = vol.Schema(
            {
                vol.Optional(CONF_COUNT_AS_REACHABLE): _DEVICES,
                vol.Required(CONF_SHOW_ROOMS, default=True): BooleanSelector(),
                vol.Required(CONF_SHOW_SCENES, default=True): BooleanSelector(),
            }
        )
        return self.async_show_form(
            step_id="hue",
            data_schema=self.add_suggested_values_to_schema(schema, options),
            errors=errors,
        )

"""The config flow: a menu of the vendors, each of which brings its own steps."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, OptionsFlow
from homeassistant.core import callback

from .const import CONF_VENDOR, DOMAIN
from .hue.flow import HueFlow
from .lightbug.flow import LightbugFlow
from .lucit.flow import LucitFlow
from .lux.flow import LuxFlow
from .vendors import VENDORS

type Start = Callable[[], Awaitable[ConfigFlowResult]]


class LanternConfigFlow(HueFlow, LucitFlow, LightbugFlow, LuxFlow, domain=DOMAIN):
    """Adds, reauthenticates and reconfigures the entries of all vendors."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the vendor's own options flow."""
        options_flow = VENDORS[config_entry.data[CONF_VENDOR]].options_flow
        assert options_flow is not None
        return options_flow()

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Return whether the vendor has options."""
        return VENDORS[config_entry.data[CONF_VENDOR]].options_flow is not None

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user choose a vendor."""
        return self.async_show_menu(step_id="user", menu_options=list(VENDORS))

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Go to the vendor's own way of signing in again."""
        step: Start = getattr(self, f"reauth_{entry_data[CONF_VENDOR]}")
        return await step()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go to the vendor's own form, filled with what is stored."""
        vendor = self._get_reconfigure_entry().data[CONF_VENDOR]
        step: Start = getattr(self, f"reconfigure_{vendor}")
        return await step()

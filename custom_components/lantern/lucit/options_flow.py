"""The option of a player; it can be changed in every state of the entry."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
from homeassistant.helpers.selector import BooleanSelector
import voluptuous as vol

from .heartbeat import CONF_HEARTBEAT


class LucitOptionsFlow(OptionsFlowWithReload):
    """Turns heartbeats on and off, also while the switch is not available."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form: every vendor has one of its own."""
        return await self.async_step_lucit()

    async def async_step_lucit(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether to send heartbeats."""
        options = dict(self.config_entry.options)
        if user_input is not None:
            return self.async_create_entry(data={**options, **user_input})
        is_on = bool(options.get(CONF_HEARTBEAT))
        schema: Any = vol.Schema(
            {vol.Required(CONF_HEARTBEAT, default=is_on): BooleanSelector()}
        )
        return self.async_show_form(step_id="lucit", data_schema=schema)

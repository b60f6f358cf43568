"""The options of a Lightbug account: push."""

from typing import Any

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .coordinator import LightbugCoordinator
from .push import CONF_PUSH, CONF_PUSH_ACCOUNT, CONF_WEBHOOK_ID
from .push_address import async_delete_cloudhook, async_get_address

_ADDRESS = "address"
_NEVER = "–"


class LightbugOptionsFlow(OptionsFlow):
    """Switches push on, and shows the address to paste into Lightbug's app."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options, and take them over at once."""
        errors: dict[str, str] = {}
        options = dict(self.config_entry.options)
        if user_input is not None:
            options |= user_input
            if not options[CONF_PUSH]:
                self._save(options, await self._without_address())
                return self.async_create_entry(data=options)
            data = dict(self.config_entry.data)
            webhook_id = data.setdefault(CONF_WEBHOOK_ID, webhook.async_generate_id())
            address = await async_get_address(self.hass, webhook_id)
            if address is not None:
                self._save(options, data)
                return self._show_address(address)
            errors[CONF_PUSH] = "no_external_url"
        schema: Any = vol.Schema(
            {vol.Required(CONF_PUSH, default=False): BooleanSelector()}
        )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, options),
            errors=errors,
        )

    async def async_step_push(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """End; the options were taken over before the address was shown."""
        return self.async_create_entry(data=dict(self.config_entry.options))

    def _show_address(self, address: str) -> ConfigFlowResult:
        """Show the address, to be copied, and what was last received at it."""
        field = TextSelector(TextSelectorConfig(read_only=True))
        schema: Any = vol.Schema({vol.Optional(_ADDRESS): field})
        coordinator = getattr(self.config_entry, "runtime_data", None)
        received = None
        if isinstance(coordinator, LightbugCoordinator):
            received = coordinator.push.received
        time = f"{dt_util.as_local(received):%Y-%m-%d %H:%M}" if received else _NEVER
        return self.async_show_form(
            step_id="push",
            data_schema=self.add_suggested_values_to_schema(
                schema, {_ADDRESS: address}
            ),
            description_placeholders={"received": time},
            last_step=True,
        )

    async def _without_address(self) -> dict[str, Any]:
        """Return the entry's data without the address, and whom to trust there.

        Nobody can send to it any more.
        """
        data = dict(self.config_entry.data)
        data.pop(CONF_PUSH_ACCOUNT, None)
        if (webhook_id := data.pop(CONF_WEBHOOK_ID, None)) is not None:
            await async_delete_cloudhook(self.hass, webhook_id)
        return data

    def _save(self, options: dict[str, Any], data: dict[str, Any]) -> None:
        """Save options and data, and reload the entry if they changed."""
        entry = self.config_entry
        if self.hass.config_entries.async_update_entry(
            entry, options=options, data=data
        ):
            self.hass.config_entries.async_schedule_reload(entry.entry_id)

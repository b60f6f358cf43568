"""The options of a Lightbug account: which places are shown, how often to poll, push."""

from typing import Any

from homeassistant.components import webhook
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfLength
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .coordinator import LightbugCoordinator
from .options import CONF_FAST, CONF_IGNORE_CELL, CONF_IGNORE_WIFI, CONF_MAX_ACCURACY
from .push import CONF_PUSH, CONF_PUSH_ACCOUNT, CONF_WEBHOOK_ID
from .push_address import async_delete_cloudhook, async_get_address

_ADDRESS = "address"
_NEVER = "–"

_FIELDS: dict[Any, Any] = {
    vol.Optional(CONF_MAX_ACCURACY): NumberSelector(
        NumberSelectorConfig(
            min=1,
            max=100_000,
            step=1,
            unit_of_measurement=UnitOfLength.METERS,
            mode=NumberSelectorMode.BOX,
        )
    ),
    vol.Required(CONF_IGNORE_CELL, default=False): BooleanSelector(),
    vol.Required(CONF_IGNORE_WIFI, default=False): BooleanSelector(),
    vol.Required(CONF_FAST, default=True): BooleanSelector(),
    vol.Required(CONF_PUSH, default=False): BooleanSelector(),
}


class LightbugOptionsFlow(OptionsFlow):
    """Changes what is shown; shows the address to paste into Lightbug's app for push."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form: every vendor has one of its own."""
        return await self.async_step_lightbug()

    async def async_step_lightbug(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options, and take them over at once."""
        errors: dict[str, str] = {}
        options = dict(self.config_entry.options)
        if user_input is not None:
            # A field that was emptied is left out.
            options = {key: options[key] for key in options if key not in _FIELDS}
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
        schema: Any = vol.Schema(_FIELDS)
        return self.async_show_form(
            step_id="lightbug",
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

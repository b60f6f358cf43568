"""Registers the actions that the vendors describe."""

from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
import voluptuous as vol

from .action import SHORT_TEXT, LanternAction, resolve
from .const import DOMAIN
from .transport.bounds import bounded_json
from .vendors import VENDORS

_LARGEST_RESPONSE = 64 * 1024 * 1024


def _handler(
    hass: HomeAssistant, vendor: str, action: LanternAction
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    """Return what Home Assistant calls for an action."""

    async def handle(service_call: ServiceCall) -> ServiceResponse:
        call = resolve(hass, action, vendor, service_call.data)
        if not action.loaded_only:
            response = await action.handler(call)
        else:
            async with call.coordinator.translate_errors():
                response = await action.handler(call)
        bounded: ServiceResponse = bounded_json(response, _LARGEST_RESPONSE)
        return bounded

    return handle


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions of all vendors."""
    for vendor, row in VENDORS.items():
        for action in row.actions:
            # At run time voluptuous is Home Assistant's own engine.
            schema: Any = vol.Schema(
                {vol.Required(action.target): SHORT_TEXT, **action.fields}
            )
            hass.services.async_register(
                DOMAIN,
                action.name,
                _handler(hass, vendor, action),
                schema=schema,
                supports_response=action.response,
            )

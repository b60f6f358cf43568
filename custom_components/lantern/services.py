"""Registers the actions that the vendors describe."""

from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import service
import voluptuous as vol

from .action import SHORT_TEXT, LanternAction, LanternEntityAction, resolve
from .const import DOMAIN
from .dashboard import async_register_dashboard
from .transport.bounds import bounded_json, is_writable
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


def _entity_handler(
    action: LanternEntityAction,
) -> Callable[[Any, ServiceCall], Coroutine[Any, Any, None]]:
    """Return what Home Assistant calls for each entity of an action's target."""

    async def handle(entity: Any, service_call: ServiceCall) -> None:
        if not is_writable(service_call.data):
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="unwritable_text"
            )
        async with entity.coordinator.translate_errors():
            await action.handler(entity, service_call.data)

    return handle


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions of all vendors, and the one that they share."""
    async_register_dashboard(hass)
    for vendor, row in VENDORS.items():
        for action in row.actions:
            if isinstance(action, LanternEntityAction):
                service.async_register_platform_entity_service(
                    hass,
                    DOMAIN,
                    action.name,
                    entity_domain=action.platform,
                    schema=dict(action.fields),
                    func=_entity_handler(action),
                )
                continue
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

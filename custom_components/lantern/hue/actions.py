"""Who is let in at a bridge: listed, and removed where the firmware allows it."""

from typing import Any

from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
import voluptuous as vol

from ..action import SHORT_TEXT, Call, LanternAction, Target
from ..const import DOMAIN
from ..transport.errors import AuthError, Refused
from .client.models.bridge import Application
from .client.registration import deregister, get_config
from .connection import CONF_KEY
from .coordinator import HueCoordinator

_APPLICATION = "application"


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


async def _applications(call: Call) -> tuple[Application, ...]:
    """Ask the bridge now; without our key it does not say."""
    coordinator = call.coordinator
    assert isinstance(coordinator, HueCoordinator)
    bridge = await get_config(coordinator.http)
    if bridge.whitelist is None:
        raise AuthError("config")
    return bridge.whitelist


def _told(application: Application) -> dict[str, Any]:
    """Return an application as a response tells it."""
    created, used = application.created, application.last_used
    return {
        "name": application.name,
        "created": created.isoformat() if created else None,
        "last_used": used.isoformat() if used else None,
        "key": application.short_key,
    }


async def _list(call: Call) -> ServiceResponse:
    return {
        "applications": [
            _told(application) for application in await _applications(call)
        ]
    }


async def _deregister(call: Call) -> None:
    """Remove one application; Lantern's own goes with its entry."""
    wanted = call.fields[_APPLICATION].strip()
    applications = await _applications(call)
    matching = [
        application for application in applications if application.short_key == wanted
    ] or [application for application in applications if application.name == wanted]
    if not matching:
        raise _invalid("hue_unknown_application")
    if len(matching) > 1:
        raise _invalid("hue_ambiguous_application")
    if matching[0].key == call.entry.data[CONF_KEY]:
        raise _invalid("hue_own_application")
    coordinator = call.coordinator
    assert isinstance(coordinator, HueCoordinator)
    try:
        await deregister(coordinator.http, matching[0].key)
    except (AuthError, Refused) as err:
        # Since API 1.31 it is error 1, as if our key were unknown; it is not.
        raise _invalid("hue_deregister_forbidden") from err
    await coordinator.async_read_config_soon()


ACTIONS = (
    LanternAction(
        name="hue_list_applications",
        target=Target.ENTRY,
        handler=_list,
        response=SupportsResponse.ONLY,
    ),
    LanternAction(
        name="hue_deregister_application",
        target=Target.ENTRY,
        handler=_deregister,
        fields={vol.Required(_APPLICATION): SHORT_TEXT},
    ),
)

"""The actions of Lightbug: history, flight mode, geofences."""

from datetime import datetime
from typing import Any

from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..action import CONFIRM, Call, LanternAction, Target
from ..const import DOMAIN
from .coordinator import LightbugCoordinator

_LONGEST_FLIGHT = 1440


def _coordinator(call: Call) -> LightbugCoordinator:
    coordinator = call.coordinator
    assert isinstance(coordinator, LightbugCoordinator)
    return coordinator


def _utc(value: datetime) -> datetime:
    """Return a time in UTC; without a zone it is Home Assistant's."""
    return dt_util.as_utc(value)


async def _get_history(call: Call) -> ServiceResponse:
    """Return every fix of a range of time."""
    assert call.device_id is not None
    since = _utc(call.fields["start"])
    until = _utc(call.fields.get("end") or dt_util.utcnow())
    if since >= until:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="lightbug_no_range"
        )
    history = await _coordinator(call).history(call.device_id, since, until)
    points: list[Any] = list(history.points)
    return {"points": points, "truncated": history.truncated}


async def _set_flight_mode(call: Call) -> ServiceResponse:
    """Send a tracker into flight mode: nobody can call it back."""
    assert call.device_id is not None
    await _coordinator(call).set_flight_mode(call.device_id, call.fields["minutes"])
    return None


async def _get_geofences(call: Call) -> ServiceResponse:
    """Return the account's geofences."""
    fences: list[Any] = await _coordinator(call).geofences()
    return {"geofences": fences}


ACTIONS = (
    LanternAction(
        name="lightbug_get_history",
        target=Target.DEVICE,
        handler=_get_history,
        fields={vol.Required("start"): cv.datetime, vol.Optional("end"): cv.datetime},
        response=SupportsResponse.ONLY,
    ),
    LanternAction(
        name="lightbug_set_flight_mode",
        target=Target.DEVICE,
        handler=_set_flight_mode,
        fields={
            vol.Required("minutes"): vol.All(
                vol.Coerce(int), vol.Range(min=1, max=_LONGEST_FLIGHT)
            ),
            **CONFIRM,
        },
    ),
    LanternAction(
        name="lightbug_get_geofences",
        target=Target.ENTRY,
        handler=_get_geofences,
        response=SupportsResponse.ONLY,
    ),
)

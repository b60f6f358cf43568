"""The actions of Lightbug: history, flight mode, geofences."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..action import CONFIRM, Call, LanternAction, Target
from ..const import DOMAIN
from .client.gpx import to_gpx
from .client.models import NO_TIME_BEFORE
from .commands import async_get_geofences, async_get_history, async_set_flight_mode
from .coordinator import LightbugCoordinator

ATTR_FORMAT = "format"
POINTS = "points"
GPX = "gpx"
_AHEAD = timedelta(days=1)
_LONGEST_FLIGHT = 1440


def _coordinator(call: Call) -> LightbugCoordinator:
    coordinator = call.coordinator
    assert isinstance(coordinator, LightbugCoordinator)
    return coordinator


def _range(call: Call) -> tuple[datetime, datetime]:
    """Return the range that is asked for, until now at most, in UTC.

    A time without a zone is Home Assistant's. The year first: the ends of the calendar
    have no UTC.
    """
    now = dt_util.utcnow()
    start, end = call.fields["start"], call.fields.get("end") or now
    if start.year < NO_TIME_BEFORE.year:
        raise _invalid("lightbug_start_too_early")
    if start.year > now.year + 1 or end.year < NO_TIME_BEFORE.year:
        raise _invalid("lightbug_no_range")
    since = dt_util.as_utc(start)
    # The service's clock may be ahead of ours.
    until = now + _AHEAD if end.year > now.year + 1 else dt_util.as_utc(end)
    if since >= min(until, now + _AHEAD):
        raise _invalid("lightbug_no_range")
    return since, until


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


async def _get_history(call: Call) -> ServiceResponse:
    """Return every fix of a range of time, as points or as GPX."""
    assert call.device_id is not None
    since, until = _range(call)
    coordinator = _coordinator(call)
    history = await async_get_history(coordinator, call.device_id, since, until)
    points: list[Any] = list(history.points)
    if call.fields[ATTR_FORMAT] == POINTS:
        return {POINTS: points, "truncated": history.truncated}
    tracker = coordinator.data.get(call.device_id)
    name = tracker.name if tracker else None
    # It can be 50,000 points.
    gpx = await call.hass.async_add_executor_job(to_gpx, name, points)
    return {GPX: gpx, "truncated": history.truncated}


async def _set_flight_mode(call: Call) -> ServiceResponse:
    """Send a tracker into flight mode: nobody can call it back."""
    assert call.device_id is not None
    await async_set_flight_mode(
        _coordinator(call), call.device_id, call.fields["minutes"]
    )
    return None


async def _get_geofences(call: Call) -> ServiceResponse:
    """Return the account's geofences."""
    return {"geofences": list(await async_get_geofences(_coordinator(call)))}


ACTIONS = (
    LanternAction(
        name="lightbug_get_history",
        target=Target.DEVICE,
        handler=_get_history,
        fields={
            vol.Required("start"): cv.datetime,
            vol.Optional("end"): cv.datetime,
            vol.Optional(ATTR_FORMAT, default=POINTS): vol.In([POINTS, GPX]),
        },
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

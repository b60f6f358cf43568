"""What people can ask of trackers and accounts, besides the polls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..transport.errors import Refused
from .client.devices import make_config, parse_settings
from .client.geofences import parse_geofence
from .client.history import History, read_history
from .client.models import Row
from .coordinator import LightbugCoordinator, number_of

# What a refused setting can be about; the other refusals are not about its value.
_SETTING_REFUSED = (400, 422)


async def async_set_config(
    coordinator: LightbugCoordinator, device_id: str, name: str, value: float
) -> None:
    """Change one setting of a tracker, and nothing else."""
    coordinator.check_budget()
    number = number_of(device_id)
    try:
        row, changed = await coordinator.api.set_config(number, {name: int(value)})
    except Refused as err:
        if err.code not in _SETTING_REFUSED or not err.text:
            raise
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="lightbug_setting_refused",
            translation_placeholders={"reason": err.text},
        ) from err
    config = coordinator.data[device_id].config
    if row:
        config = make_config(parse_settings(row), changed)
    coordinator.async_config_changed(device_id, changed, config._replace(pending=True))


async def async_set_flight_mode(
    coordinator: LightbugCoordinator, device_id: str, minutes: int
) -> None:
    """Send a tracker into flight mode."""
    coordinator.check_budget()
    await coordinator.api.set_flight_mode(number_of(device_id), minutes)


async def async_get_history(
    coordinator: LightbugCoordinator,
    device_id: str,
    since: datetime,
    until: datetime,
    *,
    places_only: bool = True,
) -> History:
    """Return every fix of a tracker in a range of time, or every point."""
    number, now = number_of(device_id), coordinator.now()
    clock = coordinator.state_of(device_id).clock(now)

    async def get_page(by: str, ends: tuple[str, str], skip: int) -> list[Row]:
        coordinator.check_budget()
        return await coordinator.api.points_page(
            number, by, ends, skip, places_only=places_only
        )

    until = min(until, max(now, dt_util.utcnow()))
    return await read_history(get_page, since, until, clock, places_only=places_only)


async def async_get_geofences(coordinator: LightbugCoordinator) -> Sequence[Any]:
    """Return the account's geofences."""
    coordinator.check_budget()
    rows = await coordinator.api.geofences(coordinator.user_id)
    return [parse_geofence(row) for row in rows]

"""The geofences that hold a tracker: read only while an entity shows them."""

from collections.abc import Awaitable, Callable

from homeassistant.core import CALLBACK_TYPE, callback

from ..optional_request import OptionalRequest
from .client.geofences import Geofence, make_geofence
from .client.models import Row

_EVERY = 3600.0


class GeofenceReader:
    """Reads an account's geofences once an hour, as long as something uses them."""

    def __init__(self, read: Callable[[], Awaitable[list[Row]]], service: str) -> None:
        """Take the request; nothing uses it yet."""
        self._read = read
        self._request = OptionalRequest(self._ask, service, _EVERY)
        self._users = 0

    async def _ask(self) -> tuple[Geofence, ...]:
        rows = await self._read()
        return tuple(fence for row in rows if (fence := make_geofence(row)))

    async def async_get(self) -> tuple[Geofence, ...] | None:
        """Return the geofences; None if nothing uses them, or they cannot be read."""
        return await self._request.async_get() if self._users else None

    @callback
    def async_use(self) -> CALLBACK_TYPE:
        """Begin to use them; return what ends it."""
        self._users += 1

        @callback
        def leave() -> None:
            self._users -= 1

        return leave

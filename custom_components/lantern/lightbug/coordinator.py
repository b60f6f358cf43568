"""Polls one Lightbug account: all trackers at once, their news beside."""

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import DeviceInfo

from ..const import CONF_BASE_URL
from ..coordinator import LanternConfigEntry, LanternCoordinator, limits_of
from ..credentials import stored_token
from ..transport import fields
from ..transport.errors import TransportError
from ..transport.tokens import Token
from .api import LightbugApi
from .models import Row, Tracker, read_tracker
from .points import Track, read_point
from .readings import Sensed
from .reads import Kind, SideReads

CONF_AUTH = "auth"
CONF_USER_ID = "user_id"
AUTH_REFRESHABLE = "refreshable"
AUTH_TOKEN = "token"
AUTH_LEGACY = "legacy"

_NEVER = object()
_FAREWELL = 10.0


class LightbugCoordinator(LanternCoordinator[Tracker]):
    """Holds an account's trackers under `lightbug:<device id>`."""

    service = "Lightbug"
    interval = timedelta(minutes=5)

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's account."""
        super().__init__(hass, entry)
        data = entry.data
        self._user_id: int = data[CONF_USER_ID]
        self._tracks: defaultdict[int, Track] = defaultdict(Track)
        self._sensed: defaultdict[int, Sensed] = defaultdict(Sensed)
        self._connected: dict[int, object] = {}
        self._reads = SideReads(
            self.limits,
            {Kind.POINT: self._read_point, Kind.READINGS: self._read_readings},
        )
        self.api = LightbugApi(
            async_get_clientsession(hass), data[CONF_BASE_URL], self.limits
        )
        self.api.sign_in_as(stored_token(data), self.keep_token)

    @override
    async def fetch(self) -> dict[str, Tracker]:
        """Ask for all trackers, then for what has news and is not in their rows."""
        summed = await self.api.summary(self._user_id)
        listed = await self.api.devices()
        rows = {
            device_id: (listed.get(device_id, {}), summed.get(device_id, {}))
            for device_id in summed | listed
        }
        for device_id, row in summed.items():
            self._look_at(device_id, row)
        for device_id, (of_list, of_summary) in rows.items():
            connected = of_list.get("lastConnection", of_summary.get("lastConnection"))
            self._look_for_readings(device_id, connected)
        await self._reads.run(rows.__contains__)
        return {
            f"lightbug:{device_id}": self._tracker(device_id, *both)
            for device_id, both in rows.items()
        }

    def _tracker(self, device_id: int, listed: Row, summed: Row) -> Tracker:
        track = self._tracks[device_id]
        readings = self._sensed[device_id].values
        return read_tracker(listed, summed, track.fix, track.status, readings)

    def _look_at(self, device_id: int, summed: Row) -> None:
        """Learn from a tracker's newest point, and note what it leaves open.

        `getDeviceSummary` has two documented shapes, and the newest point need
        not be a valid one: a valid one may have come just before it.
        """
        track = self._tracks[device_id]
        points = [read_point(row) for row in fields.objects(summed.get("latestPoints"))]
        for point in reversed(points):
            track.take(point)
        if not points or points[0].id == track.newest:
            return
        track.newest = points[0].id
        track.clock = points[0].time is not None
        if not points[0].complete:
            self._reads.want(Kind.POINT, device_id)

    async def _read_point(self, device_id: int) -> None:
        """Read a tracker's newest valid point."""
        track = self._tracks[device_id]
        point = await self.api.newest_valid_point(device_id, clock=track.clock)
        if point is not None:
            track.take(point)

    def _look_for_readings(self, device_id: int, connected: object) -> None:
        """Note that a tracker connected: it may have sent readings."""
        if self._connected.get(device_id, _NEVER) != connected:
            self._connected[device_id] = connected
            self._reads.want(Kind.READINGS, device_id)

    async def _read_readings(self, device_id: int) -> None:
        """Read the newest of a tracker's readings."""
        rows = await self.api.newest_readings(device_id)
        self._sensed[device_id].take(rows)

    @override
    def describe(self, device_id: str, device: Tracker) -> DeviceInfo:
        """Describe a tracker."""
        return DeviceInfo(
            name=device.name or "Lightbug tracker",
            manufacturer="Lightbug",
            model=device.type,
            serial_number=device.serial,
            sw_version=device.firmware,
        )


async def farewell(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """End the session of a login, once and best effort; never a pasted token."""
    if entry.data[CONF_AUTH] == AUTH_TOKEN:
        return
    api = LightbugApi(
        async_get_clientsession(hass),
        entry.data[CONF_BASE_URL],
        limits_of(hass, entry.entry_id),
        timeout=_FAREWELL,
    )
    api.sign_in_as(Token(access=stored_token(entry.data).access))
    with suppress(TransportError):
        await api.logout()

"""Polls one Lightbug account: all trackers in two requests, open points beside."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import batched
from time import monotonic
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import DeviceInfo

from ..const import CONF_BASE_URL
from ..coordinator import LanternConfigEntry, LanternCoordinator, limits_of
from ..credentials import stored_token
from ..transport import fields
from ..transport.errors import AuthError, Refused, TransportError
from ..transport.tokens import Token
from .api import LightbugApi
from .models import Row, Tracker, read_tracker
from .points import Point, Track, read_point

CONF_AUTH = "auth"
CONF_USER_ID = "user_id"
AUTH_REFRESHABLE = "refreshable"
AUTH_TOKEN = "token"
AUTH_LEGACY = "legacy"

_MOST_READS = 100
_READS_AT_ONCE = 5
_READ_FOR = 15.0
_NOT_FOR_US = (403, 404)
_FAREWELL = 10.0


class LightbugCoordinator(LanternCoordinator[Tracker]):
    """Holds an account's trackers under `lightbug:<device id>`."""

    service = "Lightbug"
    interval = timedelta(minutes=5)
    rooted = False

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's account."""
        super().__init__(hass, entry)
        data = entry.data
        self._user_id: int = data[CONF_USER_ID]
        self._tracks: dict[int, Track] = {}
        # Trackers whose newest valid point is still to be read, longest wait first,
        # and whether that point tells its time.
        self._open: dict[int, bool] = {}
        self._closed: set[int] = set()
        self.api = LightbugApi(
            async_get_clientsession(hass), data[CONF_BASE_URL], self.limits
        )
        self.api.sign_in_as(stored_token(data), self.keep_token)

    @override
    async def fetch(self) -> dict[str, Tracker]:
        """Ask for all trackers, then for what their newest points leave open."""
        summed = await self.api.summary(self._user_id)
        listed = await self.api.devices()
        for device_id, row in summed.items():
            self._look_at(device_id, row)
        await self._read_open_points()
        return {
            f"lightbug:{device_id}": self._tracker(
                device_id, listed.get(device_id, {}), summed.get(device_id, {})
            )
            for device_id in summed | listed
        }

    def _tracker(self, device_id: int, listed: Row, summed: Row) -> Tracker:
        track = self._tracks.setdefault(device_id, Track())
        return read_tracker(listed, summed, track.fix, track.status)

    def _look_at(self, device_id: int, summed: Row) -> None:
        """Learn from a tracker's newest point, and note what it leaves open.

        `getDeviceSummary` has two documented shapes, and the newest point need
        not be a valid one: a valid one may have come just before it.
        """
        track = self._tracks.setdefault(device_id, Track())
        points = [read_point(row) for row in fields.objects(summed.get("latestPoints"))]
        for point in reversed(points):
            track.take(point)
        if not points or points[0].id == track.newest:
            return
        track.newest = points[0].id
        if not points[0].complete and device_id not in self._closed:
            self._open[device_id] = points[0].time is not None

    async def _read_open_points(self) -> None:
        """Read newest valid points, a few at a time, while requests are plenty.

        What is left over is read in the next polls: nobody waits long for this one.
        """
        end = monotonic() + _READ_FOR
        for part in batched(list(self._open)[:_MOST_READS], _READS_AT_ONCE):
            if self.limits.scarce or monotonic() > end:
                return
            answers = await asyncio.gather(
                *(
                    self.api.newest_valid_point(device_id, clock=self._open[device_id])
                    for device_id in part
                ),
                return_exceptions=True,
            )
            taken = [self._take(*one) for one in zip(part, answers, strict=True)]
            if not all(taken):
                return

    def _take(self, device_id: int, answer: Point | BaseException | None) -> bool:
        """Take a point that was read; return whether to go on reading."""
        clock = self._open.pop(device_id, True)
        match answer:
            case Point():
                self._tracks[device_id].take(answer)
            case Refused(code=code):
                if code in _NOT_FOR_US:
                    self._closed.add(device_id)
            case TransportError() if not isinstance(answer, AuthError):
                # The others first: one tracker must not block them all.
                self._open[device_id] = clock
                return False
            case BaseException():
                raise answer
        return True

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

"""Polls one Lightbug account: all trackers at once, their news beside."""

from collections.abc import Collection, Mapping, MutableMapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..batching import async_batched
from ..const import CONF_BASE_URL, LOGGER
from ..coordinator import LanternConfigEntry, LanternCoordinator, get_rate_limit
from ..credentials import stored_token
from ..optional_request import OptionalRequest
from ..session import async_get_session
from ..transport.errors import RateLimited, TransportError
from ..transport.tokens import Token
from .alerts import AlertDeduplicator, is_time, of_activity, of_point
from .client.api import LightbugApi
from .client.devices import NO_ROW, TrackerRow, config_of, read_settings
from .client.geofences import read_geofence
from .client.history import History, read_history
from .client.models import Row, Tracker, recall_fix
from .client.points import Point
from .detail_requests import DetailRequests, Kind
from .repairs import delete_alerts_issue, update_alerts_issue
from .tracker_state import TrackerState

CONF_AUTH = "auth"
CONF_USER_ID = "user_id"
AUTH_REFRESHABLE = "refreshable"
AUTH_TOKEN = "token"
AUTH_LEGACY = "legacy"

ALERT = "alert"

_PREFIX = "lightbug:"

_SLICE = 2000
"""So many trackers are looked at in a few milliseconds."""
# Whatever the clocks say: the newest activity is wanted.
_AHEAD = timedelta(days=1)
_FAREWELL = 10.0


class LightbugCoordinator(LanternCoordinator[Tracker]):
    """Holds an account's trackers under `lightbug:<device id>`."""

    service = "Lightbug"
    interval = timedelta(minutes=5)
    has_root_device = False

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's account."""
        super().__init__(hass, entry)
        data = entry.data
        self._user_id: int = data[CONF_USER_ID]
        self._known: dict[int, TrackerState] = {}
        self._built: dict[str, Tracker] = {}
        # What has to be built anew, because there is something new to show.
        self._stale: set[int] = set()
        self._reads = DetailRequests(
            self.service,
            self.limits,
            {Kind.POINT: self._read_point, Kind.READINGS: self._read_readings},
            self._lapsed,
        )
        # Points of this poll that tell of alerts.
        self._alarmed: list[tuple[int, Point]] = []
        self._alerts = AlertDeduplicator({})
        self._changes: MutableMapping[str, float] = {}
        self._activity = OptionalRequest(self._read_activity, self.service)
        # How far the service's clock is ahead of ours.
        self._ahead = timedelta()
        self.api = LightbugApi(
            async_get_session(hass), data[CONF_BASE_URL], self.limits
        )
        self.api.sign_in_as(
            stored_token(data), self.async_store_token, self.async_start_renewal
        )

    @override
    async def _async_setup(self) -> None:
        """Read what an earlier run has seen, and changed."""
        await super()._async_setup()
        self._alerts = AlertDeduplicator(self.store.section("alerts"))
        self._changes = self.store.section("config")
        for number, changed in list(self._changes.items()):
            if not number.isdecimal() or not is_time(changed):
                del self._changes[number]

    @override
    async def async_fetch(self) -> dict[str, Tracker]:
        """Ask for all trackers, then for what has news and is not in their rows."""
        summed = await self.api.summary(self._user_id)
        listed = await self.api.devices()
        activity = await self._activity.async_get()
        failing_for = self._activity.failing_for
        update_alerts_issue(self.hass, self.config_entry, failing_for)
        rows = summed | listed
        news = await self._hear(rows, listed, summed)
        for known in news:
            self._look_at(known)
        for known in news:
            if known.connected_anew():
                # It may have sent readings.
                self._reads.want(Kind.READINGS, known.number)
        await self._reads.run(rows.__contains__)
        self._tell_alerts(activity or [], rows)
        return await self._trackers(rows)

    async def _hear(
        self,
        numbers: Collection[int],
        listed: Mapping[int, TrackerRow],
        summed: Mapping[int, TrackerRow],
    ) -> list[TrackerState]:
        """Return the trackers of which the service says something new."""
        news = []
        async for part in async_batched(numbers, _SLICE):
            for number in part:
                if (known := self._known.get(number)) is None:
                    known = self._known[number] = TrackerState(
                        number, f"{_PREFIX}{number}"
                    )
                of_list = listed.get(number, NO_ROW)
                if known.hear(of_list, summed.get(number, NO_ROW)):
                    news.append(known)
        self._stale.update(known.number for known in news)
        return news

    async def _trackers(self, numbers: Collection[int]) -> dict[str, Tracker]:
        """Return all trackers; only those that have news are built anew."""
        # Settings on their way come with a time to compare.
        self._stale.update(map(int, self._changes))
        async for part in async_batched(self._stale.intersection(numbers), _SLICE):
            for number in part:
                known = self._known[number]
                self._built[known.device_id] = self._tracker(known)
        self._stale.clear()
        if len(self._built) != len(numbers):
            present = [self._known[number].device_id for number in numbers]
            self._built = {device_id: self._built[device_id] for device_id in present}
        return self._built.copy()

    def _tracker(self, known: TrackerState) -> Tracker:
        """Return a tracker, and note if it has fetched our changes by now."""
        if not self._changes or (own := str(known.number)) not in self._changes:
            return known.tracker(None)
        tracker = known.tracker(datetime.fromtimestamp(self._changes[own], UTC))
        if tracker.config.pending is False:
            del self._changes[own]
            self.store.save()
        return tracker

    def _look_at(self, known: TrackerState) -> None:
        """Learn from a tracker's newest point, and note what it leaves open.

        `getDeviceSummary` has two documented shapes, and the newest point need
        not be a valid one: a valid one may have come just before it.
        """
        track, points = known.track, known.summed.points
        for point in reversed(points):
            track.take(point)
        if not points or points[0].id == track.newest:
            return
        for point in points:
            if point.alerts:
                self._alarmed.append((known.number, point))
        track.newest = points[0].id
        track.clock = points[0].time is not None
        if not points[0].complete:
            self._reads.want(Kind.POINT, known.number)

    async def _read_point(self, device_id: int) -> None:
        """Read a tracker's newest valid point."""
        track = self._known[device_id].track
        point = await self.api.newest_valid_point(device_id, clock=track.clock)
        if point is not None:
            track.take(point)
            self._stale.add(device_id)
            if point.alerts:
                self._alarmed.append((device_id, point))

    async def _read_activity(self) -> list[Row]:
        """Read what happened since the last time; learn what time it is there."""
        now = self._now()
        since = self._alerts.since(now)
        rows, service = await self.api.activity(self._user_id, since, now + _AHEAD)
        self._ahead = service - dt_util.utcnow()
        return rows

    def _now(self) -> datetime:
        """Return the service's time: ours may be wrong, and alerts carry theirs."""
        return dt_util.utcnow() + self._ahead

    def _tell_alerts(self, activity: list[Row], known: Collection[int]) -> None:
        """Fire the alerts that are new, of trackers that the service names."""
        now = self._now()
        bits = {p.id: p.alerts for _, p in self._alarmed if p.id is not None}
        alerts, changed = self._alerts.fresh(
            of_activity(activity, bits, now),
            [
                alert
                for device_id, point in self._alarmed
                for alert in of_point(device_id, point.id, point.time, point.alerts)
            ],
            now,
        )
        self._alarmed.clear()
        if changed:
            self.store.save()
        for alert in alerts:
            if alert.device_id in known:
                device_id = f"{_PREFIX}{alert.device_id}"
                self.outbox.async_fire(device_id, ALERT, alert.kind, alert.attributes)

    async def _read_readings(self, device_id: int) -> None:
        """Read the newest of a tracker's readings."""
        rows = await self.api.newest_readings(device_id)
        self._known[device_id].sensed.take(rows)
        self._stale.add(device_id)

    @callback
    def _lapsed(self, kind: Kind, device_id: int) -> None:
        """Show newer readings that cannot be read as unknown; a fix stays the last."""
        if kind is Kind.READINGS:
            self._known[device_id].sensed.lapse()
            self._stale.add(device_id)

    @callback
    def recall(self, device_id: str, kept: Row) -> None:
        """Show the fix of an earlier run until there is a newer one."""
        fix = recall_fix(kept)
        tracker = self.data.get(device_id)
        number = number_of(device_id)
        if fix and tracker and self._known[number].track.recall(fix):
            self._stale.add(number)
            self.async_apply(device_id, replace(tracker, fix=fix))

    def _within_budget(self) -> None:
        """Refuse what is not the poll's own while requests are scarce."""
        if self.limits.is_low:
            raise RateLimited("budget", self.limits.pause)

    async def set_config(self, device_id: str, name: str, value: float) -> None:
        """Change one setting of a tracker, and nothing else."""
        self._within_budget()
        number = number_of(device_id)
        row, changed = await self.api.set_config(number, {name: int(value)})
        self._changes[str(number)] = changed.timestamp()
        self.store.save()
        tracker = self.data[device_id]
        told = config_of(read_settings(row), changed) if row else tracker.config
        self.async_apply(
            device_id, replace(tracker, config=replace(told, pending=True))
        )

    async def set_flight_mode(self, device_id: str, minutes: int) -> None:
        """Send a tracker into flight mode."""
        self._within_budget()
        await self.api.set_flight_mode(number_of(device_id), minutes)

    async def history(
        self, device_id: str, since: datetime, until: datetime
    ) -> History:
        """Return every fix of a tracker in a range of time."""
        number = number_of(device_id)

        async def ask(by: str, ends: tuple[str, str], skip: int) -> list[Row]:
            self._within_budget()
            return await self.api.points_page(number, by, ends, skip)

        return await read_history(ask, since, until)

    async def geofences(self) -> list[dict[str, Any]]:
        """Return the account's geofences."""
        self._within_budget()
        return [read_geofence(row) for row in await self.api.geofences(self._user_id)]

    @override
    def device_info_for(self, device_id: str, device: Tracker) -> DeviceInfo:
        """Describe a tracker."""
        return {
            "name": device.name or "Lightbug tracker",
            "manufacturer": "Lightbug",
            "model": device.type,
            "serial_number": device.serial,
            "sw_version": device.firmware,
        }


def number_of(device_id: str) -> int:
    """Return Lightbug's own id of a tracker."""
    return int(device_id.removeprefix(_PREFIX))


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """End the session of a login, once and best effort; never a pasted token."""
    delete_alerts_issue(hass, entry)
    if entry.data[CONF_AUTH] == AUTH_TOKEN:
        return
    api = LightbugApi(
        async_get_session(hass),
        entry.data[CONF_BASE_URL],
        get_rate_limit(hass, entry.entry_id),
        timeout=_FAREWELL,
    )
    api.sign_in_as(Token(access=stored_token(entry.data).access))
    try:
        await api.logout()
    except TransportError as err:
        LOGGER.debug("The session was not ended: %s", err)

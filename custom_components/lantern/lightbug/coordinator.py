"""Polls one Lightbug account: all trackers at once, their news beside."""

from collections.abc import Collection, Iterable, Mapping, MutableMapping
from copy import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..batching import async_batched
from ..const import CONF_BASE_URL, DOMAIN, LOGGER
from ..coordinator import LanternConfigEntry, LanternCoordinator, get_rate_limit
from ..credentials import stored_token
from ..optional_request import OptionalRequest
from ..session import async_get_session
from ..transport.errors import RateLimited, Refused, TransportError
from ..transport.tokens import Token
from .alerts import AlertDeduplicator, is_time, of_point
from .client.api import LightbugApi
from .client.devices import NO_ROW, TrackerRow, config_of, read_settings
from .client.geofences import read_geofence
from .client.history import History, read_history
from .client.models import Row, Tracker, recall_fix
from .client.points import Point
from .detail_requests import DetailRequests, Kind
from .repairs import delete_alerts_issue, update_alerts_issue
from .shared_trackers import shared_trackers
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
# Points may be written a little after the time that they say that they arrived.
_BEFORE = timedelta(minutes=1)
# What a refused setting can be about; the other refusals are not about its value.
_SETTING_REFUSED = (400, 422)
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
            self.rate_limit,
            {
                Kind.POINT: self._read_point,
                Kind.ARRIVED: self._read_arrived,
                Kind.READINGS: self._read_readings,
            },
            self._lapsed,
        )
        # Points of this poll that tell of alerts.
        self._alarmed: list[tuple[int, Point]] = []
        self._alerts = AlertDeduplicator({})
        self._changes: MutableMapping[str, float] = {}
        # Trackers that were outside of a safe zone once: the others may have none.
        self._safe_zones: MutableMapping[str, bool] = {}
        self._shared = shared_trackers(hass)
        entry.async_on_unload(partial(self._shared.leave, self))
        self._elsewhere = 0
        self._activity = OptionalRequest(self._read_activity, self.service)
        # How far the service's clock is ahead of ours.
        self._ahead = timedelta()
        self.api = LightbugApi(
            async_get_session(hass), data[CONF_BASE_URL], self.rate_limit
        )
        self.api.sign_in_as(
            stored_token(data), self.async_store_token, self.async_start_refresh
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
        self._safe_zones = self.store.section("safe_zones")

    @override
    async def async_fetch(self) -> dict[str, Tracker]:
        """Ask for all trackers, then for what has news and is not in their rows."""
        summed, service = await self.api.summary(self._user_id)
        self._ahead = service - dt_util.utcnow()
        listed = await self.api.devices()
        activity = await self._activity.async_get()
        failing_for = self._activity.failing_for
        update_alerts_issue(self.hass, self.config_entry, failing_for)
        rows = self._claim(summed, listed)
        news = await self._hear(rows, listed, summed)
        connected = [known for known in news if known.connected_anew()]
        for known in news:
            self._look_at(known)
        for known in connected:
            # It may have sent readings.
            self._reads.want(Kind.READINGS, known.number)
        await self._reads.run(rows.__contains__)
        await self._async_tell(activity or [], rows)
        trackers = await self._trackers(rows)
        return self._taken_over(trackers)

    def _claim(
        self, summed: Mapping[int, TrackerRow], listed: Mapping[int, TrackerRow]
    ) -> Collection[int]:
        """Return the trackers that are shown here, and not by another account."""
        numbers = {**summed, **listed}

        def is_owner(number: int) -> bool:
            rows = (listed.get(number, NO_ROW), summed.get(number, NO_ROW))
            return self._user_id in (row.owner for row in rows)

        mine = self._shared.claim(self, numbers, is_owner)
        elsewhere = len(numbers) - len(mine)
        if elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            LOGGER.info(
                "%s: another account shows %d of the trackers", self.name, elsewhere
            )
        return mine

    def _taken_over(self, trackers: dict[str, Tracker]) -> dict[str, Tracker]:
        """Return the trackers that are still ours, and let nobody else show them."""
        found = {
            device_id: tracker
            for device_id, tracker in trackers.items()
            if self._shared.is_held(self, number_of(device_id))
        }
        if new := found.keys() - self.data.keys():
            self._shared.take_over(self, new)
        return found

    @callback
    def release(self, device_ids: Collection[str]) -> None:
        """Show these trackers no more: another account does."""
        for device_id in device_ids:
            self.data.pop(device_id, None)
            self._known.pop(number_of(device_id), None)
            self._built.pop(device_id, None)
            self.devices.async_remove(device_id)
        self.changed.update(device_ids)
        self.async_update_listeners()

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
                    known.track.has_safe_zone = str(number) in self._safe_zones
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
        """Learn from a tracker's new points, and note what they leave open."""
        now, number = self._now(), known.number
        clock, since = known.clock(now), self._alerts.points_since(now)
        points = known.look(clock, self.api.points, since)
        self._learn(known, points)
        if points and (known.track.fix.latitude is None or known.is_open):
            self._reads.want(Kind.POINT, number)
        if known.suspect(since):
            self._reads.want(Kind.ARRIVED, number)

    def _learn(self, known: TrackerState, points: Iterable[Point]) -> None:
        """Note what points told besides where the tracker is."""
        self._alarmed += [(known.number, point) for point in points if point.alerts]
        if known.track.has_safe_zone and str(known.number) not in self._safe_zones:
            self._safe_zones[str(known.number)] = True
            self.store.save()

    async def _read_point(self, device_id: int) -> None:
        """Read a tracker's newest valid points."""
        known = self._known[device_id]
        clock = known.clock(self._now())
        points = await self.api.newest_valid_points(device_id)
        self._learn(known, known.take([point.dated(clock) for point in points]))
        self._stale.add(device_id)

    async def _read_arrived(self, device_id: int) -> None:
        """Read the points of a tracker that the summary did not show."""
        known = self._known[device_id]
        if (since := known.unread_since) is not None:
            points = await self.api.points_since(device_id, since - _BEFORE)
            self._learn(known, known.take_unread(points, known.clock(self._now())))
            self._stale.add(device_id)

    async def _read_activity(self) -> list[Row]:
        """Read what happened since the last time; learn what time it is there."""
        now = self._now()
        since = self._alerts.since(now)
        until = max(now, dt_util.utcnow()) + _AHEAD
        rows, service = await self.api.activity(self._user_id, since, until)
        self._ahead = service - dt_util.utcnow()
        return rows

    def _now(self) -> datetime:
        """Return the service's time: ours may be wrong, and alerts carry theirs."""
        return dt_util.utcnow() + self._ahead

    async def _async_tell(self, activity: list[Row], known: Collection[int]) -> None:
        """Fire the alerts that are new, of trackers that the service names."""
        now = self._now()
        bits: dict[tuple[int | None, int | None], tuple[str, ...]] = {
            (device_id, point.id): point.alerts for device_id, point in self._alarmed
        }
        alerts, changed = self._alerts.fresh(
            self._alerts.read(activity, bits, now),
            [
                alert
                for device_id, point in self._alarmed
                for alert in of_point(device_id, point.id, point.time, point.alerts)
            ],
            now,
            dt_util.utcnow(),
        )
        self._alarmed.clear()
        for alert in alerts:
            if alert.device_id in known:
                device_id = f"{_PREFIX}{alert.device_id}"
                await self.outbox.async_fire_durable(device_id, ALERT, alert.event)
        if changed:
            self.store.save()

    async def _read_readings(self, device_id: int) -> None:
        """Read the newest of a tracker's readings."""
        rows = await self.api.newest_readings(device_id)
        known = self._known[device_id]
        known.sensed.take(rows, known.clock(self._now()))
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
        if self.rate_limit.is_low:
            raise RateLimited("budget", self.rate_limit.pause)

    async def set_config(self, device_id: str, name: str, value: float) -> None:
        """Change one setting of a tracker, and nothing else."""
        self._within_budget()
        number = number_of(device_id)
        try:
            row, changed = await self.api.set_config(number, {name: int(value)})
        except Refused as err:
            if err.code not in _SETTING_REFUSED or not err.text:
                raise
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="lightbug_setting_refused",
                translation_placeholders={"reason": err.text},
            ) from err
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
        number, now = number_of(device_id), self._now()
        clock = self._known[number].clock(now)

        async def ask(by: str, ends: tuple[str, str], skip: int) -> list[Row]:
            self._within_budget()
            return await self.api.points_page(number, by, ends, skip)

        until = min(until, max(now, dt_util.utcnow()))
        return await read_history(ask, since, until, clock)

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
    api.sign_in_as(Token(access_token=stored_token(entry.data).access_token))
    try:
        await api.logout()
    except TransportError as err:
        LOGGER.debug("The session was not ended: %s", err)

"""Polls one Lightbug account: all trackers at once, details beside."""

from collections.abc import Collection, Iterable, Mapping
from copy import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from ..batching import async_batched
from ..const import CONF_BASE_URL, LOGGER
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..credentials import stored_token
from ..optional_request import OptionalRequest
from ..session import async_get_session
from ..transport.errors import RateLimited
from .alerts import AlertDeduplicator, of_point
from .client.api import LightbugApi
from .client.devices import NO_ROW, TrackerRow
from .client.geofences import Geofence
from .client.models import Config, Row, Tracker, recall_fix
from .client.points import Point
from .detail_requests import DetailRequests, Kind
from .geofences import GeofenceReader
from .options import CONF_FAST, make_fix_filter
from .pace import FAST, is_moving, points_needed
from .push import Push
from .repairs import update_alerts_issue
from .shared_trackers import DEVICE_PREFIX, shared_trackers
from .statistics import DistanceStatistics
from .tracker_state import TrackerState, TrackerStates

CONF_AUTH = "auth"
CONF_USER_ID = "user_id"
AUTH_REFRESHABLE = "refreshable"
AUTH_TOKEN = "token"
AUTH_LEGACY = "legacy"

ALERT = "alert"

# Where people see and set up their trackers (Lightbug's documentation).
_PORTAL = "https://admin.lightbug.cloud"
_BATCH = 2000
"""So many trackers are looked at in a few milliseconds."""
# Whatever the clocks say: the newest activity is wanted.
_AHEAD = timedelta(days=1)
# Points may be written a little after the time that they say that they arrived.
_BEFORE = timedelta(minutes=1)
_FAST_AFTER_ALERT = 600.0


class LightbugCoordinator(LanternCoordinator[Tracker]):
    """Holds an account's trackers under `lightbug:<device id>`."""

    service = "Lightbug"
    interval = timedelta(minutes=5)
    has_root_device = False

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's account."""
        super().__init__(hass, entry)
        data = entry.data
        self.user_id: int = data[CONF_USER_ID]
        self._states = TrackerStates(self.store, make_fix_filter(entry.options))
        self._details = DetailRequests(
            self.service,
            self.rate_limit,
            {
                Kind.POINT: self._read_point,
                Kind.ARRIVED: self._read_arrived,
                Kind.READINGS: self._read_readings,
            },
            self._handle_lapse,
        )
        self._statistics = DistanceStatistics(hass, entry, self._states.save)
        # Points of this poll that have alerts.
        self._alert_points: list[tuple[int, Point]] = []
        self._alerts = AlertDeduplicator({})
        self._shared = shared_trackers(hass)
        leave = self._shared.async_join(entry.entry_id, self.async_release)
        entry.async_on_unload(leave)
        self._elsewhere = 0
        self._activity = OptionalRequest(self._read_activity, self.service)
        self.geofences = GeofenceReader(self._read_geofences, self.service)
        self._fast_until = 0.0
        # How far the service's clock is ahead of ours.
        self._ahead = timedelta()
        self.api = LightbugApi(
            async_get_session(hass), data[CONF_BASE_URL], self.rate_limit
        )
        self.api.sign_in_as(
            stored_token(data), self.async_store_token, self.async_start_refresh
        )

        self.push = Push(
            hass, entry, self.rate_limit, self.store, self.async_request_refresh
        )

    @override
    async def _async_setup(self) -> None:
        """Read what an earlier run stored."""
        await super()._async_setup()
        self._states.move_sections()
        self._alerts = AlertDeduplicator(self.store.section("alerts"))

    @override
    async def async_fetch(self) -> dict[str, Tracker]:
        """Ask for all trackers, then for details of those with news."""
        summed, service_time = await self.api.summary(self.user_id)
        self._ahead = service_time - dt_util.utcnow()
        listed = await self.api.devices()
        activity = await self._activity.async_get()
        failing_for = self._activity.failing_for
        update_alerts_issue(self.hass, self.config_entry, failing_for)
        numbers = self._claim(summed, listed)
        updated = await self._async_update_rows(numbers, listed, summed)
        connected = [state.number for state in updated if state.update_connection()]
        for state in updated:
            self._update_points(state)
        for number in connected:
            # It may have sent readings.
            self._details.request(Kind.READINGS, number)
        await self._details.async_run(numbers.__contains__)
        await self._async_fire_alerts(activity or [])
        geofences = await self.geofences.async_get()
        models = await self._async_models(numbers, geofences)
        states = [self._states.get(number) for number in numbers]
        self._set_pace(states)
        self._statistics.async_start(states, self.now())
        return self._take_over(models)

    def _claim(
        self, summed: Mapping[int, TrackerRow], listed: Mapping[int, TrackerRow]
    ) -> Collection[int]:
        """Return the trackers that are shown here, and not by another account."""
        numbers = {**summed, **listed}

        def is_owner(number: int) -> bool:
            rows = (listed.get(number, NO_ROW), summed.get(number, NO_ROW))
            return self.user_id in (row.owner for row in rows)

        mine = self._shared.async_claim(self.config_entry.entry_id, numbers, is_owner)
        elsewhere = len(numbers) - len(mine)
        if elsewhere != self._elsewhere:
            self._elsewhere = elsewhere
            LOGGER.info(
                "%s: another account shows %d of the trackers", self.name, elsewhere
            )
        return mine

    def _take_over(self, models: dict[str, Tracker]) -> dict[str, Tracker]:
        """Return the trackers that are still ours, and remove them elsewhere."""
        entry_id = self.config_entry.entry_id
        held = {
            device_id: model
            for device_id, model in models.items()
            if self._shared.is_held(entry_id, number_of(device_id))
        }
        if new := held.keys() - self.data.keys():
            self._shared.async_take_over(entry_id, new)
        return held

    @callback
    def async_release(self, device_ids: Collection[str]) -> None:
        """Stop showing these trackers: another account does."""
        for device_id in device_ids:
            self.data.pop(device_id, None)
            self._states.remove(number_of(device_id))
            self.devices.async_remove(device_id)
        self.changed.update(device_ids)
        self.async_update_listeners()

    async def _async_update_rows(
        self,
        numbers: Collection[int],
        listed: Mapping[int, TrackerRow],
        summed: Mapping[int, TrackerRow],
    ) -> list[TrackerState]:
        """Return the trackers whose rows are new."""
        updated = []
        async for batch in async_batched(numbers, _BATCH):
            for number in batch:
                state = self._states.get(number)
                row = listed.get(number, NO_ROW)
                if state.update_rows(row, summed.get(number, NO_ROW)):
                    updated.append(state)
        return updated

    async def _async_models(
        self, numbers: Collection[int], geofences: tuple[Geofence, ...] | None
    ) -> dict[str, Tracker]:
        """Return the models; only those of trackers with news are built anew."""
        models, now = {}, self.now()
        today = dt_util.now().date()
        async for batch in async_batched(numbers, _BATCH):
            for number in batch:
                state = self._states.get(number)
                state.update_time(now, today)
                state.update_geofences(geofences)
                model = models[state.device_id] = state.model(now)
                if state.changed is not None and model.config.pending is False:
                    # The tracker has fetched what was changed here.
                    state.changed = None
                    self._states.save(state)
        return models

    def _update_points(self, state: TrackerState) -> None:
        """Take the summary's points, and request what they leave open."""
        now = self.now()
        clock, since = state.clock(now), self._alerts.points_since(now)
        points = state.update_points(clock, self.api.points, since)
        self._note_points(state, points)
        if points and (state.position.fix.latitude is None or state.is_open):
            self._details.request(Kind.POINT, state.number)
        if state.check_hidden(since):
            self._details.request(Kind.ARRIVED, state.number)

    def _note_points(self, state: TrackerState, points: Iterable[Point]) -> None:
        """Note the alerts of new points; store what they changed."""
        self._alert_points += [
            (state.number, point) for point in points if point.alerts
        ]
        self._states.save(state)

    async def _read_point(self, number: int) -> None:
        """Read a tracker's newest valid points."""
        state = self._states.get(number)
        clock = state.clock(self.now())
        points = await self.api.newest_valid_points(number)
        dated = [point.dated(clock) for point in points]
        self._note_points(state, state.take(dated, clock))

    async def _read_arrived(self, number: int) -> None:
        """Read the points of a tracker that the summary did not show."""
        state = self._states.get(number)
        if (since := state.unread_since) is not None:
            points = await self.api.points_since(number, since - _BEFORE)
            clock = state.clock(self.now())
            self._note_points(state, state.take_unread(points, clock))

    async def _read_activity(self) -> list[Row]:
        """Read what happened since the last time, and the service's time."""
        now = self.now()
        since = self._alerts.since(now)
        until = max(now, dt_util.utcnow()) + _AHEAD
        rows, service_time = await self.api.activity(self.user_id, since, until)
        self._ahead = service_time - dt_util.utcnow()
        return rows

    def now(self) -> datetime:
        """Return the service's time: ours may be wrong, and alerts carry theirs."""
        return dt_util.utcnow() + self._ahead

    async def _async_fire_alerts(self, activity: list[Row]) -> None:
        """Fire the alerts that are new, of trackers that are shown here."""
        now = self.now()
        bits: dict[tuple[int | None, int | None], tuple[str, ...]] = {
            (number, point.id): point.alerts for number, point in self._alert_points
        }
        alerts, changed = self._alerts.take_new(
            self._alerts.take_activity(activity, bits, now),
            [
                alert
                for number, point in self._alert_points
                for alert in of_point(number, point.id, point.time, point.alerts)
            ],
            now,
            dt_util.utcnow(),
        )
        self._alert_points.clear()
        entry_id = self.config_entry.entry_id
        for alert in alerts:
            if self._shared.is_held(entry_id, alert.device_id):
                self._fast_until = monotonic() + _FAST_AFTER_ALERT
                device_id = f"{DEVICE_PREFIX}{alert.device_id}"
                await self.outbox.async_fire_durable(device_id, ALERT, alert.event)
        if changed:
            self.store.async_delay_save()

    async def _read_readings(self, number: int) -> None:
        """Read the newest of a tracker's readings."""
        state = self._states.get(number)
        rows = await self.api.newest_readings(number)
        state.readings.take(rows, state.clock(self.now()))
        state.is_outdated = True

    @callback
    def _handle_lapse(self, kind: Kind, number: int) -> None:
        """Show readings that cannot be read as unknown; a fix stays the last."""
        if kind is Kind.READINGS:
            state = self._states.get(number)
            state.readings.clear()
            state.is_outdated = True

    async def _read_geofences(self) -> list[Row]:
        """Read the account's geofences."""
        return await self.api.geofences(self.user_id)

    def _set_pace(self, states: Collection[TrackerState]) -> None:
        """Set when to poll next, and how many points the summary is to hold."""
        is_fast = (
            self.config_entry.options.get(CONF_FAST, True)
            and not self.rate_limit.is_low
            and (monotonic() < self._fast_until or is_moving(states, self.interval))
        )
        self.update_interval = FAST if is_fast else self.interval
        self.api.points = points_needed(states, self.update_interval)

    @callback
    def _handle_midnight(self, _: datetime) -> None:
        """Begin the day's distance anew."""
        now = self.now()
        today = dt_util.now().date()
        for device_id in list(self.data):
            state = self.state_of(device_id)
            state.update_time(now, today)
            if state.is_outdated:
                self.async_apply(device_id, state.model(now))
                # A poll under way knows more.
                self.discard_local_changes(device_id)

    @override
    def async_start(self) -> None:
        """Let Lightbug push, if people want it to; begin each day at midnight."""
        self.push.async_start()
        self.config_entry.async_on_unload(
            async_track_time_change(
                self.hass, self._handle_midnight, hour=0, minute=0, second=0
            )
        )

    @callback
    def async_recall(self, device_id: str, stored: Row) -> None:
        """Show the fix of an earlier run until there is a newer one."""
        fix = recall_fix(stored)
        if device_id not in self.data or fix is None:
            return
        state = self.state_of(device_id)
        if state.recall(fix):
            self.async_apply(device_id, state.model(self.now()))

    def check_budget(self) -> None:
        """Refuse what is not the poll's own while requests are scarce."""
        if self.rate_limit.is_low:
            raise RateLimited("budget", self.rate_limit.pause)

    def state_of(self, device_id: str) -> TrackerState:
        """Return the state of a tracker that is shown."""
        return self._states.get(number_of(device_id))

    @callback
    def async_config_changed(
        self, device_id: str, changed: datetime, config: Config
    ) -> None:
        """Show settings that were changed here, until the tracker has fetched them."""
        state = self.state_of(device_id)
        state.changed, state.is_outdated = changed, True
        self._states.save(state)
        self.async_apply(device_id, replace(self.data[device_id], config=config))

    @override
    def device_info_for(self, device_id: str, device: Tracker) -> DeviceInfo:
        """Describe a tracker."""
        return {
            "name": device.name or "Lightbug tracker",
            "manufacturer": "Lightbug",
            "model": device.type,
            "serial_number": device.serial,
            "sw_version": device.firmware,
            "configuration_url": _PORTAL,
        }


def number_of(device_id: str) -> int:
    """Return Lightbug's own id of a tracker."""
    return int(device_id.removeprefix(DEVICE_PREFIX))

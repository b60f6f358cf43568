"""Polls one LUX account: its devices, and the account beside them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, override

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from ..background import BackgroundWork
from ..const import CONF_BASE_URL, DOMAIN
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..credentials import stored_token
from ..optional_request import OptionalRequest
from ..session import async_get_session
from ..storage import StorageError
from ..transport import parsing
from ..transport.errors import BadAnswer
from .client.api import LuxApi
from .client.errors import AlertUnconfirmed, LuxRefused
from .client.models import Account, Notification, TreatmentDevice
from .client.treatment_log import TreatmentLog
from .events import async_adopt_started, async_fire_logs, async_fire_received
from .issues import (
    async_cancel_timer,
    async_delete_left_issue,
    async_leave_issue,
    async_update_issues,
)
from .log_counters import LogCounters
from .statistics import (
    async_clear_statistics,
    async_fill_statistics,
    async_write_statistics,
)
from .treatment_store import DeviceTreatments, get_treatments
from .treatment_summary import (
    LONGEST,
    goal_this_week,
    is_newest,
    open_treatment,
    summarize,
    treatments,
)
from .upload_queue import get_queue
from .uploader import Uploader

CONF_ROOT_USER_ID = "root_user_id"
CONF_WEEKLY_GOALS = "weekly_goals"
MOST_A_WEEK = 50

_MANUFACTURER = "Nu Eyne"


class LuxCoordinator(LanternCoordinator[Account | TreatmentDevice]):
    """Holds the account under `lux:<root user id>`, devices by their unique id."""

    service = "LUX"
    interval = timedelta(minutes=15)

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's account."""
        super().__init__(hass, entry)
        self._root_user_id: int = entry.data[CONF_ROOT_USER_ID]
        self._account_id = f"lux:{self._root_user_id}"
        self.api = LuxApi(
            async_get_session(hass), entry.data[CONF_BASE_URL], self.rate_limit
        )
        self.api.use(
            stored_token(entry.data), self.async_store_token, self.async_start_refresh
        )
        self._account = OptionalRequest(self.api.get_account, self.service)
        self._settings_lock = asyncio.Lock()
        self.queue = get_queue(hass, self._account_id)
        self.treatments = get_treatments(hass, entry.entry_id)
        self._counters = LogCounters(
            self.store,
            self.queue,
            self.treatments,
            self.rate_limit.clock,
            partial(async_fire_received, self),
        )
        self.uploader = Uploader(
            self,
            self.api,
            self.queue,
            refresh_counters=self._async_refresh_counters,
            is_newest=self._is_newest,
            save_uploaded=self._async_save_uploaded,
            handle_finished=self._update_issues,
        )
        self.children: frozenset[int] = frozenset()
        self._is_filled = False
        self._clock = BackgroundWork(hass, entry, "LUX clock")
        self._cancel_timer: CALLBACK_TYPE | None = None
        entry.async_on_unload(self._stop_timer)

    @override
    async def async_load_stored(self) -> None:
        """Read what waits for LUX, and what Lantern uploaded."""
        await self.queue.async_load()
        await self.treatments.async_load()
        await self.treatments.async_adopt(
            {key: one.real_user_id for key, one in self.queue.devices.items()}
        )
        await async_adopt_started(self)
        async_delete_left_issue(self.hass, self.config_entry)
        # The service may be away for long: what is stuck shows all the same.
        self._update_issues()

    @override
    def async_start(self) -> None:
        """Look after the issues while the entry is loaded."""
        # Not before: what is stuck shows while set-up is retried, or refused, too.
        entry = self.config_entry
        entry.async_on_unload(partial(async_cancel_timer, self.hass, entry))

    @override
    async def async_fetch(self) -> dict[str, Account | TreatmentDevice]:
        """Ask for the devices and the account: two requests, however many devices."""
        async with self.uploader.lock:
            # What was shown before the service is asked is in its answer.
            self.discard_local_changes()
            devices = await self._read_devices()
            with suppress(StorageError):  # a later answer says the same
                await self.queue.async_update(devices)
        account = await self._account.async_get()
        snapshot: dict[str, Account | TreatmentDevice] = {
            device_id: self._with_treatments(device_id, device)
            for device_id, device in devices.items()
        }
        snapshot[self._account_id] = account or Account(self._root_user_id)
        self._set_timer()
        self._update_issues()
        await self._async_fill_statistics(snapshot)
        if self.queue.unsent:
            for device_id in list(self.queue.devices):
                await self._async_fire(device_id)
            self.uploader.async_start()
        return snapshot

    async def _async_fill_statistics(
        self, snapshot: dict[str, Account | TreatmentDevice]
    ) -> None:
        """Write, once, the statistics that a kill may have kept from being written."""
        if not self._is_filled:
            self._is_filled = True
            names = {
                self.treatments.key(device_id, device.real_user_id): _name(device)
                for device_id, device in snapshot.items()
                if isinstance(device, TreatmentDevice)
            }
            # Also of devices without stored treatments: a file may have been lost.
            for key in names.keys() | set(self.treatments.keys):
                name = names.get(key, _name(None))
                await async_fill_statistics(self.hass, key, name, self.treatments)

    async def _read_devices(self) -> dict[str, TreatmentDevice]:
        """Return the devices as the service has them now."""
        answer = await self.api.get_devices()
        self.children = answer.real_user_ids
        listed: dict[str, list[TreatmentDevice]] = {}
        for device in answer.devices:
            listed.setdefault(f"lux:{device.key}", []).append(device)
        return {
            device_id: await self._counters.compared(
                device_id,
                self.queue.check_number(device_id, self._choose(device_id, rows)),
            )
            for device_id, rows in listed.items()
        }

    def _choose(self, device_id: str, rows: list[TreatmentDevice]) -> TreatmentDevice:
        """Return a device that may be listed under two children as that of one.

        It is always the same one, or it would look like logs that come and go.
        """
        waiting = self.queue.devices.get(device_id)
        followed = waiting.real_user_id if waiting else None

        def order(row: TreatmentDevice) -> tuple[bool, int, int]:
            child, number = row.real_user_id or 0, row.last_log_file_id or 0
            return row.real_user_id != followed, child, -number

        chosen = min(rows, key=order)
        if len({row.real_user_id for row in rows}) > 1:
            self.queue.shared[device_id] = chosen.real_user_id or 0
        else:
            self.queue.shared.pop(device_id, None)
        return chosen

    async def _async_refresh_counters(self) -> None:
        """Ask for the counters, before logs are sent; the uploader holds its lock."""
        devices = await self._read_devices()
        # Nothing is sent on a counter that could not be saved.
        await self.queue.async_update(devices)
        for device_id, device in devices.items():
            shown = self.data.get(device_id)
            if isinstance(shown, TreatmentDevice) and shown != replace(
                device,
                unsent=shown.unsent,
                summary=shown.summary,
                received=shown.received,
                weekly_goal=shown.weekly_goal,
                goal_this_week=shown.goal_this_week,
            ):
                self.async_apply(device_id, self._with_treatments(device_id, device))

    def treatments_key(self, device_id: str) -> str:
        """Return the key of the treatments of a device and the child that has it."""
        waiting = self.queue.devices.get(device_id)
        return self.treatments.key(device_id, waiting.real_user_id if waiting else None)

    def treatments_of(self, device_id: str) -> DeviceTreatments:
        """Return the stored treatments of a device and the child that has it."""
        return self.treatments.at(self.treatments_key(device_id))

    def _is_newest(self, device_id: str, log: TreatmentLog) -> bool:
        """Return True if nothing is newer than a temporary log."""
        stored, waiting = self.treatments_of(device_id), self.queue.devices[device_id]
        return is_newest(log, stored, waiting, dt_util.utcnow())

    def _with_treatments(
        self, device_id: str, device: TreatmentDevice
    ) -> TreatmentDevice:
        """Return a device with what Lantern itself knows of its treatments."""
        stored, now = self.treatments_of(device_id), dt_util.utcnow()
        waiting = self.queue.devices.get(device_id)
        received = self._counters.received(device_id, device)
        goal = weekly_goal(self.config_entry.options, device_id)
        return replace(
            device,
            unsent=len(waiting.logs) if waiting else 0,
            summary=summarize(stored, waiting, now),
            received=received,
            weekly_goal=goal,
            goal_this_week=goal_this_week(
                goal, treatments(stored, waiting), received, now
            ),
        )

    @callback
    def async_show(self, device_id: str) -> None:
        """Show what has changed in the queue or in the treatments."""
        if isinstance(device := self.data.get(device_id), TreatmentDevice):
            self.async_apply(device_id, self._with_treatments(device_id, device))

    async def _async_save_uploaded(
        self, device_id: str, logs: Sequence[TreatmentLog]
    ) -> None:
        """Save logs that the service has; only then do they leave the queue."""
        now = dt_util.utcnow()
        await self._async_fire(device_id)
        service_now = self.api.service_now or now
        await self.treatments.async_save(device_id, logs, now, service_now)
        await self.queue.async_drop_uploaded(device_id, logs)
        if not logs[0].temporary:
            key = self.treatments.key(device_id, logs[0].real_user_id)
            # Also of what was recorded of them, and is left out now.
            first = min(one.start for one in logs) - timedelta(days=1)
            self._write_statistics(device_id, key, first)
        self.async_show(device_id)

    @callback
    def _write_statistics(self, device_id: str, key: str, first: datetime) -> None:
        name, stored = _name(self.data.get(device_id)), self.treatments.at(key)
        async_write_statistics(self.hass, key, name, stored, first)

    @callback
    def async_handle_recorded(self, device_id: str, key: str, first: datetime) -> None:
        """Show treatments that were just recorded, corrected or deleted."""
        self._write_statistics(device_id, key, first)
        self.async_show(device_id)

    async def async_handle_queued(self, device_id: str) -> None:
        """Fire the events of logs that were just queued, and send them."""
        await self._async_fire(device_id)
        self.async_show(device_id)
        self._set_timer()
        self.uploader.async_start()

    async def _async_fire(self, device_id: str) -> None:
        """Fire the events of the queued logs that have none yet."""
        logs = self.queue.devices[device_id].logs
        new = [one for one in logs if not one.is_event_fired]
        if new and await async_fire_logs(self, device_id, new):
            with suppress(StorageError):  # each is fired once, whatever is saved here
                await self.queue.async_mark(device_id, new, is_event_fired=True)

    @callback
    def _update_issues(self) -> None:
        async_update_issues(self.hass, self.config_entry, self.queue)

    @callback
    def _set_timer(self) -> None:
        """Wake when what is shown changes by itself.

        That is at local midnight, or when an open treatment cannot go on any more.
        """
        self._stop_timer()
        now = dt_util.utcnow()
        tomorrow = dt_util.start_of_local_day(dt_util.now() + timedelta(days=1))
        times = [dt_util.as_utc(tomorrow)]
        for device_id, waiting in self.queue.devices.items():
            log = open_treatment(self.treatments_of(device_id), waiting)
            if log is not None and log.start + LONGEST > now:
                times.append(log.start + LONGEST)
        self._cancel_timer = async_track_point_in_utc_time(
            self.hass, self._handle_timer, min(times)
        )

    @callback
    def _stop_timer(self) -> None:
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    @callback
    def _handle_timer(self, _: datetime) -> None:
        self._cancel_timer = None
        self._clock.async_start(self._async_show_all)

    async def _async_show_all(self) -> None:
        for device_id in list(self.data):
            self.async_show(device_id)
        self._set_timer()

    @override
    def device_info_for(
        self, device_id: str, device: Account | TreatmentDevice
    ) -> DeviceInfo:
        """Describe the account or one of its devices."""
        if isinstance(device, Account):
            return DeviceInfo(
                name="LUX account",
                manufacturer=_MANUFACTURER,
                entry_type=DeviceEntryType.SERVICE,
            )
        return DeviceInfo(
            name=_name(device),
            manufacturer=_MANUFACTURER,
            model="LUX",
            serial_number=device.serial_code,
            sw_version=device.firmware_version,
        )

    @asynccontextmanager
    @override
    async def translate_errors(self) -> AsyncGenerator[None]:
        """Say in words what LUX refused."""
        async with super().translate_errors():
            try:
                yield
            except (LuxRefused, AlertUnconfirmed) as err:
                placeholders = {}
                if err.key == LuxRefused.key:
                    if not (words := parsing.as_name(err.text)):
                        raise
                    placeholders = {"reason": words}
                is_own = err.is_callers_fault
                kind = ServiceValidationError if is_own else HomeAssistantError
                raise kind(
                    translation_domain=DOMAIN,
                    translation_key=err.key,
                    translation_placeholders=placeholders,
                ) from err

    async def async_set_setting(self, setting: str, on: bool) -> None:
        """Switch one notification setting; the other two stay as LUX has them now."""
        async with self._settings_lock:
            # The phone may have changed them since the last poll.
            account = await self.api.get_account()
            wanted = replace(_notification(account), **{setting: on})
            stored = await self.api.set_notification(wanted)
            account = replace(
                account,
                muted=stored.muted,
                contact_alerts=stored.contact_alerts,
                base_station_alerts=stored.base_station_alerts,
            )
            self._account.value = account
            self.async_apply(self._account_id, account)

    @callback
    def async_set_weekly_goal(self, device_id: str, goal: int) -> None:
        """Save how many treatments a week a device's child wants to do."""
        entry = self.config_entry
        goals = parsing.as_dict(entry.options.get(CONF_WEEKLY_GOALS))
        options = {**entry.options, CONF_WEEKLY_GOALS: {**goals, device_id: goal}}
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.async_show(device_id)

    async def async_set_alias(
        self, device_id: str, device: TreatmentDevice, alias: str
    ) -> None:
        """Name a device at LUX."""
        if device.id is None or device.real_user_id is None:
            raise BadAnswer("device/get-all-device", "a device without ids")
        named = await self.api.set_alias(device.id, device.real_user_id, alias)
        if named.alias is not None:
            alias = named.alias
        # A poll may have brought another model meanwhile.
        if isinstance(now := self.data.get(device_id), TreatmentDevice):
            self.async_apply(device_id, replace(now, alias=alias))


def _notification(account: Account) -> Notification:
    """Return the settings of an account; unknown ones are not guessed."""
    muted, contact = account.muted, account.contact_alerts
    base_station = account.base_station_alerts
    if muted is None or contact is None or base_station is None:
        raise BadAnswer("user/me", "a setting is missing")
    return Notification(muted, contact, base_station)


def weekly_goal(options: Mapping[str, Any], device_id: str) -> int:
    """Return a device's goal in the entry's options, 0 where there is none."""
    goals = parsing.as_dict(options.get(CONF_WEEKLY_GOALS))
    goal = parsing.as_int(goals.get(device_id)) or 0
    return goal if 0 <= goal <= MOST_A_WEEK else 0


def _name(device: Account | TreatmentDevice | None) -> str:
    """Return the name of a device: its alias, else the end of its serial number."""
    if not isinstance(device, TreatmentDevice):
        return "LUX"
    return device.alias or f"LUX {(device.serial_code or '')[-4:]}".strip()


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Delete treatments and statistics; logs that wait stay, and a repair says so."""
    queue = get_queue(hass, entry.unique_id or "")
    with suppress(StorageError):
        await queue.async_load()
        async_leave_issue(hass, entry, queue)
        if not queue.unsent:
            # Logs that could not be read were promised, too: a person decides.
            await queue.async_remove(keep_unreadable=True)
    treatments = get_treatments(hass, entry.entry_id)
    with suppress(StorageError):
        await treatments.async_load()
        async_clear_statistics(hass, treatments.keys)
        await treatments.async_remove()

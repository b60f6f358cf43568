"""Polls one LUX account: its devices, and the account beside them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.util import dt as dt_util

from ..background import BackgroundWork
from ..const import CONF_BASE_URL
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..credentials import stored_token
from ..optional_request import OptionalRequest
from ..session import async_get_session
from ..storage import StorageError
from ..transport import parsing
from ..transport.errors import BadAnswer, TransportError
from .alarm import Alarm
from .client.api import LuxApi
from .client.models import Account, Notification, TreatmentDevice
from .client.treatment_log import TreatmentLog
from .events import async_adopt_started, async_tell, async_tell_received
from .issues import show_issues, stop_looking, welcome_back
from .log_counters import LogCounters
from .refusal_errors import refusal_error
from .statistics import fill_statistics, write_statistics
from .treatment_store import DeviceTreatments, TreatmentStore
from .treatment_summary import (
    diary,
    goal_this_week,
    is_newest,
    open_treatment,
    treatments,
)
from .upload_queue import queue_of
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
        self._me = OptionalRequest(self.api.me, self.service)
        self._settings = asyncio.Lock()
        self.queue = queue_of(hass, self._account_id)
        self.treatments = TreatmentStore(hass, entry.entry_id)
        self._counters = LogCounters(
            self.store,
            self.queue,
            self.treatments,
            self.api,
            partial(async_tell_received, self),
        )
        self.sender = Uploader(self, self._sent)
        self.children: frozenset[int] = frozenset()
        self._listed: frozenset[str] = frozenset()
        self._filled = False
        work = BackgroundWork(hass, entry, "LUX clock")
        self._alarm = Alarm(hass, lambda: work.async_start(self._async_time_came))
        entry.async_on_unload(self._alarm.stop)

    @override
    async def async_load_stored(self) -> None:
        """Read what waits for LUX, and what LUX got from us."""
        await self.queue.load()
        await self.treatments.load()
        await self.treatments.adopt(
            {key: one.real_user_id for key, one in self.queue.devices.items()}
        )
        await async_adopt_started(self)
        welcome_back(self.hass, self.config_entry)
        # The service may be away for long: what is stuck shows all the same.
        show_issues(self.hass, self.config_entry, self.queue)

    @override
    def async_start(self) -> None:
        """Look after the issues while the entry is loaded."""
        # Not before: what is stuck shows while set-up is retried, or refused, too.
        entry = self.config_entry
        entry.async_on_unload(partial(stop_looking, self.hass, entry))

    @override
    async def async_fetch(self) -> dict[str, Account | TreatmentDevice]:
        """Ask for the devices and the account: two requests, however many devices."""
        async with self.sender.turn:
            # What was shown before the service is asked is in its answer.
            self.discard_local_changes()
            devices = await self._read_devices()
            with suppress(StorageError):  # a later answer says the same
                await self.queue.know(devices)
        account = await self._me.async_get()
        snapshot: dict[str, Account | TreatmentDevice] = {
            device_id: self._dressed(device_id, device)
            for device_id, device in devices.items()
        }
        snapshot[self._account_id] = account or Account(self._root_user_id)
        self._set_timer()
        show_issues(self.hass, self.config_entry, self.queue)
        await self._fill(snapshot)
        if self.queue.unsent:
            for device_id in list(self.queue.devices):
                await self._async_tell(device_id)
            self.sender.kick()
        return snapshot

    async def _fill(self, snapshot: dict[str, Account | TreatmentDevice]) -> None:
        """Write, once, the statistics that a kill may have kept from being written."""
        if not self._filled:
            self._filled = True
            names = {
                self.treatments.key(device_id, device.real_user_id): _name(device)
                for device_id, device in snapshot.items()
                if isinstance(device, TreatmentDevice)
            }
            # Also of devices of which nothing is known: a file may have been lost.
            for key in names.keys() | set(self.treatments.keys):
                name = names.get(key, _name(None))
                await fill_statistics(self.hass, key, name, self.treatments)

    async def _read_devices(self) -> dict[str, TreatmentDevice]:
        """Return the devices as the service has them now."""
        household = await self.api.all_devices()
        listed: dict[str, list[TreatmentDevice]] = {}
        for device in household.devices:
            listed.setdefault(f"lux:{device.key}", []).append(device)
        self.children = household.real_user_ids
        devices = {one: self._one_of(one, rows) for one, rows in listed.items()}
        self._listed = frozenset(one for one, row in devices.items() if row.has_ids)
        return {
            device_id: await self._counters.compared(
                device_id, self.queue.believed(device_id, device)
            )
            for device_id, device in devices.items()
        }

    def _one_of(self, device_id: str, rows: list[TreatmentDevice]) -> TreatmentDevice:
        """Return a device that may be listed under two children as that of one.

        It is always the same one, or it would look like logs that come and go.
        """
        waiting = self.queue.devices.get(device_id)
        followed = waiting.real_user_id if waiting else None

        def order(row: TreatmentDevice) -> tuple[bool, int, int]:
            child, number = row.real_user_id or 0, row.last_log_file_id or 0
            return row.real_user_id != followed, child, -number

        found = min(rows, key=order)
        if len({row.real_user_id for row in rows}) > 1:
            self.queue.shared[device_id] = found.real_user_id or 0
        else:
            self.queue.shared.pop(device_id, None)
        return found

    async def look(self) -> None:
        """Ask for the counters, before a log is sent; the sender has its turn."""
        devices = await self._read_devices()
        # Nothing is sent on a counter that could not be kept.
        await self.queue.know(devices)
        for device_id, device in devices.items():
            shown = self.data.get(device_id)
            if isinstance(shown, TreatmentDevice) and shown != replace(
                device,
                unsent=shown.unsent,
                diary=shown.diary,
                received=shown.received,
                weekly_goal=shown.weekly_goal,
                goal_this_week=shown.goal_this_week,
            ):
                self.async_apply(device_id, self._dressed(device_id, device))

    def listed(self, device_id: str) -> bool:
        """Return whether the service named a device, and all its ids, the last time."""
        return device_id in self._listed

    def known(self, device_id: str) -> DeviceTreatments:
        """Return the treatments of a device and the child that has it."""
        waiting = self.queue.devices.get(device_id)
        return self.treatments.of(device_id, waiting.real_user_id if waiting else None)

    def is_newest(self, device_id: str, log: TreatmentLog) -> bool:
        """Return True if nothing newer is known than a temporary log."""
        known, waiting = self.known(device_id), self.queue.devices[device_id]
        return is_newest(log, known, waiting, dt_util.utcnow())

    def _dressed(self, device_id: str, device: TreatmentDevice) -> TreatmentDevice:
        """Return a device with what Lantern knows of its treatments."""
        known, waiting = self.known(device_id), self.queue.devices.get(device_id)
        received, now = self._counters.received(device_id, device), dt_util.utcnow()
        goal = weekly_goal(self.config_entry.options, device_id)
        return replace(
            device,
            unsent=len(waiting.logs) if waiting else 0,
            diary=diary(known, waiting, now),
            received=received,
            weekly_goal=goal,
            goal_this_week=goal_this_week(
                goal, treatments(known, waiting), received, now
            ),
        )

    @callback
    def show(self, device_id: str) -> None:
        """Show what has changed in the queue or in the treatments."""
        if isinstance(device := self.data.get(device_id), TreatmentDevice):
            self.async_apply(device_id, self._dressed(device_id, device))

    async def carried(self, device_id: str, log: TreatmentLog, counter: int) -> None:
        """Keep a log that the service has; only then does it leave the queue."""
        now = dt_util.utcnow()
        await self._async_tell(device_id)
        await self.treatments.save(device_id, log, now, self.api.service_now or now)
        await self.queue.done(device_id, log, counter)
        device = self.data.get(device_id)
        if not log.temporary:
            key = self.treatments.key(device_id, log.real_user_id)
            known = self.treatments.at(key)
            write_statistics(self.hass, key, _name(device), known, log.start)
        if isinstance(device, TreatmentDevice) and counter > (
            device.last_log_file_id or 0
        ):
            grown = replace(device, last_log_file_id=counter)
            grown = await self._counters.compared(device_id, grown)
            self.async_apply(device_id, self._dressed(device_id, grown))
        else:
            self.show(device_id)

    async def async_queued(self, device_id: str) -> None:
        """Tell of logs that were just queued, and send them."""
        await self._async_tell(device_id)
        self.show(device_id)
        self._set_timer()
        self.sender.kick()

    async def _async_tell(self, device_id: str) -> None:
        """Tell of the logs that were queued and not told of yet."""
        late = [one for one in self.queue.devices[device_id].logs if not one.told]
        if late and await async_tell(self, device_id, late):
            with suppress(StorageError):  # each is told once, whatever is kept here
                await self.queue.told(device_id, late)

    @callback
    def _sent(self) -> None:
        """Look at what the sender left."""
        show_issues(self.hass, self.config_entry, self.queue)

    @callback
    def _set_timer(self) -> None:
        """Wake when what is shown changes by itself."""
        opened = (
            open_treatment(self.known(device_id), waiting)
            for device_id, waiting in self.queue.devices.items()
        )
        self._alarm.set(one for one in opened if one is not None)

    async def _async_time_came(self) -> None:
        for device_id in list(self.data):
            self.show(device_id)
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
            name=device.alias or "LUX",
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
            except TransportError as err:
                if (error := refusal_error(err)) is None:
                    raise
                raise error from err

    async def set_setting(self, setting: str, on: bool) -> None:
        """Switch one notification setting; the other two stay as LUX has them now."""
        async with self._settings:
            # The phone may have changed them since the last poll.
            account = await self.api.me()
            wanted = replace(_notification(account), **{setting: on})
            stored = await self.api.set_notification(wanted)
            account = replace(
                account,
                muted=stored.muted,
                contact_alerts=stored.contact_alerts,
                base_station_alerts=stored.base_station_alerts,
            )
            self._me.value = account
            self.async_apply(self._account_id, account)

    @callback
    def async_set_weekly_goal(self, device_id: str, goal: int) -> None:
        """Keep how many treatments a week a device's child wants to do."""
        entry = self.config_entry
        goals = parsing.as_dict(entry.options.get(CONF_WEEKLY_GOALS))
        options = {**entry.options, CONF_WEEKLY_GOALS: {**goals, device_id: goal}}
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.show(device_id)

    async def set_alias(
        self, device_id: str, device: TreatmentDevice, alias: str
    ) -> None:
        """Name a device at LUX."""
        if device.id is None or device.real_user_id is None:
            raise BadAnswer("device/get-all-device", "a device without ids")
        named = await self.api.update_alias(device.id, device.real_user_id, alias)
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
    """Return under which name a device is shown."""
    return (isinstance(device, TreatmentDevice) and device.alias) or "LUX"

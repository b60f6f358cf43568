"""Polls one LUX account: its devices, and the account beside them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.util import dt as dt_util

from ..const import CONF_BASE_URL
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..credentials import stored_token
from ..side_request import SideRequest
from ..transport import fields
from ..transport.errors import BadAnswer
from .api import LuxApi
from .models import Account, Notification, TreatmentDevice

CONF_ROOT_USER_ID = "root_user_id"
TREATMENT = "treatment"
LOG_RECEIVED = "log_received"

_MANUFACTURER = "Nu Eyne"
_SEEN_LOGS = "seen_logs"


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
            async_get_clientsession(hass), entry.data[CONF_BASE_URL], self.limits
        )
        self.api.use(stored_token(entry.data), self.keep_token)
        self._me = SideRequest(self.api.me)
        self._settings = asyncio.Lock()

    @override
    async def fetch(self) -> dict[str, Account | TreatmentDevice]:
        """Ask for the devices and the account: two requests, however many devices."""
        household = await self.api.all_devices()
        account = await self._me.read()
        snapshot: dict[str, Account | TreatmentDevice] = {}
        for device in household.devices:
            device_id = f"lux:{device.key}"
            # Listed twice, it would look like logs that come and go.
            if device_id not in snapshot:
                snapshot[device_id] = self._compared(device_id, device)
        snapshot[self._account_id] = account or Account(self._root_user_id)
        return snapshot

    def _compared(self, device_id: str, device: TreatmentDevice) -> TreatmentDevice:
        """Return a device with when its number of logs last grew; tell of growth.

        The last number is remembered, so that logs which arrived while nobody
        looked are told once. The first number of all is only remembered.
        """
        seen = self.store.section(_SEEN_LOGS)
        before = fields.mapping(seen.get(device_id))
        known, received = fields.integer(before.get("number")), before.get("received")
        number = device.last_log_file_id
        if number is not None and number != known:
            if known is not None and number > known:
                received = dt_util.utcnow().isoformat()
                growth = {"from": known, "to": number}
                self.fire(device_id, TREATMENT, LOG_RECEIVED, **growth)
            seen[device_id] = {"number": number, "received": received}
            self.store.save()
        return replace(device, last_log_received=fields.moment(received))

    @override
    def describe(self, device_id: str, device: Account | TreatmentDevice) -> DeviceInfo:
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
            self.patch(self._account_id, account)

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
            self.patch(device_id, replace(now, alias=alias))


def _notification(account: Account) -> Notification:
    """Return the settings of an account; unknown ones are not guessed."""
    muted, contact = account.muted, account.contact_alerts
    base_station = account.base_station_alerts
    if muted is None or contact is None or base_station is None:
        raise BadAnswer("user/me", "a setting is missing")
    return Notification(muted, contact, base_station)

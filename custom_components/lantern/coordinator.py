"""Polls one bridge, player or account and notifies only what changed."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import CONF_VENDOR, DOMAIN, GRACE, LOGGER
from .credentials import CONF_ACCESS_TOKEN, async_start_refresh, token_data
from .devices import DeviceSync
from .errors import to_service_error, to_update_failed
from .event_outbox import EventOutbox
from .listeners import ListenerIndex
from .storage import StorageError
from .store import LanternStore
from .transport.errors import AuthError, TransportError, Untrusted
from .transport.rate_limit import RateLimit
from .transport.tokens import Token

type LanternConfigEntry = ConfigEntry[LanternCoordinator[Any]]

_LIMITS: HassKey[dict[str, RateLimit]] = HassKey(f"{DOMAIN}_limits")
# Not a failed read: another device answers, or the credentials are no longer valid.
_AT_ONCE = (AuthError, Untrusted)
_REMOVALS = 100
"""So many entities are removed in about ten milliseconds."""


def get_rate_limit(hass: HomeAssistant, entry_id: str) -> RateLimit:
    """Return the rate limit of an account; a pause outlives a set-up that failed."""
    return hass.data.setdefault(_LIMITS, {}).setdefault(entry_id, RateLimit())


def remove_rate_limit(hass: HomeAssistant, entry_id: str) -> None:
    """Remove the rate limit of an entry that is removed."""
    hass.data.get(_LIMITS, {}).pop(entry_id, None)


class LanternCoordinator[DeviceT](DataUpdateCoordinator[dict[str, DeviceT]]):
    """Holds the snapshot: one frozen model per device id.

    A vendor's coordinator names its `service` and `interval`, fetches a snapshot with
    `async_fetch` and describes a device for the registry with `device_info_for`.
    """

    config_entry: LanternConfigEntry
    service: ClassVar[str]
    interval: ClassVar[timedelta]
    has_root_device: ClassVar[bool] = True
    """Whether the entry is a device itself, on which its other devices hang."""

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Initialize the coordinator of one entry without polling."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{entry.data[CONF_VENDOR]} {entry.entry_id}",
            update_interval=self.interval,
        )
        self.data = {}
        self.store = LanternStore(hass, entry.entry_id)
        self.rate_limit = get_rate_limit(hass, entry.entry_id)
        self._access_token = entry.data.get(CONF_ACCESS_TOKEN)
        root = entry.unique_id if self.has_root_device else None
        self.devices = DeviceSync(hass, entry.entry_id, root)
        self.last_success: datetime | None = None
        self._failures = 0
        self._was_reachable = True
        self.changed: set[str] = set()
        # False while a service tells of some devices only: the others are not gone.
        self.is_complete = True
        self._patched: set[str] = set()
        self.listeners = ListenerIndex(self.name)
        self.outbox = EventOutbox(hass, entry)
        # Held by the platform that adds entities: the others wait for their turn.
        self.adding = asyncio.Lock()
        self._removals = 0
        entry.async_on_unload(async_at_started(hass, self._handle_started))

    async def async_fetch(self) -> dict[str, DeviceT]:
        """Return the snapshot from the service; raise `TransportError` on failure."""
        raise TypeError(f"{type(self).__name__} does not fetch")

    def device_info_for(self, device_id: str, device: DeviceT) -> DeviceInfo:
        """Return the device registry's information about a device."""
        raise TypeError(f"{type(self).__name__} does not describe")

    def async_handle_change(
        self, device_id: str, before: DeviceT, after: DeviceT
    ) -> None:
        """Handle a device that changed between two polls, for example fire events."""

    def async_start(self) -> None:
        """Start what runs beside the polls, after the entities were added."""

    @override
    async def _async_setup(self) -> None:
        """Read what an earlier run remembered; a later Lantern's is left alone."""
        try:
            await self.store.async_load()
            await self.outbox.async_load()
            await self.async_load_stored()
        except UnsupportedStorageVersionError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key="later_version"
            ) from err
        except StorageError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN, translation_key=err.key
            ) from err

    async def async_pause_removal(self) -> None:
        """Let the event loop go on while very many entities are removed."""
        self._removals += 1
        if self._removals % _REMOVALS == 0:
            await asyncio.sleep(0)

    async def async_load_stored(self) -> None:
        """Read what a vendor keeps besides; raises `StorageError`."""

    @override
    async def _async_update_data(self) -> dict[str, DeviceT]:
        """Poll once; a failure keeps the last good data for two polls."""
        self._patched.clear()
        try:
            fresh = await self.async_fetch()
        except TransportError as err:
            self._failures += 1
            graced = self._failures <= GRACE and not isinstance(err, _AT_ONCE)
            if graced and self.last_success and self.last_update_success:
                LOGGER.debug("The last data of %s are kept: %s", self.name, err)
                return self.data
            LOGGER.debug("A poll of %s failed: %s", self.name, err)
            raise to_update_failed(err, self.service) from err
        self._failures = 0
        self.last_success = dt_util.utcnow()
        return self._merged(fresh)

    @callback
    def _merged(self, fresh: dict[str, DeviceT]) -> dict[str, DeviceT]:
        """Return the new snapshot with the old model wherever both are equal."""
        before = self.data
        for device_id in self._patched & before.keys() & fresh.keys():
            # A command was confirmed while this poll was under way.
            fresh[device_id] = before[device_id]
        changed = before.keys() - fresh.keys()
        for device_id, device in fresh.items():
            old = before.get(device_id)
            # A client that returns the same object for an unchanged device costs nothing.
            if old is device:
                continue
            if old == device:
                fresh[device_id] = old
            else:
                changed.add(device_id)
        self.devices.async_sync(
            {i: self.device_info_for(i, fresh[i]) for i in changed if i in fresh}
        )
        if self.is_complete:
            changed |= self.devices.async_remove_stale(fresh)
        self.changed |= changed
        for device_id in changed & before.keys() & fresh.keys():
            self.async_handle_change(device_id, before[device_id], fresh[device_id])
        return fresh

    @callback
    def async_apply(self, device_id: str, device: DeviceT) -> None:
        """Apply a confirmed or pushed model without polling."""
        self.async_apply_all({device_id: device})

    @callback
    def async_apply_all(self, devices: Mapping[str, DeviceT]) -> None:
        """Apply confirmed or pushed models without polling, and notify once."""
        changed = {
            device_id: device
            for device_id, device in devices.items()
            if device_id in self.data and self.data[device_id] != device
        }
        if not changed:
            return
        self.data.update(changed)
        self._patched.update(changed)
        self.changed.update(changed)
        # The next poll will find nothing new in them: a new name is written here.
        self.devices.async_sync(
            {i: self.device_info_for(i, device) for i, device in changed.items()}
        )
        self.async_update_listeners()

    @property
    def has_local_changes(self) -> bool:
        """Return True if models were applied since the poll under way began."""
        return bool(self._patched)

    @callback
    def discard_local_changes(self, *device_ids: str) -> None:
        """Let the poll under way replace local changes of these devices, or of all."""
        self._patched.difference_update(device_ids or set(self._patched))

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> CALLBACK_TYPE:
        """Add a listener for one device (its id is the context) or for all (None)."""
        # One entry in Home Assistant's own list serves all listeners of a device.
        join = partial(super().async_add_listener, update_callback, context)
        return self.listeners.async_add(context, update_callback, join)

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Notify the listeners of changed devices, or all when reachability flips.

        Listeners without a device are called for any change, and read from
        `changed` which devices changed, came or went.
        """
        is_running = self.listeners.has_pending
        has_flipped = self.last_update_success != self._was_reachable
        self._was_reachable = self.last_update_success
        self.listeners.async_schedule(
            self.listeners.device_ids if has_flipped else self.changed
        )
        if has_flipped or self.changed:
            self.listeners.async_notify_watchers()
        self.changed = set()
        if is_running:
            return
        self._notify_batch()
        if self.listeners.has_pending:
            self.config_entry.async_create_task(
                self.hass, self._async_notify_rest(), f"{self.name} listeners"
            )

    async def _async_notify_rest(self) -> None:
        """Notify the remaining listeners, one batch in each turn of the event loop."""
        while self.listeners.has_pending:
            await asyncio.sleep(0)
            self._notify_batch()

    @callback
    def _notify_batch(self) -> None:
        """Notify a batch of listeners; deliver events once all entities are current."""
        self.listeners.async_notify_batch()
        if not self.listeners.has_pending:
            self.outbox.async_deliver_pending()

    @callback
    def _handle_started(self, _: HomeAssistant) -> None:
        """Deliver what automations could not hear before."""
        self.outbox.async_deliver_pending()

    @asynccontextmanager
    async def translate_errors(self) -> AsyncGenerator[None]:
        """Raise a failed command as an error that Home Assistant can show."""
        try:
            yield
        except TransportError as err:
            if isinstance(err, AuthError):
                # The next poll would find out as well, but that can be a while.
                self.config_entry.async_start_reauth(self.hass)
            raise to_service_error(err, self.service) from err

    @callback
    def async_start_refresh(
        self, work: Coroutine[Any, Any, None]
    ) -> asyncio.Task[None]:
        """Refresh the token in a task that ends even if the entry is unloaded."""
        return async_start_refresh(self.hass, self.config_entry.entry_id, work)

    @callback
    def async_store_token(self, token: Token) -> None:
        """Put a new token into the entry, before anybody uses it."""
        if self.config_entry.data.get(CONF_ACCESS_TOKEN) != self._access_token:
            return  # signed in again meanwhile
        self._access_token = token.access_token
        self.hass.config_entries.async_update_entry(
            self.config_entry, data={**self.config_entry.data, **token_data(token)}
        )

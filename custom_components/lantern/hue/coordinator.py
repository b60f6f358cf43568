"""Polls one Hue bridge: lamps, rooms and accessories; its config now and then."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, override

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import (
    CONNECTION_NETWORK_MAC,
    DeviceInfo,
    format_mac,
)

from ..const import LOGGER
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..side_request import SideRequest
from ..transport.errors import (
    AuthError,
    BadAnswer,
    Refused,
    TimedOut,
    TransportError,
    Untrusted,
)
from ..transport.limits import Limits
from .api import Address, HueApi, Outcome
from .models import ROOM, Bridge, Device, Group, names_hardware

CONF_HOST = "host"
CONF_TLS = "tls"
CONF_CERTIFICATE = "certificate_sha256"
CONF_KEY = "application_key"
CONF_BRIDGE_ID = "bridge_id"
CONF_DEVICETYPE = "devicetype"

_CONFIG_EVERY = 300.0
_MODELS = {
    "BSB001": "Hue bridge (round)",
    "BSB002": "Hue bridge",
    "BSB003": "Hue Bridge Pro",
}
_SIGNIFY = "Signify"


def address_data(address: Address) -> dict[str, Any]:
    """Return an address as entry data."""
    return {
        CONF_HOST: address.host,
        CONF_TLS: address.certificate is not None,
        CONF_CERTIFICATE: address.certificate,
    }


def stored_address(data: Mapping[str, Any]) -> Address:
    """Return the address that an entry holds."""
    return Address(data[CONF_HOST], data[CONF_CERTIFICATE] if data[CONF_TLS] else None)


def bridge_session(hass: HomeAssistant) -> ClientSession:
    """Return the session: certificates are pinned, no public authority signs them."""
    return async_get_clientsession(hass, verify_ssl=False)


def bridge_api(
    hass: HomeAssistant, address: Address, key: str = "", limits: Limits | None = None
) -> HueApi:
    """Return a client of one bridge."""
    return HueApi(bridge_session(hass), address, key, limits or Limits())


class HueCoordinator(LanternCoordinator[Bridge | Device | Group]):
    """Holds the bridge under `hue:<bridge id>`, devices by MAC, rooms by number."""

    service = "Hue"
    interval = timedelta(seconds=10)

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's bridge."""
        super().__init__(hass, entry)
        data = entry.data
        self._bridge_id: str = data[CONF_BRIDGE_ID]
        self._bridge: Bridge | None = None
        self.api = bridge_api(hass, stored_address(data), data[CONF_KEY], self.limits)
        self._config = SideRequest(self._read_config, every=_CONFIG_EVERY)

    @override
    async def fetch(self) -> dict[str, Bridge | Device | Group]:
        """Ask for lamps, groups and sensors; for the config when it is due."""
        if self._bridge is None and self.api.address.certificate is None:
            # In plain http nothing else tells that the key goes to our bridge.
            await self._ask_who_is_there()
        try:
            bridge = await self._config.read(required=self._bridge is None)
            house = await self.api.house(self._bridge_id)
        except AuthError:
            # Another bridge does not know our key either; that is no case for one.
            await self._ask_who_is_there()
            raise
        if bridge is None:
            assert self._bridge is not None
            bridge = self._bridge.silent()
        self._bridge = bridge
        return {f"hue:{self._bridge_id}": bridge, **house}

    async def _ask_who_is_there(self) -> None:
        """Raise Untrusted if another bridge answers; a silent one is let pass."""
        try:
            bridge = await self.api.introduction()
        except AuthError, Refused, TimedOut:
            return
        self._check_identity(bridge)

    async def _read_config(self) -> Bridge:
        bridge = await self.api.config()
        self._check_identity(bridge)
        return bridge

    def _check_identity(self, bridge: Bridge) -> None:
        """Raise if this is not the bridge that the entry was linked with."""
        stored = self._bridge_id
        if stored in bridge.identities:
            return
        if bridge.identities:
            raise Untrusted("config")
        if names_hardware(stored):
            raise BadAnswer("config", "no identity")

    @override
    def describe(self, device_id: str, device: Bridge | Device | Group) -> DeviceInfo:
        """Describe the bridge, a device or a room."""
        match device:
            case Bridge():
                return self._describe_bridge(device)
            case Group():
                info = DeviceInfo(
                    name=device.name, manufacturer=_SIGNIFY, model=device.kind
                )
                if device.kind == ROOM:
                    info["suggested_area"] = device.name
                return info
        about = device.about
        return DeviceInfo(
            name=about.name,
            manufacturer=about.manufacturer,
            model=about.product or about.model_id,
            model_id=about.model_id,
            sw_version=about.sw_version,
        )

    def _describe_bridge(self, bridge: Bridge) -> DeviceInfo:
        info = DeviceInfo(
            name=bridge.name or "Hue bridge",
            manufacturer=_SIGNIFY,
            model=_MODELS.get(bridge.model_id or "", bridge.model_id),
            model_id=bridge.model_id,
            sw_version=bridge.sw_version,
            configuration_url=self.api.address.url,
        )
        if bridge.mac:
            info["connections"] = {(CONNECTION_NETWORK_MAC, format_mac(bridge.mac))}
        return info

    async def set_light(
        self, device_id: str, number: str, state: Mapping[str, Any]
    ) -> Outcome:
        """Set a lamp; what the bridge confirmed is shown at once, in its rooms too."""
        outcome = await self.api.set_light(number, state)
        device = self.data.get(device_id)
        if isinstance(device, Device):
            self.patch(device_id, device.after(number, outcome.taken))
        self._follow_lamps(number)
        return outcome

    async def set_group(
        self, device_id: str, number: str, action: Mapping[str, Any]
    ) -> Outcome:
        """Set the lamps of a group in one request; they are shown so at once."""
        outcome = await self.api.set_group(number, action)
        group = self.data.get(device_id)
        if isinstance(group, Group):
            self.patch(device_id, group.after(outcome.taken))
            for lamp in group.lights:
                for one_id, device in self._devices_of(lamp):
                    self.patch(one_id, device.after(lamp, outcome.taken))
                self._follow_lamps(lamp)
        return outcome

    def _devices_of(self, lamp: str) -> list[tuple[str, Device]]:
        """Return the device that a lamp is part of, with its id."""
        return [
            (device_id, device)
            for device_id, device in self.data.items()
            if isinstance(device, Device)
            and any(light.number == lamp for light in device.lights)
        ]

    @callback
    def _follow_lamps(self, lamp: str) -> None:
        """Show the groups of a lamp on while one of their lamps is on."""
        on = {
            light.number
            for device in self.data.values()
            if isinstance(device, Device)
            for light in device.lights
            if light.state.on
        }
        for device_id, group in list(self.data.items()):
            if isinstance(group, Group) and lamp in group.lights:
                self.patch(device_id, group.with_on(not on.isdisjoint(group.lights)))


async def farewell(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Deregister the application key, once; today's bridges do not let us."""
    key = entry.data[CONF_KEY]
    try:
        await bridge_api(hass, stored_address(entry.data), key).deregister(key)
    except TransportError:
        LOGGER.info(
            "The Hue bridge did not let Lantern remove its access; it can be removed "
            "in the Hue app or in the Hue account"
        )

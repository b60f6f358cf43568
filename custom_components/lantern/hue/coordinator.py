"""Polls one Hue bridge: lamps, rooms and accessories; its config now and then."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, override

from aiohttp import ClientSession
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.device_registry import (
    CONNECTION_NETWORK_MAC,
    DeviceInfo,
    format_mac,
)

from ..const import DOMAIN, LOGGER
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
from .accessories import Sensor
from .api import Address, HueApi, Outcome
from .groups import ALL_LIGHTS, ROOM, Group, Scene
from .models import Bridge, Device, light_id, names_hardware
from .nudges import Nudges
from .resources import Light
from .stream import EventStream

CONF_HOST = "host"
CONF_TLS = "tls"
CONF_CERTIFICATE = "certificate_sha256"
CONF_KEY = "application_key"
CONF_BRIDGE_ID = "bridge_id"
CONF_DEVICETYPE = "devicetype"

_SELDOM = 300.0
_WITH_STREAM = timedelta(seconds=60)
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


def _scenes_of(group: str | None, scenes: Iterable[Scene]) -> tuple[Scene, ...]:
    """Return the scenes of a room or zone, or those of none."""
    return tuple(one for one in scenes if one.group == group)


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
        self._config = SideRequest(self._read_config, every=_SELDOM)
        self._scenes = SideRequest(self.api.scenes, every=_SELDOM)
        self._stream = EventStream(self.api, self)
        self._stream_up = False
        self._nudges = Nudges(self._read_again)
        self._commands = 0
        self._failed = self._resumed = False

    @override
    def start(self) -> None:
        """Follow the event stream; in plain http there is none."""
        if self.api.address.certificate is None:
            self._stream.offered = False
            return
        for run in (self._stream.run, self._nudges.run):
            self.config_entry.async_create_background_task(
                self.hass, run(), f"{self.name} {run.__qualname__}"
            )

    @override
    async def fetch(self) -> dict[str, Bridge | Device | Group]:
        """Poll, seldom while the stream tells what happens."""
        self.update_interval = self.interval
        try:
            found = await self._fetch()
        except TransportError:
            self._failed = True
            raise
        if self._stream_up:
            self.update_interval = _WITH_STREAM
        self._resumed, self._failed = self._failed, False
        return found

    @override
    def on_change(
        self,
        device_id: str,
        before: Bridge | Device | Group,
        after: Bridge | Device | Group,
    ) -> None:
        """Fire what a bridge without a stream reports; nothing after an outage."""
        if self._stream.offered is not False or self._resumed:
            return
        if isinstance(before, Device) and isinstance(after, Device):
            known = {one.number: one.report for one in before.sensors}
            for sensor in after.sensors:
                report = sensor.report
                fresh = sensor.number in known and known[sensor.number] != report
                if report is not None and fresh:
                    self.fire(
                        device_id, report.key, report.type, **dict(report.attributes)
                    )

    async def _fetch(self) -> dict[str, Bridge | Device | Group]:
        """Ask for lamps, groups and sensors; for the config when it is due."""
        if self._bridge is None and self.api.address.certificate is None:
            # In plain http nothing else tells that the key goes to our bridge.
            await self._ask_who_is_there()
        try:
            bridge = await self._config.read(required=self._bridge is None)
            house = await self.api.house(self._bridge_id)
            scenes = await self._scenes.read() or ()
        except AuthError:
            # Another bridge does not know our key either; that is no case for one.
            await self._ask_who_is_there()
            raise
        if bridge is None:
            assert self._bridge is not None
            bridge = self._bridge.silent()
        self._bridge = bridge
        own = replace(
            bridge,
            sensors=house.sensors,
            scenes=_scenes_of(None, scenes),
            all_lights=house.all_lights,
        )
        return {
            self._root: own,
            **house.devices,
            **{
                device_id: replace(group, scenes=_scenes_of(group.number, scenes))
                for device_id, group in house.groups.items()
            },
        }

    @property
    def _root(self) -> str:
        """Return the bridge's device id."""
        return f"hue:{self._bridge_id}"

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
        self._commands += 1
        device = self.data.get(device_id)
        if isinstance(device, Device):
            self.patch(device_id, device.after(number, outcome.taken))
        self._follow_lamps(number)
        return outcome

    async def set_group(self, number: str, action: Mapping[str, Any]) -> Outcome:
        """Set the lamps of a group in one request; they are shown so at once."""
        outcome = await self.api.set_group(number, action)
        self._commands += 1
        device_id, group = self._group(number)
        if group is not None:
            self._patch_group(device_id, group.after(outcome.taken))
            for lamp in group.lights:
                for one_id, device in self._devices_of(lamp):
                    self.patch(one_id, device.after(lamp, outcome.taken))
                self._follow_lamps(lamp)
        return outcome

    async def set_sensor(
        self, device_id: str, number: str, config: Mapping[str, Any]
    ) -> Outcome:
        """Set a sensor's config; what the bridge confirmed is shown at once."""
        outcome = await self.api.set_sensor(number, config)
        self._commands += 1
        device = self.data.get(device_id)
        if isinstance(device, Device):
            for sensor in device.sensors:
                if sensor.number == number:
                    after = sensor.after(outcome.taken)
                    self.patch(device_id, device.with_sensor(after))
        return outcome

    async def recall(self, scene: Scene, more: Mapping[str, Any]) -> Outcome:
        """Recall a scene; what it did to the lamps is read afterwards."""
        number = scene.group or ALL_LIGHTS
        outcome = await self.api.set_group(number, {"scene": scene.scene_id, **more})
        await self.async_request_refresh()
        return outcome

    async def accepted(self, outcome: Outcome) -> None:
        """Tell what a bridge refused of a command; how it stands now is read."""
        if not outcome.refused:
            return
        await self.async_request_refresh()
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="hue_refused",
            translation_placeholders={
                "reasons": "; ".join(one.text for one in outcome.refused)
            },
        )

    def _group(self, number: str) -> tuple[str, Group | None]:
        """Return a group, with the id of the device that shows it."""
        if number == ALL_LIGHTS:
            bridge = self.data.get(self._root)
            return self._root, bridge.all_lights if isinstance(bridge, Bridge) else None
        device_id = f"{self._root}:group:{number}"
        group = self.data.get(device_id)
        return device_id, group if isinstance(group, Group) else None

    @callback
    def _patch_group(self, device_id: str, group: Group) -> None:
        """Show a room or zone, or all lamps at the bridge."""
        bridge = self.data.get(device_id)
        if isinstance(bridge, Bridge):
            self.patch(device_id, replace(bridge, all_lights=group))
        else:
            self.patch(device_id, group)

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
        numbers = [one.number for one in self.data.values() if isinstance(one, Group)]
        for number in (ALL_LIGHTS, *numbers):
            device_id, group = self._group(number)
            if group is not None and lamp in group.lights:
                self._patch_group(
                    device_id, group.with_on(not on.isdisjoint(group.lights))
                )

    async def stream_connected(self) -> None:
        """Read everything, and poll seldom from now on."""
        self._stream_up = True
        self._nudges.clear()
        await self.async_refresh()

    async def stream_lost(self) -> None:
        """Poll often until the stream is back."""
        self._stream_up = False
        await self.async_refresh()

    @callback
    def nudged(self, path: str) -> None:
        """Have a resource read that the stream named."""
        _, collection, number = (*path.split("/", 2), "", "")[:3]
        if (collection, number) != ("groups", ALL_LIGHTS):
            self._nudges.add(collection, None if collection == "scenes" else number)

    @callback
    def reshaped(self) -> None:
        """Read everything, soon: something came or went."""
        self._scenes.now()
        self.config_entry.async_create_background_task(
            self.hass, self.async_request_refresh(), f"{self.name} refresh"
        )

    @callback
    def happened(
        self, sensor: str, key: str, kind: str, attributes: Mapping[str, int]
    ) -> None:
        """Fire what the stream told of a switch or dial."""
        for device_id, device in self.data.items():
            if isinstance(device, Device) and any(
                one.number == sensor for one in device.sensors
            ):
                self.fire(device_id, key, kind, **attributes)

    async def _read_again(self, collection: str, number: str | None) -> None:
        """Read a resource that changed, or its collection, and show it."""
        commands = self._commands
        try:
            found = await self._ask_again(collection, number)
        except TransportError:
            await self.async_request_refresh()
            return
        if commands != self._commands:
            # The answer may be older than what a command did meanwhile.
            self._nudges.add(collection, number)
            return
        known = [self._take(one) for one in found]
        if not all(known):
            await self.async_request_refresh()

    async def _ask_again(
        self, collection: str, number: str | None
    ) -> Iterable[Light | Group | Sensor]:
        """Ask for what is to be shown; scenes are the next poll's."""
        match collection:
            case "lights":
                return (await self.api.lights(number)).values()
            case "sensors":
                return (await self.api.sensors(number)).values()
            case "groups":
                lights = {
                    light.number: light
                    for device in self.data.values()
                    if isinstance(device, Device)
                    for light in device.lights
                }
                return (await self.api.groups(lights, number)).values()
        self._scenes.now()
        await self.async_request_refresh()
        return ()

    @callback
    def _take(self, thing: Light | Group | Sensor) -> bool:
        """Show what was read; tell whether its device is known."""
        match thing:
            case Light():
                device_id = light_id(self._bridge_id, thing)
                device = self.data.get(device_id)
                if isinstance(device, Device):
                    self.patch(device_id, device.with_light(thing))
                    self._follow_lamps(thing.number)
                    return True
            case Sensor() if thing.mac is not None:
                device_id = f"hue:{thing.mac}"
                device = self.data.get(device_id)
                if isinstance(device, Device):
                    self.patch(device_id, device.with_sensor(thing))
                    return True
            case Sensor():
                return True
            case Group():
                device_id, group = self._group(thing.number)
                if group is not None:
                    self.patch(device_id, replace(thing, scenes=group.scenes))
                    return True
        return False


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

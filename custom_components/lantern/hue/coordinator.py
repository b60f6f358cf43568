"""Polls one Hue bridge or follows its events: lights, rooms and accessories."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from time import monotonic
from typing import override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo

from ..background import BackgroundWork
from ..const import DOMAIN, GRACE, LOGGER
from ..coordinator import LanternConfigEntry, LanternCoordinator
from ..optional_request import OptionalRequest, wait_after
from ..transport.errors import AuthError, BadAnswer, Refused, TransportError, Untrusted
from ..transport.memo import Same
from .applications import application_events
from .client.event_stream import EventStream, Message
from .client.models.bridge import Bridge
from .client.models.device import Device
from .client.models.group import Group, Scene
from .client.models.house import House
from .client.models.light import Light
from .client.models.sensor import Report, Sensor
from .client.v1 import V1Client
from .client.v2 import V2Client
from .commands import Commands, Model
from .connection import (
    CONF_BRIDGE_ID,
    CONF_KEY,
    CONF_SUCCESSOR_ID,
    async_check_who_answers,
    async_read_config,
    bridge_http,
    stored_address,
)
from .device_info import describe_bridge, describe_device, describe_group, find_areas
from .light_keys import light_keys
from .options_flow import async_find_always_reachable
from .repairs import forget, tell
from .snapshot import make_snapshot

_SELDOM = 300.0
_V1_BESIDE_V2 = 1800.0
_PRESS_MAX_AGE = 5.0
_WITH_EVENTS = timedelta(minutes=10)
_NOT_FOUND = 404


class HueCoordinator(LanternCoordinator[Model]):
    """Holds the bridge under `hue:<bridge id>`, devices by MAC, rooms by number."""

    service = "Hue"
    interval = timedelta(seconds=10)

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Initialize the clients of the entry's bridge."""
        super().__init__(hass, entry)
        data = entry.data
        self._bridge_id: str = data[CONF_BRIDGE_ID]
        self.root_id = f"hue:{self._bridge_id}"
        self.http = bridge_http(
            hass, stored_address(data), data[CONF_KEY], self.rate_limit
        )
        self._v1 = V1Client(self.http)
        self._v2: V2Client | None = None
        # None until the bridge answered; a bridge without API v2 is asked again.
        self._speaks_v2: bool | None = None
        self._v2_failures = self._v2_refusals = 0
        self._ask_v2_at = 0.0
        self.commands = Commands(self)
        self._bridge: Bridge | None = None
        self._config = OptionalRequest(self._read_config, self.service, _SELDOM)
        self._scenes = OptionalRequest(self._v1.get_scenes, self.service, _SELDOM)
        self._scenes_beside = OptionalRequest(
            self._v1.get_scenes, self.service, _V1_BESIDE_V2
        )
        self._sensors_beside = OptionalRequest(
            self._v1.get_sensors, self.service, _V1_BESIDE_V2
        )
        self._groups_beside = OptionalRequest(
            lambda: self._v1.get_groups({}), self.service, _V1_BESIDE_V2
        )
        self._snapshot: Same[dict[str, Model]] = Same()
        self._stream = EventStream(self.http, self)
        self._stream_task: asyncio.Task[None] | None = None
        self.has_events = False
        self._refresh_work = BackgroundWork(hass, entry, "Hue refresh")
        self._failed = self._resumed = self._told = False
        self._reports: dict[str, Report] = {}
        # The room of each light and each sensor, by "lights/1" or "sensors/2".
        self._areas: dict[str, str] = {}

    @property
    def wants_events(self) -> bool:
        """Return True while the bridge speaks API v2."""
        return self._speaks_v2 is True

    @property
    def shows_all_lights(self) -> bool:
        """Return whether the light of all lights is enabled: to know it costs time."""
        entity_id = er.async_get(self.hass).async_get_entity_id(
            Platform.LIGHT, DOMAIN, f"{self.root_id}_all_lights"
        )
        return entity_id is not None and self.hass.states.get(entity_id) is not None

    @property
    def client(self) -> V1Client | V2Client:
        """Return the client of the API that the bridge speaks."""
        return self._v2 if self._v2 is not None and self._speaks_v2 else self._v1

    @override
    async def _async_setup(self) -> None:
        """Read which collections the bridge has: a 404 of one is a failure then."""
        await super()._async_setup()
        self._v1.present_collections.update(self.store.section("collections"))
        reachable = async_find_always_reachable(self.hass, self.config_entry)
        self._v1.always_reachable = reachable
        if self.http.address.certificate is not None:
            stored_ids = self.store.section("v2_ids")
            self._v2 = V2Client(self.http, self._v1, stored_ids)
            self._v2.resources.always_reachable = reachable

    def _remember_collections(self) -> None:
        """Store which collections the bridge has."""
        stored = self.store.section("collections")
        if new := self._v1.present_collections - stored.keys():
            stored.update(dict.fromkeys(sorted(new), True))
            self.store.async_delay_save()

    @override
    def device_info_for(self, device_id: str, device: Model) -> DeviceInfo:
        """Describe the bridge, a device or a room."""
        match device:
            case Bridge():
                return describe_bridge(device, self.http.address.url)
            case Group():
                return describe_group(device)
        return describe_device(device, self._areas)

    @override
    def async_start(self) -> None:
        """Follow the event stream where there is one."""
        if self._speaks_v2 and (self._stream_task is None or self._stream_task.done()):
            work = BackgroundWork(self.hass, self.config_entry, "Hue event stream")
            self._stream_task = work.async_start(self._stream.run)

    @override
    async def async_fetch(self) -> dict[str, Model]:
        """Poll, seldom while events tell what happens."""
        self.update_interval = self.interval
        try:
            found = await self._fetch()
        except TransportError as err:
            self._failed = True
            if isinstance(err, Untrusted) and not self._told:
                self._told = await tell(self.hass, self.config_entry)
            raise
        self._told = False
        forget(self.hass, self.config_entry)
        if self.has_events:
            self.update_interval = _WITH_EVENTS
        elif self.last_success is not None:
            self.async_start()
        self._resumed, self._failed = self._failed, False
        return found

    @override
    def async_handle_change(self, device_id: str, before: Model, after: Model) -> None:
        """Fire what happened between two polls."""
        if isinstance(after, Device):
            self.commands.async_forget_brightness(device_id, after)
        if isinstance(before, Bridge) and isinstance(after, Bridge):
            if events := application_events(before, after):
                self.outbox.async_queue_durable(device_id, "application", *events)
            return
        # Presses of a bridge without events; after an outage they are past.
        if self._speaks_v2 or self._resumed:
            return
        if isinstance(before, Device) and isinstance(after, Device):
            known = {one.number: one.report for one in before.sensors}
            for sensor in after.sensors:
                if sensor.number in known:
                    self._report(device_id, sensor, known[sensor.number])

    @callback
    def _report(self, device_id: str, sensor: Sensor, before: Report | None) -> None:
        """Fire what a switch or dial reports, unless it was the last thing it did."""
        last = before or self._reports.get(sensor.number)
        report = sensor.report
        if report is None:
            if last is not None:
                # It may come back unchanged after an answer that made no sense.
                self._reports[sensor.number] = last
        elif report != last:
            self.outbox.async_fire(
                device_id,
                report.key,
                report.type,
                dict(report.attributes),
                max_age=_PRESS_MAX_AGE,
            )

    async def _fetch(self) -> dict[str, Model]:
        """Read lights, groups and sensors; the config when it is due."""
        data = self.config_entry.data
        if self._bridge is None and self.http.address.certificate is None:
            # In plain http nothing else tells that the key goes to our bridge.
            await async_check_who_answers(self.http, data)
        try:
            if self._bridge is None:
                await self._config.async_get(required=True)
            house = await self._read_house()
        except AuthError:
            # Another bridge does not know our key either; that is no case for a new one.
            await async_check_who_answers(self.http, data)
            raise
        self._remember_collections()
        if self._bridge is None:
            for device_id, device in house.devices.items():
                self.commands.async_forget_brightness(device_id, device)
        bridge = await self._config.async_get()
        v1_scenes = self._scenes_beside if self._speaks_v2 else self._scenes
        scenes = await v1_scenes.async_get() or ()
        if bridge is None:
            assert self._bridge is not None
            bridge = self._bridge.silent()
        self._bridge = bridge
        if self._v2 is not None and self._speaks_v2:
            if self.has_local_changes:
                # Events came while the rest was read: they are in what is made now.
                house = self._v2.get_house(self._bridge_id, self._light_keys)
            self.discard_local_changes()

        def snapshot() -> dict[str, Model]:
            return self._make_snapshot(bridge, house, scenes)

        return self._snapshot.of(b"", snapshot, bridge, house, scenes).copy()

    def _make_snapshot(
        self, bridge: Bridge, house: House, v1_scenes: tuple[Scene, ...]
    ) -> dict[str, Model]:
        """Return the models by device id, and remember where their lights are."""
        self._areas = find_areas(house.groups.values())
        models = make_snapshot(self.root_id, bridge, house, v1_scenes)
        self.commands.index(models)
        return models

    async def _read_house(self) -> House:
        """Read the house through API v2 where the bridge answers there, else v1."""
        v2 = self._v2
        # A successor is known by the ids of v2: its v1 numbers may be others.
        has_moved = CONF_SUCCESSOR_ID in self.config_entry.data
        is_due = self._speaks_v2 or has_moved or self._ask_v2_at <= monotonic()
        if v2 is not None and is_due:
            try:
                changed = await v2.read()
            except AuthError, Untrusted:
                raise
            except TransportError as err:
                self._v2_failures += 1
                if has_moved or (self._speaks_v2 and self._v2_failures <= GRACE):
                    raise
                failure = err
            else:
                return await self._take_house(v2, changed)
            house = await self._v1.get_house(self._bridge_id, self._light_keys)
            self._use_v1(failure)
            return house
        return await self._v1.get_house(self._bridge_id, self._light_keys)

    async def _take_house(self, v2: V2Client, changed: set[str]) -> House:
        """Return what was read through API v2, with what v1 alone has."""
        if self._v2_refusals and self._speaks_v2 is False:
            LOGGER.info("The Hue bridge answers through API v2 again")
        self._speaks_v2, self._v2_failures, self._v2_refusals = True, 0, 0
        self.is_complete = True
        if self.has_events:
            self._stream.expect(changed)
        sensors = await self._sensors_beside.async_get()
        if sensors is not None:
            v2.resources.v1_sensors = sensors
        groups = await self._groups_beside.async_get()
        if groups is not None:
            v2.resources.v1_groups = groups
        try:
            await v2.learn_unique_ids()
        except TransportError as err:
            LOGGER.debug("The v1 unique ids could not be read: %s", err)
        house = v2.get_house(self._bridge_id, self._light_keys)
        if v2.resources.ids.has_new:
            v2.resources.ids.has_new = False
            self.store.async_delay_save()
        return house

    @callback
    def _use_v1(self, failure: TransportError) -> None:
        """Go on with API v1; ask for v2 again after 1 h, 6 h, then daily."""
        is_missing = isinstance(failure, Refused) and failure.code == _NOT_FOUND
        if not self._v2_refusals and (self._speaks_v2 or not is_missing):
            LOGGER.warning(
                "The Hue bridge does not answer through API v2 (%s). Lantern uses API "
                "v1, which knows fewer devices and no events, and asks again later",
                failure,
            )
        self.is_complete = not self._speaks_v2 and self.is_complete
        self._speaks_v2, self.has_events = False, False
        self._v2_refusals += 1
        self._ask_v2_at = monotonic() + wait_after(self._v2_refusals)
        # The stream's own task ends by itself, after the read that it waits for.
        if self._stream_task not in (None, asyncio.current_task()):
            self._stream_task.cancel()
            self._stream_task = None

    def _light_keys(self, device_id: str, lamps: Sequence[Light]) -> tuple[str, ...]:
        return light_keys(self.hass, self.store, device_id, lamps)

    async def _read_config(self) -> Bridge:
        return await async_read_config(self.http, self.config_entry.data)

    async def async_read_config_soon(self) -> None:
        """Have the config read with the next poll, and that soon."""
        self._config.invalidate()
        await self.async_request_refresh()

    async def async_stream_connected(self) -> None:
        """Read everything, and poll seldom from now on."""
        self.has_events = True
        await self.async_refresh()
        if self._failed or self._v2 is None:
            raise BadAnswer("eventstream", "connected, but nothing could be read")
        self._v2.events.seed_reports(self._stream.waiting_ids)

    async def async_stream_lost(self) -> None:
        """Poll often until the stream is back."""
        self.has_events = False
        await self.async_refresh()

    async def async_stream_missing(self, failure: TransportError) -> None:
        """Use API v1: without events, v2 tells no presses."""
        self._stream_task = None
        self._use_v1(failure)
        await self.async_refresh()

    async def async_check_bridge(self) -> None:
        """Prove that the bridge answers."""
        assert self._v2 is not None
        await self._v2.check()

    @callback
    def handle_message(self, message: Message) -> None:
        """Apply a message of the event stream, each device once."""
        assert self._v2 is not None
        changes = self._v2.events.apply_message(message)
        if changes.needs_read:
            self._scenes_beside.invalidate()
            self._refresh_work.async_start(self.async_request_refresh)
        self.async_apply_parts(changes.parts)
        for press in changes.presses:
            self.outbox.async_fire(
                press.device_id,
                press.key,
                press.type,
                press.attributes,
                max_age=_PRESS_MAX_AGE,
            )

    @callback
    def async_apply_parts(self, parts: Iterable[Light | Sensor | Scene]) -> None:
        """Show lamps and other parts that were read anew, each device once."""
        changed: dict[str, Model] = {}
        lights = []
        for part in parts:
            assert self._v2 is not None
            device_id = self._v2.resources.device_id(part)
            device = changed.get(device_id) or self.data.get(device_id)
            if isinstance(part, Sensor) and device is not None:
                changed[device_id] = device.with_sensor(part)
            elif isinstance(part, Scene) and isinstance(device, Group):
                changed[device_id] = device.with_scene(part)
            elif isinstance(part, Light) and isinstance(device, Device):
                changed[device_id] = lit = device.with_light(part)
                self.commands.async_forget_brightness(device_id, lit)
                lights.append(part.number)
        if lights:
            self.commands.add_groups(lights, changed)
        self.async_apply_all(changed)

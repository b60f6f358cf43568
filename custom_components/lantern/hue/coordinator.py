"""Polls one Hue bridge: lamps, rooms and accessories; its config now and then."""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, override

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..background import BackgroundWork
from ..const import DOMAIN, LOGGER
from ..coordinator import LanternConfigEntry
from ..event_outbox import DurableEvent
from ..optional_request import OptionalRequest
from ..transport import parsing
from ..transport.errors import (
    AuthError,
    BadAnswer,
    Refused,
    TimedOut,
    TransportError,
    Untrusted,
)
from ..transport.memo import Same
from .accessories import Report, Sensor
from .connection import CONF_KEY, bridge_api, stored_address
from .groups import ALL_LIGHTS, Group, Scene
from .house import HueHouse
from .joining import assign_keys
from .models import Bridge, Device, names_hardware
from .nudges import Nudges
from .repairs import forget, tell
from .resources import Light
from .stream import EventStream

_SELDOM = 300.0
_PRESS_MAX_AGE = 5.0
_WITH_STREAM = timedelta(seconds=60)


class HueCoordinator(HueHouse):
    """Holds the bridge under `hue:<bridge id>`, devices by MAC, rooms by number."""

    service = "Hue"
    interval = timedelta(seconds=10)

    def __init__(self, hass: HomeAssistant, entry: LanternConfigEntry) -> None:
        """Make the client of the entry's bridge."""
        super().__init__(hass, entry)
        self._bridge: Bridge | None = None
        self._config = OptionalRequest(self._read_config, self.service, _SELDOM)
        self._scenes = OptionalRequest(self.api.scenes, self.service, _SELDOM)
        self._snapshot: Same[dict[str, Bridge | Device | Group]] = Same()
        self._stream = EventStream(self.api, self)
        self._stream_up = False
        self._nudges = Nudges(self._read_again)
        self._refresh_work = BackgroundWork(hass, entry, "Hue refresh")
        self._failed = self._resumed = self._told = False
        self._reports: dict[str, Report] = {}

    @override
    async def _async_setup(self) -> None:
        """Read which collections the bridge has: a 404 of one is a failure then."""
        await super()._async_setup()
        self.api.present_collections.update(self.store.section("collections"))

    def _remember_collections(self) -> None:
        """Store which collections the bridge has."""
        stored = self.store.section("collections")
        if new := self.api.present_collections - stored.keys():
            stored.update(dict.fromkeys(sorted(new), True))
            self.store.save()

    @override
    def async_start(self) -> None:
        """Follow the event stream; in plain http there is none."""
        if self.api.address.certificate is None:
            self._stream.offered = False
            return
        self._run(self._stream.run)
        self._run(self._nudges.run)

    @callback
    def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run something until the entry is unloaded."""
        name = f"Hue {work.__qualname__}"
        BackgroundWork(self.hass, self.config_entry, name).async_start(work)

    @override
    async def async_fetch(self) -> dict[str, Bridge | Device | Group]:
        """Poll, seldom while the stream tells what happens."""
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
        if self._stream_up:
            self.update_interval = _WITH_STREAM
        elif self._stream.is_due:
            self._run(self._stream.run)
        self._resumed, self._failed = self._failed, False
        return found

    @override
    def async_handle_change(
        self,
        device_id: str,
        before: Bridge | Device | Group,
        after: Bridge | Device | Group,
    ) -> None:
        """Fire what happened between two polls."""
        if isinstance(after, Device):
            self._forget_brightness(device_id, after)
        if isinstance(before, Bridge) and isinstance(after, Bridge):
            self._compare_applications(device_id, before, after)
            return
        # Presses of a bridge without a stream; after an outage they are past.
        if self._stream.offered is not False or self._resumed:
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
            self._fire_press(
                device_id, report.key, report.type, dict(report.attributes)
            )

    @callback
    def _compare_applications(
        self, device_id: str, before: Bridge, after: Bridge
    ) -> None:
        """Tell who was let in or removed, once both lists are known."""
        if before.whitelist is None or after.whitelist is None:
            return
        was = {one.mark: one for one in before.whitelist}
        now = {one.mark: one for one in after.whitelist}
        events = [
            DurableEvent(
                event_id=f"{kind}/{mark}/{dt_util.utcnow().isoformat()}",
                event_type=kind,
                attributes={
                    "name": of[mark].name,
                    "date": date.isoformat() if (date := of[mark].created) else None,
                },
                is_urgent=True,
            )
            for kind, marks, of in (
                ("registered", now.keys() - was.keys(), now),
                ("deregistered", was.keys() - now.keys(), was),
            )
            for mark in sorted(marks)
        ]
        if events:
            self.outbox.async_queue_durable(device_id, "application", *events)

    async def _fetch(self) -> dict[str, Bridge | Device | Group]:
        """Ask for lamps, groups and sensors; for the config when it is due."""
        if self._bridge is None and self.api.address.certificate is None:
            # In plain http nothing else tells that the key goes to our bridge.
            await self._ask_who_is_there()
        try:
            if self._bridge is None:
                await self._config.async_get(required=True)
            house = await self.api.house(self._bridge_id, self._light_keys)
        except AuthError:
            # Another bridge does not know our key either; that is no case for one.
            await self._ask_who_is_there()
            raise
        self._remember_collections()
        if self._bridge is None:
            for device_id, device in house.devices.items():
                self._forget_brightness(device_id, device)
        bridge = await self._config.async_get()
        scenes = await self._scenes.async_get() or ()
        if bridge is None:
            assert self._bridge is not None
            bridge = self._bridge.silent()
        self._bridge = bridge

        def snapshot() -> dict[str, Bridge | Device | Group]:
            shown: dict[str | None, list[Scene]] = {
                group.number: [] for group in house.groups.values()
            }
            others: list[Scene] = []
            for scene in scenes:
                # Also of the whole home, an entertainment area or a deleted room.
                shown.get(scene.group, others).append(scene)
            own = replace(
                bridge,
                sensors=house.sensors,
                scenes=tuple(others),
                all_lights=house.all_lights,
            )
            self._areas = self._find_areas(house.groups.values())
            return {
                self._root: own,
                **house.devices,
                **{
                    device_id: replace(group, scenes=tuple(shown[group.number]))
                    for device_id, group in house.groups.items()
                },
            }

        return self._snapshot.of(b"", snapshot, bridge, house, scenes).copy()

    def _light_keys(self, device_id: str, lamps: Sequence[Light]) -> tuple[str, ...]:
        """Return the keys of a device's lamps, and store those of new ones."""
        section = self.store.section("light_keys")
        stored = {
            place: key
            for place, key in parsing.as_dict(section.get(device_id)).items()
            if isinstance(key, str)
        }
        registry = er.async_get(self.hass)
        keys = assign_keys(
            lamps,
            stored,
            lambda key: bool(
                registry.async_get_entity_id(
                    Platform.LIGHT, DOMAIN, f"{device_id}_{key}"
                )
            ),
        )
        if stored != section.get(device_id):
            section[device_id] = stored
            self.store.save()
        return keys

    async def read_config_soon(self) -> None:
        """Have the config read with the next poll, and that soon."""
        self._config.invalidate()
        await self.async_request_refresh()

    async def _ask_who_is_there(self) -> None:
        """Raise Untrusted if another bridge answers; a silent one is let pass."""
        try:
            bridge = await self.api.introduction()
        except (AuthError, Refused, TimedOut) as err:
            LOGGER.debug("%s did not introduce itself: %s", self.name, err)
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
        self._scenes.invalidate()
        self._refresh_work.async_start(self.async_request_refresh)

    @callback
    def happened(
        self, sensor: str, key: str, kind: str, attributes: Mapping[str, int]
    ) -> None:
        """Fire what the stream told of a switch or dial."""
        for device_id, device in self.data.items():
            if isinstance(device, Device) and any(
                one.number == sensor for one in device.sensors
            ):
                self._fire_press(device_id, key, kind, attributes)

    @callback
    def _fire_press(
        self, device_id: str, key: str, kind: str, attributes: Mapping[str, int]
    ) -> None:
        """Fire a press or turn; whoever pressed does not wait for it for long."""
        self.outbox.async_fire(device_id, key, kind, attributes, max_age=_PRESS_MAX_AGE)

    async def _read_again(self, collection: str, number: str | None) -> None:
        """Read a resource that changed, or its collection, and show it."""
        # Rooms follow their lamps; a sensor waits for no lamp.
        changed_by = "sensors" if collection == "sensors" else "lights"
        commands = self._commands[changed_by]
        try:
            found = await self._ask_again(collection, number)
        except TransportError as err:
            LOGGER.debug("%s is polled after a failed read: %s", self.name, err)
            await self.async_request_refresh()
            return
        if commands != self._commands[changed_by]:
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
                return (await self.api.groups(self._lights(), number)).values()
        self._scenes.invalidate()
        await self.async_request_refresh()
        return ()


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Deregister the application key, once; today's bridges do not let us."""
    forget(hass, entry)
    key = entry.data[CONF_KEY]
    try:
        await bridge_api(hass, stored_address(entry.data), key).deregister(key)
    except TransportError:
        LOGGER.info(
            "The Hue bridge did not let Lantern remove its access; it can be removed "
            "in the Hue app or in the Hue account"
        )

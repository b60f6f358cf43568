"""API v2: what square bridges and the Bridge Pro speak."""

from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
import logging
import math
from typing import Any

from ...transport import parsing
from ...transport.errors import BadAnswer
from . import v2_parser
from .command_queue import (
    GROUP_SPACING,
    LIGHT_SPACING,
    Command,
    CommandQueue,
    CommandResult,
)
from .devices import LightKeys, join, light_id, new_keys
from .http import HueHttp
from .models.group import Group, all_lights
from .models.house import Changes, House, Press
from .models.light import COLORLOOP, FLASH_LONG, Light, LightCommand, SceneRecall
from .models.sensor import BUTTON_EVENTS, ROTARY, SWITCH, Sensor, turn
from .v1 import V1Client
from .v1_parser import zigbee
from .v2_parser import Resource, get_dict, iter_references, v1_number

_LOGGER = logging.getLogger("custom_components.lantern")
_LONGEST_MS = 6_000_000
_LOWEST_PERCENT = 1.0
_DEEPEST = 8
_MOST_REPORTS = 1000
_LONGEST_ID = 64
_NEVER = "1970"
_ABOUT_DEVICE = frozenset(
    {
        "device_power",
        "device_software_update",
        "zgp_connectivity",
        "zigbee_connectivity",
    }
)
# What arranges the house: of these, only such features need a new read.
_ARRANGED = frozenset({"bridge_home", "device", "room", "scene", "zone"})
_ARRANGEMENT = ("children", "group", "metadata", "product_data", "services")
_SHOWN = {
    "light": ("on", "dimming", "color_temperature", "color"),
    "motion": ("motion",),
}


def merge(known: Resource, item: Resource, depth: int = 0) -> dict[str, Any]:
    """Return a resource with an item of an event: objects are merged, lists replaced."""
    merged = dict(known)
    for key, value in item.items():
        before = merged.get(key)
        if (
            depth < _DEEPEST
            and isinstance(value, Mapping)
            and isinstance(before, Mapping)
        ):
            merged[key] = merge(before, value, depth + 1)
        else:
            merged[key] = value
    return merged


def command_body(command: LightCommand, lowest: float = 0.0) -> dict[str, Any]:
    """Return the body of a PUT for a light or group; an off carries nothing else."""
    body: dict[str, Any] = {}
    if command.on is not None:
        body["on"] = {"on": command.on}
    if command.transition is not None:
        duration = min(_LONGEST_MS, max(0, round(command.transition * 10) * 100))
        body["dynamics"] = {"duration": duration}
    if command.on is False:
        return body
    if command.brightness is not None:
        percent = max(lowest, round(command.brightness * 100, 2))
        body["dimming"] = {"brightness": percent}
    if command.xy is not None:
        x, y = command.xy
        body["color"] = {"xy": {"x": round(x, 4), "y": round(y, 4)}}
    elif command.kelvin:
        mired = math.floor(1e6 / command.kelvin + 1e-6)
        body["color_temperature"] = {"mirek": mired}
    return body


class V2Client:
    """Holds what a bridge has, keeps it current by events and gives commands.

    `unique_ids` are the v1 unique ids by "lights/7" or "sensors/20": they are read
    once, kept by the caller, and make the ids of devices the same in both APIs.
    """

    def __init__(
        self, http: HueHttp, v1: V1Client, unique_ids: MutableMapping[str, Any]
    ) -> None:
        """Initialize without any request."""
        self.v1_sensors: Mapping[str, Sensor] = {}
        self._http = http
        self._v1 = v1
        self._unique_ids = unique_ids
        self._verified: set[str] = set()
        self._bridge_id = ""
        self._resources: dict[str, Resource] = {}
        self._services: dict[str, dict[str, list[str]]] = {}
        self._owners: dict[str, str] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._models: dict[str, tuple[tuple[object, ...], Any]] = {}
        self._unknown: set[str] = set()
        self._colorloops: set[str] = set()
        self._last: dict[str, tuple[str, str]] = {}
        self._lights = CommandQueue(self._put_light, LIGHT_SPACING)
        self._groups = CommandQueue(self._put_group, GROUP_SPACING)

    async def read(self) -> set[str]:
        """Read all resources; return the ids of those that show something else now."""
        found = await self._http.get_v2("resource")
        before, fresh = self._resources, {}
        for one in found:
            rid, kind = parsing.as_str(one.get("id")), parsing.as_str(one.get("type"))
            if rid and kind:
                fresh[rid] = before[rid] if before.get(rid) == one else one
        if not any(one["type"] in ("bridge", "device") for one in fresh.values()):
            raise BadAnswer("resource", "no bridge in it")
        self._resources = fresh
        self._index()
        return {
            rid
            for rid, one in fresh.items()
            if rid in before
            and one is not before[rid]
            and any(
                one.get(name) != before[rid].get(name)
                for name in _SHOWN.get(str(one["type"]), ())
            )
        }

    async def check(self) -> None:
        """Prove that the bridge answers, in a small request."""
        await self._http.get_v2("bridge", "/bridge")

    def _of_type(self, kind: str) -> Iterator[Resource]:
        return (one for one in self._resources.values() if one["type"] == kind)

    def _index(self) -> None:
        """Find the device of each service, and the services of each device."""
        self._owners.clear()
        for device in self._of_type("device"):
            for rid in iter_references(device.get("services")):
                self._owners[rid] = device["id"]
        for rid, one in self._resources.items():
            owner = get_dict(one, "owner").get("rid")
            if isinstance(owner, str) and (
                self._resources.get(owner, {}).get("type") == "device"
            ):
                self._owners[rid] = owner
        self._services = {}
        for rid, owner in self._owners.items():
            if rid in self._resources:
                kinds = self._services.setdefault(owner, {})
                kinds.setdefault(self._resources[rid]["type"], []).append(rid)

    def _service(self, device: str, kind: str) -> Resource | None:
        """Return the first service of a type that a device has."""
        rids = self._services.get(device, {}).get(kind)
        return self._resources[rids[0]] if rids else None

    def _zigbee_mac(self, device: str) -> str | None:
        connectivity = self._service(device, "zigbee_connectivity") or {}
        return zigbee({"uniqueid": connectivity.get("mac_address")})[0]

    def _unique_id(self, resource: Resource, collection: str) -> str | None:
        """Return the v1 unique id of a resource, None while it is not known."""
        number = v1_number(resource, collection)
        found = self._unique_ids.get(f"{collection}/{number}") if number else None
        return found if isinstance(found, str) else None

    def _mac(self, device: str) -> str | None:
        """Return the address of an accessory; Green Power switches have it in v1."""
        if (mac := self._zigbee_mac(device)) is not None:
            return mac
        button = self._service(device, "button")
        unique_id = self._unique_id(button, "sensors") if button else None
        return zigbee({"uniqueid": unique_id})[0]

    def _place(self, light: Resource, device: str) -> tuple[str | None, str]:
        """Return address and endpoint of a light, as API v1 has them."""
        unique_id = self._unique_id(light, "lights")
        if unique_id is not None:
            return zigbee({"uniqueid": unique_id})
        number = parsing.as_int(light.get("service_id"))
        return self._zigbee_mac(device), f"{number:02x}" if number else ""

    def _to_learn(self) -> set[str]:
        """Return the v1 resources whose unique ids are missing or look outdated."""
        found = set()
        for light in self._of_type("light"):
            number = v1_number(light, "lights")
            key = f"lights/{number}"
            if number and key not in self._verified:
                mac = self._zigbee_mac(self._owners.get(light["id"], ""))
                known = self._unique_id(light, "lights")
                if known is None or (mac and not known.startswith(mac)):
                    found.add(key)
        for button in self._of_type("button"):
            number = v1_number(button, "sensors")
            key = f"sensors/{number}"
            device = self._owners.get(button["id"], "")
            if (
                number
                and key not in self._verified
                and self._zigbee_mac(device) is None
                and self._unique_id(button, "sensors") is None
            ):
                found.add(key)
        return found

    async def learn_unique_ids(self) -> bool:
        """Read v1 unique ids if some are missing; return True if some are new."""
        missing = self._to_learn()
        if not missing:
            return False
        lights = await self._v1.get_lights()
        sensors = await self._v1.get_sensors()
        for collection, found in (("lights", lights), ("sensors", sensors)):
            for number, one in found.items():
                key = f"{collection}/{number}"
                endpoint = one.endpoint if isinstance(one, Light) else ""
                parts = [part for part in (one.mac, endpoint) if part]
                self._unique_ids[key] = "-".join(parts)
        self._verified |= missing
        return True

    def _model[ModelT](
        self, rid: str, parse: Callable[..., ModelT], *inputs: object
    ) -> ModelT:
        """Return the model of a resource, the same one while its inputs are the same."""
        known = self._models.get(rid)
        if known is not None and all(
            one is two or one == two for one, two in zip(known[0], inputs, strict=True)
        ):
            return known[1]  # type: ignore[no-any-return]  # what `parse` made
        model = parse(*inputs)
        self._models[rid] = (inputs, model)
        return model

    def _light(self, rid: str) -> Light:
        light = self._resources[rid]
        device = self._owners.get(rid, "")
        return self._model(
            rid,
            v2_parser.parse_light,
            light,
            self._resources.get(device, light),
            self._place(light, device),
            self._service(device, "zigbee_connectivity"),
            self._service(device, "device_software_update"),
        )

    def _sensors(self, device: str) -> list[Sensor]:
        """Return the sensor services of a device; its buttons are one sensor."""
        if (mac := self._mac(device)) is None:
            return []
        found = []
        for kind in v2_parser.SENSOR_TYPES:
            for rid in self._services.get(device, {}).get(kind, ()):
                if kind == "button":
                    found.append(self._switch(device, mac))
                    break
                found.append(self._sensor(rid, device, mac))
        return found

    def _sensor(self, rid: str, device: str, mac: str) -> Sensor:
        sensor = self._resources[rid]
        v1_sensor = self.v1_sensors.get(v1_number(sensor, "sensors") or "")
        return self._model(
            rid,
            v2_parser.parse_sensor,
            sensor,
            self._resources[device],
            mac,
            self._service(device, "zigbee_connectivity"),
            self._service(device, "device_power"),
            v1_sensor.thresholds if v1_sensor else None,
        )

    def _switch(self, device: str, mac: str) -> Sensor:
        """Return the buttons of a device as one sensor, by their control ids."""
        power = self._service(device, "device_power")
        numbers = {
            control
            for rid in self._services[device]["button"]
            if (control := self._control_id(rid)) is not None
        }
        return Sensor(
            number=device,
            mac=mac,
            kind=SWITCH,
            metadata=v2_parser.parse_metadata(self._resources[device]),
            primary=True,
            value=None,
            reachable=v2_parser.is_reachable(
                self._service(device, "zigbee_connectivity"), is_light=False
            ),
            battery=v2_parser.parse_battery(power),
            has_battery=power is not None,
            buttons=tuple(sorted(numbers)),
        )

    def _control_id(self, rid: str) -> int | None:
        button = self._resources.get(rid, {})
        return parsing.as_int(get_dict(button, "metadata").get("control_id"))

    def get_house(self, bridge_id: str, keys: LightKeys = new_keys) -> House:
        """Return what the bridge has, as it was read and as events changed it."""
        self._bridge_id = bridge_id
        lights = [self._light(one["id"]) for one in self._of_type("light")]
        lights.sort(key=lambda one: (len(one.number), one.number))
        by_number = {one.number: one for one in lights}
        sensors = [one for device in self._services for one in self._sensors(device)]
        sensors += [
            one for one in self.v1_sensors.values() if one.is_virtual and one.mac
        ]
        self._members = {}
        groups = {}
        numbers: dict[str, str] = {}
        for kind in ("room", "zone"):
            for one in self._of_type(kind):
                group = self._group(one)
                numbers[one["id"]] = group.number
                on = self._is_group_on(group, by_number)
                groups[f"hue:{bridge_id}:group:{group.number}"] = group.with_lights(
                    by_number, on
                )
        scenes = (v2_parser.parse_scene(one, numbers) for one in self._of_type("scene"))
        return House(
            devices=join(bridge_id, lights, sensors, keys),
            groups=groups,
            sensors=tuple(one for one in self.v1_sensors.values() if one.mac is None),
            all_lights=self._all_lights(lights),
            scenes=tuple(one for one in scenes if one is not None),
        )

    def _group(self, group: Resource) -> Group:
        rids: list[str] = []
        sensors: list[str] = []
        for rid in iter_references(group.get("children")):
            services = self._services.get(rid, {})
            rids += services.get("light", ())
            sensors += [rid, *(one for some in services.values() for one in some)]
            if self._resources.get(rid, {}).get("type") == "light":
                rids.append(rid)
        found = v2_parser.parse_group(
            group, tuple(self._light(rid) for rid in rids), tuple(sensors)
        )
        self._members[found.resource_id] = tuple(rids)
        return found

    def _is_group_on(self, group: Group, lights: Mapping[str, Light]) -> bool | None:
        """Return whether a light is on; without known lights, what the bridge says."""
        told = [lights[one].state.on for one in group.lights]
        if told:
            return True if True in told else None if None in told else False
        grouped = self._resources.get(group.resource_id, {})
        return parsing.as_bool(get_dict(grouped, "on").get("on"))

    def _all_lights(self, lights: list[Light]) -> Group:
        group = all_lights(lights)
        home = next(self._of_type("bridge_home"), {})
        rid = next(iter_references(home.get("services"), "grouped_light"), "")
        self._members[rid] = tuple(one.resource_id for one in lights)
        return group.at(rid)

    def seed_reports(self, but: Collection[str]) -> None:
        """Remember what switches and dials did last, so that it is not fired.

        Those that are in messages which wait are left out: these are to be fired.
        """
        for one in self._resources.values():
            if one["id"] not in but and one["type"] in ("button", "relative_rotary"):
                self._find_press(one, Changes(), is_live=False)

    def apply_message(self, message: list[Resource]) -> Changes:
        """Apply the containers of one message in order; return what they changed."""
        changes = Changes()
        lights: dict[str, None] = {}
        devices: dict[str, None] = {}
        for container in message:
            if container.get("type") in ("add", "delete"):
                changes.needs_read = True
            elif container.get("type") == "update":
                for item in parsing.iter_dicts(container.get("data")):
                    self._apply_item(item, changes, lights, devices)
        for device in devices:
            lights |= dict.fromkeys(self._services.get(device, {}).get("light", ()))
            changes.sensors += self._sensors(device)
        changes.lights += [self._light(rid) for rid in lights]
        return changes

    def _apply_item(
        self,
        item: Resource,
        changes: Changes,
        lights: dict[str, None],
        devices: dict[str, None],
    ) -> None:
        rid, kind = parsing.as_str(item.get("id")), parsing.as_str(item.get("type"))
        if rid is None or kind is None or len(rid) > _LONGEST_ID:
            return
        known = self._resources.get(rid)
        if known is None or known["type"] != kind:
            self._note_unknown(rid, changes)
            return
        if kind in ("button", "relative_rotary"):
            self._find_press(item, changes, is_live=True)
        merged = self._resources[rid] = merge(known, item)
        if kind in _ARRANGED:
            changes.needs_read |= any(
                name in item and merged.get(name) != known.get(name)
                for name in _ARRANGEMENT
            )
        elif kind == "light":
            lights[rid] = None
        elif kind in _ABOUT_DEVICE or kind in v2_parser.SENSOR_TYPES:
            if (owner := self._owners.get(rid)) is not None:
                devices[owner] = None

    def _note_unknown(self, rid: str, changes: Changes) -> None:
        """Have an unknown resource read once; some bridges name what they never list."""
        if rid not in self._unknown and len(self._unknown) < _MOST_REPORTS:
            self._unknown.add(rid)
            changes.needs_read = True

    def _is_new(self, rid: str, event: str, report: Resource) -> bool:
        """Return True unless this is the last that the resource told."""
        updated = (parsing.as_str(report.get("updated")) or "")[:_LONGEST_ID]
        told = (event, updated)
        is_known = bool(updated) and self._last.pop(rid, None) == told
        self._last[rid] = told
        if len(self._last) > _MOST_REPORTS:
            del self._last[next(iter(self._last))]
        return not is_known and not updated.startswith(_NEVER)

    def _find_press(self, item: Resource, changes: Changes, *, is_live: bool) -> None:
        """Add the press or turn that an item itself reports, once."""
        rid = str(item["id"])
        device = self._owners.get(rid, "")
        if item["type"] == "button":
            button = get_dict(item, "button")
            report = get_dict(button, "button_report")
            told = report.get("event") if report else button.get("last_event")
            kind = event = parsing.as_str(told) or ""
            key = f"button_{self._control_id(rid)}"
            attributes: dict[str, Any] = {}
            if event not in BUTTON_EVENTS:
                return
        else:
            rotary = get_dict(item, "relative_rotary")
            report = get_dict(rotary, "rotary_report") or get_dict(rotary, "last_event")
            rotation = get_dict(report, "rotation")
            if not (steps := parsing.as_int(rotation.get("steps"))):
                return
            if rotation.get("direction") == "counter_clock_wise":
                steps = -steps
            kind, more = turn(steps, parsing.as_int(rotation.get("duration")))
            key, event, attributes = ROTARY, f"{kind} {steps}", dict(more)
        if not report and not is_live:
            return
        if self._is_new(rid, event, report) and is_live:
            if (mac := self._mac(device)) is not None:
                changes.presses.append(Press(f"hue:{mac}", key, kind, attributes))

    def device_id(self, light: Light) -> str:
        """Return the id of the device that a light is part of."""
        return light_id(self._bridge_id, light)

    async def set_light(self, light: Light, command: LightCommand) -> CommandResult:
        """Send a command to a light when its turn has come."""
        rid = light.resource_id
        if command.effect == COLORLOOP or (command.effect and rid in self._colorloops):
            # Only API v1 has this effect.
            result = await self._v1.set_light(light, command)
            is_on = command.effect == COLORLOOP
            (self._colorloops.add if is_on else self._colorloops.discard)(rid)
            return result
        return await self._lights.send(rid, command)

    async def set_group(self, group: Group, command: LightCommand) -> CommandResult:
        """Send a command to all lights of a group when its turn has come."""
        if command.effect or not group.resource_id:
            return await self._v1.set_group(group, command)
        return await self._groups.send(group.resource_id, command)

    async def recall(self, group: Group | None, recall: SceneRecall) -> CommandResult:
        """Recall a scene; one that only API v1 has, by that."""
        if not recall.resource_id:
            return await self._v1.recall(group, recall)
        return await self._groups.send(group.resource_id if group else "", recall)

    async def set_sensor(
        self, sensor: Sensor, settings: Mapping[str, Any]
    ) -> CommandResult:
        """Set `enabled` or `sensitivity` of a motion sensor."""
        body = dict(settings)
        if "sensitivity" in body:
            body["sensitivity"] = {"sensitivity": body["sensitivity"]}
        known = self._resources[sensor.number]
        await self._put(f"/{known['type']}/{sensor.number}", body)
        self._resources[sensor.number] = merge(known, body)
        return CommandResult(settings)

    async def _put(self, path: str, body: Mapping[str, Any]) -> None:
        for doubt in await self._http.put_v2(path, body):
            _LOGGER.debug("The Hue bridge has doubts about a command: %s", doubt)

    def _lowest(self, rid: str) -> float:
        """Return the lowest brightness that a light of another maker stays lit at."""
        light = self._resources.get(rid, {})
        device = self._resources.get(self._owners.get(rid, ""), {})
        is_certified = get_dict(device, "product_data").get("certified") is not False
        is_known = is_certified or "min_dim_level" in get_dict(light, "dimming")
        return 0.0 if is_known else _LOWEST_PERCENT

    async def _put_light(self, rid: str, command: Command) -> CommandResult:
        assert isinstance(command, LightCommand)
        body = command_body(command, self._lowest(rid))
        if command.flash is None or len(body) > 1:
            await self._put(f"/light/{rid}", body)
        if command.flash == FLASH_LONG:
            await self._put(f"/light/{rid}", {"alert": {"action": "breathe"}})
        elif command.flash is not None and rid in self._owners:
            identify = {"identify": {"action": "identify"}}
            await self._put(f"/device/{self._owners[rid]}", identify)
        return self._taken(command, rid)

    async def _put_group(self, rid: str, command: Command) -> CommandResult:
        if isinstance(command, SceneRecall):
            recall: dict[str, Any] = {"action": "active"}
            if command.transition is not None:
                recall["duration"] = min(_LONGEST_MS, round(command.transition * 1000))
            await self._put(f"/scene/{command.resource_id}", {"recall": recall})
            return CommandResult({})
        body = command_body(command)
        if command.flash is None or len(body) > 1:
            await self._put(f"/grouped_light/{rid}", body)
        if command.flash is not None:
            await self._put(f"/grouped_light/{rid}", {"alert": {"action": "breathe"}})
        return self._taken(command, *self._members.get(rid, ()))

    def _taken(self, command: LightCommand, *lights: str) -> CommandResult:
        """Note what lights were told, until events say more; return it."""
        taken = command.as_dict()
        for part in ("transition", "flash", "effect"):
            taken.pop(part, None)
        told = command_body(command)
        told.pop("dynamics", None)
        if "color_temperature" in told:
            told["color_temperature"]["mirek_valid"] = True
        elif "color" in told:
            told["color_temperature"] = {"mirek_valid": False}
        for rid in lights:
            if (light := self._resources.get(rid)) is not None:
                can_do = {key: part for key, part in told.items() if key in light}
                self._resources[rid] = merge(light, can_do)
        return CommandResult(taken)

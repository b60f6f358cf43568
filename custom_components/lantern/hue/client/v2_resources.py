"""What a bridge has by API v2: its resources, the models of them, and events."""

from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from dataclasses import replace
from functools import partial
from typing import Any

from ...transport import parsing
from ...transport.errors import BadAnswer
from . import v2_parser, v2_sensors
from .devices import LightKeys, join, light_id
from .models.group import Group, all_lights
from .models.house import Changes, House, Press
from .models.light import COLORLOOP, EFFECT_OFF, Light, Metadata
from .models.sensor import SWITCH, Sensor
from .presses import PRESSED, PressDetector
from .v1_parser import zigbee
from .v2_parser import Resource, get_dict, iter_references, v1_number

_DEEPEST = 8
_MOST_UNKNOWN = 1000
_LONGEST_ID = 64
# What all parts of a device are made with: its connection, battery and firmware.
_ABOUT_DEVICE = (
    "device_power",
    "device_software_update",
    "zgp_connectivity",
    "zigbee_connectivity",
)
# What arranges the house: of these, only such features need a new read.
_ARRANGED = frozenset(
    {
        "bridge_home",
        "device",
        "motion_area_configuration",
        "room",
        "scene",
        "service_group",
        "smart_scene",
        "zone",
    }
)
_ARRANGEMENT = ("children", "group", "metadata", "product_data", "services")
_SHOWN = {
    "light": ("on", "dimming", "color_temperature", "color", "effects"),
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


class V2Resources:
    """The resources of one bridge, and the models that they make.

    `stored_ids` has the v1 unique id of each light and switch, and the v1 number of
    each room and scene, by resource id. The caller saves it when `has_new_ids`: it
    makes the ids of devices and entities the same in both APIs, and lets them stay
    when another bridge takes over the house and numbers it anew.
    """

    def __init__(self, stored_ids: MutableMapping[str, Any]) -> None:
        """Initialize without resources."""
        self.has_new_ids = False
        # Device ids; what the bridge says of their connection is not trusted.
        self.always_reachable: Collection[str] = ()
        self.v1_sensors: Mapping[str, Sensor] = {}
        self.resources: dict[str, Resource] = {}
        self.owners: dict[str, str] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        # Lights in the effect of API v1, which v2 does not tell of.
        self.colorloops: set[str] = set()
        self._stored_ids = stored_ids
        self._bridge_id = ""
        self._services: dict[str, dict[str, list[str]]] = {}
        # By resource: what makes anew the parts that its events change.
        self._makers: dict[str, list[Callable[[], Any]]] = {}
        self._models: dict[str, tuple[tuple[object, ...], Any]] = {}
        self._unknown: set[str] = set()
        self._presses = PressDetector()

    def replace(self, found: Iterable[Resource]) -> set[str]:
        """Take what was read; return the ids of those that show something else now."""
        before, fresh = self.resources, {}
        for one in found:
            rid, kind = parsing.as_id(one.get("id")), parsing.as_str(one.get("type"))
            if rid and kind:
                fresh[rid] = before[rid] if before.get(rid) == one else one
        if not any(one["type"] in ("bridge", "device") for one in fresh.values()):
            raise BadAnswer("resource", "no bridge in it")
        self.resources = fresh
        # What they make is in the house that is made next, with all later events.
        self._makers = {}
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

    def _of_type(self, kind: str) -> Iterator[Resource]:
        return (one for one in self.resources.values() if one["type"] == kind)

    def _index(self) -> None:
        """Find the device of each service, and the services of each device."""
        self.owners.clear()
        for device in self._of_type("device"):
            for rid in iter_references(device.get("services")):
                self.owners[rid] = device["id"]
        for rid, one in self.resources.items():
            owner = get_dict(one, "owner").get("rid")
            if isinstance(owner, str) and (
                self.resources.get(owner, {}).get("type") == "device"
            ):
                self.owners[rid] = owner
        self._services = {}
        for rid, owner in self.owners.items():
            if rid in self.resources:
                kinds = self._services.setdefault(owner, {})
                kinds.setdefault(self.resources[rid]["type"], []).append(rid)

    def _service(self, device: str, kind: str) -> Resource | None:
        """Return the first service of a type that a device has."""
        rids = self._services.get(device, {}).get(kind)
        return self.resources[rids[0]] if rids else None

    def _is_trusted(self, key: str | None) -> bool:
        """Return whether what the bridge says of a device's connection is trusted."""
        return f"hue:{key}" not in self.always_reachable

    def _zigbee_mac(self, device: str) -> str | None:
        connectivity = self._service(device, "zigbee_connectivity") or {}
        return zigbee({"uniqueid": connectivity.get("mac_address")})[0]

    def _stored_id(self, rid: str) -> str | None:
        found = self._stored_ids.get(rid)
        return found if isinstance(found, str) else None

    def _store_id(self, rid: str, value: str) -> None:
        self._stored_ids[rid] = value
        self.has_new_ids = True

    def _number(self, resource: Resource, collection: str) -> str:
        """Return the v1 number or id that a room or scene had when it was first seen.

        A number that now belongs to another resource is not given away twice.
        """
        rid: str = resource["id"]
        number = self._stored_id(rid)
        if number is None and (now := v1_number(resource, collection)) is not None:
            holders = [
                other for other, stored in self._stored_ids.items() if stored == now
            ]
            if any(other in self.resources for other in holders):
                return rid
            for other in holders:
                del self._stored_ids[other]
            self._store_id(rid, number := now)
        return number or rid

    def in_v1(self, group: Group) -> Group:
        """Return a group with the number that API v1 commands it by now."""
        grouped = self.resources.get(group.resource_id, {})
        return replace(group, number=v1_number(grouped, "groups") or group.number)

    def _mac(self, device: str) -> str | None:
        """Return the address of an accessory; Green Power switches have it in v1."""
        if (mac := self._zigbee_mac(device)) is not None:
            return mac
        button = self._service(device, "button")
        unique_id = self._stored_id(button["id"]) if button else None
        return zigbee({"uniqueid": unique_id})[0]

    def _place(self, light: Resource, device: str) -> tuple[str | None, str]:
        """Return address and endpoint of a light, as API v1 has them."""
        unique_id = self._stored_id(light["id"])
        if unique_id is not None:
            return zigbee({"uniqueid": unique_id})
        number = parsing.as_int(light.get("service_id"))
        return self._zigbee_mac(device), f"{number:02x}" if number else ""

    def missing_unique_ids(self, verified: Collection[str]) -> set[str]:
        """Return the resources whose v1 unique ids are missing or look outdated."""
        found = set()
        for light in self._of_type("light"):
            mac = self._zigbee_mac(self.owners.get(light["id"], ""))
            stored = self._stored_id(light["id"])
            if v1_number(light, "lights") and (
                stored is None or (mac and not stored.startswith(mac))
            ):
                found.add(light["id"])
        for button in self._of_type("button"):
            if (
                v1_number(button, "sensors")
                and self._zigbee_mac(self.owners.get(button["id"], "")) is None
                and self._stored_id(button["id"]) is None
            ):
                found.add(button["id"])
        return found.difference(verified)

    def keep_unique_ids(
        self, lights: Mapping[str, Light], sensors: Mapping[str, Sensor]
    ) -> None:
        """Store the v1 unique ids of what was read through API v1."""
        for light in self._of_type("light"):
            if v1_light := lights.get(v1_number(light, "lights") or ""):
                parts = [part for part in (v1_light.mac, v1_light.endpoint) if part]
                self._store_id(light["id"], "-".join(parts))
        for button in self._of_type("button"):
            sensor = sensors.get(v1_number(button, "sensors") or "")
            if sensor is not None:
                self._store_id(button["id"], sensor.device_key or "")

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
        light = self.resources[rid]
        owner = self.owners.get(rid, "")
        device = self.resources.get(owner, light)
        features = v2_parser.light_features(light)
        place = self._place(light, owner)
        return self._model(
            rid,
            v2_parser.parse_light,
            light,
            self._metadata(rid, device, light.get("metadata")),
            self._model(f"{rid}/can", v2_parser.parse_capabilities, *features),
            place,
            self._connectivity(owner),
            self._service(owner, "device_software_update"),
            COLORLOOP if rid in self.colorloops else EFFECT_OFF,
            self._is_trusted(place[0]),
        )

    def _metadata(
        self, rid: str, device: Resource, own: object | None = None
    ) -> Metadata:
        key = f"{rid}/metadata"
        return self._model(key, v2_parser.parse_metadata, device, own)

    def _add[PartT: (Light, Sensor)](
        self, make: Callable[[], PartT], *sources: str
    ) -> PartT:
        """Return what `make` makes; events of its sources make it anew."""
        for rid in sources:
            self._makers.setdefault(rid, []).append(make)
        return make()

    def _about(self, device: str) -> list[str]:
        """Return the ids of what all parts of a device are made with."""
        services = self._services.get(device, {})
        return [rid for kind in _ABOUT_DEVICE for rid in services.get(kind, ())]

    def _connectivity(self, device: str) -> Resource | None:
        return self._service(device, "zigbee_connectivity") or self._service(
            device, "zgp_connectivity"
        )

    def _device_key(self, device: str) -> str | None:
        """Return the id of a device; a Green Power switch needs its address of v1."""
        if (mac := self._mac(device)) is not None:
            return mac
        is_green = self._service(device, "zgp_connectivity") is not None
        return None if is_green else f"{self._bridge_id}:v2:{device}"

    def _sensors_of(self, device: str) -> Iterator[Sensor]:
        """Make the parts of a device that are no lights; its buttons are one."""
        services, about = self._services[device], self._about(device)
        kinds = [kind for kind in v2_sensors.OF_DEVICES if kind in services]
        if not kinds and "button" not in services:
            return
        if (key := self._device_key(device)) is None:
            return
        for kind in kinds:
            for rid in services[kind]:
                yield self._add(partial(self._sensor, rid, device, key), rid, *about)
        if "button" in services:
            yield self._add(partial(self._switch, device, key), *about)

    def _sensor(self, rid: str, device: str, key: str) -> Sensor:
        sensor = self.resources[rid]
        v1_sensor = self.v1_sensors.get(v1_number(sensor, "sensors") or "")
        return self._model(
            rid,
            v2_sensors.parse_sensor,
            sensor,
            self._metadata(rid, self.resources[device]),
            key,
            self._connectivity(device),
            self._service(device, "device_power"),
            v1_sensor.thresholds if v1_sensor else None,
            self._is_trusted(key),
        )

    def _switch(self, device: str, key: str) -> Sensor:
        """Return the buttons of a device as one sensor, by their control ids."""
        power = self._service(device, "device_power")
        connectivity = self._connectivity(device)
        numbers = {
            control
            for rid in self._services[device]["button"]
            if (control := self._control_id(rid)) is not None
        }
        return Sensor(
            number=device,
            device_key=key,
            kind=SWITCH,
            metadata=self._metadata(device, self.resources[device]),
            primary=True,
            value=None,
            reachable=v2_parser.is_reachable(
                connectivity if self._is_trusted(key) else None, is_light=False
            ),
            battery=v2_sensors.parse_battery(power),
            has_battery=power is not None,
            buttons=tuple(sorted(numbers)),
            connection=v2_parser.parse_connection(connectivity),
        )

    def _areas(self) -> Iterator[Sensor]:
        """Make the MotionAware areas, and the sensors that people grouped by hand."""
        for area in self._of_type("motion_area_configuration"):
            rid = area["id"]
            services = [
                one
                for one in iter_references(area.get("services"))
                if one in self.resources
            ]
            yield self._add(partial(self._area, rid, services), rid, *services)
        for group in self._of_type("service_group"):
            key = f"{self._bridge_id}:v2:{group['id']}"
            for rid in iter_references(group.get("services"), "grouped_motion"):
                if rid in self.resources:
                    make = partial(self._named, rid, key, group["id"], "Sensor group")
                    yield self._add(make, rid, group["id"])

    def _area(self, rid: str, services: list[str]) -> Sensor:
        parts = (self.resources[one] for one in services)
        return self._model(rid, v2_sensors.parse_area, self.resources[rid], *parts)

    def area_service(self, rid: str) -> str:
        """Return the id of what the sensitivity of a resource is set at."""
        services = iter_references(self.resources.get(rid, {}).get("services"))
        parts = [self.resources[one] for one in services if one in self.resources]
        counting = v2_sensors.counting_service(parts) or next(iter(parts), None)
        return rid if counting is None else str(counting["id"])

    def _named(
        self, rid: str, key: str, named: str, product: str, script: str = ""
    ) -> Sensor:
        """Return a sensor of no physical device, with the name of a resource."""
        metadata = self._model(
            f"{rid}/metadata",
            v2_sensors.parse_named,
            self.resources[named],
            product,
            self.resources.get(script),
        )
        return self._model(
            rid, v2_sensors.parse_sensor, self.resources[rid], metadata, key
        )

    def _bridge_parts(self) -> Iterator[Sensor]:
        """Make the app's automations and the entertainment areas."""
        for one in self._of_type("behavior_instance"):
            script = str(one.get("script_id"))
            about = get_dict(self.resources.get(script, {}), "metadata")
            if about.get("category") == "automation":
                yield self._bridge_part(one["id"], script)
        for one in self._of_type("entertainment_configuration"):
            yield self._bridge_part(one["id"])

    def _bridge_part(self, rid: str, script: str = "") -> Sensor:
        make = partial(self._named, rid, self._bridge_id, rid, "", script)
        return self._add(make, rid)

    def _control_id(self, rid: str) -> int | None:
        button = self.resources.get(rid, {})
        return parsing.as_int(get_dict(button, "metadata").get("control_id"))

    def get_house(self, bridge_id: str, keys: LightKeys) -> House:
        """Return what the bridge has, as it was read and as events changed it."""
        self._bridge_id = bridge_id
        self._makers = {}
        lights = [
            self._add(
                partial(self._light, rid), rid, *self._about(self.owners.get(rid, ""))
            )
            for one in self._of_type("light")
            if (rid := one["id"])
        ]
        lights.sort(key=lambda one: (len(one.number), one.number))
        by_number = {one.number: one for one in lights}
        sensors = [one for device in self._services for one in self._sensors_of(device)]
        sensors += self._areas()
        sensors += [
            one for one in self.v1_sensors.values() if one.is_virtual and one.device_key
        ]
        self.members = {}
        groups = {}
        numbers: dict[str, str] = {}
        for kind in ("room", "zone"):
            for one in self._of_type(kind):
                group = self._group(one, self._number(one, "groups"))
                numbers[one["id"]] = group.number
                on = self._is_group_on(group, by_number)
                groups[f"hue:{bridge_id}:group:{group.number}"] = group.with_lights(
                    by_number, on
                )
        scenes = (
            v2_parser.parse_scene(one, self._number(one, "scenes"), numbers)
            for kind in ("scene", "smart_scene")
            for one in self._of_type(kind)
        )
        virtual = [one for one in self.v1_sensors.values() if one.device_key is None]
        return House(
            devices=join(bridge_id, lights, sensors, keys),
            groups=groups,
            sensors=(*virtual, *self._bridge_parts()),
            all_lights=self._all_lights(lights),
            scenes=tuple(one for one in scenes if one is not None),
            v1_scene_ids=frozenset(
                number
                for one in self._of_type("scene")
                if (number := v1_number(one, "scenes")) is not None
            ),
            bridge_resource=self._bridge_resource(),
        )

    def _bridge_resource(self) -> str:
        """Return the id of the bridge's own device."""
        bridge: Resource = next(self._of_type("bridge"), {})
        return self.owners.get(str(bridge.get("id")), "")

    def _group(self, group: Resource, number: str) -> Group:
        rids: list[str] = []
        members: list[str] = []
        for rid in iter_references(group.get("children")):
            services = self._services.get(rid, {})
            rids += services.get("light", ())
            members += [rid, *(one for some in services.values() for one in some)]
            if self.resources.get(rid, {}).get("type") == "light":
                rids.append(rid)
        areas = [
            area["id"]
            for area in self._of_type("motion_area_configuration")
            if get_dict(area, "group").get("rid") == group["id"]
        ]
        found = v2_parser.parse_group(
            group,
            number,
            tuple(self._light(rid) for rid in rids),
            (*members, *areas),
        )
        self.members[found.resource_id] = tuple(rids)
        sensors = tuple(self._grouped(group, found.number, members))
        return replace(found, sensors=sensors) if sensors else found

    def _grouped(
        self, group: Resource, number: str, members: list[str]
    ) -> Iterator[Sensor]:
        """Make what several sensors of a group measure together."""
        key = f"{self._bridge_id}:group:{number}"
        kinds = [
            v2_sensors.OF_DEVICES.get(self.resources[rid]["type"])
            for rid in members
            if rid in self.resources
        ]
        for rtype, kind in v2_sensors.OF_GROUPS.items():
            for rid in iter_references(group.get("services"), rtype):
                if rid in self.resources and kinds.count(kind) > 1:
                    make = partial(self._named, rid, key, group["id"], "")
                    yield self._add(make, rid)

    def _is_group_on(self, group: Group, lights: Mapping[str, Light]) -> bool | None:
        """Return whether a light is on; without known lights, what the bridge says."""
        told = [lights[one].state.on for one in group.lights]
        if told:
            return True if True in told else None if None in told else False
        grouped = self.resources.get(group.resource_id, {})
        return parsing.as_bool(get_dict(grouped, "on").get("on"))

    def _all_lights(self, lights: list[Light]) -> Group:
        group = all_lights(lights)
        home = next(self._of_type("bridge_home"), {})
        rid = next(iter_references(home.get("services"), "grouped_light"), "")
        self.members[rid] = tuple(one.resource_id for one in lights)
        return group.at(rid)

    def device_id(self, part: Light | Sensor) -> str:
        """Return the id of the device that a part belongs to."""
        if isinstance(part, Light):
            return light_id(self._bridge_id, part)
        return f"hue:{part.device_key}"

    def seed_reports(self, but: Collection[str]) -> None:
        """Remember what switches and dials did last, so that it is not fired.

        Those that are in messages which wait are left out: these are to be fired.
        """
        for one in self.resources.values():
            if one["id"] not in but and one["type"] in PRESSED:
                self._presses.take(one, None, is_live=False)

    def apply_message(self, message: list[Resource]) -> Changes:
        """Apply the containers of one message in order; return what they changed."""
        changes = Changes()
        touched: dict[Callable[[], Light | Sensor], None] = {}
        for container in message:
            if container.get("type") in ("add", "delete"):
                changes.needs_read = True
            elif container.get("type") == "update":
                for item in parsing.iter_dicts(container.get("data")):
                    self._apply_item(item, changes, touched)
        changes.parts = [make() for make in touched]
        return changes

    def apply_command(self, rid: str, body: Resource) -> list[Light | Sensor]:
        """Take over what a resource was told, until events say more."""
        if rid not in self.resources:
            return []
        item = {"id": rid, "type": self.resources[rid]["type"], **body}
        return self.apply_message([{"type": "update", "data": [item]}]).parts

    def _apply_item(
        self,
        item: Resource,
        changes: Changes,
        touched: dict[Callable[[], Light | Sensor], None],
    ) -> None:
        rid, kind = parsing.as_id(item.get("id")), parsing.as_str(item.get("type"))
        if rid is None or kind is None or len(rid) > _LONGEST_ID:
            return
        known = self.resources.get(rid)
        if known is None or known["type"] != kind:
            self._note_unknown(rid, changes)
            return
        if kind in PRESSED:
            self._take_press(item, changes)
        merged = self.resources[rid] = merge(known, item)
        if kind in _ARRANGED:
            changes.needs_read |= any(
                name in item and merged.get(name) != known.get(name)
                for name in _ARRANGEMENT
            )
        touched |= dict.fromkeys(self._makers.get(rid, ()))

    def _take_press(self, item: Resource, changes: Changes) -> None:
        """Add the press or turn that an item reports."""
        rid = str(item["id"])
        found = self._presses.take(item, self._control_id(rid), is_live=True)
        key = self._device_key(self.owners.get(rid, ""))
        if found is not None and key is not None:
            changes.presses.append(Press(f"hue:{key}", *found))

    def _note_unknown(self, rid: str, changes: Changes) -> None:
        """Have an unknown resource read once; some bridges name what they never list."""
        if rid not in self._unknown and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.add(rid)
            changes.needs_read = True

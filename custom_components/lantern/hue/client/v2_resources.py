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
from typing import Any

from ...transport import parsing
from ...transport.errors import BadAnswer
from . import v2_parser
from .devices import LightKeys, join, light_id
from .models.group import Group, all_lights
from .models.house import Changes, House, Press
from .models.light import COLORLOOP, EFFECT_OFF, Light, Metadata
from .models.sensor import SWITCH, Sensor
from .presses import PressDetector
from .v1_parser import zigbee
from .v2_parser import Resource, get_dict, iter_references, v1_number

_DEEPEST = 8
_MOST_UNKNOWN = 1000
_LONGEST_ID = 64
_ABOUT_DEVICE = frozenset(
    {
        "device_power",
        "device_software_update",
        "zgp_connectivity",
        "zigbee_connectivity",
    }
)
# What arranges the house: of these, only such features need a new read.
_ARRANGED = frozenset({"bridge_home", "device", "room", "scene", "smart_scene", "zone"})
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

    def _connectivity(self, device: str, mac: str | None) -> Resource | None:
        """Return what tells whether a device is reached, None if nothing does."""
        if f"hue:{mac}" in self.always_reachable:
            return None
        return self._service(device, "zigbee_connectivity")

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
                self._store_id(button["id"], sensor.mac or "")

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
            self._connectivity(owner, place[0]),
            self._service(owner, "device_software_update"),
            COLORLOOP if rid in self.colorloops else EFFECT_OFF,
        )

    def _metadata(
        self, rid: str, device: Resource, own: object | None = None
    ) -> Metadata:
        key = f"{rid}/metadata"
        return self._model(key, v2_parser.parse_metadata, device, own)

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
        sensor = self.resources[rid]
        v1_sensor = self.v1_sensors.get(v1_number(sensor, "sensors") or "")
        return self._model(
            rid,
            v2_parser.parse_sensor,
            sensor,
            self.resources[device],
            mac,
            self._connectivity(device, mac),
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
            metadata=v2_parser.parse_metadata(self.resources[device]),
            primary=True,
            value=None,
            reachable=v2_parser.is_reachable(
                self._connectivity(device, mac), is_light=False
            ),
            battery=v2_parser.parse_battery(power),
            has_battery=power is not None,
            buttons=tuple(sorted(numbers)),
        )

    def _control_id(self, rid: str) -> int | None:
        button = self.resources.get(rid, {})
        return parsing.as_int(get_dict(button, "metadata").get("control_id"))

    def get_house(self, bridge_id: str, keys: LightKeys) -> House:
        """Return what the bridge has, as it was read and as events changed it."""
        self._bridge_id = bridge_id
        lights = [self._light(one["id"]) for one in self._of_type("light")]
        lights.sort(key=lambda one: (len(one.number), one.number))
        by_number = {one.number: one for one in lights}
        sensors = [one for device in self._services for one in self._sensors(device)]
        sensors += [
            one for one in self.v1_sensors.values() if one.is_virtual and one.mac
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
        return House(
            devices=join(bridge_id, lights, sensors, keys),
            groups=groups,
            sensors=tuple(one for one in self.v1_sensors.values() if one.mac is None),
            all_lights=self._all_lights(lights),
            scenes=tuple(one for one in scenes if one is not None),
            v1_scene_ids=frozenset(
                number
                for one in self._of_type("scene")
                if (number := v1_number(one, "scenes")) is not None
            ),
        )

    def _group(self, group: Resource, number: str) -> Group:
        rids: list[str] = []
        sensors: list[str] = []
        for rid in iter_references(group.get("children")):
            services = self._services.get(rid, {})
            rids += services.get("light", ())
            sensors += [rid, *(one for some in services.values() for one in some)]
            if self.resources.get(rid, {}).get("type") == "light":
                rids.append(rid)
        found = v2_parser.parse_group(
            group, number, tuple(self._light(rid) for rid in rids), tuple(sensors)
        )
        self.members[found.resource_id] = tuple(rids)
        return found

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

    def device_id(self, light: Light) -> str:
        """Return the id of the device that a light is part of."""
        return light_id(self._bridge_id, light)

    def seed_reports(self, but: Collection[str]) -> None:
        """Remember what switches and dials did last, so that it is not fired.

        Those that are in messages which wait are left out: these are to be fired.
        """
        for one in self.resources.values():
            if one["id"] not in but and one["type"] in ("button", "relative_rotary"):
                self._presses.take(one, None, is_live=False)

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
        rid, kind = parsing.as_id(item.get("id")), parsing.as_str(item.get("type"))
        if rid is None or kind is None or len(rid) > _LONGEST_ID:
            return
        known = self.resources.get(rid)
        if known is None or known["type"] != kind:
            self._note_unknown(rid, changes)
            return
        if kind in ("button", "relative_rotary"):
            self._take_press(item, changes)
        merged = self.resources[rid] = merge(known, item)
        if kind in _ARRANGED:
            changes.needs_read |= any(
                name in item and merged.get(name) != known.get(name)
                for name in _ARRANGEMENT
            )
        elif kind == "light":
            lights[rid] = None
        elif kind in _ABOUT_DEVICE or kind in v2_parser.SENSOR_TYPES:
            if (owner := self.owners.get(rid)) is not None:
                devices[owner] = None

    def _take_press(self, item: Resource, changes: Changes) -> None:
        """Add the press or turn that an item reports."""
        rid = str(item["id"])
        found = self._presses.take(item, self._control_id(rid), is_live=True)
        mac = self._mac(self.owners.get(rid, ""))
        if found is not None and mac is not None:
            changes.presses.append(Press(f"hue:{mac}", *found))

    def _note_unknown(self, rid: str, changes: Changes) -> None:
        """Have an unknown resource read once; some bridges name what they never list."""
        if rid not in self._unknown and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.add(rid)
            changes.needs_read = True

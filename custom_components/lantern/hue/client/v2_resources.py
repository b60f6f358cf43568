"""The models of what a bridge has by API v2."""

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
from . import v2_parser, v2_sensors
from .devices import LightKeys, join, light_id
from .models.group import LIGHT_GROUP, Group, Scene, all_lights
from .models.house import House
from .models.light import COLORLOOP, EFFECT_OFF, Capabilities, Light, Metadata
from .models.sensor import SWITCH, Sensor
from .v2_ids import StoredIds
from .v2_parser import Resource, get_dict, iter_references, v1_number
from .v2_store import ResourceStore

# What all parts of a device are made with: its connection, battery and firmware.
_ABOUT_DEVICE = (
    "device_power",
    "device_software_update",
    "zgp_connectivity",
    "zigbee_connectivity",
)


class V2Resources:
    """The resources of one bridge, and the models that they make."""

    def __init__(self, stored_ids: MutableMapping[str, Any]) -> None:
        """Initialize without resources; for `stored_ids` see `StoredIds`."""
        self.store = ResourceStore()
        self.ids = StoredIds(self.store, stored_ids)
        # Device ids; what the bridge says of their connection is not trusted.
        self.always_reachable: Collection[str] = ()
        self.v1_sensors: Mapping[str, Sensor] = {}
        self.v1_groups: Mapping[str, Group] = {}
        self.members: dict[str, tuple[str, ...]] = {}
        # Lights in the effect of API v1, which v2 does not tell of.
        self.colorloops: set[str] = set()
        self._bridge_id = ""
        # By resource: what makes anew the parts that its events change.
        self.makers: dict[str, list[Callable[[], Any]]] = {}
        self.models: dict[str, tuple[tuple[object, ...], Any]] = {}
        self._group_numbers: dict[str, str] = {}
        self._light_numbers: dict[str, str] = {}

    def replace(self, found: Iterable[Resource]) -> set[str]:
        """Take what was read; return the ids of those that show something else now."""
        # What they make is in the house that is made next, with all later events.
        self.makers = {}
        before = self.store.by_id
        changed = self.store.replace(found)
        for rid in before.keys() - self.store.by_id.keys():
            for name in (rid, f"{rid}/can", f"{rid}/metadata"):
                self.models.pop(name, None)
        return changed

    def _is_trusted(self, key: str | None) -> bool:
        """Return whether what the bridge says of a device's connection is trusted."""
        return f"hue:{key}" not in self.always_reachable

    def _model[ModelT](
        self, rid: str, parse: Callable[..., ModelT], *inputs: object
    ) -> ModelT:
        """Return the model of a resource, the same one while its inputs are the same."""
        known = self.models.get(rid)
        # Tuples are equal if their items are the same, or equal. There may be more of
        # them than before: an area's services come and go.
        if known is not None and known[0] == inputs:
            return known[1]  # type: ignore[no-any-return]  # what `parse` made
        model = parse(*inputs)
        self.models[rid] = (inputs, model)
        return model

    def _light(self, rid: str) -> Light:
        light = self.store.by_id[rid]
        owner = self.store.owners.get(rid, "")
        device = self.store.by_id.get(owner, light)
        features = v2_parser.light_features(light)
        place = self.ids.place(light, owner)
        return self._model(
            rid,
            v2_parser.parse_light,
            light,
            self._light_numbers[rid],
            self._metadata(rid, device, light.get("metadata")),
            self._model(f"{rid}/can", v2_parser.parse_capabilities, *features),
            place,
            self._connectivity(owner),
            self.store.service(owner, "device_software_update"),
            COLORLOOP if rid in self.colorloops else EFFECT_OFF,
            self._is_trusted(place[0]),
        )

    def _metadata(
        self, rid: str, device: Resource, own: object | None = None
    ) -> Metadata:
        key = f"{rid}/metadata"
        return self._model(key, v2_parser.parse_metadata, device, own)

    def _add[PartT: (Light, Sensor, Scene | None)](
        self, make: Callable[[], PartT], *sources: str
    ) -> PartT:
        """Return what `make` makes; events of its sources make it anew."""
        for rid in sources:
            self.makers.setdefault(rid, []).append(make)
        return make()

    def _about(self, device: str) -> list[str]:
        """Return the ids of what all parts of a device are made with."""
        services = self.store.services.get(device, {})
        return [rid for kind in _ABOUT_DEVICE for rid in services.get(kind, ())]

    def _connectivity(self, device: str) -> Resource | None:
        return self.store.service(device, "zigbee_connectivity") or self.store.service(
            device, "zgp_connectivity"
        )

    def device_key(self, device: str) -> str | None:
        """Return the id of a device; a Green Power switch needs its address of v1."""
        if not device:
            return None
        if (mac := self.ids.mac(device)) is not None:
            return mac
        is_green = self.store.service(device, "zgp_connectivity") is not None
        return None if is_green else f"{self._bridge_id}:v2:{device}"

    def _sensors_of(self, device: str) -> Iterator[Sensor]:
        """Make the parts of a device that are no lights; its buttons are one."""
        services, about = self.store.services[device], self._about(device)
        kinds = [kind for kind in v2_sensors.OF_DEVICES if kind in services]
        if not kinds and "button" not in services:
            return
        if (key := self.device_key(device)) is None:
            return
        for kind in kinds:
            for rid in services[kind]:
                yield self._add(partial(self._sensor, rid, device, key), rid, *about)
        if "button" in services:
            yield self._add(partial(self._switch, device, key), *about)

    def _sensor(self, rid: str, device: str, key: str) -> Sensor:
        sensor = self.store.by_id[rid]
        v1_sensor = self.v1_sensors.get(v1_number(sensor, "sensors") or "")
        return self._model(
            rid,
            v2_sensors.parse_sensor,
            sensor,
            self._metadata(rid, self.store.by_id[device]),
            key,
            self._connectivity(device),
            self.store.service(device, "device_power"),
            v1_sensor.thresholds if v1_sensor else None,
            self._is_trusted(key),
        )

    def _switch(self, device: str, key: str) -> Sensor:
        """Return the buttons of a device as one sensor, by their control ids."""
        power = self.store.service(device, "device_power")
        connectivity = self._connectivity(device)
        numbers = {
            control
            for rid in self.store.services[device]["button"]
            if (control := self.control_id(rid)) is not None
        }
        return Sensor(
            number=device,
            device_key=key,
            kind=SWITCH,
            metadata=self._metadata(device, self.store.by_id[device]),
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
        for area in self.store.of_type("motion_area_configuration"):
            rid = area["id"]
            services = [
                one
                for one in iter_references(area.get("services"))
                if one in self.store.by_id
            ]
            yield self._add(partial(self._area, rid, services), rid, *services)
        for group in self.store.of_type("service_group"):
            key = f"{self._bridge_id}:v2:{group['id']}"
            for rid in iter_references(group.get("services"), "grouped_motion"):
                if rid in self.store.by_id:
                    make = partial(self._named, rid, key, group["id"], "Sensor group")
                    yield self._add(make, rid, group["id"])

    def _area(self, rid: str, services: list[str]) -> Sensor:
        parts = (self.store.by_id[one] for one in services)
        return self._model(rid, v2_sensors.parse_area, self.store.by_id[rid], *parts)

    def area_service(self, rid: str) -> str:
        """Return the id of what the sensitivity of a resource is set at."""
        services = iter_references(self.store.by_id.get(rid, {}).get("services"))
        parts = [self.store.by_id[one] for one in services if one in self.store.by_id]
        counting = v2_sensors.counting_service(parts) or next(iter(parts), None)
        return rid if counting is None else str(counting["id"])

    def _named(
        self, rid: str, key: str, named: str, product: str, script: str = ""
    ) -> Sensor:
        """Return a sensor of no physical device, with the name of a resource."""
        metadata = self._model(
            f"{rid}/metadata",
            v2_sensors.parse_named,
            self.store.by_id[named],
            product,
            self.store.by_id.get(script),
        )
        return self._model(
            rid, v2_sensors.parse_sensor, self.store.by_id[rid], metadata, key
        )

    def _bridge_parts(self) -> Iterator[Sensor]:
        """Make the app's automations and the entertainment areas."""
        for one in self.store.of_type("behavior_instance"):
            script = str(one.get("script_id"))
            about = get_dict(self.store.by_id.get(script, {}), "metadata")
            if about.get("category") == "automation":
                yield self._bridge_part(one["id"], script)
        for one in self.store.of_type("entertainment_configuration"):
            yield self._bridge_part(one["id"])

    def _bridge_part(self, rid: str, script: str = "") -> Sensor:
        make = partial(self._named, rid, self._bridge_id, rid, "", script)
        return self._add(make, rid)

    def control_id(self, rid: str) -> int | None:
        """Return the number of a button."""
        button = self.store.by_id.get(rid, {})
        return parsing.as_int(get_dict(button, "metadata").get("control_id"))

    def get_house(self, bridge_id: str, keys: LightKeys) -> House:
        """Return what the bridge has, as it was read and as events changed it."""
        self._bridge_id = bridge_id
        self.makers = {}
        self._light_numbers = self.ids.number_lights()
        lights = [
            self._add(
                partial(self._light, rid),
                rid,
                *self._about(self.store.owners.get(rid, "")),
            )
            for one in self.store.of_type("light")
            if (rid := one["id"])
        ]
        lights.sort(key=lambda one: (len(one.number), one.number))
        by_number = {one.number: one for one in lights}
        sensors = [
            one for device in self.store.services for one in self._sensors_of(device)
        ]
        sensors += self._areas()
        sensors += [
            one for one in self.v1_sensors.values() if one.is_virtual and one.device_key
        ]
        self.members = {}
        groups = {}
        numbers = self._group_numbers = {}
        for kind in ("room", "zone"):
            for one in self.store.of_type(kind):
                group = self._group(one, self.ids.number(one, "groups"))
                numbers[one["id"]] = group.number
                on = self._is_group_on(group, by_number)
                groups[f"hue:{bridge_id}:group:{group.number}"] = group.with_lights(
                    by_number, on
                )
        for number, made in self.v1_groups.items():
            if made.kind == LIGHT_GROUP:
                device_id = f"hue:{bridge_id}:group:{number}"
                groups.setdefault(device_id, self._v1_group(made, by_number))
        scenes = [
            self._add(partial(self._scene, rid), rid)
            for kind in ("scene", "smart_scene")
            for one in self.store.of_type(kind)
            if (rid := one["id"])
        ]
        virtual = [one for one in self.v1_sensors.values() if one.device_key is None]
        return House(
            devices=join(bridge_id, lights, sensors, keys),
            groups=groups,
            sensors=(*virtual, *self._bridge_parts()),
            all_lights=self._all_lights(lights),
            scenes=tuple(one for one in scenes if one is not None),
            v1_scene_ids=frozenset(
                scene_id
                for one in self.store.of_type("scene")
                if (scene_id := v1_number(one, "scenes")) is not None
            ),
            bridge_resource=self._bridge_resource(),
        )

    def _scene(self, rid: str) -> Scene | None:
        scene = self.store.by_id[rid]
        number = self.ids.number(scene, "scenes")
        group = self._group_numbers.get(str(get_dict(scene, "group").get("rid")))
        return self._model(rid, v2_parser.parse_scene, scene, number, group)

    def _bridge_resource(self) -> str:
        """Return the id of the bridge's own device."""
        bridge: Resource = next(self.store.of_type("bridge"), {})
        return self.store.owners.get(str(bridge.get("id")), "")

    def _group(self, group: Resource, number: str) -> Group:
        rids: list[str] = []
        members: list[str] = []
        for rid in iter_references(group.get("children")):
            services = self.store.services.get(rid, {})
            rids += services.get("light", ())
            members += [rid, *(one for some in services.values() for one in some)]
            if self.store.by_id.get(rid, {}).get("type") == "light":
                rids.append(rid)
        # A room may list a device and its lamp.
        rids, members = list(dict.fromkeys(rids)), list(dict.fromkeys(members))
        areas = [
            area["id"]
            for area in self.store.of_type("motion_area_configuration")
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

    def _v1_group(self, made: Group, lights: Mapping[str, Light]) -> Group:
        """Return a group that people made through API v1, with its lights of now."""
        numbers = tuple(one for one in made.lights if one in lights)
        can = Capabilities.of_all(lights[one].can for one in numbers)
        group = replace(made, lights=numbers, can=can)
        return group.with_lights(lights, self._is_group_on(group, lights))

    def _grouped(
        self, group: Resource, number: str, members: list[str]
    ) -> Iterator[Sensor]:
        """Make what several sensors of a group measure together."""
        key = f"{self._bridge_id}:group:{number}"
        kinds = [
            v2_sensors.OF_DEVICES.get(self.store.by_id[rid]["type"])
            for rid in members
            if rid in self.store.by_id
        ]
        for rtype, kind in v2_sensors.OF_GROUPS.items():
            for rid in iter_references(group.get("services"), rtype):
                if rid in self.store.by_id and kinds.count(kind) > 1:
                    make = partial(self._named, rid, key, group["id"], "")
                    yield self._add(make, rid)

    def _is_group_on(self, group: Group, lights: Mapping[str, Light]) -> bool | None:
        """Return whether a light is on; without known lights, what the bridge says."""
        told = [lights[one].state.on for one in group.lights]
        if told:
            return True if True in told else None if None in told else False
        grouped = self.store.by_id.get(group.resource_id, {})
        return parsing.as_bool(get_dict(grouped, "on").get("on"))

    def _all_lights(self, lights: list[Light]) -> Group:
        group = all_lights(lights)
        home = next(self.store.of_type("bridge_home"), {})
        rid = next(iter_references(home.get("services"), "grouped_light"), "")
        self.members[rid] = tuple(one.resource_id for one in lights)
        return group.at(rid)

    def device_id(self, part: Light | Sensor | Scene) -> str:
        """Return the id of the device that a part belongs to."""
        if isinstance(part, Scene):
            return f"hue:{self._bridge_id}:group:{part.group}"
        if isinstance(part, Light):
            return light_id(self._bridge_id, part)
        return f"hue:{part.device_key}"

"""One house as API v2 shows it: what v1 knows, and what only v2 has beside it."""

from collections.abc import Iterable, Iterator
from typing import Any

from simulator.hue import items
from simulator.hue.answers import Json
from simulator.hue.house import House

from . import bridge, groups, lights, scenes, sensors
from .json_data import merged, reference

OWN = "/v2/"
BRIDGE = "/bridge"
HOME = "/groups/0"
PRO_ONLY = frozenset(
    {
        "convenience_area_motion",
        "motion_area_configuration",
        "security_area_motion",
        "wifi_connectivity",
    }
)


class View:
    """The resources of a house at one moment.

    A resource is known by its key, "path#kind": a v1 path, or one below `/v2/`
    for what v1 does not know.
    """

    def __init__(
        self,
        house: House,
        ids: items.Ids,
        config: Json,
        reports: dict[str, Json],
        origin: Json | None = None,
    ) -> None:
        """Index the devices; `reports` are those of buttons and dials."""
        self.house = house
        self.ids = ids
        self.config = config
        self.reports = reports
        self.origin = origin
        self.is_pro = config["modelid"] == "BSB003"
        self.members: dict[str, list[str]] = {}
        self.device_of: dict[str, str] = {}
        self.lit: dict[str, Json] = {}
        for collection in ("lights", "sensors"):
            for number, resource in getattr(house, collection).items():
                if collection == "lights" or sensors.is_device(resource):
                    path = f"/{collection}/{number}"
                    self.device_of[path] = items.device_key(path, resource)
                    self.members.setdefault(self.device_of[path], []).append(path)

    def v1(self, path: str) -> Json:
        """Return the v1 resource at a path."""
        _, collection, number = path.split("/")
        resource: Json = getattr(self.house, collection)[number]
        return resource

    def rid(self, path: str, kind: str) -> str:
        """Return the id of a resource."""
        return self.ids.of(path, kind)

    def reference(self, path: str, kind: str, rtype: str | None = None) -> Json:
        """Return a reference to the resource of a kind at a path."""
        return reference(self.rid(path, kind), rtype or kind)

    def resource(
        self,
        path: str,
        kind: str,
        features: Json,
        owner: Json | None = None,
        id_v1: str | None = None,
        rtype: str | None = None,
    ) -> Json:
        """Return a resource, with what a control method patched in it."""
        head: Json = {"type": rtype or kind, "id": self.rid(path, kind)}
        if id_v1 is not None:
            head["id_v1"] = id_v1
        if owner is not None:
            head["owner"] = owner
        return self.patched(f"{path}#{kind}", head | features)

    def patched(self, key: str, resource: Json) -> Json:
        """Return a resource with its patch."""
        patch = self.house.v2.get(key)
        if patch is None:
            return resource
        whole: Json = merged(resource, self.resolved(patch))
        return whole

    def resolved(self, value: Any) -> Any:
        """Return a value with ids in place of the keys in its references."""
        if isinstance(value, dict):
            return {k: self.resolved(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if isinstance(value, str) and value.startswith("/") and "#" in value:
            return self.ids.of_key(value)
        return value

    def own(self, path: str = OWN) -> Iterator[Json]:
        """Return what only API v2 has, below a path."""
        for key, stored in self.house.v2.items():
            if not key.startswith(OWN) or not key.startswith(path):
                continue
            if path != OWN and key.partition("#")[0] != path:
                continue
            kind = stored.get("type")  # none: a patch of what is made from others
            if kind is None or (kind in PRO_ONLY and not self.is_pro):
                continue
            shown = {k: part for k, part in stored.items() if k != "devices"}
            resolved: Json = merged({"id": self.ids.of_key(key)}, self.resolved(shown))
            yield resolved

    def light_services(self, device: str) -> list[str]:
        """Return the paths of the lamps that a device is made of."""
        return [
            member for member in self.members.get(device, []) if "/lights/" in member
        ]

    def device(self, key: str) -> Iterator[Json]:
        """Return a device of v1 after its services."""
        paths = self.members[key]
        services = [service for path in paths for service in self._services(path)]
        primary = _primary(paths, self)
        yield from services
        first = self.v1(primary)
        features = items.product(first) | {
            "services": [
                *(reference(service["id"], service["type"]) for service in services),
                *items.hidden_services(self.ids, primary, first),
            ],
        }
        if "devicemode" in first.get("config", {}):
            features["device_mode"] = sensors.modes(first["config"])
        yield self.resource(key, "device", features, id_v1=primary)

    def _services(self, path: str) -> Iterator[Json]:
        if path.startswith("/lights/"):
            yield from self._light(path)
        else:
            yield from self._sensor(path)

    def _owner(self, path: str) -> Json:
        return self.reference(self.device_of[path], "device")

    def _light(self, path: str) -> Iterator[Json]:
        """Return a lamp and what belongs to it; several lamps of a device are numbered.

        What the device has once belongs to its first lamp.
        """
        light, owner = self.v1(path), self._owner(path)
        lamps = self.light_services(self.device_of[path])
        number = lamps.index(path)
        service_id = number + 1 if len(lamps) > 1 else 0
        shown = lights.features(light, service_id)
        yield self.resource(path, "light", shown, owner, path)
        if number == 0:
            status = (
                "connected" if light["state"]["reachable"] else "connectivity_issue"
            )
            yield from self._connectivity(path, light, owner, status)
            yield from self._update(path, light, owner)
        if light.get("capabilities", {}).get("streaming", {}).get("renderer"):
            entertaining = {
                "renderer": True,
                "renderer_reference": self.reference(path, "light"),
                "proxy": light["capabilities"]["streaming"]["proxy"],
                "equalizer": True,
                "segments": groups.ONE_SEGMENT,
            }
            yield self.resource(path, "entertainment", entertaining, owner, path)

    def _connectivity(
        self, path: str, resource: Json, owner: Json, status: str
    ) -> Iterator[Json]:
        """Return the connection of a Zigbee device, unless it has no address."""
        address, dash, _ = resource.get("uniqueid", "").partition("-")
        if dash:
            features = {"status": status, "mac_address": address}
            yield self.resource(path, "zigbee_connectivity", features, owner, path)

    def _update(self, path: str, resource: Json, owner: Json) -> Iterator[Json]:
        """Return the state of a device's firmware."""
        if "swupdate" in resource and lights.is_certified(resource):
            ready = resource["swupdate"]["state"] in (
                "readytoinstall",
                "anyreadytoinstall",
            )
            features: Json = {"state": "ready_to_install" if ready else "no_update"}
            features["problems"] = []
            yield self.resource(path, "device_software_update", features, owner)

    def _sensor(self, path: str) -> Iterator[Json]:
        """Return a sensor or switch and, of a device's first one, what it has once."""
        sensor, owner = self.v1(path), self._owner(path)
        kind, number = sensor["type"], path.split("/")[2]
        if kind in sensors.MEASURES:
            measured = sensors.measures(sensor)
            yield self.resource(path, sensors.MEASURES[kind], measured, owner, path)
        elif kind in sensors.SWITCHES:
            for button in items.buttons(self.ids, number, sensor, self.reports):
                key = f"{path}#button{button['metadata']['control_id']}"
                yield self.patched(key, button)
        elif kind == sensors.DIAL:
            dial = items.rotary(self.ids, number, sensor, self.reports)
            yield self.patched(f"{path}#relative_rotary", dial)
        if path != _primary(self.members[self.device_of[path]], self):
            return
        if "devicemode" in sensor["config"]:
            yield self._inputs(path, sensor, owner)
        if "battery" in sensor["config"]:
            power = sensors.battery(sensor["config"])
            yield self.resource(path, "device_power", power, owner, path)
        if kind == sensors.GREEN_POWER:
            source = sensor["uniqueid"].partition("-")[0].replace(":", "")[-8:]
            zgp = {"status": "connected", "source_id": source}
            yield self.resource(path, "zgp_connectivity", zgp, owner, path)
            return
        reachable = sensor["config"].get("reachable", True)
        status = "connected" if reachable else "connectivity_issue"
        yield from self._connectivity(path, sensor, owner, status)
        yield from self._update(path, sensor, owner)

    def _inputs(self, path: str, sensor: Json, owner: Json) -> Json:
        """Return how a wall module reads its inputs, with the buttons of this mode."""
        number = path.split("/")[2]
        linked = [
            reference(button["id"], "button")
            for button in items.buttons(self.ids, number, sensor, self.reports)
        ]
        mode = sensors.modes(sensor["config"])
        features: Json = {"switch_mode": mode, "linked_services": linked}
        return self.resource(path, "switch_input_configuration", features, owner)

    def around(self, path: str) -> Iterator[Json]:
        """Return what may change together with what is at a path."""
        if path.startswith("/groups/"):
            yield from groups.group(self, path)
        elif path.startswith("/scenes/"):
            yield from scenes.scene(self, path)
        elif path.startswith(OWN):
            yield from self.own(path)
            yield from groups.measured_around(self, f"{path}#device")
        elif path == BRIDGE:
            yield from bridge.bridge(self)
        elif path in self.device_of:
            device = self.device_of[path]
            yield from self.device(device)
            if path.startswith("/lights/"):
                yield from groups.lit_around(self, path)
            else:
                yield from groups.measured_around(self, f"{device}#device")
        elif path.startswith("/sensors/"):
            yield from bridge.geofence_clients(self)

    def devices(self) -> Iterable[str]:
        """Return the keys of all devices but the bridge's own."""
        yield from (f"{device}#device" for device in self.members)
        yield from (
            key
            for key, stored in self.house.v2.items()
            if key.startswith(OWN) and stored.get("type") == "device"
        )

    def _all(self) -> Iterator[Json]:
        yield from bridge.bridge(self)
        for device in self.members:
            yield from self.device(device)
        yield from groups.everything(self)
        for scene in self.house.scenes:
            yield from scenes.scene(self, f"/scenes/{scene}")
        yield from bridge.geofence_clients(self)
        yield from self.own()

    def everything(self) -> dict[str, Json]:
        """Return all resources by id."""
        shown = {resource["id"]: resource for resource in self._all()}
        kinds = sorted({resource["type"] for resource in shown.values()} | {"clip"})
        clip = self.resource(BRIDGE, "clip", {"resources": kinds})
        return shown | {clip["id"]: clip}


def _primary(paths: list[str], view: View) -> str:
    """Return the v1 resource that gives a device its name and number."""
    kinds = {view.v1(path)["type"]: path for path in reversed(paths)}
    for kind in (sensors.DIAL, "ZLLPresence"):
        if kind in kinds:
            return kinds[kind]
    return paths[0]

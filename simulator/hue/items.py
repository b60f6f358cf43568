"""Resources of the v2 API as the event stream and its collections name them.

Each has its own id, the `id_v1` of the v1 resource it belongs to, and its type.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from .answers import Json
from .v2 import lights


class Ids:
    """The v2 ids of one bridge, the same after every start."""

    def __init__(self, bridge: str, aliases: dict[str, str] | None = None) -> None:
        """Take what tells this bridge from others.

        `aliases` gives the path that an id was made from, where a resource has
        another path now.
        """
        self.bridge = bridge
        self.aliases = aliases or {}
        self._space = uuid5(NAMESPACE_DNS, f"{bridge}.hue.example.org")
        self._known: dict[str, str] = {}

    def of(self, path: str, kind: str) -> str:
        """Return the id of the resource of a kind at a v1 path."""
        return self.of_key(f"{path}#{kind}")

    def of_key(self, key: str) -> str:
        """Return the id of the resource with the key "path#kind"."""
        if key not in self._known:
            path, hash_, kind = key.partition("#")
            first = self.aliases.get(path, path)
            self._known[key] = str(uuid5(self._space, f"{first}{hash_}{kind}"))
        return self._known[key]

    def device(self, path: str, resource: Json) -> str:
        """Return the id of the device that a lamp or sensor is part of."""
        return self.of(device_key(path, resource), "device")

    def item(self, path: str, kind: str, resource: Json, **parts: Any) -> Json:
        """Return an item about a service of a lamp's or sensor's device."""
        owner = {"rid": self.device(path, resource), "rtype": "device"}
        head = {"id": self.of(path, kind), "id_v1": path, "owner": owner}
        return head | parts | {"type": kind}


def device_key(path: str, resource: Json) -> str:
    """Return what tells a device from others: its address, or its v1 path.

    The channels of a controller that Philips did not certify are devices of
    their own, all with the same address.
    """
    mac, dash, _ = resource.get("uniqueid", "").partition("-")
    apart = path.startswith("/lights/") and not lights.is_certified(resource)
    return mac if dash and not apart else path


def timestamp(when: datetime) -> str:
    """Return a time as v2 prints it: UTC with milliseconds."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"


def product(first: Json) -> Json:
    """Return what a device is, by its first resource of v1."""
    state = first["state"]
    icon = lights.archetype(first) if "on" in state else "unknown_archetype"
    made: Json = {
        "metadata": {"name": first["name"][:32], "archetype": icon},
        "product_data": {
            "model_id": first["modelid"],
            "manufacturer_name": first["manufacturername"],
            "product_name": first.get("productname", first["modelid"]),
            "product_archetype": icon,
            "certified": lights.is_certified(first),
            "software_version": first.get("swversion", "0.0.0"),
        },
        "identify": {},
    }
    if "on" not in state:
        made["usertest"] = {"status": "set", "usertest": False}
    return made


def hidden_services(ids: Ids, path: str, first: Json) -> Iterable[Json]:
    """Return the services that a device names, but that are not served."""
    if "on" in first["state"] and lights.is_certified(first):
        for kind in ("motion_area_candidate", "taurus_7455"):
            yield {"rid": ids.of(path, kind), "rtype": kind}


def button_id(ids: Ids, number: str, sensor: Json, button: int) -> str:
    """Return the v2 id of one button; all of a device name the same `id_v1`.

    A wall module has other buttons in each of its modes.
    """
    mode = sensor["config"].get("devicemode", "")
    return ids.of(f"/sensors/{number}", f"button{button}{mode}")


def _first_report(state: Json, given: Json) -> Json | None:
    """Return the report that v1's last button event tells of one of its inputs."""
    when = f"{state['lastupdated']}.000Z"
    for event in given["events"]:
        if state.get("buttonevent") == event["buttonevent"]:
            return {"event": event["eventtype"], "updated": when}
    return None


def buttons(
    ids: Ids, number: str, sensor: Json, reports: dict[str, Json]
) -> list[Json]:
    """Return the v2 buttons of a switch, with the last report of each."""
    path = f"/sensors/{number}"
    resources = []
    for button, given in enumerate(sensor["capabilities"]["inputs"], start=1):
        own = button_id(ids, number, sensor, button)
        report = reports.get(own) or _first_report(sensor["state"], given)
        values = [event["eventtype"] for event in given["events"]]
        features: Json = {"repeat_interval": 800, "event_values": values}
        if report is not None:
            features |= {"button_report": report, "last_event": report["event"]}
        item = ids.item(
            path, "button", sensor, metadata={"control_id": button}, button=features
        )
        resources.append(item | {"id": own})
    return resources


def rotary(ids: Ids, number: str, sensor: Json, reports: dict[str, Json]) -> Json:
    """Return the v2 resource of a dial, with its last report."""
    item = ids.item(f"/sensors/{number}", "relative_rotary", sensor)
    return item | {"relative_rotary": turned(reports.get(item["id"]))}


def turned(report: Json | None) -> Json:
    """Return what v2 says of a dial's last turn."""
    if report is None:
        return {}
    last = {key: part for key, part in report.items() if key != "updated"}
    return {"last_event": last, "rotary_report": report}

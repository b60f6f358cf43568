"""Resources of the v2 API as the event stream and its collections name them.

Each has its own id, the `id_v1` of the v1 resource it belongs to, and its type.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from .answers import Json

_GROUP_OWNERS = {"Room": "room", "Zone": "zone"}


class Ids:
    """The v2 ids of one bridge, the same after every start."""

    def __init__(self, bridge: str) -> None:
        """Take what tells this bridge from others."""
        self._space = uuid5(NAMESPACE_DNS, f"{bridge}.hue.example.org")

    def of(self, path: str, kind: str) -> str:
        """Return the id of the resource of a kind at a v1 path."""
        return str(uuid5(self._space, f"{path}#{kind}"))

    def device(self, path: str, resource: Json) -> str:
        """Return the id of the device that a lamp or sensor is part of."""
        mac, dash, _ = resource.get("uniqueid", "").partition("-")
        return self.of(mac if dash else path, "device")

    def item(self, path: str, kind: str, resource: Json, **parts: Any) -> Json:
        """Return an item about a resource."""
        owner = {"rid": self.device(path, resource), "rtype": "device"}
        if path.startswith("/groups/"):
            rtype = _GROUP_OWNERS.get(resource["type"], "bridge_home")
            owner = {"rid": self.of(path, rtype), "rtype": rtype}
        head = {"id": self.of(path, kind), "id_v1": path, "owner": owner}
        return head | parts | {"type": kind}


def timestamp(when: datetime) -> str:
    """Return a time as v2 prints it: UTC with milliseconds."""
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"


def _percent(bri: float) -> float:
    """Return v2's brightness for one of v1."""
    return round(bri / 254 * 100, 2)


def light_parts(state: Json, keys: Iterable[str]) -> Json:
    """Return what v2 says about these keys of a lamp's state."""
    wanted = set(keys) & state.keys()
    parts: Json = {}
    if "on" in wanted:
        parts["on"] = {"on": state["on"]}
    if "bri" in wanted:
        parts["dimming"] = {"brightness": _percent(state["bri"])}
    if "xy" in wanted:
        parts["color"] = {"xy": dict(zip("xy", state["xy"], strict=True))}
    if "ct" in state and wanted & {"ct", "colormode"}:
        valid = state["colormode"] == "ct"
        mirek = state["ct"] if valid else None
        parts["color_temperature"] = {"mirek": mirek, "mirek_valid": valid}
    return parts


def light(ids: Ids, number: str, resource: Json) -> Json:
    """Return a lamp as v2 shows it."""
    state = resource["state"]
    named = {"name": resource["name"], "archetype": resource["config"]["archetype"]}
    parts = light_parts(state, state)
    return ids.item(f"/lights/{number}", "light", resource, metadata=named, **parts)


def _differing(old: Json, new: Json) -> set[str]:
    """Return the keys whose values are not the same."""
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def _connectivity(ids: Ids, path: str, new: Json, *, reachable: bool) -> Json:
    """Return that a device was lost or found again."""
    status = "connected" if reachable else "connectivity_issue"
    return ids.item(path, "zigbee_connectivity", new, status=status)


def _light_changes(ids: Ids, path: str, old: Json, new: Json) -> list[Json]:
    """Return what v2 says of a lamp's change."""
    items = []
    keys = _differing(old["state"], new["state"])
    if parts := light_parts(new["state"], keys):
        items.append(ids.item(path, "light", new, **parts))
    if "reachable" in keys:
        reachable = new["state"]["reachable"]
        items.append(_connectivity(ids, path, new, reachable=reachable))
    if old["name"] != new["name"]:
        named = {"name": new["name"]}
        items.append(ids.item(path, "light", new, metadata=named))
    return items


def _group_changes(ids: Ids, path: str, old: Json, new: Json) -> list[Json]:
    """Return what v2 says of a group's change."""
    items: list[Json] = []
    parts: Json = {}
    if new["type"] == "Entertainment":
        return items  # v2 has these areas apart from its groups
    if old["state"]["any_on"] != new["state"]["any_on"]:
        parts["on"] = {"on": new["state"]["any_on"]}
    bri = new["action"].get("bri")
    if bri is not None and bri != old["action"].get("bri"):
        parts["dimming"] = {"brightness": _percent(bri)}
    if parts:
        items.append(ids.item(path, "grouped_light", new, **parts))
    if old["name"] != new["name"] or old["lights"] != new["lights"]:
        kind = _GROUP_OWNERS.get(new["type"], "bridge_home")
        items.append(ids.item(path, kind, new, metadata={"name": new["name"]}))
    return items


def _scene_changes(ids: Ids, path: str, _: Json, new: Json) -> list[Json]:
    """Return what v2 says of a scene's change."""
    item = {"id": ids.of(path, "scene"), "id_v1": path, "type": "scene"}
    return [item | {"metadata": {"name": new["name"]}}]


def _motion(state: Json, when: str) -> Json:
    report = {"changed": when, "motion": state["presence"]}
    whole = {"motion": state["presence"], "motion_valid": True}
    return {"motion": whole | {"motion_report": report}}


def _temperature(state: Json, when: str) -> Json:
    celsius = state["temperature"] / 100
    report = {"changed": when, "temperature": celsius}
    whole = {"temperature": celsius, "temperature_valid": True}
    return {"temperature": whole | {"temperature_report": report}}


def _light_level(state: Json, when: str) -> Json:
    report = {"changed": when, "light_level": state["lightlevel"]}
    whole = {"light_level": state["lightlevel"], "light_level_valid": True}
    return {"light": whole | {"light_level_report": report}}


_MEASURES: dict[str, tuple[str, Callable[[Json, str], Json]]] = {
    "ZLLPresence": ("motion", _motion),
    "ZLLTemperature": ("temperature", _temperature),
    "ZLLLightLevel": ("light_level", _light_level),
}


def _sensor_changes(ids: Ids, path: str, old: Json, new: Json) -> list[Json]:
    """Return what v2 says of a sensor's change: nothing for software sensors."""
    if not new["type"].startswith("Z"):
        return []
    items = []
    config = new["config"]
    keys = _differing(old["config"], config)
    if new["type"] in _MEASURES:
        kind, measure = _MEASURES[new["type"]]
        if old["state"] != new["state"]:
            parts = measure(new["state"], f"{new['state']['lastupdated']}.000Z")
            items.append(ids.item(path, kind, new, **parts))
        if "on" in keys:
            items.append(ids.item(path, kind, new, enabled=config["on"]))
        if "sensitivity" in keys:
            level = {"status": "set", "sensitivity": config["sensitivity"]}
            items.append(ids.item(path, kind, new, sensitivity=level))
    if "battery" in keys:
        power = {"battery_level": config["battery"], "battery_state": "normal"}
        items.append(ids.item(path, "device_power", new, power_state=power))
    if "reachable" in keys:
        reachable = config["reachable"]
        items.append(_connectivity(ids, path, new, reachable=reachable))
    if old["name"] != new["name"]:
        items.append(ids.item(path, "device", new, metadata={"name": new["name"]}))
    return items


_CHANGES = {
    "lights": _light_changes,
    "groups": _group_changes,
    "scenes": _scene_changes,
    "sensors": _sensor_changes,
}


def changes(ids: Ids, path: str, old: Json, new: Json) -> list[Json]:
    """Return the items that tell of a v1 resource's change."""
    return _CHANGES[path.split("/")[1]](ids, path, old, new)


def button_id(ids: Ids, sensor: str, button: int) -> str:
    """Return the v2 id of one button; all of a device name the same `id_v1`."""
    return ids.of(f"/sensors/{sensor}", f"button{button}")


def _first_report(state: Json, given: Json) -> Json | None:
    """Return the report that v1's last button event tells of one of its inputs."""
    when = f"{state['lastupdated']}.000Z"
    for one in given["events"]:
        if state.get("buttonevent") == one["buttonevent"]:
            return {"event": one["eventtype"], "updated": when}
    return None


def buttons(
    ids: Ids, number: str, sensor: Json, reports: dict[str, Json]
) -> list[Json]:
    """Return the v2 buttons of a switch, with the last report of each."""
    path = f"/sensors/{number}"
    found = []
    for button, given in enumerate(sensor["capabilities"]["inputs"], start=1):
        own = button_id(ids, number, button)
        report = reports.get(own) or _first_report(sensor["state"], given)
        values = [one["eventtype"] for one in given["events"]]
        told: Json = {"repeat_interval": 800, "event_values": values}
        if report is not None:
            told |= {"button_report": report, "last_event": report["event"]}
        item = ids.item(
            path, "button", sensor, metadata={"control_id": button}, button=told
        )
        found.append(item | {"id": own})
    return found


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

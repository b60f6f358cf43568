"""The ids of API v1, which devices and entities keep whichever API they come from."""

from collections.abc import Collection, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from ...transport import parsing
from .models.group import Group
from .models.light import Light
from .models.sensor import Sensor
from .v1_parser import zigbee
from .v2_parser import Resource, v1_number
from .v2_store import ResourceStore


class StoredIds:
    """The v1 unique id of each light and switch, the v1 number of rooms and scenes.

    `stored_ids` has them by resource id. The caller saves it when there `has_new`: it
    makes the ids of devices and entities the same in both APIs, and lets them stay
    when another bridge takes over the house and numbers it anew.
    """

    def __init__(
        self, store: ResourceStore, stored_ids: MutableMapping[str, Any]
    ) -> None:
        """Initialize with what was stored."""
        self.has_new = False
        self._store = store
        self._stored_ids = stored_ids
        self._holders: dict[str, set[str]] = {}
        for rid, value in stored_ids.items():
            if isinstance(value, str):
                self._holders.setdefault(value, set()).add(rid)

    def _zigbee_mac(self, device: str) -> str | None:
        connectivity = self._store.service(device, "zigbee_connectivity") or {}
        return zigbee({"uniqueid": connectivity.get("mac_address")})[0]

    def _stored_id(self, rid: str) -> str | None:
        found = self._stored_ids.get(rid)
        return found if isinstance(found, str) else None

    def _store_id(self, rid: str, value: str) -> None:
        if (before := self._stored_id(rid)) is not None:
            self._holders[before].discard(rid)
        self._stored_ids[rid] = value
        self._holders.setdefault(value, set()).add(rid)
        self.has_new = True

    def number(self, resource: Resource, collection: str) -> str:
        """Return the v1 number or id that a room or scene had when it was first seen.

        A number that now belongs to another resource is not given away twice.
        """
        rid: str = resource["id"]
        number = self._stored_id(rid)
        if number is None and (now := v1_number(resource, collection)) is not None:
            holders = self._holders.pop(now, set())
            if any(other in self._store.by_id for other in holders):
                self._holders[now] = holders
                return rid
            for other in holders:
                del self._stored_ids[other]
            self._store_id(rid, number := now)
        return number or rid

    def number_lights(self) -> dict[str, str]:
        """Return the v1 number of each light, its own id if another has that already."""
        holders: dict[str, str] = {}
        numbers = {}
        for light in self._store.of_type("light"):
            rid: str = light["id"]
            number = v1_number(light, "lights") or rid
            is_first = holders.setdefault(number, rid) == rid
            numbers[rid] = number if is_first else rid
        return numbers

    def in_v1(self, group: Group) -> Group:
        """Return a group with the number that API v1 commands it by now."""
        grouped = self._store.by_id.get(group.resource_id, {})
        return replace(group, number=v1_number(grouped, "groups") or group.number)

    def mac(self, device: str) -> str | None:
        """Return the address of an accessory; Green Power switches have it in v1."""
        if (mac := self._zigbee_mac(device)) is not None:
            return mac
        button = self._store.service(device, "button")
        unique_id = self._stored_id(button["id"]) if button else None
        return zigbee({"uniqueid": unique_id})[0]

    def place(self, light: Resource, device: str) -> tuple[str | None, str]:
        """Return address and endpoint of a light, as API v1 has them."""
        unique_id = self._stored_id(light["id"])
        if unique_id is not None:
            return zigbee({"uniqueid": unique_id})
        number = parsing.as_int(light.get("service_id"))
        return self._zigbee_mac(device), f"{number:02x}" if number else ""

    def missing(self, verified: Collection[str]) -> set[str]:
        """Return the resources whose v1 unique ids are missing or look outdated."""
        found = set()
        for light in self._store.of_type("light"):
            mac = self._zigbee_mac(self._store.owners.get(light["id"], ""))
            stored = self._stored_id(light["id"])
            if v1_number(light, "lights") and (
                stored is None or (mac and not stored.startswith(mac))
            ):
                found.add(light["id"])
        for button in self._store.of_type("button"):
            if (
                v1_number(button, "sensors")
                and self._zigbee_mac(self._store.owners.get(button["id"], "")) is None
                and self._stored_id(button["id"]) is None
            ):
                found.add(button["id"])
        return found.difference(verified)

    def learn(self, lights: Mapping[str, Light], sensors: Mapping[str, Sensor]) -> None:
        """Store the v1 unique ids of what was read through API v1."""
        for light in self._store.of_type("light"):
            if v1_light := lights.get(v1_number(light, "lights") or ""):
                parts = [part for part in (v1_light.mac, v1_light.endpoint) if part]
                self._store_id(light["id"], "-".join(parts))
        for button in self._store.of_type("button"):
            sensor = sensors.get(v1_number(button, "sensors") or "")
            if sensor is not None:
                self._store_id(button["id"], sensor.device_key or "")

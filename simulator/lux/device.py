"""The device calls, each as LUX's Device page has it."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from simulator.service import delivered

from .devlog import Owned, Upload, read, undocumented
from .fields import Fields
from .gate import Gate, Refusal
from .records import Child, Device

CHILD_FIELDS = ("first_name", "last_name", "birthdate", "gender")


class DeviceCalls(Gate):
    """The calls about treatment devices and their logs."""

    # Unique ids that check-device was asked for since they were registered.
    _inspected: frozenset[str] = frozenset()

    def _told(self, request: web.Request, device: Device) -> dict[str, Any]:
        """Return a device's eleven fields; the client knows its counter then."""
        if delivered(request):
            self.device_logs.note_reported(device)
        return device.body()

    def _query(self, request: web.Request) -> Fields:
        """Return a reader of the query."""
        return Fields(dict(request.query), "query")

    async def _child_device(self, request: web.Request) -> dict[str, Any]:
        """Return a child's device."""
        query = self._query(request)
        child_id = query.query_integer("real_user_id")
        self._checked(query, request)
        child = self._child(child_id)
        for device in self.devices.values():
            if device.real_user_id == child.id:
                return self._told(request, device)
        raise Refusal(404, "Device not found")

    async def _all_devices(self, request: web.Request) -> list[dict[str, Any]]:
        """Return all children's devices."""
        if self.standing == "deleted":
            raise Refusal(401, "User is None")
        rows = []
        for child in self.children.values():
            devices = [d for d in self.devices.values() if d.real_user_id == child.id]
            rows += [self._row(child, device) for device in devices]
            for device in devices:
                self._told(request, device)
            if not devices and self.list_children_without_device:
                rows.append(self._row(child, None))
        return rows

    def _row(self, child: Child, device: Device | None) -> dict[str, Any]:
        """Return one element of get-all-device."""
        fields: dict[str, Any] = (
            dict.fromkeys(Device.__dataclass_fields__) | {"real_user_id": child.id}
            if device is None
            else asdict(device)
        )
        fields["root_user_id"] = self.user.root_user_id
        return fields | {name: getattr(child, name) for name in CHILD_FIELDS}

    async def _check_device(self, request: web.Request) -> dict[str, Any]:
        """Return whether a device can be connected or registered."""
        query = self._query(request)
        unique_id = query.text("unique_id")
        self._checked(query, request)
        self._existing()
        self._inspected |= {unique_id}
        device = self._named(unique_id)
        if device.real_user_id is None:
            text = "Device Registerable"
        elif self.own(device.real_user_id):
            text = "Connection Confirmed"
        else:
            raise Refusal(409, "Already Connected Device")
        return {"detail": text, "device_data": self._told(request, device)}

    async def _set_my_device(self, request: web.Request) -> dict[str, Any]:
        """Register a device to a child."""
        query = self._query(request)
        names = ("serial_code", "mac_id", "unique_id")
        serial_code, mac_id, unique_id = (query.text(name) for name in names)
        child_id = query.query_integer("real_user_id")
        self._checked(query, request)
        if unique_id not in self._inspected:
            self.violation("set-my-device without check-device before")
        child = self._child(child_id)
        device = self._named(unique_id)
        if (device.serial_code, device.mac_id) != (serial_code, mac_id):
            raise Refusal(404, "Not Found Device")
        if device.real_user_id not in (None, child.id):
            raise Refusal(409, "Already Connected Device")
        device.real_user_id = child.id
        if delivered(request):
            self._inspected -= {unique_id}
        return {"statuscode": 200, "message": "device connected"}

    async def _un_connect(self, request: web.Request) -> dict[str, Any]:
        """Unregister a device from a child."""
        query = self._query(request)
        unique_id = query.text("unique_id")
        child_id = query.query_integer("real_user_id")
        self._checked(query, request)
        child = self._child(child_id)
        device = self._named(unique_id)
        if device.real_user_id != child.id:
            raise Refusal(404, "Not Found Device")
        device.real_user_id = None
        return {"statusCode": 200, "message": "device unconnected"}

    async def _update_alias(self, request: web.Request) -> dict[str, Any]:
        """Set a device's alias."""
        fields = await self._json_body(request)
        device_id = fields.integer("device_id")
        child_id = fields.integer("real_user_id")
        alias = fields.text("device_alias")
        self._checked(fields, request)
        child = self._child(child_id)
        if device_id not in self.devices:
            raise Refusal(404, "Not Found Device")
        device = self.devices[device_id]
        if device.real_user_id != child.id:
            raise Refusal(409, "Not Connected Device")
        device.device_alias = alias
        return self._told(request, device)

    async def _devlog(self, request: web.Request) -> dict[str, Any]:
        """Store usage logs, all or none, unless the server breaks down meanwhile."""
        fields = await self._json_body(request)
        items = read(fields)
        self._checked(fields, request)
        if (text := undocumented([item.upload for item in items])) is not None:
            self.violation(f"{text} at {request.path}")
            raise Refusal(409, "Create Device Log Failed")
        groups: dict[int, list[Upload]] = {}
        for item in items:
            device = self._uploading(item)
            groups.setdefault(device.id, []).append(item.upload)
        first = items[0]
        update = self.device_logs.open_log(first.device_id) is not None
        if self._failed("update_log" if update else "create_log"):
            verb = "Update" if update else "Create"
            raise Refusal(409, f"{verb} Device Log Failed")
        if self.refused_logs & {item.upload.log_file_id for item in items}:
            raise Refusal(409, "Not Connected Device")
        count, self.store_first = self.store_first, None
        if count is not None:
            device = self.devices[first.device_id]
            self.device_logs.store(device, groups[device.id][:count], "client")
            if self.hides_loss:
                return {"statusCode": 200, "message": "Devlog saved successfully"}
            raise Refusal(500, "Internal server error. Please try again later.")
        for device_id, uploads in groups.items():
            device = self.devices[device_id]
            for number in self.device_logs.repeated(device, uploads):
                self.violation(f"log {number} of device {device_id} was stored before")
            overwrite = device_id == first.device_id
            self.device_logs.store(device, uploads, "client", overwrite)
            if delivered(request):
                self.device_logs.acknowledge(device, uploads)
        kind = "Temp devlog" if first.upload.temporary else "Devlog"
        return {"statusCode": 200, "message": f"{kind} saved successfully"}

    def _uploading(self, item: Owned) -> Device:
        """Return the device whose log it is, refuse what does not belong together."""
        if item.real_user_id not in self.strangers | set(self.children):
            raise Refusal(404, "Not Found User")
        child = self._child(item.real_user_id)
        device = self.devices.get(item.device_id)
        if device is None or device.unique_id != item.unique_id:
            raise Refusal(404, "Not Found Device")
        if device.real_user_id != child.id:
            raise Refusal(409, "Not Connected Device")
        return device

    async def _alimtalk(self, _: web.Request) -> None:
        """Send the account's phone a message about bad electrode contact."""
        self._existing()
        if not self.user.phone:
            raise Refusal(403, "Phone number is not found")
        if self._failed("alimtalk"):
            raise Refusal(409, "Alimtalk send failed")
        if self._failed("alimtalk_server"):
            raise Refusal(500, "Internal Server Error")
        self.alimtalks.append(self.clock.time())

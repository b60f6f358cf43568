"""What LUX holds for one family, and what its people and phone do."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, override
import uuid

from simulator.clock import Clock
from simulator.service import Service, control

from . import tokens
from .devlog import DeviceLogs, Upload
from .records import Child, Device, Log, Session, Standing, User

USERNAME = "parent@example.org"
PASSWORD = "made-up-Password-1"

# A child of another account, and the device that it has.
STRANGER = 9001


def household() -> tuple[list[Child], list[Device]]:
    """Return two children with a device each, a free device and a stranger's."""
    children = [
        Child(
            id=7301,
            first_name="Pellan",
            last_name="Norrowick",
            birthdate="20150317",
            gender="M",
        ),
        Child(
            id=7302,
            first_name="Vesperine",
            last_name="Norrowick",
            birthdate="20170908",
            gender="F",
        ),
    ]
    devices = [
        Device(
            id=811 + number,
            real_user_id=owner,
            unique_id=f"lux-unit-{number + 1:04}",
            serial_code=f"SL2099000{number + 1}",
            device_alias=alias,
            mac_id=f"4{number}AD",
            last_log_file_id=counter,
        )
        for number, (owner, alias, counter) in enumerate(
            [(7301, "Blue mask", 12), (7302, "", 3), (None, "", 0), (STRANGER, "", 5)]
        )
    ]
    return children, devices


class LuxAccount(Service):
    """LUX's records, and the control methods that change them."""

    name = "lux"
    secret = frozenset({"password", "refresh_token"})

    def __init__(self, clock: Clock | None = None, name: str | None = None) -> None:
        """Start with one account in good standing and its household."""
        super().__init__(clock, name)
        self.username = USERNAME
        self.password = PASSWORD
        self.standing: Standing = "good"
        self.user = User()
        children, devices = household()
        self.children = {child.id: child for child in children}
        self.strangers = {STRANGER}
        self.devices = {device.id: device for device in devices}
        self.device_logs = DeviceLogs()
        self.key = tokens.new_key()
        self.session = Session(user_uuid=str(uuid.uuid4()))
        self.generations: dict[tokens.Kind, int] = {"access": 0, "refresh": 0}
        self.access_lifetime = 900
        self.refresh_lifetime = 1_209_600
        self.signins = 0
        self.alimtalks: list[float] = []
        self.list_children_without_device = False
        self.failing: dict[str, int] = {}
        self.refused_logs: set[int] = set()
        self.store_first: int | None = None
        self.hides_loss = False

    @property
    def logs(self) -> dict[int, list[Log]]:
        """Return the stored logs by device id, in the order they were stored."""
        return self.device_logs.logs

    def own(self, real_user_id: int | None) -> bool:
        """Return whether a child is the account's."""
        return real_user_id in self.children

    def _device(self, device_id: int | None) -> Device:
        """Return a device, the account's first one without an id."""
        if device_id is not None:
            return self.devices[device_id]
        for device in self.devices.values():
            if self.own(device.real_user_id):
                return device
        raise KeyError("the account has no device")

    # --- the account ---

    @control
    def set_user(self, **fields: Any) -> None:
        """Set fields of the root user, as `/user/me` returns them."""
        _set(self.user, fields)

    @control
    def set_password(self, password: str) -> None:
        """Let somebody choose another password."""
        self.password = password

    @control
    def good(self) -> None:
        """Put the account back into good standing."""
        self.standing = "good"

    @control
    def incomplete(self) -> None:
        """Leave the sign-up unfinished: 401 at sign-in."""
        self.standing = "incomplete"

    @control
    def unverified(self) -> None:
        """Ask for SMS verification: 403 at sign-in."""
        self.standing = "unverified"

    @control
    def block(self) -> None:
        """Block the account: 423 at sign-in."""
        self.standing = "blocked"

    @control
    def delete_account(self) -> None:
        """Delete the account: 410 at sign-in, tokens are refused."""
        self.standing = "deleted"

    # --- tokens ---

    @control
    def phone_sign_in(self) -> None:
        """Sign the phone in: the account's one session is now the phone's."""
        self.session.refresh_id = str(uuid.uuid4())

    @control
    def expire_tokens(self, refresh: bool = False) -> None:
        """End the time of all access tokens, on request of refresh tokens too."""
        self.generations["access"] += 1
        self.generations["refresh"] += refresh

    @control
    def revoke_tokens(self) -> None:
        """Let no token that was given count as ours any more."""
        self.key = tokens.new_key()

    # --- children and devices ---

    @control
    def add_child(self, **fields: Any) -> int:
        """Add a child's account; return its id."""
        number = max(self.children, default=7300) + 1
        defaults = {
            "first_name": f"Oberwyn{number}",
            "last_name": "Norrowick",
            "birthdate": "20190101",
            "gender": "N",
        }
        self.children[number] = Child(id=number, **defaults | fields)
        return number

    @control
    def add_device(self, real_user_id: int | None = None, **fields: Any) -> int:
        """Add a device of a child, a new one without an id; return the device's id."""
        number = max(self.devices, default=810) + 1
        defaults: dict[str, Any] = {
            "unique_id": f"lux-unit-{number - 810:04}",
            "serial_code": f"SL2099{number - 810:04}",
            "device_alias": "",
            "mac_id": f"{number % 65536:04X}",
        }
        owner = self.add_child() if real_user_id is None else real_user_id
        self.devices[number] = Device(
            id=number, **defaults | {"real_user_id": owner} | fields
        )
        return number

    @control
    def remove_device(self, device_id: int | None = None) -> None:
        """Take a device out of the service; its logs go with it."""
        device = self._device(device_id)
        del self.devices[device.id]
        self.device_logs.forget(device.id)

    @control
    def set_device(self, device_id: int | None = None, **fields: Any) -> None:
        """Set fields of a device."""
        _set(self._device(device_id), fields)

    @control
    def fail(self, what: str, times: int = 1) -> None:
        """Let the next calls end in an error that is the server's own.

        `what` is create_log, update_log, notification, alimtalk (its 409),
        alimtalk_server (its 500) or server (the 500 of any endpoint).
        """
        self.failing[what] = times

    @control
    def refuse_log(self, number: int, refused: bool = True) -> None:
        """Refuse any upload that holds the log with a number, or no longer."""
        (self.refused_logs.add if refused else self.refused_logs.discard)(number)

    @control
    def store_partly(self, count: int, is_hidden: bool = False) -> None:
        """Let the server break down in the next upload, after its first logs.

        The page does not say whether an array is stored as a whole, nor what is
        answered then: `is_hidden` makes it a success.
        """
        self.store_first = count
        self.hides_loss = is_hidden

    def _failed(self, what: str) -> bool:
        """Return whether a call shall end in this error; counts it."""
        left = self.failing.get(what, 0)
        self.failing[what] = max(left - 1, 0)
        return left > 0

    # --- the phone ---

    @control
    def phone_upload(
        self,
        device_id: int | None = None,
        count: int = 1,
        *,
        start: str | None = None,
        duration: int = 1200,
        intensity: int = 4,
        finish_flag: int = 1,
        temporary: bool = False,
        number: int | None = None,
    ) -> int:
        """Upload logs from the phone; return the last number stored then.

        `start` is the first treatment's (ISO 8601), else the treatments end
        now; `temporary` uploads one temporary log instead. `number` is the first
        log's, else the next one: a phone may not know yet what came since it asked.
        """
        device = self._device(device_id)
        first_number = device.last_log_file_id + 1 if number is None else number
        length = timedelta(seconds=duration)
        now = self.clock.now().replace(tzinfo=None, microsecond=0)
        first = datetime.fromisoformat(start) if start else now - length * count
        uploads = [
            Upload(
                treatment_date=first + length * index,
                finish_flag=None if temporary else finish_flag,
                last_intensity=intensity,
                treatment_time=duration,
                log_file_id=None if temporary else first_number + index,
            )
            for index in range(1 if temporary else count)
        ]
        if temporary:  # the app sends the time 30 s after the start
            uploads[0].treatment_date += timedelta(seconds=30)
        self.device_logs.store(device, uploads, "phone")
        return device.last_log_file_id

    @control
    def month(
        self, device_id: int | None = None, days: int = 30
    ) -> list[dict[str, Any]]:
        """Return the logs of a month that a device holds and LUX does not have yet.

        One treatment each evening, a second one each third morning, none each
        tenth day; times are local (ISO 8601), lengths in seconds.
        """
        number = self._device(device_id).last_log_file_id
        today = self.clock.now().replace(tzinfo=None, minute=0, second=0, microsecond=0)
        logs = []
        for day in range(days):
            evening = today.replace(hour=20) - timedelta(days=days - day)
            for start in (evening - timedelta(hours=12), evening):
                if day % 10 == 9 or (start != evening and day % 3):
                    continue
                number += 1
                logs.append(
                    {
                        "start": (start + timedelta(minutes=7 * day % 40)).isoformat(),
                        "duration": 900 + 300 * (day % 3),
                        "intensity": 3 + day % 3,
                        "ending": "faulty_contacts" if day % 11 == 5 else "normal",
                        "log_file_id": number,
                    }
                )
        return logs

    # --- a restart of the demo ---

    @override
    def state(self) -> dict[str, Any]:
        """Return what outlives a restart as plain data."""
        return {
            "username": self.username,
            "password": self.password,
            "standing": self.standing,
            "user": asdict(self.user),
            "children": [asdict(child) for child in self.children.values()],
            "devices": [asdict(device) for device in self.devices.values()],
            "book": self.device_logs.state(),
            "key": self.key,
            "session": asdict(self.session),
            "generations": dict(self.generations),
        }

    @override
    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        self.username, self.password = state["username"], state["password"]
        self.standing = state["standing"]
        self.user = User(**state["user"])
        self.children = {child["id"]: Child(**child) for child in state["children"]}
        self.devices = {device["id"]: Device(**device) for device in state["devices"]}
        self.device_logs.restore(state["book"])
        self.key = state["key"]
        self.session = Session.restored(state["session"])
        self.generations = state["generations"]


def _set(record: User | Device, fields: dict[str, Any]) -> None:
    """Set fields that the record has."""
    for key, value in fields.items():
        if not hasattr(record, key):
            raise ValueError(f"no such field: {key}")
        setattr(record, key, value)

"""The rules of `POST /device/devlog`: temporary logs, complete logs, the counter."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from .fields import Fields
from .records import Device, Log

# "the server will subtract 30 seconds before saving it"
TEMPORARY_SHIFT = timedelta(seconds=30)

type Sender = Literal["client", "phone"]


@dataclass(slots=True, kw_only=True)
class Upload:
    """One element of `log_arrays`, without whose it is."""

    treatment_date: datetime
    finish_flag: int | None
    last_intensity: int
    treatment_time: int
    log_file_id: int | None = None

    @property
    def temporary(self) -> bool:
        """Return whether this is a temporary log."""
        return self.finish_flag is None

    def log(self, sender: Sender) -> Log:
        """Return the log to store."""
        shift = TEMPORARY_SHIFT if self.temporary else timedelta()
        return Log(
            treatment_date=(self.treatment_date - shift).isoformat(),
            finish_flag=self.finish_flag,
            last_intensity=self.last_intensity,
            treatment_time=self.treatment_time,
            log_file_id=self.log_file_id,
            sender=sender,
        )


@dataclass(slots=True, kw_only=True)
class Owned:
    """An upload, and whose it says to be."""

    real_user_id: int
    device_id: int
    unique_id: str
    upload: Upload


def read(body: Fields) -> list[Owned]:
    """Read `log_arrays`; wrong fields are problems of `body`."""
    owned = []
    for item in body.items("log_arrays"):
        detail = item.inner("detail_data")
        owned.append(
            Owned(
                real_user_id=item.integer("real_user_id"),
                device_id=item.integer("device_id"),
                unique_id=item.text("unique_id"),
                upload=Upload(
                    treatment_date=detail.moment("treatment_date"),
                    finish_flag=detail.maybe_integer("finish_flag", at_most=6),
                    last_intensity=detail.integer("last_intensity"),
                    treatment_time=detail.integer("treatment_time"),
                    log_file_id=item.maybe_integer("log_file_id"),
                ),
            )
        )
    return owned


def undocumented(uploads: list[Upload]) -> str | None:
    """Return how an array differs from what the page shows, None if it does not.

    A temporary log comes alone; a complete log has both its end and its number.
    """
    if not uploads:
        return "an empty log_arrays"
    if len(uploads) > 1 and any(upload.temporary for upload in uploads):
        return "a temporary log among others"
    if any(not upload.temporary and upload.log_file_id is None for upload in uploads):
        return "a finish_flag without log_file_id"
    return None


class DeviceLogs:
    """The stored logs of all devices.

    `reported` is the highest `last_log_file_id` of each device that the client
    surely knows: from an answer, or because it stored that log itself.
    """

    def __init__(self) -> None:
        """Start without logs."""
        self.logs: dict[int, list[Log]] = {}
        self.reported: dict[int, int] = {}

    def open_log(self, device_id: int) -> Log | None:
        """Return a device's temporary log."""
        logs = self.logs.get(device_id, [])
        return next((log for log in logs if log.temporary), None)

    def note_reported(self, device: Device) -> None:
        """Keep that the client was told a device's counter."""
        # A counter may fall, when a device is replaced.
        self.reported[device.id] = device.last_log_file_id

    def acknowledge(self, device: Device, uploads: list[Upload]) -> None:
        """Keep that the client was told that these uploads are stored."""
        numbers = [
            upload.log_file_id or 0 for upload in uploads if not upload.temporary
        ]
        self.reported[device.id] = max(self.reported.get(device.id, 0), *numbers, 0)

    def repeated(self, device: Device, uploads: list[Upload]) -> list[int]:
        """Return the numbers that the client knows to be stored or that fall."""
        highest = self.reported.get(device.id, 0)
        wrong = []
        for number in (
            upload.log_file_id for upload in uploads if not upload.temporary
        ):
            if number is None:
                continue
            if number <= highest:
                wrong.append(number)
            highest = max(highest, number)
        return wrong

    def store(
        self,
        device: Device,
        uploads: list[Upload],
        sender: Sender,
        overwrite: bool = True,
    ) -> None:
        """Store uploads; the first may overwrite the device's temporary log."""
        logs = self.logs.setdefault(device.id, [])
        for index, upload in enumerate(uploads):
            log = upload.log(sender)
            temporary = self.open_log(device.id) if overwrite and index == 0 else None
            old = self._repeated_log(device, log) or temporary
            if old is None:
                logs.append(log)
            else:
                if old.temporary == log.temporary:
                    log.arrived = old.arrived + 1
                logs[logs.index(old)] = log
            if log.log_file_id is not None and not log.temporary:
                device.last_log_file_id = max(device.last_log_file_id, log.log_file_id)

    def _repeated_log(self, device: Device, log: Log) -> Log | None:
        """Return the stored log that a complete log repeats."""
        number = log.log_file_id
        if log.temporary or number is None or number > device.last_log_file_id:
            return None
        same = (log for log in self.logs[device.id] if log.log_file_id == number)
        return next((log for log in same if not log.temporary), None)

    def forget(self, device_id: int) -> None:
        """Drop what belongs to a device."""
        self.logs.pop(device_id, None)
        self.reported.pop(device_id, None)

    def state(self) -> dict[str, Any]:
        """Return the book as plain data."""
        return {
            "logs": {
                str(device): [asdict(log) for log in logs]
                for device, logs in self.logs.items()
            },
            "told": {str(device): number for device, number in self.reported.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        self.logs = {
            int(device): [Log(**log) for log in logs]
            for device, logs in state["logs"].items()
        }
        self.reported = {
            int(device): number for device, number in state["told"].items()
        }

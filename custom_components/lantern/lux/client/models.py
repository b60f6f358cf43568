"""What LUX says of an account and its treatment devices.

Children's names, birth dates, genders and phone numbers are never read: what is
in no model can be shown and logged by nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from ...transport import parsing
from .treatment_log import TreatmentLog


@dataclass(frozen=True, slots=True)
class Account:
    """The root user: what is due, and the three notification settings.

    None is what LUX did not say, or not for a while.
    """

    diagnostic: ClassVar = (
        "muted",
        "contact_alerts",
        "base_station_alerts",
        "password_change_due",
        "personal_info_update_due",
    )

    root_user_id: int = field(repr=False)
    muted: bool | None = None
    contact_alerts: bool | None = None
    base_station_alerts: bool | None = None
    password_change_due: bool | None = None
    personal_info_update_due: bool | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """The three settings that are always written together."""

    muted: bool
    contact_alerts: bool
    base_station_alerts: bool


@dataclass(frozen=True, slots=True)
class TreatmentSummary:
    """What is shown of the treatments that Lantern uploaded, or that were recorded.

    None is what nobody can know: the phone may have uploaded logs, too. Without
    `is_uploaded`, all of them were recorded: nobody knows what is in progress.
    """

    last: TreatmentLog | None
    today: int | None
    time_today: int | None
    streak: int | None
    in_progress: bool | None
    is_uploaded: bool = True

    @property
    def start(self) -> datetime | None:
        """Return when the last treatment began."""
        return self.last.start if self.last else None

    @property
    def intensity(self) -> int | None:
        """Return the last treatment's intensity."""
        return self.last.intensity if self.last else None

    @property
    def duration(self) -> int | None:
        """Return how long the last treatment took, or has taken."""
        return self.last.duration if self.last and not self._is_lost else None

    @property
    def ending(self) -> str | None:
        """Return how the last treatment ended; nobody has to know."""
        return self.last.ending_name if self.last and not self._is_lost else None

    @property
    def _is_lost(self) -> bool:
        """Return True if the last treatment's log was never completed."""
        is_temporary = self.last is not None and self.last.temporary
        return is_temporary and self.in_progress is None


@dataclass(frozen=True, slots=True)
class ReceivedSummary:
    """How many logs LUX received, by the local day on which its number grew.

    `of_others` are those of this week that Lantern did not upload. None is unknown.
    """

    today: int | None
    this_week: int | None
    days_in_a_row: int | None
    of_others: int | None


@dataclass(frozen=True, slots=True)
class TreatmentDevice:
    """A device; `last_log_file_id` is the number of the last log at the service.

    `last_log_received` is when Lantern saw that number grow. The ids are what
    LUX wants to be told; `id` is its device id, `real_user_id` the child's.
    `unsent` logs wait in Lantern's queue; `summary` is what Lantern itself knows of
    the treatments, None where it carries no logs. `received` is what the number's
    growth tells; of the `weekly_goal`, `goal_this_week` per cent are done.
    """

    # When a child was treated is nobody's business in a bug report.
    diagnostic: ClassVar = ("firmware_version", "created", "last_log_file_id", "unsent")

    id: int | None = field(repr=False)
    real_user_id: int | None = field(repr=False)
    unique_id: str | None = field(repr=False)
    serial_code: str | None = field(repr=False)
    alias: str | None = field(repr=False)
    firmware_version: str | None
    created: datetime | None
    last_log_file_id: int | None
    last_log_received: datetime | None = field(default=None, repr=False)
    unsent: int = 0
    summary: TreatmentSummary | None = field(default=None, repr=False)
    received: ReceivedSummary | None = field(default=None, repr=False)
    weekly_goal: int = field(default=0, repr=False)
    goal_this_week: int | None = field(default=None, repr=False)

    @property
    def ids(self) -> tuple[int, int, str] | None:
        """Return all that LUX wants to be told with a log, None if it did not say."""
        if self.id is None or self.real_user_id is None or not self.unique_id:
            return None
        return self.id, self.real_user_id, self.unique_id

    @property
    def key(self) -> str:
        """Return what tells the device from others: `unique_id`, else both ids."""
        return self.unique_id or f"{self.real_user_id}:{self.id}"


@dataclass(frozen=True, slots=True)
class DeviceList:
    """The answer of get-all-device: the devices, and the ids of the children."""

    devices: tuple[TreatmentDevice, ...]
    real_user_ids: frozenset[int] = field(repr=False)


class Connection(StrEnum):
    """Whose a device is, as check-device tells."""

    CONNECTED = "connected"
    REGISTERABLE = "registerable"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class DeviceCheck:
    """The answer of check-device; a device that is taken is not shown."""

    connection: Connection
    device: TreatmentDevice | None = None


def parse_account(user: Mapping[str, Any]) -> Account | None:
    """Return the account of `/user/me`, None without `root_user_id`."""
    if (root_user_id := parsing.as_int(user.get("root_user_id"))) is None:
        return None
    return Account(
        root_user_id=root_user_id,
        muted=parsing.as_bool(user.get("is_device_muted")),
        contact_alerts=parsing.as_bool(user.get("is_device_alim_talk_enabled")),
        base_station_alerts=parsing.as_bool(user.get("is_basestation_alert_enabled")),
        password_change_due=parsing.as_bool(user.get("need_to_pwd_change")),
        personal_info_update_due=parsing.as_bool(user.get("need_personal_info_update")),
    )


def parse_device(row: Mapping[str, Any]) -> TreatmentDevice | None:
    """Return a device object's device, None if it names none.

    A child without a device may be listed with nulls in the device's fields.
    """
    device_id = _number(row.get("id"))
    # Devices are kept under this one: a number in its place is a broken answer.
    unique_id = parsing.as_id(row.get("unique_id"))
    if device_id is None and unique_id is None:
        return None
    alias = row.get("device_alias")
    return TreatmentDevice(
        id=device_id,
        real_user_id=_number(row.get("real_user_id")),
        unique_id=unique_id,
        serial_code=parsing.as_str(row.get("serial_code")),
        alias=alias.strip() if isinstance(alias, str) else None,
        firmware_version=parsing.as_str(row.get("firmware_version")),
        created=parsing.as_datetime(row.get("created_at")),
        last_log_file_id=_number(row.get("last_log_file_id")),
    )


def _number(value: object) -> int | None:
    """Return an id or a log's number: below zero there is none."""
    number = parsing.as_int(value)
    return None if number is None or number < 0 else number

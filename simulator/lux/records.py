"""What LUX keeps; the fields are those of the JSON that it answers with."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

type Standing = Literal["good", "incomplete", "unverified", "deleted", "blocked"]


@dataclass(slots=True, kw_only=True)
class User:
    """The root user: one account, as `/user/me` returns it."""

    root_user_id: int = 4107
    first_name: str = "Tamsilda"
    last_name: str = "Norrowick"
    birthdate: str = "19840229"
    gender: str = "F"
    phone: str | None = "+12025550142"
    is_phone_number_checked: bool = True
    register_type: str = "E"
    national_code: str = "KR"
    need_personal_info_update: bool = False
    need_to_pwd_change: bool = False
    is_device_muted: bool = False
    is_device_alim_talk_enabled: bool = False
    is_basestation_alert_enabled: bool = False


@dataclass(slots=True, kw_only=True)
class Child:
    """A real user: a child's account below the root user's."""

    id: int
    first_name: str
    last_name: str
    birthdate: str
    gender: str


@dataclass(slots=True, kw_only=True)
class Device:
    """A treatment device; without `real_user_id` it is nobody's yet."""

    id: int
    real_user_id: int | None
    project_id: int = 4
    hardware_id: int = 2
    now_firmware_id: int = 31
    firmware_version: str = "1.0.0"
    unique_id: str
    serial_code: str
    device_alias: str
    mac_id: str
    created_at: str = "2020-01-15T02:27:34.136Z"
    last_log_file_id: int = 0

    def body(self) -> dict[str, Any]:
        """Return the eleven fields that most endpoints answer with."""
        fields = asdict(self)
        del fields["firmware_version"]
        return fields


@dataclass(slots=True, kw_only=True)
class Log:
    """A stored usage log; a temporary one has no end and no number.

    `treatment_date` is what the server stored (ISO 8601), `treatment_time` in
    seconds, `arrived` how often this log came in.
    """

    treatment_date: str
    finish_flag: int | None
    last_intensity: int
    treatment_time: int
    log_file_id: int | None = None
    arrived: int = 1
    sender: Literal["client", "phone"] = "client"

    @property
    def temporary(self) -> bool:
        """Return whether the log waits for its end."""
        return self.finish_flag is None


@dataclass(slots=True, kw_only=True)
class Session:
    """The account's one session: its refresh token's id, and the spent ones.

    `replaced` maps an access token's id to the refresh token that bought it. Once the
    access token is used, its client has no reason to show the other again: `spent`.
    """

    user_uuid: str
    refresh_id: str | None = None
    replaced: dict[str, str] = field(default_factory=dict)
    spent: list[str] = field(default_factory=list)

    def use(self, access_id: str) -> None:
        """Learn that a client has an access token: it uses it."""
        if refresh_id := self.replaced.pop(access_id, None):
            self.spent = [*self.spent[-99:], refresh_id]

    @classmethod
    def restored(cls, data: dict[str, Any]) -> Self:
        """Return the session that `asdict` made plain data of."""
        return cls(**data)

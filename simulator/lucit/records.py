"""What Lucit keeps; the fields of devices and boards are those of their JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from .identifiers import code_string, lcuid, timestamp


@dataclass(slots=True, kw_only=True)
class Pairing:
    """A device request: open, approved under a name, then delivered."""

    lcuid: str
    token: str
    code: int
    device_provided_uuid: str
    width: int
    height: int
    device_info: dict[str, Any]
    expires_at: float
    approved_name: str | None = None
    device_lcuid: str | None = None
    delivered: bool = False

    def body(self) -> dict[str, Any]:
        """Return `lightning_device_request` of the request's answer."""
        return {
            "code": self.code,
            "code_string": code_string(self.code),
            "device_provided_uuid": self.device_provided_uuid,
            "expires_at": timestamp(self.expires_at),
            "lcuid": self.lcuid,
            "width": self.width,
            "height": self.height,
            "device_info": self.device_info or [],  # PHP's empty array
        }


@dataclass(slots=True, kw_only=True)
class Board:
    """A digital board: one screen of a device."""

    board_identifier: str
    name: str
    status: int = 0
    created_at: str
    updated_at: str
    network: int = 0
    width: int = 1024
    height: int = 768
    hardware_provider: str | None = None
    software_provider: str | None = "Lucit Lightning"
    description: str | None = None
    street_view_status: str | None = None
    street_view_review_status: int = 0
    xr_status: int = 0
    venue_taxonomy_id: str | None = None
    board_class: str = "App\\LuCore\\DigitalBoards\\LightningBoardClass"
    hash_id: str = "LB-0001"
    creative_width: int = 1024
    creative_height: int = 768
    creative_is_upscaled: bool = False
    digital_board_format: dict[str, Any] | None = None
    lcuid: str = field(default_factory=lambda: lcuid("LB"))


@dataclass(slots=True, kw_only=True)
class Device:
    """A lightning device (a player) with its boards."""

    name: str
    description: str | None = None
    device_number: str
    device_request_lcuid: str
    device_provided_uuid: str
    status: int = 0
    options: dict[str, Any] = field(default_factory=lambda: {"_init": []})
    latitude: str = "0.00000000"
    longitude: str = "0.00000000"
    width: int = 1024
    height: int = 768
    digital_board_format: str | None = None
    venue_taxonomy_id: str | None = None
    lcuid: str = field(default_factory=lambda: lcuid("LD"))
    digital_boards: list[Board] = field(default_factory=list)

    def listed(self) -> dict[str, Any]:
        """Return the device as lists have it: without its boards."""
        row = asdict(self)
        del row["digital_boards"]
        return row | {"vendor_id": None, "cached_tags": None}

    @classmethod
    def restored(cls, data: dict[str, Any]) -> Self:
        """Return the device that `asdict` made plain data of."""
        boards = [Board(**board) for board in data["digital_boards"]]
        return cls(**data | {"digital_boards": boards})


@dataclass(slots=True, kw_only=True)
class Bot:
    """A bot user: what a player signs in as."""

    user_lcuid: str
    subject: str
    device_lcuid: str
    device_provided_uuid: str
    token: str
    secret: str


@dataclass(slots=True, kw_only=True)
class Bearer:
    """Whose bearer it is and when it ends (s since the epoch)."""

    user_lcuid: str
    expires: float


@dataclass(slots=True, kw_only=True)
class Instruction:
    """A remote instruction; status 0 pending, 1 sent, 2 acknowledged."""

    device_lcuid: str
    instruction: str
    parameters: dict[str, Any]
    run_at: str | None
    status: int = 0
    lcuid: str = field(default_factory=lambda: lcuid("LDRI"))
    created_at: str
    updated_at: str
    failed: bool = False
    message: str | None = None
    response_data: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """Return the instruction as a heartbeat's answer has it."""
        return {
            "instruction": self.instruction,
            "parameters": self.parameters or [],  # PHP's empty array
            "run_at": self.run_at,
            "status": self.status,
            "lcuid": self.lcuid,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }


@dataclass(slots=True, kw_only=True)
class Heartbeat:
    """One heartbeat that arrived."""

    time: float
    device_lcuid: str
    lightning_version: str
    device_info: list[str]

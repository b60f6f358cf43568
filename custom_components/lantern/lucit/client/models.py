"""What Lucit says of a player, its screens and a pairing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from ...transport import parsing


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """A code that waits to be typed in at Lucit.

    `lifetime` is in seconds from when it was received; `device_uuid` is the
    `device_provided_uuid` that Lucit understood; `existing_name` names the
    player that Lucit already knows under it.
    """

    lcuid: str
    code: str
    token: str = field(repr=False)
    expires: datetime
    lifetime: float
    device_uuid: str | None
    existing_name: str | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the first 200 of check-for-device brings, and nothing else ever does."""

    device_lcuid: str
    bot_user_token: str = field(repr=False)
    bot_user_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Player:
    """A lightning device: sizes in pixels, degrees, `status` undocumented.

    `heartbeat` and `last_heartbeat` are what we report of it, not Lucit's word.
    """

    diagnostic: ClassVar = (
        "status",
        "width",
        "height",
        "screens",
        "format",
        "venue",
        "latitude",
        "longitude",
        "heartbeat",
        "last_heartbeat",
    )

    name: str | None
    device_number: str | None
    status: int | None
    width: int | None
    height: int | None
    screens: int
    format: str | None
    venue: str | None
    latitude: float | None
    longitude: float | None
    heartbeat: bool = False
    last_heartbeat: datetime | None = None


@dataclass(frozen=True, slots=True)
class Instruction:
    """A remote instruction: what a player is to do, and when if that is told."""

    lcuid: str
    name: str | None
    parameters: Any
    run_at: datetime | None


@dataclass(frozen=True, slots=True)
class Screen:
    """A digital board of a player: size in pixels, `updated` in UTC."""

    diagnostic: ClassVar = ("status", "width", "height", "updated")

    name: str | None
    status: int | None
    width: int | None
    height: int | None
    updated: datetime | None


def resolution(device: Player | Screen) -> str | None:
    """Return a size as people write it."""
    if device.width is None or device.height is None:
        return None
    return f"{device.width} × {device.height}"


def read_player(device: Mapping[str, Any], screens: int) -> Player:
    """Return the player of `GET /lightning/devices/{lcuid}`'s `lightning_device`."""
    latitude = parsing.as_float(device.get("latitude"))
    longitude = parsing.as_float(device.get("longitude"))
    # 0/0 is what Lucit says when nobody told it the place.
    placed = latitude is not None and longitude is not None and (latitude or longitude)
    return Player(
        name=parsing.as_str(device.get("name")),
        device_number=parsing.as_str(device.get("device_number")),
        status=parsing.as_int(device.get("status")),
        width=parsing.as_int(device.get("width")),
        height=parsing.as_int(device.get("height")),
        screens=screens,
        format=parsing.as_str(device.get("digital_board_format")),
        venue=parsing.as_str(device.get("venue_taxonomy_id")),
        latitude=latitude if placed else None,
        longitude=longitude if placed else None,
    )


def read_instruction(answer: object) -> Instruction | None:
    """Return the instruction of a heartbeat's answer; without lcuid it is none."""
    found = parsing.as_dict(answer).get("lightning_device_remote_instruction")
    one = next(parsing.iter_dicts(found), None) or parsing.as_dict(found)
    if (lcuid := parsing.as_str(one.get("lcuid"))) is None:
        return None
    return Instruction(
        lcuid=lcuid,
        name=parsing.as_str(one.get("instruction")),
        # PHP writes an empty object as an array.
        parameters=one.get("parameters") or {},
        run_at=parsing.as_datetime(one.get("run_at")),
    )


def read_screens(device: Mapping[str, Any]) -> dict[str, Screen]:
    """Return a player's screens by their lcuid; one without lcuid has no identity."""
    return {
        # Screens are kept under it: a number in its place is a broken answer.
        lcuid: Screen(
            name=parsing.as_str(board.get("name")),
            status=parsing.as_int(board.get("status")),
            width=parsing.as_int(board.get("width")),
            height=parsing.as_int(board.get("height")),
            updated=parsing.as_datetime(board.get("updated_at")),
        )
        for board in parsing.iter_dicts(device.get("digital_boards"))
        if isinstance(lcuid := board.get("lcuid"), str) and lcuid
    }

"""What Lucit says of a player, its screens and a pairing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from ...transport import parsing
from ...transport.bounds import bounded_json

_DEEPEST = 4


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

    `heartbeat`, `heartbeat_problem` and `last_heartbeat` tell of our own reports.
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
        "heartbeat_problem",
        "last_heartbeat",
    )

    name: str | None
    device_number: str | None
    status: int | None
    width: int | None
    height: int | None
    screens: int | None
    format: str | None
    venue: str | None
    latitude: float | None
    longitude: float | None
    heartbeat: bool = False
    heartbeat_problem: bool = False
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


def php_objects(value: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, in any form that PHP writes it.

    A list with holes becomes an object with numbers as keys, a grouped one an object
    with other keys, or one that holds it (`data`); a single row may come without it.
    """
    rows = value if isinstance(value, list) else []
    if isinstance(value, dict):
        rows = list(value.values())
        if not all(key.isdecimal() for key in value) and not all(
            isinstance(row, (dict, list)) for row in rows
        ):
            yield value
            return
    if depth < _DEEPEST:
        for row in rows:
            yield from php_objects(row, depth + 1)


def resolution(device: Player | Screen) -> str | None:
    """Return a size as people write it."""
    if device.width is None or device.height is None:
        return None
    return f"{device.width} × {device.height}"


def read_player(device: Mapping[str, Any], screens: int | None) -> Player:
    """Return the player of `GET /lightning/devices/{lcuid}`'s `lightning_device`."""
    latitude = parsing.as_float(device.get("latitude"))
    longitude = parsing.as_float(device.get("longitude"))
    # 0/0 is what Lucit says when nobody told it the place.
    placed = latitude is not None and longitude is not None and (latitude or longitude)
    return Player(
        name=parsing.as_name(device.get("name")),
        device_number=parsing.as_name(device.get("device_number")),
        status=parsing.as_int(device.get("status")),
        width=parsing.as_int(device.get("width")),
        height=parsing.as_int(device.get("height")),
        screens=screens,
        format=parsing.as_name(device.get("digital_board_format")),
        venue=parsing.as_name(device.get("venue_taxonomy_id")),
        latitude=latitude if placed else None,
        longitude=longitude if placed else None,
    )


def read_instruction(answer: object) -> Instruction | None:
    """Return the instruction of a heartbeat's answer; without lcuid it is none."""
    wrapped = parsing.as_dict(answer).get("lightning_device_remote_instruction")
    row = next(php_objects(wrapped), {})
    lcuid = parsing.as_id(parsing.as_str(row.get("lcuid")))
    if lcuid is None:
        return None
    return Instruction(
        lcuid=lcuid,
        name=parsing.as_name(row.get("instruction")),
        # PHP writes an empty object as an array.
        parameters=bounded_json(row.get("parameters") or {}),
        run_at=parsing.as_datetime(row.get("run_at")),
    )


def read_screens(device: Mapping[str, Any]) -> dict[str, Screen] | None:
    """Return a player's screens by their lcuid, None where Lucit does not list them.

    A screen without lcuid has no identity.
    """
    boards = device.get("digital_boards", "")
    if boards is not None and not isinstance(boards, (list, dict)):
        return None
    return {
        # Screens are kept under it: a number in its place is a broken answer.
        lcuid: Screen(
            name=parsing.as_name(board.get("name")),
            status=parsing.as_int(board.get("status")),
            width=parsing.as_int(board.get("width")),
            height=parsing.as_int(board.get("height")),
            updated=parsing.as_datetime(board.get("updated_at")),
        )
        for board in php_objects(boards)
        if (lcuid := parsing.as_id(board.get("lcuid")))
    }

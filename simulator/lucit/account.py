"""What Lucit holds for an operator, and what its people do there."""

from dataclasses import asdict
from typing import Any, Literal, override

from simulator.clock import Clock
from simulator.service import Service, control

from . import identifiers
from .records import Bearer, Board, Bot, Device, Heartbeat, Instruction, Pairing

# The App of the made-up household.
APP_ID = "LCUID-LAP-0e5f1a70-5a17-4c0d-9e00-1a57e4f1a900"


class LucitAccount(Service):
    """Lucit's records, and the control methods that change them.

    The attributes that end in `_status` or `_form`, and `no_instruction`, choose
    between the answers where the documents leave it open. `request_fields` stand in
    the answer to a request for a code as they are, whatever belongs there;
    `absent_fields` are left out of it.
    """

    name = "lucit"
    secret = frozenset({"token", "secret"})

    def __init__(self, clock: Clock | None = None, name: str | None = None) -> None:
        """Start with one known App and no player."""
        super().__init__(clock, name)
        self.app_ids = {APP_ID}
        self.pairings: dict[str, Pairing] = {}
        self.devices: dict[str, Device] = {}
        self.bots: dict[str, Bot] = {}
        self.bearers: dict[str, Bearer] = {}
        self.instructions: list[Instruction] = []
        self.heartbeats: list[Heartbeat] = []
        self.no_instruction: Literal["list", "null", "absent"] = "list"
        self.existing_device_form: Literal["object", "list", "holes"] = "object"
        self.boards_form: Literal["list", "holes", "keyed", "null"] = "list"
        self.request_fields: dict[str, Any] = {}
        self.absent_fields: set[str] = set()
        self.app_id_status = 403
        self.auth_status = 401
        self.deleted_status = 404

    @property
    def device(self) -> Device:
        """Return the newest player."""
        return self._device(None)

    def _device(self, lcuid: str | None) -> Device:
        """Return a player, the newest one without an identifier."""
        if not self.devices:
            raise KeyError("no player is paired")
        return self.devices[lcuid or list(self.devices)[-1]]

    def _board(self, lcuid: str | None, index: int = 0) -> tuple[Device, Board]:
        """Return a screen and its player, or one of the newest player's."""
        if lcuid is None and self.device.digital_boards:
            return self.device, self.device.digital_boards[index]
        for device in self.devices.values():
            for board in device.digital_boards:
                if board.lcuid == lcuid:
                    return device, board
        raise KeyError(lcuid)

    def _stamp(self) -> str:
        """Return the time as Lucit prints it."""
        return identifiers.timestamp(self.clock.time())

    # --- pairing ---

    def _newest_open(self, code: int | str | None) -> Pairing:
        """Return the open request with this code, or the newest one."""
        digits = None if code is None else int(str(code).replace("-", ""))
        for pairing in reversed(self.pairings.values()):
            is_open = (
                pairing.approved_name is None and pairing.expires_at > self.clock.time()
            )
            if is_open and digits in (None, pairing.code):
                return pairing
        raise ValueError("no open request has this code")

    @control
    def approve(
        self, code: int | str | None = None, name: str = "Window screen"
    ) -> dict[str, str]:
        """Type a player's code into Lucit and name it; return code and request."""
        pairing = self._newest_open(code)
        pairing.approved_name = name
        return {
            "code_string": identifiers.code_string(pairing.code),
            "lcuid": pairing.lcuid,
        }

    @control
    def expire_codes(self) -> None:
        """Expire all device requests."""
        for pairing in self.pairings.values():
            pairing.expires_at = min(pairing.expires_at, self.clock.time())

    def _new_device(self, pairing: Pairing, name: str) -> Device:
        """Make the player; it takes the place of one with the same uuid."""
        for old in list(self.devices.values()):
            if old.device_provided_uuid == pairing.device_provided_uuid:
                del self.devices[old.lcuid]
        device = Device(
            name=name,
            device_number=f"LDN-{20541 + len(self.pairings)}",
            device_request_lcuid=pairing.lcuid,
            device_provided_uuid=pairing.device_provided_uuid,
            width=pairing.width,
            height=pairing.height,
        )
        self.devices[device.lcuid] = device
        self.add_board(lcuid=device.lcuid)
        return device

    def _attached(self, pairing: Pairing, device: Device) -> Device:
        """Give an existing player to the one who asks."""
        device.device_request_lcuid = pairing.lcuid
        device.device_provided_uuid = pairing.device_provided_uuid
        return device

    def _new_bot(self, device: Device) -> Bot:
        """Make new credentials; what the player had before is over."""
        bot = Bot(
            user_lcuid=identifiers.lcuid("LU"),
            subject=str(7314 + len(self.bots)),
            device_lcuid=device.lcuid,
            device_provided_uuid=device.device_provided_uuid,
            token=identifiers.bot_user_token(),
            secret=identifiers.bot_user_secret(),
        )
        for old in list(self.bots.values()):
            same = old.device_provided_uuid == bot.device_provided_uuid
            if same or old.device_lcuid == bot.device_lcuid:
                self._end(old)
        self.bots[bot.user_lcuid] = bot
        return bot

    def _end(self, bot: Bot) -> None:
        """Take a bot user's credentials and bearers away."""
        del self.bots[bot.user_lcuid]
        self.bearers = {
            token: bearer
            for token, bearer in self.bearers.items()
            if bearer.user_lcuid != bot.user_lcuid
        }

    @control
    def pair(
        self,
        device_provided_uuid: str = "made-up-player-1",
        name: str = "Window screen",
    ) -> dict[str, str]:
        """Set a player up without the code; return what its 200 would have told."""
        pairing = Pairing(
            lcuid=identifiers.lcuid("LDR"),
            token=identifiers.pairing_token(int(self.clock.time())),
            code=identifiers.pairing_code(),
            device_provided_uuid=device_provided_uuid,
            width=1920,
            height=1080,
            device_info={},
            expires_at=self.clock.time() + identifiers.CODE_LIFETIME,
            approved_name=name,
        )
        self.pairings[pairing.lcuid] = pairing
        device = self._new_device(pairing, name)
        pairing.device_lcuid, pairing.delivered = device.lcuid, True
        bot = self._new_bot(device)
        return {
            "lightning_device_lcuid": device.lcuid,
            "bot_user_token": bot.token,
            "bot_user_secret": bot.secret,
        }

    # --- credentials and devices ---

    @control
    def expire_bearers(self) -> None:
        """Expire all bearers."""
        for bearer in self.bearers.values():
            bearer.expires = self.clock.time()

    @control
    def revoke_credentials(self) -> None:
        """Take all bot users' credentials and bearers away."""
        for bot in list(self.bots.values()):
            self._end(bot)

    @control
    def delete_device(self, lcuid: str | None = None) -> None:
        """Delete a player in Lucit; its bot user stays."""
        del self.devices[self._device(lcuid).lcuid]

    @control
    def set_device(self, lcuid: str | None = None, **fields: Any) -> None:
        """Set fields of a player."""
        _set(self._device(lcuid), fields)

    @control
    def set_board(self, lcuid: str | None = None, **fields: Any) -> None:
        """Set fields of a screen."""
        _, board = self._board(lcuid)
        _set(board, {"updated_at": self._stamp()} | fields)

    @control
    def set_boards(self, number: int) -> None:
        """Give the newest player so many screens."""
        while len(self.device.digital_boards) > number:
            self.remove_board()
        while len(self.device.digital_boards) < number:
            self.add_board()

    @control
    def add_board(self, lcuid: str | None = None, **fields: Any) -> str:
        """Add a screen to a player; return its identifier."""
        device = self._device(lcuid)
        number = len(device.digital_boards) + 1
        size = {"width": device.width, "height": device.height}
        creative = {f"creative_{side}": length for side, length in size.items()}
        defaults: dict[str, Any] = {
            "board_identifier": f"LCB-{10040 + number}",
            "name": f"{device.name} {number}",
            "created_at": self._stamp(),
            "updated_at": self._stamp(),
            "hash_id": f"LB-{number:04}",
            "digital_board_format": {"code": "{width}x{height}".format(**size)},
        }
        board = Board(**defaults | size | creative | fields)
        device.digital_boards.append(board)
        return board.lcuid

    @control
    def remove_board(self, lcuid: str | None = None) -> None:
        """Remove a screen, the newest player's last one without an identifier."""
        device, board = self._board(lcuid, index=-1)
        device.digital_boards.remove(board)

    @control
    def queue_instruction(
        self,
        instruction: str = "reload",
        parameters: dict[str, Any] | None = None,
        run_at: str | None = None,
        lcuid: str | None = None,
    ) -> str:
        """Let somebody send a player an instruction; return its identifier."""
        queued = Instruction(
            device_lcuid=self._device(lcuid).lcuid,
            instruction=instruction,
            parameters=parameters or {},
            run_at=run_at,
            created_at=self._stamp(),
            updated_at=self._stamp(),
        )
        self.instructions.append(queued)
        return queued.lcuid

    # --- a restart of the demo ---

    @override
    def state(self) -> dict[str, Any]:
        """Return what outlives a restart as plain data."""
        return {
            "app_ids": sorted(self.app_ids),
            "pairings": [asdict(pairing) for pairing in self.pairings.values()],
            "devices": [asdict(device) for device in self.devices.values()],
            "bots": [asdict(bot) for bot in self.bots.values()],
            "bearers": {
                token: asdict(bearer) for token, bearer in self.bearers.items()
            },
            "instructions": [asdict(instruction) for instruction in self.instructions],
        }

    @override
    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        self.app_ids = set(state["app_ids"])
        self.pairings = {
            pairing["lcuid"]: Pairing(**pairing) for pairing in state["pairings"]
        }
        self.devices = {
            device["lcuid"]: Device.restored(device) for device in state["devices"]
        }
        self.bots = {bot["user_lcuid"]: Bot(**bot) for bot in state["bots"]}
        self.bearers = {t: Bearer(**bearer) for t, bearer in state["bearers"].items()}
        self.instructions = [
            Instruction(**instruction) for instruction in state["instructions"]
        ]


def _set(record: Device | Board, fields: dict[str, Any]) -> None:
    """Set fields that the record has."""
    for key, value in fields.items():
        if not hasattr(record, key):
            raise ValueError(f"no such field: {key}")
        setattr(record, key, value)

"""The player: reading it, its heartbeat, its instructions."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from .answers import refused
from .fields import with_holes
from .gate import Gate, body_of
from .records import Bot, Heartbeat, Instruction


class PlayerCalls(Gate):
    """What a paired player asks and reports."""

    def _refused_device(self, request: web.Request, bot: Bot) -> web.Response | None:
        """Check that the player exists and is the bot user's own."""
        lcuid = request.match_info["lcuid"]
        if lcuid not in self.devices:
            return refused(self.deleted_status, "Device not found", "not_found")
        if lcuid != bot.device_lcuid:
            return refused(403, "This action is unauthorized.", "unauthorized")
        return None

    async def _read(self, request: web.Request, bot: Bot) -> web.Response:
        """Return the player with its boards."""
        if (wrong := self._refused_device(request, bot)) is not None:
            return wrong
        device = self.devices[request.match_info["lcuid"]]
        row = asdict(device)
        row["digital_boards"] = self._boards(row["digital_boards"])
        return web.json_response({"success": True, "lightning_device": row})

    def _boards(self, rows: list[dict[str, Any]]) -> Any:
        """Return a player's boards in the form that PHP makes of them."""
        match self.boards_form:
            case "holes":
                return with_holes(rows)
            case "keyed":
                return {row["lcuid"]: row for row in rows}
            case "null":
                return None
        return rows

    async def _heartbeat(self, request: web.Request, bot: Bot) -> web.Response:
        """Keep that the player is alive; hand out its oldest pending instruction."""
        body = await body_of(request)
        wrong = self._refused_device(request, bot) or self._invalid(
            request, body, lightning_version="string", device_info="strings?"
        )
        if wrong is not None:
            return wrong
        device = request.match_info["lcuid"]
        self.heartbeats.append(
            Heartbeat(
                time=self.clock.time(),
                device_lcuid=device,
                lightning_version=body["lightning_version"],
                device_info=body.get("device_info") or [],
            )
        )
        answer: dict[str, Any] = {"success": True}
        for instruction in self.instructions:
            if instruction.device_lcuid == device and instruction.status == 0:
                self._moved(instruction, 1)
                return web.json_response(
                    answer | {"lightning_device_remote_instruction": instruction.body()}
                )
        if self.no_instruction != "absent":
            answer["lightning_device_remote_instruction"] = (
                [] if self.no_instruction == "list" else None
            )
        return web.json_response(answer)

    def _moved(self, instruction: Instruction, status: int) -> None:
        """Set an instruction's status."""
        instruction.status = status
        instruction.updated_at = self._stamp()

    def _instruction(self, request: web.Request) -> Instruction | None:
        """Return the player's instruction that a request names."""
        named = (request.match_info["lcuid"], request.match_info["instruction_lcuid"])
        for instruction in self.instructions:
            if (instruction.device_lcuid, instruction.lcuid) == named:
                return instruction
        return None

    async def _acknowledge(self, request: web.Request, bot: Bot) -> web.Response:
        """Keep that the player did as it was told."""
        body = await body_of(request)
        wrong = self._refused_device(request, bot) or self._invalid(
            request, body, response_data="object?"
        )
        if wrong is not None:
            return wrong
        if (instruction := self._instruction(request)) is None:
            return refused(404, "Instruction not found", "not_found")
        self._moved(instruction, 2)
        instruction.response_data = body.get("response_data")
        return web.json_response({"success": True})

    async def _failed(self, request: web.Request, bot: Bot) -> web.Response:
        """Keep that the player could not do as it was told."""
        body = await body_of(request)
        wrong = self._refused_device(request, bot) or self._invalid(
            request, body, message="string?", response_data="object?"
        )
        if wrong is not None:
            return wrong
        if (instruction := self._instruction(request)) is None:
            return refused(404, "Instruction not found", "not_found")
        instruction.failed = True
        instruction.message = body.get("message")
        instruction.response_data = body.get("response_data")
        return web.json_response({"success": True})

"""Pairing and signing in: Lucit's pages on both."""

from typing import Any

from aiohttp import web

from simulator.service import delivered

from . import identifiers
from .answers import invalid, refused
from .fields import with_holes
from .gate import Gate, body_of
from .records import Bearer, Bot, Device, Pairing


def token_invalid() -> web.Response:
    """Return the 422 of check-for-device."""
    return refused(422, "Token is invalid or expired", "token_invalid_or_expired")


class PairingCalls(Gate):
    """How a player gets its code, its credentials and its bearer."""

    async def _request(self, request: web.Request) -> web.Response:
        """Give a new player its code."""
        body = await body_of(request)
        wrong = self._invalid(
            request,
            body,
            device_provided_uuid="string",
            width="number",
            height="number",
            device_info="object?",
        )
        if wrong is not None:
            return wrong
        now = int(self.clock.time())
        pairing = Pairing(
            lcuid=identifiers.lcuid("LDR"),
            token=identifiers.pairing_token(now),
            code=identifiers.pairing_code(),
            device_provided_uuid=body["device_provided_uuid"],
            width=int(body["width"]),
            height=int(body["height"]),
            device_info=body.get("device_info") or {},
            expires_at=now + identifiers.CODE_LIFETIME,
        )
        self.pairings[pairing.lcuid] = pairing
        return web.json_response(
            {
                "success": True,
                "lightning_device_request": {
                    key: value
                    for key, value in (pairing.body() | self.request_fields).items()
                    if key not in self.absent_fields
                },
                "token": pairing.token,
                "existing_device": self._existing(pairing.device_provided_uuid),
            }
        )

    def _existing(self, uuid: str) -> Any:
        """Return the player that has this uuid, or PHP's empty array."""
        for device in self.devices.values():
            if device.device_provided_uuid == uuid:
                row = device.listed()
                match self.existing_device_form:
                    case "list":
                        return [row]
                    case "holes":
                        return with_holes([row])
                return row
        return []

    async def _check(self, request: web.Request) -> web.Response:
        """Return whether the code was typed in; new credentials each time it was."""
        body = await body_of(request)
        wrong = self._invalid(
            request, body, token="string", auto_attach_to_lcuid="string?"
        )
        if wrong is not None:
            return wrong
        pairing = self.pairings.get(request.match_info["lcuid"])
        expired = pairing is None or pairing.expires_at <= self.clock.time()
        if pairing is not None and pairing.delivered:
            self.violation("check-for-device again after its 200")
        if pairing is None or expired or body["token"] != pairing.token:
            return token_invalid()
        if pairing.approved_name is None:
            pending = {"success": False, "device_exists": False, "device_status": None}
            return web.json_response(pending, status=202)
        attach = body.get("auto_attach_to_lcuid")
        if attach and attach not in self.devices:
            field = "auto_attach_to_lcuid"
            return invalid({field: "The selected auto attach to lcuid is invalid."})
        device = self._delivered_device(pairing, pairing.approved_name, attach)
        if device is None:
            return token_invalid()
        pairing.delivered = pairing.delivered or delivered(request)
        bot = self._new_bot(device)
        return web.json_response(
            {
                "success": True,
                "lightning_device_lcuid": device.lcuid,
                "bot_user_token": bot.token,
                "bot_user_secret": bot.secret,
            }
        )

    def _delivered_device(
        self, pairing: Pairing, name: str, attach: str | None
    ) -> Device | None:
        """Return the approved request's player; None if it was deleted since."""
        if pairing.device_lcuid is None:
            if attach:
                device = self._attached(pairing, self.devices[attach])
            else:
                device = self._new_device(pairing, name)
            pairing.device_lcuid = device.lcuid
        return self.devices.get(pairing.device_lcuid)

    # --- signing in ---

    async def _auth(self, request: web.Request) -> web.Response:
        """Give a bearer for a bot user's token and secret."""
        body = await body_of(request)
        wrong = self._invalid(request, body, token="string", secret="string")
        if wrong is not None:
            return wrong
        for bot in self.bots.values():
            if (bot.token, bot.secret) == (body["token"], body["secret"]):
                break
        else:
            return refused(
                self.auth_status, "Invalid token or secret", "invalid_credentials"
            )
        now = self.clock.time()
        token = identifiers.bearer(bot.subject, now)
        self.bearers[token] = Bearer(
            user_lcuid=bot.user_lcuid, expires=now + identifiers.BEARER_LIFETIME
        )
        return web.json_response(
            {"ok": True, "token": token, "user_lcuid": bot.user_lcuid}
        )

    async def _public_status(self, request: web.Request) -> web.Response:
        """Tell an App that Lucit is there."""
        return web.json_response(
            {
                "api_version": "v3",
                "app_id_required": True,
                "auth_required": False,
                "message": "LuCore V3 REST API is accessible with an v3_app_id,"
                " un-authenticated, and returns json",
                "ok": True,
                "timestamp": int(self.clock.time()),
                "v3_app_id_sent": request.headers["AppIdV3"],
            }
        )

    async def _status(self, request: web.Request, bot: Bot) -> web.Response:
        """Tell a bot user who it is."""
        app_id = request.headers["AppIdV3"]
        return web.json_response(
            {
                "api_version": "v3",
                "app": {
                    "name": "Made-up App",
                    "description": None,
                    "lcuid": app_id,
                    "slug": "made-up-app",
                    "status": 0,
                    "options": {"_init": []},
                    "permissions": {"allowed": []},
                },
                "app_id_required": True,
                "auth_required": True,
                "auth_user_id_sent": bot.user_lcuid,
                "message": "LuCore V3 REST API is accessible with an v3_app_id,"
                " authenticated, and returns json",
                "ok": True,
                "timestamp": int(self.clock.time()),
                "user": {"lcuid": bot.user_lcuid, "name": "Lightning bot"},
                "v3_app_id_sent": app_id,
            }
        )

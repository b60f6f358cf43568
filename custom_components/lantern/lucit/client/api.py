"""The client of Lucit's API v3 (`lucit_request`, `lucit_check_for_device`)."""

from asyncio import create_task
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
import re
from typing import Any

from aiohttp import ClientSession

from ...transport import parsing
from ...transport.errors import AuthError, BadAnswer, Refused
from ...transport.http import Answer, Http
from ...transport.jwt import claims
from ...transport.rate_limit import RateLimit
from ...transport.tokens import Spawn, Token, TokenKeeper
from .models import (
    Credentials,
    Instruction,
    PairingRequest,
    Player,
    Screen,
    php_objects,
    read_instruction,
    read_player,
    read_screens,
)

DEFAULT_URL = "https://api.lucit.app/api/v3"
_GONE = (403, 404)
_USUAL_LIFETIME = timedelta(minutes=30)
_LONGEST_LIFETIME = timedelta(days=1)


class PairingExpired(Refused):
    """The code or its token is no longer valid: a new one must be asked for."""


class PlayerGone(Refused):
    """Lucit does not have this player any more, or does not let us see it."""


def _words(answer: Answer) -> str:
    """Return an error envelope's `message` and `code`: either may hold the key."""
    envelope = parsing.as_dict(answer.json_or_none())
    texts = (parsing.as_str(envelope.get(name)) for name in ("message", "code"))
    return " ".join(word for word in texts if word)


class LucitApi:
    """Talks to Lucit for one App ID and, once it is paired, for one player."""

    def __init__(
        self, session: ClientSession, base_url: str, app_id: str, rate_limit: RateLimit
    ) -> None:
        """Take the application's lcuid, which every call carries."""
        self._http = Http(
            session,
            base_url,
            rate_limit=rate_limit,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "AppIdV3": app_id,
            },
            authorize=lambda token: {"Authorization": f"Bearer {token}"},
            words=_words,
        )

    def sign_in_as(
        self,
        bot: Credentials,
        token: Token,
        store: Callable[[Token], None],
        spawn: Spawn = create_task,
    ) -> None:
        """Use a player's bearer; `POST /auth` gives the first and every next one."""
        self._http.tokens = TokenKeeper(
            token,
            refresh=lambda _: self.auth(bot),
            store=store,
            margin=86400,
            spawn=spawn,
        )

    async def request_code(
        self, device_uuid: str, width: int, height: int
    ) -> PairingRequest:
        """Announce a screen of so many pixels and return its code."""
        answer = await self._http.request(
            "device-requests/request",
            "POST",
            "/lightning/device-requests/request",
            anonymous=True,
            json={
                "device_provided_uuid": device_uuid,
                "width": width,
                "height": height,
            },
        )
        return _pairing(answer)

    async def check_for_device(
        self, pairing: PairingRequest, attach_to: str | None
    ) -> Credentials | None:
        """Return the credentials once the code was typed in, else None.

        Never call it again after it returned credentials: each further 200 makes
        new ones. Raises PairingExpired when the code has ended.
        """
        body = {"token": pairing.token}
        if attach_to:
            body["auto_attach_to_lcuid"] = attach_to
        try:
            answer = await self._http.request(
                "check-for-device",
                "POST",
                f"/lightning/device-request/{pairing.lcuid}/check-for-device",
                anonymous=True,
                json=body,
            )
        except Refused as err:
            # Laravel's own 422 is about a field: here the player to attach to.
            if err.code == 422 and "attach" not in err.text:
                raise PairingExpired(err.endpoint, err.code, err.text) from None
            raise
        return None if answer.status == 202 else _credentials(answer)

    async def auth(self, bot: Credentials) -> Token:
        """Return a bearer for a player's bot user; raise AuthError if it is refused."""
        try:
            answer = await self._http.request(
                "auth",
                "POST",
                "/auth",
                anonymous=True,
                json={"token": bot.bot_user_token, "secret": bot.bot_user_secret},
            )
        except Refused as err:
            raise AuthError(err.endpoint, err.text) from None
        body = parsing.as_dict(answer.json())
        if body.get("ok") is False:
            raise AuthError("auth", _words(answer))
        bearer = parsing.as_str(body.get("token"))
        if body.get("ok") is not True or bearer is None:
            raise BadAnswer("auth", "no bearer")
        expires = parsing.as_float(claims(bearer).get("exp"))
        lifetime = (expires or 0) - answer.date.timestamp()
        return Token(
            access_token=bearer,
            # What was just received has not ended, whatever the clocks say.
            lifetime=lifetime if lifetime > 0 else None,
            expires=expires,
        )

    async def player(self, lcuid: str) -> tuple[Player, dict[str, Screen] | None]:
        """Return a player and its screens by lcuid, None where they are not listed.

        Raises PlayerGone where it must be paired again (403, 404).
        """
        try:
            body: Any = await self._http.json(
                "lightning/devices", "GET", f"/lightning/devices/{lcuid}"
            )
        except Refused as err:
            if err.code in _GONE:
                raise PlayerGone(err.endpoint, err.code, err.text) from None
            raise
        device = parsing.as_dict(parsing.as_dict(body).get("lightning_device"))
        if not isinstance(device.get("lcuid"), str):
            raise BadAnswer("lightning/devices", "no device")
        screens = read_screens(device)
        return read_player(device, None if screens is None else len(screens)), screens

    async def heartbeat(
        self, lcuid: str, version: str, info: list[str]
    ) -> Instruction | None:
        """Report a player as alive; return the instruction that came back."""
        body: Any = await self._http.json(
            "heartbeat",
            "POST",
            f"/analytics/lightning-devices/{lcuid}/heartbeat",
            json={"lightning_version": version, "device_info": info},
        )
        instruction = read_instruction(body)
        if instruction is None:
            _taken("heartbeat", body)
        return instruction

    async def acknowledge(self, lcuid: str, instruction_lcuid: str) -> None:
        """Tell that a player did as it was told."""
        await self._reply(lcuid, instruction_lcuid, "acknowledge", {})

    async def fail(
        self, lcuid: str, instruction_lcuid: str, message: str | None
    ) -> None:
        """Tell that a player could not do as it was told, and why."""
        content = {"message": message} if message else {}
        await self._reply(lcuid, instruction_lcuid, "failed", content)

    async def _reply(
        self, lcuid: str, instruction_lcuid: str, verb: str, content: dict[str, str]
    ) -> None:
        endpoint = f"instructions/{verb}"
        path = f"/lightning/devices/{lcuid}/instructions/{instruction_lcuid}/{verb}"
        _taken(endpoint, await self._http.json(endpoint, "POST", path, json=content))


def _taken(endpoint: str, body: object) -> None:
    """Raise BadAnswer unless Lucit says that it took what was reported."""
    if parsing.as_dict(body).get("success") is not True:
        raise BadAnswer(endpoint, "no success")


def _pairing(answer: Answer) -> PairingRequest:
    """Return the code of a `device-requests/request` answer."""
    body = parsing.as_dict(answer.json())
    request = parsing.as_dict(body.get("lightning_device_request"))
    lcuid, token = request.get("lcuid"), body.get("token")
    code = parsing.as_name(request.get("code_string")) or _grouped(request.get("code"))
    # Both are sent back: a number in their place is a broken answer.
    if not (isinstance(lcuid, str) and isinstance(token, str)):
        raise BadAnswer(answer.endpoint, "no request")
    if not (lcuid and code and token):
        raise BadAnswer(answer.endpoint, "no code")
    lifetime = _lifetime(request.get("expires_at"), answer.date)
    existing = next(php_objects(body.get("existing_device")), {})
    return PairingRequest(
        lcuid=lcuid,
        code=code,
        token=token,
        expires=datetime.now(UTC) + lifetime,
        lifetime=lifetime.total_seconds(),
        device_uuid=parsing.as_str(request.get("device_provided_uuid")),
        existing_name=parsing.as_name(existing.get("name")),
    )


def _grouped(code: object) -> str | None:
    """Return a code as Lucit's people read it: a number has lost its leading zeros."""
    number = parsing.as_int(code)
    digits = str(code if number is None else number).zfill(9)
    if parsing.as_str(code) is None or not re.fullmatch("[0-9]{9}", digits):
        return parsing.as_name(code)
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def _lifetime(expires_at: object, now: datetime) -> timedelta:
    """Return how long a code is valid; 30 minutes where that is not clear.

    A time without a zone may be a local one.
    """
    with suppress(TypeError, ValueError, OverflowError):
        lifetime = datetime.fromisoformat(expires_at) - now  # type: ignore[arg-type]  # what it is no text for, raises
        if timedelta() < lifetime <= _LONGEST_LIFETIME:
            return lifetime
    return _USUAL_LIFETIME


def _credentials(answer: Answer) -> Credentials:
    """Return the credentials of a check-for-device answer with status 200."""
    body = parsing.as_dict(answer.json())
    lcuid = parsing.as_str(body.get("lightning_device_lcuid"))
    token = parsing.as_str(body.get("bot_user_token"))
    secret = parsing.as_str(body.get("bot_user_secret"))
    if not (lcuid and token and secret):
        raise BadAnswer(answer.endpoint, "no credentials")
    return Credentials(lcuid, token, secret)

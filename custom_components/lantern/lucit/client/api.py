"""The client of Lucit's API v3 (`lucit_request`, `lucit_check_for_device`)."""

from collections.abc import Callable
from typing import Any

from aiohttp import ClientSession

from ...transport import parsing
from ...transport.errors import AuthError, BadAnswer, Refused
from ...transport.http import Answer, Http
from ...transport.jwt import claims
from ...transport.rate_limit import RateLimit, service_time
from ...transport.tokens import Token, TokenKeeper
from .models import (
    Credentials,
    Instruction,
    PairingRequest,
    Player,
    Screen,
    read_instruction,
    read_player,
    read_screens,
)

DEFAULT_URL = "https://api.lucit.app/api/v3"
_GONE = (403, 404)


class PairingExpired(Refused):
    """The code or its token is no longer valid: a new one must be asked for."""


class PlayerGone(Refused):
    """Lucit does not have this player any more, or does not let us see it."""


def _words(answer: Answer) -> str:
    """Return an error envelope's `message` and `code`: either may hold the key."""
    envelope = parsing.as_dict(answer.json_or_none())
    found = (parsing.as_str(envelope.get(name)) for name in ("message", "code"))
    return " ".join(word for word in found if word)


class LucitApi:
    """Talks to Lucit for one App ID and, once it is paired, for one player."""

    def __init__(
        self, session: ClientSession, base_url: str, app_id: str, limits: RateLimit
    ) -> None:
        """Take the application's lcuid, which every call carries."""
        self._http = Http(
            session,
            base_url,
            limits=limits,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/json",
                "AppIdV3": app_id,
            },
            authorize=lambda token: {"Authorization": f"Bearer {token}"},
            words=_words,
        )

    def sign_in_as(
        self, bot: Credentials, token: Token, store: Callable[[Token], None]
    ) -> None:
        """Use a player's bearer; `POST /auth` gives the first and every next one."""
        self._http.tokens = TokenKeeper(
            token, renew=lambda _: self.auth(bot), store=store, margin=86400
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
        now = service_time(answer.headers).timestamp()
        return Token(
            access=bearer,
            lifetime=None if expires is None else expires - now,
            expires=expires,
        )

    async def player(self, lcuid: str) -> tuple[Player, dict[str, Screen]]:
        """Return a player and its screens by lcuid.

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
        return read_player(device, len(screens)), screens

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
        found = read_instruction(body)
        if found is None:
            _taken("heartbeat", body)
        return found

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
    lcuid = parsing.as_str(request.get("lcuid"))
    # The string keeps a leading zero, which the number loses.
    code = parsing.as_str(request.get("code_string")) or parsing.as_str(
        request.get("code")
    )
    token = parsing.as_str(body.get("token"))
    expires = parsing.as_datetime(request.get("expires_at"))
    if not (lcuid and code and token and expires):
        raise BadAnswer(answer.endpoint, "no code")
    existing = body.get("existing_device")
    known = next(parsing.iter_dicts(existing), None) or parsing.as_dict(existing)
    return PairingRequest(
        lcuid=lcuid,
        code=code,
        token=token,
        expires=expires,
        lifetime=(expires - service_time(answer.headers)).total_seconds(),
        device_uuid=parsing.as_str(request.get("device_provided_uuid")),
        existing_name=parsing.as_str(known.get("name")),
    )


def _credentials(answer: Answer) -> Credentials:
    """Return the credentials of a check-for-device answer with status 200."""
    body = parsing.as_dict(answer.json())
    lcuid = parsing.as_str(body.get("lightning_device_lcuid"))
    token = parsing.as_str(body.get("bot_user_token"))
    secret = parsing.as_str(body.get("bot_user_secret"))
    if not (lcuid and token and secret):
        raise BadAnswer(answer.endpoint, "no credentials")
    return Credentials(lcuid, token, secret)

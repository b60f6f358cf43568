"""What every call to LUX goes through: bearer, types, refusals."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import hdrs, web

from . import tokens
from .account import LuxAccount
from .fields import Fields
from .records import Child, Device

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

# A handler's value is the answer's JSON.
type Handler = Callable[[web.Request], Awaitable[Any]]
type Answerer = Callable[[web.Request], Awaitable[web.Response]]


class Refusal(Exception):
    """The service says no: a status and what stands in `detail`."""

    def __init__(self, status: int, detail: Any) -> None:
        """Refuse with a text or with FastAPI's list of problems."""
        super().__init__(status)
        self.status = status
        self.detail = detail


class Gate(LuxAccount):
    """The checks before an endpoint's own work, and how its result is written."""

    def _open(self, handler: Handler) -> Answerer:
        """Return the handler with its value as JSON and its refusals as errors."""

        async def answered(request: web.Request) -> web.Response:
            try:
                self._working()
                return web.json_response(await handler(request))
            except Refusal as refusal:
                return web.json_response(
                    {"detail": refusal.detail}, status=refusal.status
                )

        return answered

    def _working(self) -> None:
        """Refuse a call that shall meet a broken server."""
        if self._failed("server"):
            raise Refusal(500, "Internal server error. Please try again later.")

    def _signed(self, handler: Handler) -> Answerer:
        """Return the handler behind the check of the access token."""

        async def checked(request: web.Request) -> Any:
            header = request.headers.get(hdrs.AUTHORIZATION, "")
            scheme, _, token = header.partition(" ")
            if scheme != "Bearer" or not token:
                self.violation(f"no bearer at {request.path}")
            self.session.use(self._claims(token, "access").id)
            return await handler(request)

        return self._open(checked)

    def _claims(self, token: str, kind: tokens.Kind) -> tokens.Claims:
        """Return what a token says; refuse a wrong one and one that has ended."""
        claims = tokens.read(self.key, token, kind)
        if claims is None:
            raise Refusal(401, "Could not validate credentials")
        old = claims.generation < self.generations[kind]
        if old or claims.expires <= self.clock.time():
            raise Refusal(401, "Token is expired")
        return claims

    async def _json_body(self, request: web.Request) -> Fields:
        """Return a reader of a JSON body; refuse another type."""
        if request.content_type != JSON:
            self.violation(f"no `Content-Type: {JSON}` at {request.path}")
            return self._checked(Fields(None, "body"), request)
        try:
            given = await request.json()
        except ValueError:
            given = None
        return Fields(given, "body")

    def _checked(self, fields: Fields, request: web.Request) -> Fields:
        """Refuse a request with a wrong field: the client knows their types."""
        if fields.problems:
            wrong = [".".join(map(str, problem["loc"])) for problem in fields.problems]
            self.violation(f"wrong fields at {request.path}: {', '.join(wrong)}")
            raise Refusal(422, fields.problems)
        return fields

    def _existing(self) -> None:
        """Refuse whose account is gone."""
        if self.standing == "deleted":
            raise Refusal(401, "Not authorized user")

    def _child(self, real_user_id: int) -> Child:
        """Return an own child, refuse any other."""
        self._existing()
        if real_user_id not in self.children:
            raise Refusal(401, "Not authorized user")
        return self.children[real_user_id]

    def _named(self, unique_id: str) -> Device:
        """Return the device with this unique id, refuse an unknown one."""
        for device in self.devices.values():
            if device.unique_id == unique_id:
                return device
        raise Refusal(404, "Not Found Device")

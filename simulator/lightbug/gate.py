"""Before every handler: the rate limit, the token; behind it: errors and headers."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import hdrs, web

from .account import Account

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

JSON = "application/json"
# The token that opened a request.
TOKEN = web.RequestKey("lightbug_token", str)


class Refused(Exception):
    """The service says no: a status, and v1's code and message for it."""

    def __init__(self, status: int, message: str = "", code: str = "") -> None:
        """Keep what the API's own body is made of."""
        super().__init__(status, message, code)
        self.status = status
        self.message = message
        self.code = code


class Api(ABC):
    """One of the two APIs of an account."""

    prefix: str

    def __init__(self, account: Account) -> None:
        """Serve an account."""
        self.account = account

    @abstractmethod
    def error(self, refused: Refused) -> web.Response:
        """Return an error in this API's own form."""

    @abstractmethod
    def unauthorized(self, expired: bool) -> Refused:
        """Return what a request without a token that opens is told."""

    def route(
        self, method: str, path: str, handler: Handler, *, login: bool = False
    ) -> web.RouteDef:
        """Return a route; a `login` has its own limit and needs no token."""

        async def answer(request: web.Request) -> web.StreamResponse:
            return await self.pass_through(request, handler, login)

        return web.route(method, f"{self.prefix}{path}", answer)

    async def pass_through(
        self, request: web.Request, handler: Handler, login: bool
    ) -> web.StreamResponse:
        """Answer a request, or refuse it as documented."""
        account = self.account
        window = account.authentication if login else account.normal
        response: web.StreamResponse
        if not window.take(account.clock.time()):
            response = self._too_many()
        else:
            try:
                if not login:
                    request[TOKEN] = self._authorised(request)
                response = await handler(request)
            except Refused as refused:
                response = self.error(refused)
        response.headers.update(window.headers(account.limit_form))
        return response

    def _too_many(self) -> web.Response:
        if self.account.limit_form == "edge":
            # An edge stands before the API and knows nothing of its bodies.
            return web.Response(status=429, text="Too Many Requests")
        return self.error(Refused(429, "Limit exceeded"))

    def _authorised(self, request: web.Request) -> str:
        """Return the token of a request that has a valid one."""
        account = self.account
        if "access_token" in request.query:
            account.violation(f"a token in the query: {request.path}")
        text = request.headers.get(hdrs.AUTHORIZATION)
        if text is None:
            account.violation(f"no Authorization: {request.method} {request.path}")
            raise self.unauthorized(expired=False)
        if text.lower().startswith("bearer "):
            account.violation(f"Bearer before the raw token: {request.path}")
            raise self.unauthorized(expired=False)
        if not account.tokens.valid(text, account.clock.time()):
            raise self.unauthorized(expired=text in account.tokens.access)
        account.tokens.use(text)
        return text

    async def json(self, request: web.Request) -> dict[str, Any]:
        """Return the JSON object of a request that must have one."""
        if request.content_type != JSON:
            kind = request.content_type
            self.account.violation(f"not {JSON} but {kind}: {request.path}")
            raise Refused(400, "status bad request")
        try:
            body = await request.json()
        except ValueError as err:
            raise Refused(400, "status bad request") from err
        if not isinstance(body, dict):
            raise Refused(400, "status bad request")
        return body

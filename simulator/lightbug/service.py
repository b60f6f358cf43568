"""The service: both APIs on one port, and an eye on the pauses that 429 names."""

from collections.abc import Iterable
from typing import override

from aiohttp import web

from simulator.clock import Clock
from simulator.faults import Handler

from .controls import Controls
from .gate import Refused
from .v1 import V1
from .v2 import V2

LOGINS = ("/api/users/login", "/v2/users/login", "/v2/users/refreshToken")


class Lightbug(Controls):
    """Lightbug's cloud with one account; a client's base URL is `url`."""

    def __init__(
        self,
        clock: Clock | None = None,
        name: str | None = None,
        *,
        trackers: int = 3,
        odd: bool = True,
    ) -> None:
        """Make a household of so many trackers, and the odd ones if wanted."""
        super().__init__(clock, name, trackers=trackers, odd=odd)
        self.v1 = V1(self)
        self.v2 = V2(self)

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes of both APIs."""
        return (*self.v1.routes(), *self.v2.routes())

    @override
    def unknown(self, request: web.Request) -> web.Response:
        """Answer 404 in the form of the API that was meant."""
        method, path = request.method, request.path
        self.normal.take(self.clock.time())
        if path.startswith(f"{V2.prefix}/"):
            response = self.v2.error(Refused(404))
        else:
            message = f"There is no method to handle {method} {path}"
            response = self.v1.error(Refused(404, message))
        response.headers.update(self.normal.headers(self.limit_form))
        return response

    @override
    @web.middleware
    async def _receive(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Watch the pauses: also those of a 429 that is a fault."""
        limit = "authentication" if request.path in LOGINS else "normal"
        asked = f"{request.method} {request.path_qs}"
        if self.pauses.broken(limit, asked, self.clock.time()):
            route = f"{request.method} {request.path}"
            self.violation(f"sent during the pause the service named: {route}")
        response = await super()._receive(request, handler)
        if response.status == 429:
            self.pauses.note(limit, asked, response.headers, self.clock.time())
        return response

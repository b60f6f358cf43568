"""The control port: what tests do in-process, over HTTP for the demo."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from .clock import Clock
from .service import Service


def _json(value: Any) -> web.Response:
    return web.json_response(value)


class Control:
    """Drives the services over HTTP.

    GET  /                     urls, request counts and violations of all services
    GET  /{service}/requests   the request log, secrets masked
    POST /{service}/{action}   calls a service's control method with the JSON body
    POST /clock/advance        {"seconds": n}
    """

    def __init__(self, clock: Clock, services: Iterable[Service]) -> None:
        """Take the services by their label."""
        self._clock = clock
        self._services = {service.label: service for service in services}
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Return where the control port is."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self._overview),
                web.post("/clock/advance", self._advance),
                web.get("/{service}/requests", self._requests),
                web.post("/{service}/{action}", self._act),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _service(self, request: web.Request) -> Service:
        try:
            return self._services[request.match_info["service"]]
        except KeyError as err:
            raise web.HTTPNotFound(text="no such service") from err

    async def _overview(self, _: web.Request) -> web.Response:
        return _json(
            {
                label: {
                    "url": service.url,
                    "requests": service.counts(),
                    "violations": service.violations,
                }
                for label, service in self._services.items()
            }
        )

    async def _advance(self, request: web.Request) -> web.Response:
        self._clock.advance((await request.json())["seconds"])
        return _json({"now": self._clock.now().isoformat()})

    async def _requests(self, request: web.Request) -> web.Response:
        return _json(self._service(request).log())

    async def _act(self, request: web.Request) -> web.Response:
        service = self._service(request)
        method: Any = getattr(service, request.match_info["action"], None)
        if not getattr(method, "control", False):
            raise web.HTTPNotFound(text="no such action")
        settings = await request.json() if request.can_read_body else {}
        try:
            return _json(method(**settings))
        except (KeyError, TypeError, ValueError) as err:
            raise web.HTTPBadRequest(text=repr(err)) from err

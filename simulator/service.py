"""What every simulated service has: a port, a request log, faults, violations."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
import json
import ssl
from typing import Any, ClassVar

from aiohttp import hdrs, web

from . import faults
from .clock import Clock

MASK = "***"
# The kind of the fault that hits a request, empty without one.
FAULT = web.RequestKey("fault", str)


@dataclass(frozen=True, slots=True)
class Received:
    """One request that a service received, secrets masked.

    `route` is the path's template, `params` what stood in its braces, `query`
    and `json` what came with it, `size` the bytes of the answer's body.
    """

    time: datetime
    method: str
    route: str
    params: dict[str, str]
    query: dict[str, str]
    json: Any
    status: int
    size: int
    fault: str | None

    @property
    def key(self) -> str:
        """Return "METHOD /path/{template}"."""
        return f"{self.method} {self.route}"


def delivered(request: web.Request) -> bool:
    """Tell, while a request is handled, whether its answer surely arrives whole."""
    return request[FAULT] in ("", "extra")


def control[F: Callable[..., Any]](function: F) -> F:
    """Mark a service's method as callable over the control port."""
    function.__dict__["control"] = True
    return function


class Service:
    """One simulated service on one loopback port.

    A service gives `routes()`, the names in its paths and bodies that are
    `secret`, and its own methods to move its world on.
    """

    name: ClassVar[str]
    secret: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, clock: Clock | None = None, name: str | None = None) -> None:
        """Make the service; it listens once it is started."""
        self.clock = clock or Clock()
        self.label = name or self.name
        self.requests: list[Received] = []
        self.violations: list[str] = []
        self.faults: list[faults.Fault] = []
        # Loopback: 127.0.0.1 or ::1.
        self.host = "127.0.0.1"
        self.port = 0
        self.scheme = "http"
        self._runner: web.AppRunner | None = None

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes that the service's documents name."""
        raise TypeError(f"{type(self).__name__} has no routes")

    def state(self) -> dict[str, Any]:
        """Return what a client with stored credentials relies on after a restart."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""

    def tls(self) -> ssl.SSLContext | None:
        """Return the context to serve https with, or None for http."""
        return None

    @property
    def url(self) -> str:
        """Return where the service is, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    async def start(self, port: int = 0) -> None:
        """Listen on loopback; port 0 takes a free one, which a restart keeps."""
        app = web.Application(middlewares=[self._receive])
        app.add_routes(self.routes())
        context = self.tls()
        self.scheme = "https" if context else "http"
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(
            self._runner,
            self.host,
            port or self.port,
            ssl_context=context,
            reuse_address=True,
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening and cut what is open."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def violation(self, text: str) -> None:
        """Keep that the client did what the contract forbids."""
        self.violations.append(text)

    @control
    def inject(self, route: str, kind: str, **settings: Any) -> None:
        """Put a fault on a route (see `faults.Fault`)."""
        self.faults.append(faults.Fault(route, kind, **settings))

    @control
    def clear_faults(self) -> None:
        """Take all faults away."""
        self.faults.clear()

    def count(self, key: str = "") -> int:
        """Return how many requests came to "METHOD /path/{template}", or in all."""
        return sum(1 for request in self.requests if key in ("", request.key))

    def counts(self) -> dict[str, int]:
        """Return the number of requests by "METHOD /path/{template}"."""
        keys = sorted({request.key for request in self.requests})
        return {key: self.count(key) for key in keys}

    def log(self) -> list[dict[str, Any]]:
        """Return the received requests as plain data."""
        return [
            asdict(request) | {"time": request.time.isoformat()}
            for request in self.requests
        ]

    def _due(self, method: str, route: str) -> faults.Fault | None:
        """Take the fault that hits this request, if there is one."""
        for fault in self.faults:
            if fault.hits(method, route):
                fault.times -= fault.times > 0
                return fault
        return None

    def _masked(self, value: Any) -> Any:
        """Return a JSON value with the secrets masked."""
        if isinstance(value, dict):
            return {
                k: MASK if k in self.secret else self._masked(v)
                for k, v in value.items()
            }
        if isinstance(value, list):
            return [self._masked(v) for v in value]
        return value

    async def _body(self, request: web.Request) -> Any:
        """Return the request's JSON or form body, or None."""
        if not request.can_read_body:
            return None
        raw = await request.read()
        if request.content_type == "application/x-www-form-urlencoded":
            return dict(await request.post())
        try:
            return json.loads(raw)
        except ValueError:
            return None

    def unknown(self, request: web.Request) -> web.Response:
        """Answer a request for what the service does not have."""
        return web.Response(status=404, text="Not Found")

    @web.middleware
    async def _receive(
        self, request: web.Request, handler: faults.Handler
    ) -> web.StreamResponse:
        """Log a request, apply the fault that is due, answer with our clock."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else request.path
        body = await self._body(request)
        fault = self._due(request.method, route)
        request[FAULT] = fault.kind if fault else ""
        status, size = 0, 0

        async def answer(asked: web.Request) -> web.StreamResponse:
            if asked.match_info.http_exception is not None:
                self.violation(f"undocumented: {asked.method} {route}")
                return self.unknown(asked)
            response = await handler(asked)
            if not response.prepared:
                response.headers[hdrs.DATE] = self.date()
            return response

        try:
            if fault is None:
                response = await answer(request)
            else:
                response = await faults.apply(fault, request, answer, self.clock.now())
            status = response.status
            size = response.body_length if response.prepared else _size(response)
            if not response.prepared:
                response.headers.setdefault(hdrs.DATE, self.date())
        except web.HTTPException as err:
            status = err.status
            raise
        except OSError:
            raise  # the client went away
        except Exception as err:
            self.violation(f"the simulator failed at {request.method} {route}: {err!r}")
            raise
        finally:
            self.requests.append(
                Received(
                    time=self.clock.now(),
                    method=request.method,
                    route=route,
                    params=self._masked(dict(request.match_info)),
                    query=self._masked(dict(request.query)),
                    json=self._masked(body),
                    status=status,
                    size=size,
                    fault=fault.kind if fault else None,
                )
            )
        return response

    def date(self) -> str:
        """Return the service's time as the HTTP header `Date` has it."""
        return format_datetime(self.clock.now().astimezone(UTC), usegmt=True)


def _size(response: web.StreamResponse) -> int:
    """Return the bytes of an answer's body that was not sent yet."""
    body = response.body if isinstance(response, web.Response) else None
    return len(body) if isinstance(body, bytes) else 0

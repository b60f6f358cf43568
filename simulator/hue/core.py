"""The bridge behind its APIs: its house, who is let in, what it is told too fast."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
import json
import ssl
from typing import ClassVar, override

from aiohttp import web

from simulator.clock import Clock
from simulator.faults import Handler
from simulator.service import Service

from . import items, registration
from .answers import Json
from .certificate import Certificate
from .config import MODELS, fresh
from .house import OWNER, House, default_house
from .rates import Rate
from .registration import Whitelist
from .stream import Streams
from .v2 import changes, scenes
from .v2.limits import RESOURCE, OpenRequests
from .v2.view import View

type Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]

STREAM = "/eventstream/clip/v2"
LIGHT_STATE = "/api/{username}/lights/{number}/state"
GROUP_ACTION = "/api/{username}/groups/{number}/action"
PAGE = "<html><head><title>{0}</title></head><body>{0}</body></html>"


class BridgeCore(Service):
    """A bridge's world and rules.

    `simultaneous` requests are served at once, `answer_seconds` is how long it
    takes over each; `register_interval` (s) is how soon after a 101 the next
    try may come; `light_rate` and `group_rate` count the PUTs.
    """

    name: ClassVar[str] = "hue"
    secret: ClassVar[frozenset[str]] = frozenset(
        {"username", "application", "clientkey"}
    )

    def __init__(
        self,
        clock: Clock | None = None,
        name: str | None = None,
        *,
        model: str = "BSB002",
        https: bool = True,
        modern: bool = True,
        bridge_id: str | None = "001788fffe0a0b0c",
        house: House | None = None,
        forbid: bool = False,
        missing: Collection[str] = (),
        absent_as: int = 3,
    ) -> None:
        """Make a bridge; a round one (BSB001) is neither https nor modern.

        `forbid` answers an unknown key with 403 in place of error 1, and what is
        refused with 403 and the error in the body, as deCONZ. Of the `missing`
        collections it knows nothing: it answers error 3 or 4, or a 404 page.
        """
        super().__init__(clock, name)
        self.round = MODELS[model].round
        self.https = https and not self.round
        self.modern = modern and not self.round
        self.clip_v2 = self.https
        self.forbid = forbid
        self.missing = frozenset(missing)
        self.absent_as = absent_as
        self.bridge_id = bridge_id
        self.config = fresh(model, bridge_id)
        self.house = house if house is not None else default_house()
        self.whitelist = Whitelist()
        self.whitelist.add(OWNER, "hue-app#phone", "2023-11-05T17:20:09")
        self.pressed_at: float | None = None
        self.refused_at: float | None = None
        self.streams = Streams(self.clock.now)
        self.reports: dict[str, Json] = {}
        self.origin: Json | None = None  # what a Pro says of the bridge it replaced
        self.identified: list[str] = []
        self.is_fragile = False
        self.foreign_keys = 0
        self.simultaneous = 3
        self.answer_seconds = 0.0
        self.register_interval = 0.9
        self.light_rate = Rate(12)
        self.group_rate = Rate(2)
        self.ids = items.Ids(bridge_id or "emulator")
        self.certificate = self._new_certificate() if self.https else None
        self._context: ssl.SSLContext | None = None
        self._open = 0
        self._open_v2 = OpenRequests()

    def _new_certificate(self) -> Certificate:
        return Certificate.make(self.bridge_id or "emulator")

    @property
    def certificate_sha256(self) -> str | None:
        """Return the SHA-256 of the certificate, in hex; None with plain http."""
        return self.certificate.sha256 if self.certificate else None

    @override
    def tls(self) -> ssl.SSLContext | None:
        """Return a context that shows the bridge's certificate."""
        if self.certificate is None:
            return None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate.load(self._context)
        return self._context

    def show(self, certificate: Certificate) -> None:
        """Show another certificate to those who connect from now on."""
        self.certificate = certificate
        if self._context is not None:
            certificate.load(self._context)

    @override
    async def stop(self) -> None:
        """End the streams and stop listening."""
        self.streams.close()
        await super().stop()

    @property
    def pressed(self) -> bool:
        """Return whether the link button was pressed in the last 30 seconds."""
        if self.pressed_at is None:
            return False
        return self.clock.time() - self.pressed_at <= registration.WINDOW

    def stamp(self, when: datetime | None = None) -> str:
        """Return a time as v1 prints it: UTC without a zone."""
        return f"{when or self.clock.now():%Y-%m-%dT%H:%M:%S}"

    def lets_in(self, key: str) -> bool:
        """Return whether a key is known, and remember that it was used."""
        entry = self.whitelist.entries.get(key)
        if entry is None:
            self.foreign_keys += self.whitelist.is_foreign(key)
            return False
        entry["last use date"] = self.stamp()
        return True

    @web.middleware
    @override
    async def _receive(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Count what is asked at once and per second, then answer."""
        if request.path == STREAM:
            return await super()._receive(request, handler)
        self._count(request)
        self._open += 1
        busy = self._open > self.simultaneous

        async def answer(asked: web.Request) -> web.StreamResponse:
            if busy:
                return web.Response(status=429, text="Too Many Requests")
            with self._open_v2.receive(asked) as wrong:
                for text in wrong:
                    self.violation(text)
                if wrong and self.is_fragile:
                    return self.page(200, "lighting not found")
                if self.answer_seconds:
                    await asyncio.sleep(self.answer_seconds)
                return await handler(asked)

        try:
            return await super()._receive(request, answer)
        finally:
            self._open -= 1

    def _count(self, request: web.Request) -> None:
        """Keep commands that come faster than the bridge's maker allows."""
        resource = request.match_info.route.resource
        if request.method != "PUT" or resource is None:
            return
        now = self.clock.time()
        for route, rate in (
            (LIGHT_STATE, self.light_rate),
            (GROUP_ACTION, self.group_rate),
            (f"{RESOURCE}/light/{{id}}", self.light_rate),
            (f"{RESOURCE}/grouped_light/{{id}}", self.group_rate),
            (f"{RESOURCE}/scene/{{id}}", self.group_rate),
            (f"{RESOURCE}/smart_scene/{{id}}", self.group_rate),
        ):
            if resource.canonical == route and rate.exceeded(now):
                self.violation(f"more than {rate.most} a second: PUT {route}")

    @override
    def unknown(self, request: web.Request) -> web.Response:
        """Answer with the web page that the bridge has for such requests."""
        return self.page(404, "Not Found")

    def page(self, status: int, title: str) -> web.Response:
        """Return a web page in place of an answer."""
        return web.Response(
            status=status, text=PAGE.format(title), content_type="text/html"
        )

    async def json_object(self, request: web.Request) -> Json | None:
        """Return a request's JSON object; anything else breaks the contract."""
        try:
            body = json.loads(await request.text())
        except ValueError:
            body = None
        if isinstance(body, dict):
            return body
        resource = request.match_info.route.resource
        route = resource.canonical if resource else request.path
        self.violation(f"no JSON object: {request.method} {route}")
        return None

    def view(self) -> View:
        """Return the house as API v2 shows it now."""
        return View(self.house, self.ids, self.config, self.reports, self.origin)

    def _resources_at(self, paths: Iterable[str], *, whole: bool) -> dict[str, Json]:
        """Return the resources of API v2 by id that changes at these paths touch."""
        if not self.clip_v2:
            return {}
        view = self.view()
        if whole:
            return view.everything()
        return {
            resource["id"]: resource for path in paths for resource in view.around(path)
        }

    @contextmanager
    def announcing(
        self, *paths: str, whole: bool = False, recalled: str | None = None
    ) -> Iterator[None]:
        """Tell the event stream what changes meanwhile at these paths.

        `whole` is for what comes, goes or moves: the whole house is compared.
        `recalled` is the scene that changes the lamps; without one, those that
        they showed are active no more.
        """
        lamps = {
            number: dict(self.house.lights[number]["state"])
            for number in (path.split("/")[2] for path in paths if "/lights/" in path)
        }
        active = [f"/scenes/{scene}" for scene in scenes.active(self.house)]
        watched = (*paths, *active, *([f"/scenes/{recalled}"] if recalled else ()))
        before = self._resources_at(watched, whole=whole)
        yield
        lights = self.house.lights
        changed = {
            n for n, old in lamps.items() if n in lights and old != lights[n]["state"]
        }
        scenes.settle(self.house, changed, recalled, self.clock.now())
        after = self._resources_at(watched, whole=whole)
        self.announce(changes.containers(before, after))

    def announce(self, containers: list[changes.Container]) -> None:
        """Send containers over the event stream, if there are any."""
        if containers:
            self.streams.publish(containers)

    def publish(self, kind: str, changed: list[Json]) -> None:
        """Send items over the event stream, if there are any."""
        if changed:
            self.announce([(kind, changed)])

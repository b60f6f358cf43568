"""What Lantern's documents need of the v2 API: the event stream and its buttons."""

from collections.abc import Iterable

from aiohttp import hdrs, web

from . import items
from .answers import Json
from .core import STREAM, BridgeCore, Endpoint

RESOURCE = "/clip/v2/resource"


class ApiV2(BridgeCore):
    """The handlers of the v2 API; a round bridge and plain http have none."""

    def v2_routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        yield web.get(STREAM, self._keyed_v2(self._stream))
        yield web.get(RESOURCE, self._keyed_v2(self._resources))
        for kind in ("button", "relative_rotary"):
            yield web.get(f"{RESOURCE}/{kind}", self._keyed_v2(self._resources))

    def _keyed_v2(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint for those only who name a known key in the header."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self.clip_v2:
                return self.unknown(request)
            if not self.lets_in(request.headers.get("hue-application-key", "")):
                return self.page(403, "Forbidden")
            return await endpoint(request)

        return guarded

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if "text/event-stream" not in request.headers.get(hdrs.ACCEPT, ""):
            self.violation(f"GET {STREAM} without Accept: text/event-stream")
        return await self.streams.serve(request)

    def _all(self) -> Iterable[Json]:
        """Return the buttons and dials."""
        for number, sensor in self.house.sensors.items():
            match sensor["type"]:
                case "ZLLSwitch" | "ZGPSwitch":
                    yield from items.buttons(self.ids, number, sensor, self.reports)
                case "ZLLRelativeRotary":
                    yield items.rotary(self.ids, number, sensor, self.reports)

    async def _resources(self, request: web.Request) -> web.Response:
        kind = request.path.removeprefix(RESOURCE).strip("/")
        data = [one for one in self._all() if kind in ("", one["type"])]
        return web.json_response({"errors": [], "data": data})

"""The HTTP side of API v2: resources, and the event stream."""

from collections.abc import Iterable
from http import HTTPStatus
from uuid import uuid4

from aiohttp import hdrs, web

from simulator.hue.answers import Json
from simulator.hue.core import STREAM, Endpoint
from simulator.hue.house import room, scene

from . import lights
from .commands import Commands
from .limits import KEY, RESOURCE
from .writable import WRITABLE, refusals

# Types that a bridge serves; some have no resource in most houses.
TYPES = (
    *WRITABLE,
    "behavior_script",
    "bell_button",
    "bridge_home",
    "button",
    "clip",
    "device_power",
    "entertainment",
    "geolocation",
    "matter_fabric",
    "motion_area_candidate",
    "public_image",
    "relative_rotary",
    "tamper",
    "wifi_connectivity",
    "zgp_connectivity",
)
MADE = ("room", "zone", "scene", "smart_scene")
REMOVABLE = (*MADE, "device")


def answer(
    status: int, data: Iterable[Json] = (), errors: Iterable[str] = ()
) -> web.Response:
    """Return an answer in API v2's envelope; errors have a text and no number."""
    descriptions = [{"description": text} for text in errors]
    return web.json_response(
        {"errors": descriptions, "data": list(data)}, status=status
    )


def refused(status: HTTPStatus, *errors: str) -> web.Response:
    """Return a refusal."""
    return answer(status, errors=errors or [status.phrase])


class ApiV2(Commands):
    """The handlers of API v2; a round bridge and plain http have none."""

    def v2_routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        keyed = self._keyed_v2
        yield web.get(STREAM, keyed(self._stream))
        yield web.get(RESOURCE, keyed(self._resources))
        for kind in TYPES:
            path = f"{RESOURCE}/{kind}"
            yield web.get(path, keyed(self._resources))
            yield web.post(path, keyed(self._create))
            yield web.get(f"{path}/{{id}}", keyed(self._resource))
            yield web.put(f"{path}/{{id}}", keyed(self._put))
            yield web.delete(f"{path}/{{id}}", keyed(self._delete))

    def _keyed_v2(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint for those only who name a known key in the header."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self.clip_v2:
                return self.unknown(request)
            if not self.lets_in(request.headers.get(KEY, "")):
                return self.page(403, "Forbidden")
            return await endpoint(request)

        return guarded

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if "text/event-stream" not in request.headers.get(hdrs.ACCEPT, ""):
            self.violation(f"GET {STREAM} without Accept: text/event-stream")
        return await self.streams.serve(request)

    async def _resources(self, request: web.Request) -> web.Response:
        kind = request.path.removeprefix(RESOURCE).strip("/")
        shown = self.view().everything().values()
        return answer(
            200, [resource for resource in shown if kind in ("", resource["type"])]
        )

    def _named(self, request: web.Request) -> Json | None:
        """Return the resource that a path names."""
        kind = request.path.split("/")[4]
        resource = self.view().everything().get(request.match_info["id"])
        return resource if resource is not None and resource["type"] == kind else None

    async def _resource(self, request: web.Request) -> web.Response:
        resource = self._named(request)
        return answer(200, [resource]) if resource else refused(HTTPStatus.NOT_FOUND)

    async def _put(self, request: web.Request) -> web.Response:
        resource = self._named(request)
        body = await self.json_object(request)
        if resource is None:
            return refused(HTTPStatus.NOT_FOUND)
        if resource["type"] not in WRITABLE:
            return refused(HTTPStatus.METHOD_NOT_ALLOWED)
        if not body:
            return refused(HTTPStatus.BAD_REQUEST, "body contains invalid json")
        outcome = self.command(resource, body)
        if outcome.refused:
            return refused(HTTPStatus.BAD_REQUEST, *outcome.refused)
        status = HTTPStatus.MULTI_STATUS if outcome.doubts else HTTPStatus.OK
        named = {"rid": resource["id"], "rtype": resource["type"]}
        return answer(status, [named], outcome.doubts)

    async def _create(self, request: web.Request) -> web.Response:
        kind = request.path.split("/")[4]
        if kind == "geofence_client":
            return await self._create_geofence_client(request)
        if kind not in MADE:
            return refused(HTTPStatus.METHOD_NOT_ALLOWED)
        body = await self.json_object(request)
        features = {k: v for k, v in (body or {}).items() if k not in ("type", "group")}
        allowed = {k: check for k, check in WRITABLE[kind].items() if k != "recall"}
        wrong = refusals(features, allowed)
        wrong += [] if "name" in features.get("metadata", {}) else ["a name is missing"]
        wrong += self._group_wanted(kind, body or {})
        if wrong:
            return refused(HTTPStatus.BAD_REQUEST, *wrong)
        before = self.view().everything().keys()
        with self.announcing(whole=True):
            self._make(kind, body or {})
        made = [
            resource
            for resource in self.view().everything().values()
            if resource["id"] not in before
        ]
        named = [{"rid": o["id"], "rtype": kind} for o in made if o["type"] == kind]
        return answer(200, named)

    async def _create_geofence_client(self, request: web.Request) -> web.Response:
        """Let a phone tell where it is; aiohue does it to provoke events."""
        self.violation("POST of geofence_client")
        body = await self.json_object(request) or {}
        features = {k: v for k, v in body.items() if k != "type"}
        wrong = refusals(features, WRITABLE["geofence_client"])
        if wrong or "name" not in features:
            return refused(HTTPStatus.BAD_REQUEST, *(wrong or ["a name is missing"]))
        key = f"/v2/{uuid4().hex[:12]}#geofence_client"
        with self.announcing(key.partition("#")[0]):
            named = {"type": "geofence_client", "name": features["name"]}
            self.house.v2[key] = named
        return answer(200, [{"rid": self.ids.of_key(key), "rtype": "geofence_client"}])

    def _group_wanted(self, kind: str, body: Json) -> list[str]:
        """Return what is wrong with the group that a scene shall belong to."""
        if kind not in ("scene", "smart_scene"):
            return [] if "children" in body else ["property (.children) is missing"]
        shown = self.view().everything()
        rid = body.get("group", {}).get("rid")
        is_place = rid in shown and shown[rid]["type"] in (
            "room",
            "zone",
            "bridge_home",
        )
        return [] if is_place else ["property (.group) names no group"]

    def _make(self, kind: str, body: Json) -> None:
        """Make what was asked for."""
        name = body["metadata"]["name"]
        if kind in ("room", "zone"):
            number = self.house.free_number("groups")
            self.house.groups[number] = room(name, [], kind=kind.title())
            self.place_children(number, body["children"])
            return
        group = self.view().everything()[body["group"]["rid"]]
        if kind == "scene":
            lamps = {self.ids.of(f"/lights/{n}", "light"): n for n in self.house.lights}
            states = {
                lamps[action["target"]["rid"]]: lights.state_of(action["action"])
                for action in body.get("actions", [])
                if action["target"]["rid"] in lamps
            }
            number = group["id_v1"].split("/")[2]
            self.house.scenes[uuid4().hex[:15]] = scene(name, number, states)
            return
        features: Json = {"type": "smart_scene", "state": "inactive"}
        features |= {"transition_duration": 60000, "week_timeslots": []} | body
        self.house.v2[f"/v2/{uuid4().hex[:12]}#smart_scene"] = features

    async def _delete(self, request: web.Request) -> web.Response:
        resource = self._named(request)
        if resource is None:
            return refused(HTTPStatus.NOT_FOUND)
        key = self.key_of(self.view(), resource)
        if resource["type"] not in REMOVABLE or key == "/bridge#device":
            return refused(HTTPStatus.METHOD_NOT_ALLOWED)
        self.remove(key)
        return answer(200, [{"rid": resource["id"], "rtype": resource["type"]}])

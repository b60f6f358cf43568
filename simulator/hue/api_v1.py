"""The v1 API: `/api/<key>/…`, JSON, errors in the body with status 200."""

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from . import config, lightstate, registration, sensorconfig
from .answers import (
    INVALID_JSON,
    INVALID_VALUE,
    MISSING,
    NO_METHOD,
    NO_RESOURCE,
    UNAUTHORISED,
    Json,
    error,
    no_resource,
    success,
)
from .core import GROUP_ACTION, LIGHT_STATE, BridgeCore, Endpoint

HELD = ("lights", "groups", "sensors", "scenes")
EMPTY = ("schedules", "rules", "resourcelinks")
# What the firmware of a round bridge does not say yet.
LATER = {
    "lights": {"swupdate", "productname", "capabilities", "config", "productid"},
    "groups": {"sensors", "recycle"},
    "sensors": {"swupdate", "productname", "capabilities"},
    "scenes": {"type", "group", "image"},
}


def _json(value: Any) -> web.Response:
    return web.json_response(value)


class ApiV1(BridgeCore):
    """The handlers of the v1 API."""

    def v1_routes(self) -> Iterable[web.RouteDef]:
        """Return the routes; whatever else a key asks for is undocumented."""
        key = "/api/{username}"
        keyed = self._keyed
        yield web.post("/api", self._register)
        yield web.get("/api/config", self._short_config)
        yield web.get("/description.xml", self._description)
        for whole in (key, f"{key}/"):  # a bridge does not mind the slash
            yield web.get(whole, keyed(self._everything))
        yield web.get(f"{key}/config", self._config)
        yield web.put(f"{key}/config", keyed(self._put_config))
        yield web.delete(
            f"{key}/config/whitelist/{{application}}", keyed(self._deregister)
        )
        for collection in HELD:
            yield web.get(f"{key}/{collection}", keyed(self._collection))
            yield web.get(f"{key}/{collection}/{{number}}", keyed(self._one))
        for collection in EMPTY:
            yield web.get(f"{key}/{collection}", keyed(self._collection))
        yield web.put(LIGHT_STATE, keyed(self._put_light))
        yield web.put(GROUP_ACTION, keyed(self._put_group))
        yield web.put(f"{key}/sensors/{{number}}/config", keyed(self._put_sensor))
        yield web.route("*", f"{key}/{{rest:.*}}", keyed(self._undocumented))

    def _keyed(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint for those only whose key is known."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if self.lets_in(request.match_info["username"]):
                return await endpoint(request)
            if self.forbid:
                return self.page(403, "Forbidden")
            address = "/" + "/".join(request.path.split("/")[3:])
            return _json([error(UNAUTHORISED, address)])

        return guarded

    async def _register(self, request: web.Request) -> web.Response:
        """Let an application in: the documented answers, mixed arrays among them."""
        now = self.clock.time()
        body = await self.json_object(request)
        if (
            self.refused_at is not None
            and now - self.refused_at < self.register_interval
        ):
            self.violation("POST /api less than a second after a 101")
        self.refused_at = None
        if body is None:
            return _json([error(INVALID_JSON, "/")])
        answer = registration.answer(
            self.whitelist,
            body,
            self.stamp(),
            modern=self.modern,
            pressed=self.pressed,
        )
        if answer[0].get("error", {}).get("type") == 101:
            self.refused_at = now
            if self.forbid:
                return web.json_response(answer, status=403)
        return _json(answer)

    async def _short_config(self, _: web.Request) -> web.Response:
        return _json(config.short(self.config))

    async def _description(self, request: web.Request) -> web.Response:
        text = config.description(self.config)
        if text is None:
            return self.unknown(request)
        return web.Response(text=text, content_type="text/xml")

    def full_config(self) -> Json:
        """Return the config as an application reads it, with the whitelist."""
        changing = {
            "UTC": self.stamp(),
            "localtime": self.stamp(),
            "linkbutton": self.pressed,
            "whitelist": self.whitelist.entries,
        }
        return self.config | changing

    async def _config(self, request: web.Request) -> web.Response:
        if self.lets_in(request.match_info["username"]):
            return _json(self.full_config())
        return _json(config.short(self.config))

    async def _put_config(self, request: web.Request) -> web.Response:
        body, wrong = await self._parameters(request, "/config")
        if not self.modern and body.get("linkbutton") is True:
            del body["linkbutton"]  # firmware before API 1.31 lets applications press
            self.pressed_at = self.clock.time()
            wrong.append(success("/config/linkbutton", True))
        return _json(wrong + config.put(self.config, body))

    async def _deregister(self, request: web.Request) -> web.Response:
        address = "/config/whitelist"
        if self.modern:
            return _json([error(UNAUTHORISED, address)])
        key = request.match_info["application"]
        if key not in self.whitelist.entries:
            return _json(no_resource(f"{address}/{key}"))
        self.whitelist.remove(key)
        return _json([{"success": f"{address}/{key} deleted"}])

    def _shown(self, collection: str, number: str) -> Json:
        """Return a resource as this bridge's firmware shows it."""
        match collection:
            case "groups":
                resource = self.house.group(number)
            case "scenes":
                resource = self.house.scene(number)
            case _:
                resource = getattr(self.house, collection)[number]
        if not self.round:
            return resource
        return {k: v for k, v in resource.items() if k not in LATER[collection]}

    def collection(self, name: str) -> Json:
        """Return a collection as the API shows it."""
        if name in EMPTY:
            return {}
        return {number: self._shown(name, number) for number in self._numbers(name)}

    def _numbers(self, collection: str) -> list[str]:
        return list(getattr(self.house, collection))

    async def _everything(self, _: web.Request) -> web.Response:
        whole = {name: self.collection(name) for name in (*HELD, *EMPTY)}
        return _json(whole | {"config": self.full_config()})

    async def _collection(self, request: web.Request) -> web.Response:
        name = request.path.split("/")[3]
        if name in self.missing:
            return self._absent(request, f"/{name}")
        return _json(self.collection(name))

    def _absent(self, request: web.Request, address: str) -> web.Response:
        """Answer as a bridge that has no such resource."""
        if self.absent_as == NO_RESOURCE:
            return _json(no_resource(address))
        if self.absent_as == NO_METHOD:
            return _json([error(NO_METHOD, address, request.method, address)])
        return self.unknown(request)

    async def _one(self, request: web.Request) -> web.Response:
        name, number = request.path.split("/")[3:5]
        if name in self.missing:
            return self._absent(request, f"/{name}/{number}")
        if number not in self._numbers(name) and (name, number) != ("groups", "0"):
            return _json(no_resource(f"/{name}/{number}"))
        shown = self._shown(name, number)
        if name == "scenes":
            shown["lightstates"] = self.house.scenes[number]["lightstates"]
        return _json(shown)

    async def _parameters(
        self, request: web.Request, address: str
    ) -> tuple[Json, list[Json]]:
        """Return the parameters that were sent, or what is wrong with the body."""
        body = await self.json_object(request)
        if body is None:
            return {}, [error(INVALID_JSON, address)]
        return body, [] if body else [error(MISSING, address)]

    async def _put_light(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        light = self.house.lights.get(number)
        if light is None:
            return _json(no_resource(f"/lights/{number}"))
        address = f"/lights/{number}/state"
        body, wrong = await self._parameters(request, address)
        accepted, answers = lightstate.checked(body, address, light["state"])
        low, high = lightstate.ct_range(light)
        if not low <= accepted.get("ct", low) <= high:
            self.violation("a colour temperature beyond the lamp's own range")
        with self.announcing(f"/lights/{number}"):
            lightstate.apply(light, accepted)
        return _json(wrong + answers)

    async def _put_group(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        if number not in self.house.groups and number != "0":
            return _json(no_resource(f"/groups/{number}"))
        address = f"/groups/{number}/action"
        body, wrong = await self._parameters(request, address)
        scene = body.pop("scene", None)
        accepted, answers = lightstate.checked(body, address)
        if scene is not None:
            is_scene = isinstance(scene, str) and scene in self.house.scenes
            where = f"{address}/scene"
            refused = error(INVALID_VALUE, where, scene, "scene")
            answers.insert(0, success(where, scene) if is_scene else refused)
            scene = scene if is_scene else None
        self.act_on_group(number, accepted, scene)
        return _json(wrong + answers)

    def act_on_group(self, number: str, action: Json, scene: str | None) -> None:
        """Recall a scene in a group, then do to its lamps what they can do."""
        members = self.house.members(number)
        paths = (f"/lights/{member}" for member in members)
        with self.announcing(*paths, recalled=scene):
            if scene is not None:
                for light, state in self.house.scenes[scene]["lightstates"].items():
                    if light in members:
                        lightstate.apply(self.house.lights[light], state)
            for member in members:
                lightstate.apply(self.house.lights[member], action)

    async def _put_sensor(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        sensor = self.house.sensors.get(number)
        if sensor is None:
            return _json(no_resource(f"/sensors/{number}"))
        address = f"/sensors/{number}/config"
        body, wrong = await self._parameters(request, address)
        with self.announcing(f"/sensors/{number}"):
            answers = sensorconfig.put(sensor, address, body)
        return _json(wrong + answers)

    async def _undocumented(self, request: web.Request) -> web.Response:
        """Answer as the bridge does what the documents do not name."""
        name = request.match_info["rest"].split("/")[0]
        self.violation(f"undocumented: {request.method} /api/{{username}}/{name}…")
        address = f"/{request.match_info['rest']}"
        if name in (*HELD, *EMPTY, "config"):
            return _json([error(NO_METHOD, address, request.method, address)])
        return _json([error(NO_RESOURCE, address, address)])

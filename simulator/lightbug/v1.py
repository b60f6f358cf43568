"""The v1 API (LoopBack): login, devices, points, readings, config, activity."""

from collections.abc import Iterable
from datetime import timedelta
import json
from typing import Any, override

from aiohttp import web

from . import filters, moments
from .gate import JSON, Api, Refused
from .trackers import CONFIG_OTHER, CONFIG_REQUIRED, Row, Tracker

FORM = "application/x-www-form-urlencoded"
# Of points and of readings: the latest days and rows of what was asked for.
MOST_DAYS = 90
MOST_ROWS = 10_000
# Before and after whatever a point may hold for a time.
FIRST_MOMENT = ""
LAST_MOMENT = "~"
# GETs that change things or cost money; `flightMode` is simulated.
DANGEROUS = (
    "deactivate",
    "setMetaItem",
    "setNtripSettings",
    "setupSqsForwarding",
    "queueRtkCmd_AlertNow",
    "queueRtkCmd_AlertWithPrompt",
    "queueRtkCmd_RebootRtk",
    "queueRtkCmd_SetPointBufferSize",
    "queueRtkCmd_UpdateRateMs",
    "updateRtkBaseStatus",
)


class V1(Api):
    """`/api`."""

    prefix = "/api"

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes of v1 that are simulated."""
        return (
            self.route("POST", "/users/login", self.login, login=True),
            self.route("GET", "/users/{id}/devices", self.devices),
            self.route("GET", "/users/{id}/getDeviceSummary", self.summary),
            self.route("GET", "/users/{id}/getRecentActivity", self.activity),
            self.route("GET", "/users/{id}/geofences", self.geofences),
            self.route("GET", "/users/{id}/geofences/{fk}", self.geofence),
            self.route("GET", "/devices/{id}", self.device),
            self.route("GET", "/devices/{id}/config", self.config),
            self.route("PUT", "/devices/{id}/config", self.set_config),
            self.route("GET", "/devices/{id}/points", self.points),
            self.route("GET", "/devices/{id}/readings", self.readings),
            self.route("GET", "/devices/{id}/flightMode", self.flight_mode),
            *(
                self.route("GET", f"/devices/{{id}}/{name}", self.dangerous)
                for name in DANGEROUS
            ),
        )

    @override
    def error(self, refused: Refused) -> web.Response:
        """Return LoopBack's error object."""
        error: Row = {
            "statusCode": refused.status,
            "name": "ValidationError" if refused.status == 422 else "Error",
            "message": refused.message,
        }
        if refused.code:
            error["code"] = refused.code
        return web.json_response({"error": error}, status=refused.status)

    @override
    def unauthorized(self, expired: bool) -> Refused:
        """Return LoopBack's 401 for a token that ended, or for none that it knows."""
        if expired:
            return Refused(401, "Invalid Access Token", "INVALID_TOKEN")
        return Refused(401, "Authorization Required", "AUTHORIZATION_REQUIRED")

    # Login -------------------------------------------------------------------

    async def login(self, request: web.Request) -> web.Response:
        """POST /api/users/login, as JSON or as a form."""
        body = await self._json_or_form(request)
        account = self.account
        username = body.get("username")
        if not username:
            message = "username or email is required"
            raise Refused(400, message, "USERNAME_EMAIL_REQUIRED")
        right = username == account.username and body.get("password") == (
            account.password
        )
        if account.login_blocked or not right:
            raise Refused(401, "login failed", "LOGIN_FAILED")
        token = account.issue_v1()
        return web.json_response(
            {
                "id": token.text,
                "ttl": int(token.expires - token.created),
                "scopes": ["DEFAULT"],
                "created": account.moment(),
                "userId": account.user_id,
            }
        )

    async def _json_or_form(self, request: web.Request) -> Row:
        """Return a body's fields; LoopBack takes none, or another type's, for empty."""
        if request.content_type == FORM:
            return dict(await request.post())
        if request.content_type != JSON:
            kind = request.content_type
            self.account.violation(f"neither JSON nor a form but {kind}")
            return {}
        if not await request.read():
            return {}
        try:
            body = await request.json()
        except ValueError as err:
            raise Refused(400, "Unexpected token in JSON") from err
        return body if isinstance(body, dict) else {}

    # Who and which -----------------------------------------------------------

    def _own(self, request: web.Request) -> None:
        """Refuse the path of a user that the token does not belong to."""
        if request.match_info["id"] == str(self.account.user_id):
            return
        if self.account.foreign_status == 403:
            raise Refused(403, "Access Denied", "ACCESS_DENIED")
        raise self.unauthorized(expired=False)

    def _tracker(self, request: web.Request) -> Tracker:
        """Return the path's tracker."""
        text = request.match_info["id"]
        try:
            return self.account.tracker(int(text))
        except (KeyError, ValueError) as err:
            message = f'Unknown "device" id "{text}".'
            raise Refused(404, message, "MODEL_NOT_FOUND") from err

    def _filter(self, request: web.Request) -> filters.Filter:
        try:
            return filters.parse(request.query.get("filter"))
        except filters.BadFilter as err:
            raise Refused(400, str(err)) from err

    def _json_query(self, request: web.Request, name: str, default: Any) -> Any:
        """Return a query's JSON value."""
        try:
            return json.loads(request.query[name]) if name in request.query else default
        except ValueError as err:
            raise Refused(400, f"{name} is not JSON") from err

    def _range(self, request: web.Request) -> tuple[str, str]:
        """Return the ends of `dateRange`, [from, to], or of all time."""
        ends = self._json_query(request, "dateRange", None)
        if ends is None:
            return FIRST_MOMENT, LAST_MOMENT
        try:
            first, last = ends
            return moments.text_of(first), moments.text_of(last)
        except (TypeError, ValueError) as err:
            raise Refused(400, "dateRange is not [from, to]") from err

    def _required(self, request: web.Request, name: str) -> None:
        if name not in request.query:
            self.account.violation(f"no {name}: {request.path}")
            raise Refused(400, f"{name} is a required argument")

    # Users -------------------------------------------------------------------

    async def devices(self, request: web.Request) -> web.Response:
        """GET /api/users/{id}/devices."""
        self._own(request)
        rows = [tracker.device for tracker in self.account.trackers.values()]
        return self._list(self._filter(request).rows(rows))

    async def summary(self, request: web.Request) -> web.Response:
        """GET /api/users/{id}/getDeviceSummary: all devices, their newest points."""
        self._own(request)
        account = self.account
        count = self._json_query(request, "pointCount", 5)
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            raise Refused(400, "pointCount is not a number")
        low, high = self._range(request)
        hide = bool(self._json_query(request, "hideApprox", False))
        rows = [
            tracker.summary(
                account.summary_shape,
                tracker.newest(count, account.summary_by, low, high, hide),
            )
            for tracker in account.trackers.values()
        ]
        if account.null_lists:
            for row in rows:
                row["latestPoints"] = row["latestPoints"] or None
        return self._list(rows)

    async def activity(self, request: web.Request) -> web.Response:
        """GET /api/users/{id}/getRecentActivity, newest first."""
        self._own(request)
        self._required(request, "dateRange")
        low, high = self._range(request)
        rows = [
            activity
            for activity in reversed(self.account.activities)
            if low <= activity["created"] <= high
        ]
        return self._list(rows)

    async def geofences(self, request: web.Request) -> web.Response:
        """GET /api/users/{id}/geofences."""
        self._own(request)
        return self._list(self._filter(request).rows(self.account.geofences))

    async def geofence(self, request: web.Request) -> web.Response:
        """GET /api/users/{id}/geofences/{fk}."""
        self._own(request)
        fk = request.match_info["fk"]
        for fence in self.account.geofences:
            if str(fence["id"]) == fk:
                return web.json_response(fence)
        raise Refused(404, f'Unknown "geofence" id "{fk}".', "MODEL_NOT_FOUND")

    # Devices -----------------------------------------------------------------

    async def device(self, request: web.Request) -> web.Response:
        """GET /api/devices/{id}."""
        tracker = self._tracker(request)
        return web.json_response(self._filter(request).shown(tracker.device))

    async def config(self, request: web.Request) -> web.Response:
        """GET /api/devices/{id}/config."""
        return web.json_response(self._tracker(request).config)

    async def set_config(self, request: web.Request) -> web.Response:
        """PUT /api/devices/{id}/config: a partial one, for the next connection."""
        tracker = self._tracker(request)
        changes = await self._json_or_form(request)
        for name in set(changes) - set(tracker.config):
            self.account.violation(f"not a field of deviceConfig: {name}")
            del changes[name]
        if self.account.strict_config:
            self._check_complete(changes)
        for name, value in changes.items():
            kind = CONFIG_OTHER.get(name, (int, float))
            number = isinstance(value, int | float) and not isinstance(value, bool)
            right = isinstance(value, kind) if name in CONFIG_OTHER else number
            if value is not None and not right:
                raise Refused(422, f"The `deviceConfig` has a wrong `{name}`.")
        own = {"id": tracker.config["id"], "deviceId": tracker.id}
        tracker.config |= {"modified": self.account.moment()} | changes | own
        return web.json_response(tracker.config)

    def _check_complete(self, changes: Row) -> None:
        """Refuse a `deviceConfig` that lacks what its document requires."""
        missing = [name for name in CONFIG_REQUIRED if changes.get(name) is None]
        if missing:
            words = "; ".join(f"`{name}` can't be blank" for name in missing)
            message = f"The `deviceConfig` instance is not valid. Details: {words}."
            raise Refused(422, message)

    def _list(self, rows: list[Row]) -> web.Response:
        """Return a list, an empty one as null if so wanted."""
        is_null = self.account.null_lists and not rows
        return web.json_response(None if is_null else rows)

    async def points(self, request: web.Request) -> web.Response:
        """GET /api/devices/{id}/points."""
        tracker = self._tracker(request)
        return self._list(self._latest(request, tracker.points))

    async def readings(self, request: web.Request) -> web.Response:
        """GET /api/devices/{id}/readings."""
        tracker = self._tracker(request)
        return self._list(self._latest(request, tracker.readings))

    def _latest(self, request: web.Request, rows: list[Row]) -> list[Row]:
        """Return the rows that pass the filter, of 90 days, at most 10,000."""
        wanted = self._filter(request)
        by = "timestamp"
        low, high = wanted.bounds(by)
        if (low, high) == (None, None):
            created = wanted.bounds("created")
            by = "created" if created != (None, None) else by
            high = created[1]
        end = moments.read(high) if high else self.account.clock.now()
        try:
            first = moments.text(end - timedelta(days=MOST_DAYS))
        except OverflowError:
            first = FIRST_MOMENT
        return wanted.rows((r for r in rows if str(r.get(by)) >= first), MOST_ROWS)

    async def flight_mode(self, request: web.Request) -> web.Response:
        """GET /api/devices/{id}/flightMode: a GET that changes something."""
        tracker = self._tracker(request)
        self._required(request, "duration")
        try:
            minutes = float(request.query["duration"])
        except ValueError as err:
            raise Refused(400, "duration is not a number") from err
        if not 0 < minutes < float("inf"):
            raise Refused(400, "duration is not positive")
        tracker.flight = minutes
        asked = {"deviceId": tracker.id, "duration": minutes}
        self.account.flight_modes.append(asked | {"created": self.account.moment()})
        return web.json_response({})

    async def dangerous(self, request: web.Request) -> web.Response:
        """GET what changes the device: nothing that a client of ours may do."""
        self.account.violation(f"changes the device: GET {request.path}")
        return web.json_response({})

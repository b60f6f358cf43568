"""The v2 API: sign-in, refresh, personal tokens, devices, geofences."""

from collections.abc import Iterable
from math import ceil
from typing import Any, override

from aiohttp import web

from . import household, moments
from .gate import TOKEN, Api, Refused
from .tokens import Refresh, Token
from .trackers import Row

MOST_REFRESHABLE = 2_678_400
MOST_ROWS = 10_000
_MESSAGES = {
    400: "status bad request",
    401: "status unauthorized",
    403: "status forbidden",
    404: "status not found",
}


class V2(Api):
    """`/v2`."""

    prefix = "/v2"

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes of v2 that are simulated."""
        return (
            self.route("POST", "/users/login", self.login, login=True),
            self.route("POST", "/users/refreshToken", self.refresh, login=True),
            self.route("POST", "/users/logout", self.logout),
            self.route("GET", "/users/personalAccessTokens", self.personal_tokens),
            self.route("GET", "/devices", self.devices),
            self.route("GET", "/users/{userid}/geofences", self.geofences),
            self.route("GET", "/users/{userid}/geofences/{fenceid}", self.geofence),
        )

    @override
    def error(self, refused: Refused) -> web.Response:
        """Return `httputil.HTTPError`; a 429 is a JSON string."""
        if refused.status == 429:
            return web.json_response(refused.message, status=429)
        message = _MESSAGES[refused.status]
        body = {"code": refused.status, "message": message}
        return web.json_response(body, status=refused.status)

    @override
    def unauthorized(self, expired: bool) -> Refused:
        """Return the one 401 that v2 has."""
        return Refused(401)

    # Tokens ------------------------------------------------------------------

    async def login(self, request: web.Request) -> web.Response:
        """POST /v2/users/login."""
        body = await self.json(request)
        account = self.account
        username, password = body.get("username"), body.get("password")
        if not (isinstance(username, str) and isinstance(password, str)):
            raise Refused(400)
        refreshable = self._refreshable(body.get("refreshable", 0))
        right = username == account.username and password == account.password
        if account.login_blocked or not right:
            raise Refused(401)
        return self._issued(*account.issue_v2(refreshable))

    async def refresh(self, request: web.Request) -> web.Response:
        """POST /v2/users/refreshToken: the refresh token works once."""
        body = await self.json(request)
        account = self.account
        access, text = body.get("accessToken"), body.get("refreshToken")
        if not (isinstance(access, str) and isinstance(text, str)):
            raise Refused(400)
        refreshable = self._refreshable(body.get("refreshable"))
        refresh = account.tokens.refresh.get(text)
        if refresh is not None and refresh.replaced:
            account.violation("a refresh token was used again after its replacement")
        if (
            refresh is None
            or refresh.used
            or refresh.access != access
            or account.clock.time() >= refresh.expires
        ):
            raise Refused(401)
        refresh.used = True
        token, _ = account.issue_v2(0)
        refresh.successor = token.text
        return self._issued(token, account.tokens.add_refresh(token, refreshable))

    def _refreshable(self, value: Any) -> int:
        """Return how long a refresh token shall live (s), at most 31 days."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused(400)
        if not 0 <= value <= MOST_REFRESHABLE:
            self.account.violation(f"refreshable beyond its bounds: {value}")
            raise Refused(400)
        return value

    def _issued(self, token: Token, refresh: Refresh | None) -> web.Response:
        """Return a `LoginResponse`: refresh fields only with a refresh token."""
        account = self.account
        form = account.expiry_format
        body: Row = {"expiry": moments.go_text(token.expires, form)}
        if refresh is not None:
            body["refreshToken"] = refresh.text
            body["refreshTokenExpiry"] = moments.go_text(refresh.expires, form)
        body |= {"token": token.text, "userId": account.user_id}
        return web.json_response(body)

    async def logout(self, request: web.Request) -> web.Response:
        """POST /v2/users/logout: ends the token that it is called with."""
        self.account.tokens.forget(request[TOKEN])
        return web.json_response({})

    async def personal_tokens(self, request: web.Request) -> web.Response:
        """GET /v2/users/personalAccessTokens."""
        rows = [
            {
                "id": token.id,
                "created": moments.go_text(token.created, "rfc3339"),
                "description": token.description,
                "expiresAt": moments.go_text(token.expires, "rfc3339"),
                "ttl": int(token.expires - token.created),
            }
            for token in self.account.tokens.access.values()
            if token.kind == "personal"
        ]
        part, page, limit = self._part(request, rows, 100)
        return web.json_response(
            {"limit": limit, "page": page, "tokens": part, "total": len(rows)}
        )

    # Lists -------------------------------------------------------------------

    async def devices(self, request: web.Request) -> web.Response:
        """GET /v2/devices."""
        include = set(",".join(request.query.getall("_include", [])).split(","))
        trackers = self.account.trackers
        devices = [tracker.device for tracker in trackers.values()]
        rows = [device for device in devices if _wanted(device, request)]
        part, page, limit = self._part(request, rows, MOST_ROWS)
        zeros = self.account.zero_times
        data = [trackers[row["id"]].v2(include, zero_times=zeros) for row in part]
        return self._page(data, page, limit, len(rows))

    async def geofences(self, request: web.Request) -> web.Response:
        """GET /v2/users/{userid}/geofences."""
        rows = self._fences(request)
        part, page, limit = self._part(request, rows, MOST_ROWS)
        return self._page(part, page, limit, len(rows))

    async def geofence(self, request: web.Request) -> web.Response:
        """GET /v2/users/{userid}/geofences/{fenceid}."""
        for row in self._fences(request):
            if str(row["id"]) == request.match_info["fenceid"]:
                return web.json_response(row)
        raise Refused(404)

    def _fences(self, request: web.Request) -> list[Row]:
        if request.match_info["userid"] != str(self.account.user_id):
            raise Refused(404)
        return [household.v2_geofence(geofence) for geofence in self.account.geofences]

    def _page(self, data: list[Row], page: int, limit: int, total: int) -> web.Response:
        """Return a `PaginatedResult`."""
        is_null = self.account.null_lists and not data
        return web.json_response(
            {
                "data": None if is_null else data,
                "page": page,
                "limit": limit,
                "totalElements": total,
                "totalPages": ceil(total / limit),
            }
        )

    def _part(
        self, request: web.Request, rows: list[Row], most: int
    ) -> tuple[list[Row], int, int]:
        """Return a page's rows, its number and how many it may hold."""
        query = request.query
        if "_limit" not in query:
            # The default of 10 silently hides the rest.
            self.account.violation(f"no _limit: {request.path}")
        first = self.account.first_page
        limit = _whole(query.get("_limit", "10"))
        page = _whole(query.get("_page", str(first)))
        if limit > most:
            self.account.violation(f"_limit beyond {most}: {request.path}")
        if not 0 < limit <= most or page < first:
            raise Refused(400)
        direction = query.get("_direction", "asc")
        if direction not in ("asc", "desc"):
            raise Refused(400)
        by = query.get("_sort", "id")
        rows = sorted(
            rows,
            key=lambda row: (row.get(by) is not None, row.get(by)),
            reverse=direction == "desc",
        )
        start = (page - first) * limit
        return rows[start : start + limit], page, limit


def _whole(text: str) -> int:
    """Return a query's whole number."""
    if not text.isdecimal():
        raise Refused(400)
    return int(text)


def _wanted(device: Row, request: web.Request) -> bool:
    """Return whether a device passes the query's filters."""
    query = request.query
    for name in ("id", "serial", "imei", "iccid", "type"):
        if name in query and str(device[name]) not in query[name].split(","):
            return False
    if "active" in query and device["active"] != (query["active"] == "true"):
        return False
    name = query.get("name", "*")
    if name.endswith("*"):
        return str(device["name"]).startswith(name[:-1])
    return bool(device["name"] == name)

"""The client of Lightbug's two APIs: v1 (`/api`, LoopBack) and v2 (`/v2`).

Tokens of either API open both (`lightbug_authentication`). Some of v1's GETs
change the tracker or cost money: flight mode, which a person asks for, is the only
one in here.
"""

from asyncio import create_task
from collections.abc import Callable, Mapping
from datetime import datetime
import json
from typing import Any

from aiohttp import ClientSession

from ...transport import parsing
from ...transport.errors import AuthError, BadAnswer, Refused
from ...transport.http import MIB, Answer, Http
from ...transport.memo import Rows
from ...transport.rate_limit import RateLimit
from ...transport.tokens import Spawn, Token, TokenKeeper
from .auth import parse_legacy_sign_in, parse_sign_in, parse_token
from .devices import TrackerRow, parse_row
from .models import LONGEST_TEXT, Row, SignIn, as_time, time_text
from .points import Point, parse_point
from .query import (
    ARRIVED_PAGE,
    NEWEST,
    ONE_ID,
    READINGS,
    arrived_between,
    history_page,
    next_page,
)

DEFAULT_URL = "https://api.lightbug.cloud"
REFRESHABLE = 2_678_400
"""How long (s) a refresh token outlives its access token: the most there is."""

_PAGE = 1000
# What a summary holds of each tracker: several points can come at once, but a large
# fleet makes a long answer.
_POINTS = 5
_MOST_PAGES = 100
_MOST_ARRIVED_PAGES = 20
_RENEW_AHEAD = 600.0
_INCOMPLETE = 422
# Of a `deviceConfig`: what makes a tracker do something once, and who it is.
_ONE_TIME = frozenset({"command", "deviceId", "id", "modified", "receivedAt", "reset"})
# What a login says to wrong names and passwords; 404 is another address.
_NOT_ACCEPTED = (400, 403, 422)


class LightbugApi:
    """Talks to Lightbug for one account; `base_url` is what both APIs share."""

    def __init__(
        self,
        session: ClientSession,
        base_url: str,
        rate_limit: RateLimit,
        timeout: float = 30.0,
    ) -> None:
        """Take where the service is; nobody is signed in yet."""
        self._http = Http(
            session,
            base_url,
            rate_limit=rate_limit,
            timeout=timeout,
            max_bytes=32 * MIB,
            headers={"Accept": "application/json"},
            # The token goes in as it is: v1 would decode what follows "Bearer".
            authorize=lambda token: {"Authorization": token},
            words=_words,
        )
        self.points = _POINTS
        self._summed = Rows(parse_row)
        self._pages: list[Rows[TrackerRow]] = []

    def sign_in_as(
        self,
        token: Token,
        store: Callable[[Token], None] = lambda _: None,
        spawn: Spawn = create_task,
    ) -> None:
        """Use a token of either API; one that came with a refresh token is renewed."""
        self._http.tokens = TokenKeeper(
            token,
            refresh=self._refreshed if token.refresh_token else None,
            store=store,
            margin=_RENEW_AHEAD,
            spawn=spawn,
        )

    async def login(self, username: str, password: str) -> SignIn:
        """Sign in by v2 and return a renewable token; AuthError if it is refused."""
        return parse_sign_in(
            await self._unsigned(
                "v2/users/login",
                {
                    "username": username,
                    "password": password,
                    "refreshable": REFRESHABLE,
                },
            )
        )

    async def legacy_login(self, username: str, password: str) -> SignIn:
        """Sign in by v1 and return a token that cannot be renewed."""
        return parse_legacy_sign_in(
            await self._unsigned(
                "api/users/login", {"username": username, "password": password}
            )
        )

    async def _refreshed(self, token: Token) -> Token:
        """Return the next pair; the refresh token of this one works once."""
        answer = await self._unsigned(
            "v2/users/refreshToken",
            {
                "accessToken": token.access_token,
                "refreshToken": token.refresh_token,
                "refreshable": REFRESHABLE,
            },
        )
        return parse_token(answer, parsing.as_dict(answer.json()))

    async def _unsigned(self, endpoint: str, body: Mapping[str, Any]) -> Answer:
        """Send what needs no token; AuthError if it is not accepted."""
        try:
            return await self._http.request(
                endpoint, "POST", f"/{endpoint}", anonymous=True, json=body
            )
        except Refused as err:
            if err.code in _NOT_ACCEPTED:
                raise AuthError(err.endpoint) from None
            raise

    async def logout(self) -> None:
        """End the token that we use, and with it its refresh token."""
        await self._http.request("v2/users/logout", "POST", "/v2/users/logout")

    async def check_token(self) -> None:
        """Ask v2 for one device: AuthError if the token opens nothing."""
        try:
            await self._page(0, {"_limit": 1})
        except Refused as err:
            if err.code in _NOT_ACCEPTED:
                raise AuthError(err.endpoint) from None
            raise

    async def check_owner(self, user_id: int) -> None:
        """Ask v1 for one device of a user; Refused or AuthError if it is another's."""
        answer = await self._http.request(
            "users/devices",
            "GET",
            f"/api/users/{user_id}/devices",
            params={"filter": ONE_ID},
        )
        _rows(answer.endpoint, answer.json())

    async def summary(self, user_id: int) -> tuple[dict[int, TrackerRow], datetime]:
        """Return v1's devices by id with their newest points, and the service's time.

        Each has at most `points` in `latestPoints`. A row that the service did not
        change is the very same object again.
        """
        answer = await self._http.request(
            "getDeviceSummary",
            "GET",
            f"/api/users/{user_id}/getDeviceSummary",
            params={"pointCount": self.points},
        )
        _, rows = self._summed.take(answer)
        return _by_id(answer.endpoint, rows), answer.time

    async def activity(
        self, user_id: int, since: datetime, until: datetime
    ) -> tuple[list[Row], datetime]:
        """Return the account's activity in a range of time, and the service's time."""
        ends = [int(end.timestamp() * 1000) for end in (since, until)]
        answer = await self._http.request(
            "getRecentActivity",
            "GET",
            f"/api/users/{user_id}/getRecentActivity",
            params={"dateRange": json.dumps(ends)},
        )
        rows = _rows(answer.endpoint, answer.json())
        return rows, answer.time

    async def devices(self) -> dict[int, TrackerRow]:
        """Return v2's devices with their configuration by id, from all pages.

        A row that the service did not change is the very same object again.
        """
        query: dict[str, Any] = {"_limit": _PAGE, "_include": "config"}
        body, rows = await self._page(0, query)
        total = parsing.as_int(body.get("totalElements")) or 0
        # Whether pages count from 0 or 1 is not documented: the first one tells.
        page = parsing.as_int(body.get("page"))
        more = rows
        for number in range(1, _MOST_PAGES):
            if page is None or len(rows) >= total or not more:
                break
            _, more = await self._page(number, query | {"_page": page + number})
            rows |= more
        return rows

    async def _page(
        self, number: int, query: Mapping[str, Any]
    ) -> tuple[Row, dict[int, TrackerRow]]:
        """Return one page of v2's devices: what is around them, and they by id."""
        answer = await self._http.request(
            "v2/devices", "GET", "/v2/devices", params=query
        )
        if number == len(self._pages):
            self._pages.append(Rows(parse_row, within="data"))
        body, rows = self._pages[number].take(answer)
        return body, _by_id(answer.endpoint, rows)

    async def newest_valid_points(self, device_id: int) -> list[Point]:
        """Return the last of a tracker's points to arrive that hold a place."""
        body = await self._http.json(
            "devices/points",
            "GET",
            f"/api/devices/{device_id}/points",
            params={"filter": NEWEST},
        )
        rows = _with_ids("devices/points", body)
        return [parse_point(row, vouched=True) for row in rows]

    async def points_since(self, device_id: int, since: datetime) -> list[Point]:
        """Return what arrived of a tracker since, places or not; in pages.

        What came before the last page that is read is left out.
        """
        points: dict[object, Point] = {}
        until: str | None = None
        skip = 0
        for _ in range(_MOST_ARRIVED_PAGES):
            body = await self._http.json(
                "devices/points",
                "GET",
                f"/api/devices/{device_id}/points",
                params={"filter": arrived_between(time_text(since), until, skip)},
            )
            rows = _with_ids("devices/points", body)
            points |= {point.key: point for point in map(parse_point, rows)}
            following = next_page(rows, "created", until, skip)
            if len(rows) < ARRIVED_PAGE or following is None:
                break
            until, _, skip = following
        return list(points.values())

    async def points_page(
        self,
        device_id: int,
        by: str,
        ends: tuple[str, str],
        skip: int,
        *,
        places_only: bool = True,
    ) -> list[Row]:
        """Return a page of a tracker's points, oldest first; of those with a place.

        `by` is the time that lies between the ends (90 days apart at most).
        """
        body = await self._http.json(
            "devices/points",
            "GET",
            f"/api/devices/{device_id}/points",
            params={"filter": history_page(by, ends, skip, places_only=places_only)},
        )
        return _with_ids("devices/points", body)

    async def geofences(self, user_id: int) -> list[Row]:
        """Return the account's geofences."""
        body = await self._http.json(
            "geofences", "GET", f"/api/users/{user_id}/geofences"
        )
        return _with_ids("geofences", body)

    async def set_config(
        self, device_id: int, changes: Mapping[str, int]
    ) -> tuple[Row, datetime]:
        """Change some of a tracker's settings; return all, and when they changed.

        Only they are sent. A service that takes its document at its word wants more of
        a `deviceConfig` (422): then what it holds is sent along, once.
        """
        path = f"/api/devices/{device_id}/config"
        try:
            answer = await self._http.request(
                "devices/config", "PUT", path, json=changes
            )
        except Refused as err:
            if err.code != _INCOMPLETE:
                raise
            held = parsing.as_dict(await self._http.json("devices/config", "GET", path))
            whole = {
                name: value
                for name, value in held.items()
                if value is not None and name not in _ONE_TIME
            }
            answer = await self._http.request(
                "devices/config", "PUT", path, json={**whole, **changes}
            )
        row = parsing.as_dict(answer.json_if_any())
        if row and any(parsing.as_int(row.get(name)) is None for name in changes):
            raise BadAnswer(answer.endpoint, "not what was set")
        changed = as_time(row.get("modified"))
        return row, changed or answer.time

    async def set_flight_mode(self, device_id: int, minutes: int) -> None:
        """Send a tracker into flight mode at its next connection: a GET that acts."""
        answer = await self._http.request(
            "devices/flightMode",
            "GET",
            f"/api/devices/{device_id}/flightMode",
            params={"duration": minutes},
        )
        answer.json_if_any()

    async def newest_readings(self, device_id: int) -> list[Row]:
        """Return the last of a tracker's readings to arrive, of types that are shown."""
        body = await self._http.json(
            "devices/readings",
            "GET",
            f"/api/devices/{device_id}/readings",
            params={"filter": READINGS},
        )
        return _with_ids("devices/readings", body)


def _words(answer: Answer) -> str:
    """Return what a refusal says: v1's `error.message`, v2's `message`."""
    body = parsing.as_dict(answer.json_or_none())
    error = parsing.as_dict(body.get("error")) or body
    return parsing.as_name(error.get("message"), LONGEST_TEXT) or ""


def _rows(endpoint: str, value: object) -> list[Row]:
    """Return the objects of a list, null is an empty one; BadAnswer if it is none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadAnswer(endpoint, "no list")
    return list(parsing.iter_dicts(value))


def _with_ids(endpoint: str, value: object) -> list[Row]:
    """Return the objects of a list; raise BadAnswer if not one of them has an id."""
    rows = _rows(endpoint, value)
    if rows and all(parsing.as_int(row.get("id")) is None for row in rows):
        raise BadAnswer(endpoint, "no ids")
    return rows


def _by_id(endpoint: str, rows: list[TrackerRow]) -> dict[int, TrackerRow]:
    """Return rows by their id; raise BadAnswer if not one of them has an id."""
    by_id = {row.id: row for row in rows if row.id is not None}
    if rows and not by_id:
        raise BadAnswer(endpoint, "no ids")
    return by_id

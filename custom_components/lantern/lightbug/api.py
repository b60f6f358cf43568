"""The client of Lightbug's two APIs: v1 (`/api`, LoopBack) and v2 (`/v2`).

Tokens of either API open both (`lightbug_authentication`). Some of v1's GETs
change the tracker or cost money: none of them is in here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
import json
from typing import Any

from aiohttp import ClientSession

from ..transport import fields
from ..transport.errors import AuthError, BadAnswer, Refused
from ..transport.http import MIB, Answer, Http
from ..transport.jwt import claims
from ..transport.limits import Limits, service_time
from ..transport.tokens import Token, TokenKeeper
from .models import Row, SignIn
from .points import Point, read_point
from .readings import TYPES

DEFAULT_URL = "https://api.lightbug.cloud"
REFRESHABLE = 2_678_400
"""How long (s) a refresh token outlives its access token: the most there is."""

_PAGE = 1000
_MOST_PAGES = 100
_GUESSED_LIFETIME = 3600.0
_RENEW_AHEAD = 600.0
# What a login says to wrong names and passwords; 404 is another address.
_NOT_ACCEPTED = (400, 403, 422)
# "Ignore all data" is what 255 means.
_VALID = {"locationType": {"neq": "invalid"}, "sendReason": {"neq": 255}}
_NEWEST = json.dumps({"limit": 1, "order": "timestamp DESC", "where": _VALID})
# Points and readings are of 90 days at most, and 1970, where clocks start, is longer
# ago: by their arrival, then.
_ARRIVED = {"created": {"gt": "2000-01-01T00:00:00.000Z"}}
_LAST_ARRIVED = json.dumps(
    {
        "limit": 1,
        "order": "created DESC",
        "where": _VALID | _ARRIVED,
    }
)
_READINGS = json.dumps(
    {
        "limit": 100,
        "order": "created DESC",
        "where": {"type": {"inq": TYPES}} | _ARRIVED,
    }
)
_ONE_ID = json.dumps({"limit": 1, "fields": ["id"]})


class LightbugApi:
    """Talks to Lightbug for one account; `base_url` is what both APIs share."""

    def __init__(
        self,
        session: ClientSession,
        base_url: str,
        limits: Limits,
        timeout: float = 30.0,
    ) -> None:
        """Take where the service is; nobody is signed in yet."""
        self._http = Http(
            session,
            base_url,
            limits=limits,
            timeout=timeout,
            max_bytes=32 * MIB,
            headers={"Accept": "application/json"},
            # The token goes in as it is: v1 would decode what follows "Bearer".
            authorize=lambda token: {"Authorization": token},
        )

    def sign_in_as(
        self, token: Token, store: Callable[[Token], None] = lambda _: None
    ) -> None:
        """Use a token of either API; one that came with a refresh token is renewed."""
        self._http.tokens = TokenKeeper(
            token,
            renew=self._renewed if token.renewal else None,
            store=store,
            margin=_RENEW_AHEAD,
        )

    async def login(self, username: str, password: str) -> SignIn:
        """Sign in by v2 and return a renewable token; AuthError if it is refused."""
        return _signed_in(
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
        return _signed_in_by_v1(
            await self._unsigned(
                "api/users/login", {"username": username, "password": password}
            )
        )

    async def _renewed(self, token: Token) -> Token:
        """Return the next pair; the refresh token of this one works once."""
        answer = await self._unsigned(
            "v2/users/refreshToken",
            {
                "accessToken": token.access,
                "refreshToken": token.renewal,
                "refreshable": REFRESHABLE,
            },
        )
        return _token(answer, fields.mapping(answer.json()))

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
            await self._page({"_limit": 1})
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
            params={"filter": _ONE_ID},
        )
        _rows(answer.endpoint, answer.json())

    async def summary(self, user_id: int) -> dict[int, Row]:
        """Return v1's devices by id, each with its newest point in `latestPoints`."""
        body = await self._http.json(
            "getDeviceSummary",
            "GET",
            f"/api/users/{user_id}/getDeviceSummary",
            params={"pointCount": 1},
        )
        return _by_id("getDeviceSummary", _rows("getDeviceSummary", body))

    async def devices(self) -> dict[int, Row]:
        """Return v2's devices with their configuration by id, from all pages."""
        query: dict[str, Any] = {"_limit": _PAGE, "_include": "config"}
        body = await self._page(query)
        rows = _rows("v2/devices", body.get("data"))
        found = _by_id("v2/devices", rows)
        total = fields.integer(body.get("totalElements")) or 0
        # Whether pages count from 0 or 1 is not documented: the first one tells.
        page = fields.integer(body.get("page"))
        for number in range(1, _MOST_PAGES):
            if page is None or len(found) >= total or not rows:
                break
            body = await self._page(query | {"_page": page + number})
            rows = _rows("v2/devices", body.get("data"))
            found |= _by_id("v2/devices", rows)
        return found

    async def _page(self, query: Mapping[str, Any]) -> Row:
        """Return one page of v2's devices."""
        body = await self._http.json("v2/devices", "GET", "/v2/devices", params=query)
        _rows("v2/devices", fields.mapping(body).get("data"))
        return fields.mapping(body)

    async def newest_valid_point(
        self, device_id: int, *, clock: bool = True
    ) -> Point | None:
        """Return a tracker's newest point that holds a place, None if none does.

        Without a `clock` of its own, the one that arrived last is its newest.
        """
        body = await self._http.json(
            "devices/points",
            "GET",
            f"/api/devices/{device_id}/points",
            params={"filter": _NEWEST if clock else _LAST_ARRIVED},
        )
        for row in _rows("devices/points", body):
            return read_point(row, vouched=True)
        return None

    async def newest_readings(self, device_id: int) -> list[Row]:
        """Return the last of a tracker's readings to arrive, of types that are shown."""
        body = await self._http.json(
            "devices/readings",
            "GET",
            f"/api/devices/{device_id}/readings",
            params={"filter": _READINGS},
        )
        return _rows("devices/readings", body)


def _rows(endpoint: str, value: object) -> list[Row]:
    """Return the objects of a list; raise BadAnswer if it is none."""
    if not isinstance(value, list):
        raise BadAnswer(endpoint, "no list")
    return list(fields.objects(value))


def _by_id(endpoint: str, rows: list[Row]) -> dict[int, Row]:
    """Return rows by their `id`; raise BadAnswer if not one of them has an id."""
    found = {
        number: row
        for row in rows
        if (number := fields.integer(row.get("id"))) is not None
    }
    if rows and not found:
        raise BadAnswer(endpoint, "no ids")
    return found


def _signed_in(answer: Answer) -> SignIn:
    """Return the sign-in of a v2 `LoginResponse`."""
    body = fields.mapping(answer.json())
    token = _token(answer, body)
    user_id = fields.integer(body.get("userId")) or user_of(token.access)
    if user_id is None:
        raise BadAnswer(answer.endpoint, "no user")
    return SignIn(user_id, token)


def _token(answer: Answer, body: Row) -> Token:
    """Return the token of a v2 answer; its expiry's format is not documented."""
    access = fields.text(body.get("token"))
    if access is None:
        raise BadAnswer(answer.endpoint, "no token")
    expires = _epoch(fields.moment(body.get("expiry")))
    if expires is None:
        expires = expiry_of(access)
    renewal_expires = _epoch(fields.moment(body.get("refreshTokenExpiry")))
    renewal = fields.text(body.get("refreshToken"))
    return _dated(answer, access, expires, renewal, renewal_expires)


def _signed_in_by_v1(answer: Answer) -> SignIn:
    """Return the sign-in of a v1 `accessToken`: it ends `ttl` s after `created`."""
    body = fields.mapping(answer.json())
    access = fields.text(body.get("id"))
    user_id = fields.integer(body.get("userId"))
    if access is None or user_id is None:
        raise BadAnswer(answer.endpoint, "no token")
    created = fields.moment(body.get("created")) or service_time(answer.headers)
    ttl = fields.number(body.get("ttl"))
    expires = None if ttl is None else created.timestamp() + ttl
    return SignIn(user_id, _dated(answer, access, expires))


def _dated(
    answer: Answer,
    access: str,
    expires: float | None,
    renewal: str | None = None,
    renewal_expires: float | None = None,
) -> Token:
    """Return a token that was just received, with its lifetime at the service."""
    lifetime = (expires or 0.0) - service_time(answer.headers).timestamp()
    return Token(
        access=access,
        renewal=renewal,
        # An end that is not told, or lies in the past, is guessed.
        lifetime=lifetime if lifetime > 0 else _GUESSED_LIFETIME,
        expires=expires,
        renewal_expires=renewal_expires,
    )


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def user_of(token: str) -> int | None:
    """Return the number of the user that a JWT is for, None if it is no JWT."""
    user_id = fields.integer(claims(token).get("sub"))
    return user_id if user_id is not None and user_id > 0 else None


def expiry_of(token: str) -> float | None:
    """Return when a JWT ends, in epoch seconds, None if it is no JWT."""
    return fields.number(claims(token).get("exp"))


def email_of(token: str) -> str | None:
    """Return the e-mail address that a JWT names, if it names one."""
    name = fields.text(claims(token).get("name"))
    return name if name and "@" in name else None

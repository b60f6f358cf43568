"""A small service with a token, for what all services have in common."""

from collections.abc import AsyncGenerator, Iterable
from typing import Any, override

from aiohttp import ClientSession, web
import pytest

from custom_components.lantern.transport.http import Http
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token, TokenKeeper
from simulator.service import Service

THING = "GET /thing"
RENEW = "POST /renew"
LIFETIME = 900


class Small(Service):
    """Knows one access token, and one renewal token that each renewal replaces."""

    name = "small"

    def __init__(self) -> None:
        """Start with the first pair."""
        super().__init__()
        self.generation = 1
        self.renewable = True

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the two routes."""
        return [web.get("/thing", self._thing), web.post("/renew", self._renew)]

    def _is_ours(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"access-{self.generation}"

    async def _thing(self, request: web.Request) -> web.Response:
        if not self._is_ours(request):
            return web.json_response({"detail": "who?"}, status=401)
        return web.json_response({"value": 7})

    async def _renew(self, request: web.Request) -> web.Response:
        body = await request.json()
        if not self.renewable or body["renewal"] != f"renewal-{self.generation}":
            return web.json_response({"detail": "no"}, status=401)
        self.generation += 1
        return web.json_response({"generation": self.generation})


class Client:
    """A room's client in small."""

    def __init__(self, session: ClientSession, url: str, **settings: Any) -> None:
        """Start with the first pair, of unknown age."""
        self.rate_limit = RateLimit()
        self.stored: list[Token] = []
        self.http = Http(
            session,
            url,
            rate_limit=self.rate_limit,
            authorize=lambda token: {"Authorization": token},
            **settings,
        )
        self.keeper = TokenKeeper(
            pair(1, None), refresh=self._renew, store=self.stored.append
        )
        self.http.tokens = self.keeper

    async def _renew(self, token: Token) -> Token:
        answer = await self.http.json(
            "renew",
            "POST",
            "/renew",
            anonymous=True,
            json={"renewal": token.refresh_token},
        )
        return pair(answer["generation"], LIFETIME)

    async def thing(self) -> Any:
        """Ask for the thing."""
        return await self.http.json("thing", "GET", "/thing")


def pair(generation: int, lifetime: float | None) -> Token:
    """Return the pair of a generation."""
    return Token(
        access_token=f"access-{generation}",
        refresh_token=f"renewal-{generation}",
        lifetime=lifetime,
    )


@pytest.fixture
async def small() -> AsyncGenerator[Small]:
    """Serve the small service, ending with no violation."""
    service = Small()
    await service.start()
    yield service
    await service.stop()
    assert service.violations == []


@pytest.fixture
async def session() -> AsyncGenerator[ClientSession]:
    """Open a client session with as many connections as one wants."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
def client(small: Small, session: ClientSession) -> Client:
    """Make a client of the small service."""
    return Client(session, small.url)

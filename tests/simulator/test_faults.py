"""Faults that spoil an answer, whatever route it is of."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from email.utils import parsedate_to_datetime
import json
from typing import Any, override

from aiohttp import ClientSession, ClientTimeout, web
import pytest

from simulator.service import Service

ROUTE = "GET /things"
THINGS = {"1": {"uniqueid": "a", "kind": "x", "tags": ["b"]}, "kind": 7}


class Tiny(Service):
    """A service with one endpoint."""

    name = "tiny"

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the endpoint."""
        return [web.get("/things", self._things)]

    async def _things(self, _: web.Request) -> web.Response:
        return web.json_response(THINGS)


@pytest.fixture
async def tiny(socket_enabled: None) -> AsyncIterator[Tiny]:
    """Return the service, listening, and in the end without a violation."""
    service = Tiny()
    await service.start()
    yield service
    await service.stop()
    assert service.violations == []


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Return a client's session."""
    async with ClientSession() as client:
        yield client


@pytest.mark.parametrize(
    ("kind", "settings", "expected"),
    [
        (
            "duplicates",
            {},
            THINGS | {"19": {"uniqueid": "a", "kind": "x", "tags": ["b"]}},
        ),
        (
            "unheard_of",
            {"fields": ("kind", "tags")},
            {
                "1": {"uniqueid": "a", "kind": "unheard_of", "tags": ["unheard_of"]},
                "kind": 99,
            },
        ),
    ],
)
async def test_spoiled(
    tiny: Tiny, session: ClientSession, kind: str, settings: Any, expected: Any
) -> None:
    """What has an id comes twice; a field holds what no document names."""
    tiny.inject(ROUTE, kind, **settings)
    async with session.get(f"{tiny.url}/things") as response:
        assert await response.json() == expected


async def test_charset(tiny: Tiny, session: ClientSession) -> None:
    """The bytes are no UTF-8, and the character set is nobody's."""
    tiny.inject(ROUTE, "charset")
    async with session.get(f"{tiny.url}/things") as response:
        body = await response.read()
        assert response.headers["Content-Type"].endswith("charset=x-unheard-of")
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert json.loads(body.decode("latin-1"))["kind"] == 7


@pytest.mark.parametrize("form", ["seconds", "date", "reset", "window", "none"])
async def test_too_many(tiny: Tiny, session: ClientSession, form: str) -> None:
    """How long to wait is told in one of the forms, counted from the answer."""
    tiny.clock.advance(86400)
    tiny.inject(ROUTE, "too_many", form=form, seconds=90)
    async with session.get(f"{tiny.url}/things") as response:
        assert response.status == 429
        headers = response.headers
    now = parsedate_to_datetime(headers["Date"])
    match form:
        case "seconds":
            assert headers["Retry-After"] == "90"
        case "date":
            wait = parsedate_to_datetime(headers["Retry-After"]) - now
            assert 89 <= wait.total_seconds() <= 91
        case "reset":
            assert 89 <= float(headers["X-Ratelimit-Reset"]) - now.timestamp() <= 91
        case "window":
            assert headers["X-Ratelimit-Window"] == "90"
        case _:
            assert not {"Retry-After", "X-Ratelimit-Reset"} & set(headers)


async def test_silence(tiny: Tiny, session: ClientSession) -> None:
    """Nothing is said; once the client has left, nobody waits any more."""
    tiny.inject(ROUTE, "silence")
    with pytest.raises(TimeoutError):
        await session.get(f"{tiny.url}/things", timeout=ClientTimeout(total=0.05))
    await asyncio.wait_for(_received(tiny), 3)


async def test_leaving_early(tiny: Tiny, session: ClientSession) -> None:
    """A client may hang up in the middle of a long answer."""
    tiny.inject(ROUTE, "huge")
    async with session.get(f"{tiny.url}/things") as response:
        await response.content.readany()
        response.close()
    await asyncio.wait_for(_received(tiny), 3)
    assert tiny.requests[0].size < 100_000_000


async def _received(tiny: Tiny) -> None:
    while not tiny.requests:
        await asyncio.sleep(0.01)

"""Answers without a network: aiohttp's place is taken by what a service would say."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession


class Canned:
    """A response that is there already, as far as the request path looks at it."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep what was answered."""
        self.status = status
        self.headers = headers
        self.content = self
        self._body = body

    async def iter_any(self) -> AsyncIterator[bytes]:
        """Yield the body in one piece."""
        yield self._body

    def close(self) -> None:
        """Leave."""


class Answering:
    """A session that gives every request the same answer."""

    def __init__(self) -> None:
        """Answer with nothing until somebody says what."""
        self.status = 200
        self.headers: Mapping[str, str] = {}
        self.body = b""

    @asynccontextmanager
    async def request(self, *_: Any, **__: Any) -> AsyncGenerator[Canned]:
        """Answer."""
        yield Canned(self.status, self.headers, self.body)


class Listening:
    """A session that keeps what a real service answered."""

    def __init__(self, session: ClientSession) -> None:
        """Take the session that asks."""
        self._session = session
        self.bodies: list[bytes] = []

    @asynccontextmanager
    async def request(
        self, method: str, url: str, **content: Any
    ) -> AsyncGenerator[Canned]:
        """Ask, and keep the answer."""
        async with self._session.request(method, url, **content) as response:
            body = await response.read()
            self.bodies.append(body)
            yield Canned(response.status, response.headers, body)

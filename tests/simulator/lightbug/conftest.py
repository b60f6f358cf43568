"""Lightbug's cloud on a free loopback port, and who calls it."""

from collections.abc import AsyncIterator

from aiohttp import ClientSession
import pytest

from simulator.lightbug import Lightbug


@pytest.fixture
async def lightbug(socket_enabled: None) -> AsyncIterator[Lightbug]:
    """Return Lightbug with its household; violations are provoked here."""
    service = Lightbug()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def anonymous(lightbug: Lightbug) -> AsyncIterator[ClientSession]:
    """Return a session at Lightbug's base URL, without a token."""
    async with ClientSession(lightbug.url) as session:
        yield session


@pytest.fixture
async def client(lightbug: Lightbug, anonymous: ClientSession) -> ClientSession:
    """Return a session with a token."""
    anonymous.headers["Authorization"] = lightbug.add_personal_token()
    return anonymous

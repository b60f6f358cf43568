"""Reading the certificate of the other end before anything is sent to it."""

from collections.abc import AsyncGenerator

from aiohttp import ClientSession
import pytest

from custom_components.lantern.transport.certificate import certificate_sha256
from custom_components.lantern.transport.errors import Unreachable
from simulator.hue import HueBridge

from .conftest import Small


@pytest.fixture
async def bridge() -> AsyncGenerator[HueBridge]:
    """Serve a bridge with a certificate of its own."""
    service = HueBridge()
    await service.start()
    yield service
    await service.stop()


async def test_certificate_is_read(bridge: HueBridge, session: ClientSession) -> None:
    """Its fingerprint is told, and no request arrives."""
    fingerprint = await certificate_sha256(session, "certificate", bridge.url)
    assert fingerprint == bridge.certificate_sha256
    assert bridge.count() == 0


async def test_plain_http(small: Small, session: ClientSession) -> None:
    """Who speaks no TLS has no certificate."""
    url = small.url.replace("http:", "https:")
    assert await certificate_sha256(session, "certificate", url) is None


async def test_nobody_listens(small: Small, session: ClientSession) -> None:
    """A refused connection has no certificate either."""
    url = small.url.replace("http:", "https:")
    await small.stop()
    assert await certificate_sha256(session, "certificate", url) is None


async def test_no_such_host(session: ClientSession) -> None:
    """A host that cannot be is unreachable."""
    with pytest.raises(Unreachable):
        await certificate_sha256(session, "certificate", "https://")

"""The simulated services, started on free loopback ports."""

from collections.abc import AsyncIterator, Awaitable, Callable
import json
from typing import Any

from aiohttp import ClientSession, TCPConnector
import pytest

from simulator.hue import HueBridge


def errors_and_successes(answer: list[dict[str, Any]]) -> list[Any]:
    """Return (type, address) of each error, the address of each success."""
    return [
        (member["error"]["type"], member["error"]["address"])
        if "error" in member
        else next(iter(member["success"]))
        for member in answer
    ]


class HueCaller:
    """Calls one bridge; `key` is an application key that it knows."""

    def __init__(self, bridge: HueBridge, session: ClientSession) -> None:
        """Register at the bridge."""
        self.bridge = bridge
        self.session = session
        self.key = bridge.register("test")

    async def __call__(self, method: str, path: str, **settings: Any) -> Any:
        """Return status and JSON, or text where it is none."""
        url = self.bridge.url + path
        async with self.session.request(method, url, **settings) as response:
            text = await response.text()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text

    async def v1(self, method: str, path: str, **settings: Any) -> Any:
        """Return what the v1 API answers below /api/<key>."""
        return (await self(method, f"/api/{self.key}{path}", **settings))[1]


@pytest.fixture(autouse=True)
def guards(socket_enabled: None) -> None:
    """Allow loopback; these tests need no Home Assistant."""


type StartHue = Callable[..., Awaitable[HueCaller]]


@pytest.fixture
async def hue_bridge(socket_enabled: None) -> AsyncIterator[StartHue]:
    """Return what starts a bridge with the settings given and calls it."""
    bridges = []
    async with ClientSession(connector=TCPConnector(ssl=False, limit=0)) as session:

        async def start(**settings: Any) -> HueCaller:
            bridge = HueBridge(**settings)
            await bridge.start()
            bridges.append(bridge)
            return HueCaller(bridge, session)

        yield start
        for bridge in bridges:
            await bridge.stop()

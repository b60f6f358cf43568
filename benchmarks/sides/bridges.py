"""Simulated bridges, in a thread of their own: their CPU time is not counted.

For API v1, one house behind a bridge in https and one in plain http, as Home
Assistant's own hue speaks it there. For API v2, a bridge with the same house for each.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
import threading
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.home import add_entry
from simulator.hue import HueBridge
from simulator.hue.house import generate

BRIDGE_ID = "001788fffe0a0b0c"


class Served:
    """Bridges in a thread of their own."""

    def __init__(self, *bridges: HueBridge) -> None:
        """Initialize without listening."""
        self.bridges = list(bridges)
        self._loop = asyncio.new_event_loop()

    def call[ValueT](self, work: Callable[[], ValueT]) -> ValueT:
        """Do something to the house, in its own thread."""

        async def done() -> ValueT:
            return work()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    @contextmanager
    def served(self) -> Iterator[None]:
        """Listen meanwhile."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        for bridge in self.bridges:
            asyncio.run_coroutine_threadsafe(bridge.start(), self._loop).result()
        try:
            yield
        finally:
            for bridge in self.bridges:
                asyncio.run_coroutine_threadsafe(bridge.stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def start[ValueT](self, work: Coroutine[Any, Any, ValueT]) -> Future[ValueT]:
        """Begin something that goes on in the bridges' thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def replace(self, bridge: HueBridge) -> HueBridge:
        """Put another bridge, with another certificate, at a bridge's address."""
        foreign = HueBridge(bridge_id="001788fffe999999")

        async def swap() -> None:
            port = bridge.port
            await bridge.stop()
            await foreign.start(port)

        self.start(swap()).result()
        self.bridges.append(foreign)
        return foreign


async def add_lantern(hass: HomeAssistant, bridge: HueBridge) -> MockConfigEntry:
    """Set Lantern up, over https with the bridge's certificate pinned."""
    data: dict[str, Any] = {
        "vendor": "hue",
        "host": f"127.0.0.1:{bridge.port}",
        "tls": True,
        "certificate_sha256": bridge.certificate_sha256,
        "application_key": bridge.register("lantern#benchmark"),
        "bridge_id": BRIDGE_ID,
        "devicetype": "lantern#benchmark",
    }
    return await add_entry(hass, "lantern", data, unique_id=f"hue:{BRIDGE_ID}")


async def add_core(
    hass: HomeAssistant, bridge: HueBridge, api_version: int
) -> MockConfigEntry:
    """Set Home Assistant's own hue up, with rooms, as Lantern has them."""
    data = {
        "host": f"127.0.0.1:{bridge.port}",
        "api_key": bridge.register("hue#benchmark"),
        "api_version": api_version,
    }
    options = {"allow_hue_groups": True}
    return await add_entry(hass, "hue", data, unique_id=BRIDGE_ID, options=options)


class Bridges(Served):
    """The same house twice for API v1; both let the same keys in."""

    def __init__(self, lamps: int, accessories: int) -> None:
        """Build the house; nobody listens yet."""
        house = generate(lamps, accessories)
        self.secure = HueBridge(house=house)
        self.plain = HueBridge(house=house, https=False)
        self.plain.whitelist = self.secure.whitelist
        super().__init__(self.secure, self.plain)

    async def add_lantern(self, hass: HomeAssistant) -> MockConfigEntry:
        """Set Lantern up at the bridge that speaks https."""
        return await add_lantern(hass, self.secure)

    async def add_core(self, hass: HomeAssistant) -> MockConfigEntry:
        """Set Home Assistant's own hue up at the other."""
        return await add_core(hass, self.plain, 1)

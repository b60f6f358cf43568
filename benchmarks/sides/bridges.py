"""One simulated house behind a bridge, reachable over https and over plain http.

Home Assistant's own hue speaks plain http only where it uses the v1 API; real
bridges offer both. Both of ours have the same house and let the same keys in.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
import threading
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from benchmarks.home import add_entry
from simulator.hue import HueBridge
from simulator.hue.house import generate

BRIDGE_ID = "001788fffe0a0b0c"


class Bridges:
    """The same bridge twice, in a thread of its own: its CPU time is not counted."""

    def __init__(self, lamps: int, accessories: int) -> None:
        """Build the house; nobody listens yet."""
        house = generate(lamps, accessories)
        self.secure = HueBridge(house=house)
        self.plain = HueBridge(house=house, https=False)
        self.plain.whitelist = self.secure.whitelist
        self.key = self.secure.register("lantern#benchmark")
        self.foreign: HueBridge | None = None
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
        for bridge in (self.secure, self.plain):
            asyncio.run_coroutine_threadsafe(bridge.start(), self._loop).result()
        try:
            yield
        finally:
            for bridge in filter(None, (self.secure, self.plain, self.foreign)):
                asyncio.run_coroutine_threadsafe(bridge.stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def replace_secure(self) -> None:
        """Put another bridge, with another certificate, at the https address."""

        async def swap() -> None:
            port = self.secure.port
            await self.secure.stop()
            self.foreign = HueBridge(bridge_id="001788fffe999999")
            await self.foreign.start(port)

        asyncio.run_coroutine_threadsafe(swap(), self._loop).result()

    async def add_lantern(self, hass: HomeAssistant) -> MockConfigEntry:
        """Set Lantern up, over https with the bridge's certificate pinned."""
        data: dict[str, Any] = {
            "vendor": "hue",
            "host": f"127.0.0.1:{self.secure.port}",
            "tls": True,
            "certificate_sha256": self.secure.certificate_sha256,
            "application_key": self.key,
            "bridge_id": BRIDGE_ID,
            "devicetype": "lantern#benchmark",
        }
        return await add_entry(hass, "lantern", data, unique_id=f"hue:{BRIDGE_ID}")

    async def add_core(self, hass: HomeAssistant) -> MockConfigEntry:
        """Set Home Assistant's own hue up, with rooms, as Lantern has them."""
        data = {
            "host": f"127.0.0.1:{self.plain.port}",
            "api_key": self.key,
            "api_version": 1,
        }
        options = {"allow_hue_groups": True}
        return await add_entry(hass, "hue", data, unique_id=BRIDGE_ID, options=options)

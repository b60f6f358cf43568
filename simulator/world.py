"""The services together, as the demo and the tests use them."""

from .clock import Clock
from .control import Control
from .hue import HueBridge
from .lightbug import Lightbug
from .lucit import Lucit
from .lux import Lux
from .service import Service


class World:
    """A home's services on loopback, and the port that controls them."""

    def __init__(self) -> None:
        """Make the services with a small, made-up household in each."""
        self.clock = Clock()
        self.hue = HueBridge(self.clock)
        self.lucit = Lucit(self.clock)
        self.lightbug = Lightbug(self.clock)
        self.lux = Lux(self.clock)
        self.control = Control(self.clock, self.services)

    @property
    def services(self) -> tuple[Service, ...]:
        """Return the services, in the order of their ports."""
        return (self.hue, self.lucit, self.lightbug, self.lux)

    async def start(self, port: int = 0) -> None:
        """Listen: control on `port`, the services on those after it (0: any)."""
        for offset, service in enumerate(self.services, start=1):
            await service.start(port + offset if port else 0)
        await self.control.start(port)

    async def stop(self) -> None:
        """Stop all of it."""
        await self.control.stop()
        for service in self.services:
            await service.stop()

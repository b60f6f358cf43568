"""How near one refresh comes to what cannot be saved.

That is to decode the answers with orjson, and the state writes that really
happened, as long as Home Assistant itself takes over them.
"""

from dataclasses import dataclass
from statistics import median
from time import thread_time_ns
from unittest.mock import patch

from homeassistant.helpers.entity import Entity
import orjson

from .home import home
from .measuring import Work, cpu_us, no_collection
from .sides.lightbug import DecodingSide

ENTITIES = 400
EACH = 4


@dataclass(frozen=True, slots=True)
class Limit:
    """CPU times (µs): decoding all, the state writes, and Lantern's whole refresh."""

    changed: int
    decode: float
    writes: float
    refresh: float

    @property
    def ratio(self) -> float:
        """Return Lantern's refresh in parts of the limit."""
        return self.refresh / (self.decode + self.writes)


async def measure(rounds: int = 30) -> list[Limit]:
    """Measure with nothing, one and all changed."""
    side = DecodingSide(ENTITIES // EACH)
    async with home({side.domain: side.keys}) as hass:
        await side.load(hass)
        limits = []
        for changed in (0, 1, side.devices):
            decodes, writes, refreshes = [], [], []
            with no_collection():
                for _ in range(rounds):
                    side.prepare(changed)
                    decodes.append(await cpu_us(hass, lambda: _decode(side)))
                    refreshes.append(await cpu_us(hass, side.refresh))
                    side.prepare(changed)
                    writes.append(await _writing(side.refresh))
            side.check(hass)
            medians = (median(times) for times in (decodes, writes, refreshes))
            limits.append(Limit(changed, *medians))
    return limits


async def _decode(side: DecodingSide) -> None:
    for body in side.answer.values():
        orjson.loads(body)


async def _writing(work: Work) -> float:
    """Return the time (µs) that Home Assistant's own state writes take in some work."""
    taken = 0
    write = Entity.async_write_ha_state

    def timed(entity: Entity) -> None:
        nonlocal taken
        start = thread_time_ns()
        write(entity)
        taken += thread_time_ns() - start

    with patch.object(Entity, "async_write_ha_state", timed):
        await work()
    return taken / 1000

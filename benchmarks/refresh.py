"""One refresh of the coordinator, by entities and by how many devices changed.

From the answers' bytes to the states, or from what each library hands over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from .home import home
from .measuring import in_turns, state_events
from .sides import Side
from .sides.hue_v1 import DecodingHueSide, HueSide
from .sides.lightbug import DecodingSide, LanternSide
from .sides.scorpiontrack import DecodingScorpionTrackSide, ScorpionTrackSide
from .sides.traccar_server import DecodingTraccarSide, TraccarSide

SIDES = (LanternSide, ScorpionTrackSide, TraccarSide, HueSide)
DECODING = (
    DecodingSide,
    DecodingScorpionTrackSide,
    DecodingTraccarSide,
    DecodingHueSide,
)
ENTITIES = (100, 400, 2000)
EACH = 4
_NEWS = 3
_ROW = 5


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh cost: CPU time (µs) and state_changed events, by integration."""

    entities: int
    changed: int
    us: dict[str, float]
    events: dict[str, int]


async def measure(
    kinds: Sequence[type[Side]] = SIDES, rounds: int = 30
) -> list[Refreshed]:
    """Measure all sizes; raises RuntimeError where a state is not what it must be."""
    return [
        result
        for size in ENTITIES
        for result in await _of(kinds, size // EACH, min(rounds, rounds * 500 // size))
    ]


async def _of(
    kinds: Sequence[type[Side]], devices: int, rounds: int
) -> list[Refreshed]:
    sides: dict[str, Side] = {kind.domain: kind(devices) for kind in kinds}
    results = []
    async with home({kind.domain: kind.keys for kind in kinds}) as hass:
        for side in sides.values():
            await side.load(hass)
        for changed in (0, 1, devices):
            turns = {n: partial(side.prepared, changed) for n, side in sides.items()}
            us = await in_turns(hass, rounds, turns, row=_ROW)
            events = {}
            for name, side in sides.items():
                side.prepare(changed)
                seen = await state_events(hass, side.refresh)
                side.check(hass)
                events[name] = len(seen)
                # A tracker's write is always an event: only Lantern leaves out
                # those that have nothing to tell.
                few = len(seen) < _NEWS * changed
                if few or (name == LanternSide.domain and len(seen) > _NEWS * changed):
                    raise RuntimeError(
                        f"{name}: {len(seen)} events of {changed}: {seen}"
                    )
            results.append(Refreshed(devices * EACH, changed, us, events))
    return results

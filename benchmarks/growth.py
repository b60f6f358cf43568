"""How one refresh grows with the fleet, while one tracker changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from unittest.mock import patch

from custom_components.lantern import entity_loader
from custom_components.lantern.lightbug.client.models import Tracker

from .home import home
from .measuring import Work, in_turns
from .sides.lightbug import LanternSide

FLEETS = (100, 1000, 10_000)
WITH_ENTITIES = 2000
_SERIALS = 1_000_000


@dataclass(frozen=True, slots=True)
class Grown:
    """What a refresh of a fleet cost (µs), with nothing and with one changed."""

    trackers: int
    nothing: float
    changed: float


def _is_among_the_first(tracker: Tracker) -> bool:
    """Return whether a tracker has entities; the simulated serials count from 1."""
    return int(tracker.serial or 0) % _SERIALS <= WITH_ENTITIES


@contextmanager
def only_shown() -> Iterator[None]:
    """Leave out entities that would be disabled, or are too many.

    Home Assistant lets an entry have 10,000 entities: of a larger fleet, the first
    trackers have theirs.
    """
    vendors = dict(entity_loader.VENDORS)
    row = vendors["lightbug"]
    entities = {
        platform: tuple(
            replace(description, exists_fn=_is_among_the_first)
            for description in descriptions
            if description.key in LanternSide.keys
        )
        for platform, descriptions in row.entities.items()
    }
    vendors["lightbug"] = replace(row, entities=entities)
    with patch.object(entity_loader, "VENDORS", vendors):
        yield


async def measure(rounds: int = 15) -> list[Grown]:
    """Measure all fleets, one after the other."""
    return [await _of(trackers, rounds) for trackers in FLEETS]


async def _of(trackers: int, rounds: int) -> Grown:
    side = LanternSide(trackers)
    with only_shown():
        async with home({side.domain: side.keys}) as hass:
            await side.load(hass)

            def prepared(changed: int) -> Work:
                side.prepare(changed)
                return side.refresh

            us = await in_turns(
                hass,
                rounds,
                {"nothing": lambda: prepared(0), "one": lambda: prepared(1)},
            )
            side.check(hass, first=WITH_ENTITIES)
    return Grown(trackers, us["nothing"], us["one"])


def slope(grown: list[Grown]) -> float:
    """Return what each further tracker, that did not change, costs (µs)."""
    first, last = grown[0], grown[-1]
    return (last.changed - first.changed) / (last.trackers - first.trackers)

"""How one refresh grows with the fleet, while one tracker changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from unittest.mock import patch

from custom_components.lantern import platform_setup

from .home import home
from .measuring import Work, in_turns
from .sides.lightbug import LanternSide

FLEETS = (100, 1000, 5000, 20_000)


@dataclass(frozen=True, slots=True)
class Grown:
    """What a refresh of a fleet cost (µs), with nothing and with one changed."""

    trackers: int
    nothing: float
    one: float


@contextmanager
def only_shown() -> Iterator[None]:
    """Leave out the descriptions of entities that would be disabled anyway.

    Twenty thousand trackers with all of theirs are half a million registry
    entries, which is Home Assistant's cost and would take minutes.
    """
    vendors = dict(platform_setup.VENDORS)
    row = vendors["lightbug"]
    entities = {
        platform: tuple(one for one in descriptions if one.key in LanternSide.keys)
        for platform, descriptions in row.entities.items()
    }
    vendors["lightbug"] = replace(row, entities=entities)
    with patch.object(platform_setup, "VENDORS", vendors):
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
            side.check(hass)
    return Grown(trackers, us["nothing"], us["one"])


def slope(grown: list[Grown]) -> float:
    """Return what each further tracker, that did not change, costs (µs)."""
    first, last = grown[0], grown[-1]
    return (last.one - first.one) / (last.trackers - first.trackers)

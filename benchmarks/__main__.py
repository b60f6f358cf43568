"""Runs the measurements and prints their tables: `python -m benchmarks [NAME …]`."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
import logging
from time import monotonic

from . import (
    at_rest,
    beside,
    events,
    growth,
    limit,
    loop,
    memory,
    path,
    refresh,
    startup,
    tables,
    treatments,
)


async def _startup() -> str:
    return tables.startup(await startup.measure(), await startup.requests())


async def _memory() -> str:
    # First: what other homes leave in the event loop would count as growth.
    growth = await memory.growth()
    return tables.memory(await memory.measure(), growth)


async def _beside() -> str:
    return tables.beside(*await beside.measure())


MEASUREMENTS: dict[str, Callable[[], Awaitable[str]]] = {
    "whole": lambda: _shown(refresh.measure(refresh.DECODING), tables.whole),
    "refresh": lambda: _shown(refresh.measure(), tables.refresh),
    "path": lambda: _shown(path.measure(), tables.path),
    "events": lambda: _shown(events.measure(), tables.events),
    "growth": lambda: _shown(growth.measure(), tables.growth),
    "startup": _startup,
    "memory": _memory,
    "loop": lambda: _shown(loop.measure(), tables.loop),
    "treatments": lambda: _shown(treatments.measure(), tables.treatments),
    "at_rest": lambda: _shown(at_rest.measure(), tables.at_rest),
    "limit": lambda: _shown(limit.measure(), tables.limit),
    "beside": _beside,
}


async def _shown[FoundT](
    measured: Awaitable[FoundT], table: Callable[[FoundT], str]
) -> str:
    return table(await measured)


def main() -> None:
    """Measure what is asked for, or all."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []])
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the tables into docs/development/performance.md",
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    for name in options.names or MEASUREMENTS:
        start = monotonic()
        # Each in a loop of its own: nothing is left over for the next one.
        text = asyncio.run(MEASUREMENTS[name]())
        print(f"\n## {name} ({monotonic() - start:.0f} s)\n\n{text}", flush=True)
        if options.write:
            tables.write(name, text)


if __name__ == "__main__":
    main()

"""Long rows of work in slices, so that nothing else waits long for its turn."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from itertools import batched


async def async_batched[ThingT](
    things: Iterable[ThingT], size: int
) -> AsyncGenerator[tuple[ThingT, ...]]:
    """Yield so many at a time; between two slices, others have the event loop."""
    for index, part in enumerate(batched(things, size)):
        if index:
            await asyncio.sleep(0)
        yield part

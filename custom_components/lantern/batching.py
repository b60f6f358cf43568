"""Long rows of work in slices, so that nothing else waits long for its turn."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from itertools import batched


async def async_batched[ItemT](
    items: Iterable[ItemT], size: int
) -> AsyncGenerator[tuple[ItemT, ...]]:
    """Yield so many at a time; between two slices, others have the event loop."""
    for index, part in enumerate(batched(items, size)):
        if index:
            await asyncio.sleep(0)
        yield part

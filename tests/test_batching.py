"""Long rows of work, a slice at a time."""

import asyncio

from custom_components.lantern.batching import async_batched


async def test_others_have_a_turn_between_slices() -> None:
    """All is done in order, and other tasks run in between."""
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")

    waiting = asyncio.create_task(other())
    async for part in async_batched("abcde", 2):
        seen.extend(part)
    await waiting
    assert seen == [*"ab", "other", *"cde"]

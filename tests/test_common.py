"""What the tests' own waiting relies on."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from . import common
from .common import settle


async def test_settle_fails_with_names(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task that waits for nobody knows what is named, and nothing hangs."""
    monkeypatch.setattr(common, "_ROUNDS", 50)
    never = hass.loop.create_future()

    async def wait() -> None:
        await never

    task = hass.async_create_background_task(wait(), "waits for a slow service")
    with pytest.raises(AssertionError, match="waits for a slow service"):
        await settle(hass)
    never.set_result(None)
    await task


@pytest.mark.parametrize("seconds", [0, 60])
async def test_settle_leaves_sleepers(hass: HomeAssistant, seconds: int) -> None:
    """A task that sleeps, or waits for a lock, holds nobody up; a moment is no sleep."""
    lock, woken = asyncio.Lock(), []

    async def sleep() -> None:
        async with lock:
            for _ in range(20):
                await asyncio.sleep(seconds)
            woken.append(seconds)

    tasks = [
        hass.async_create_background_task(sleep(), "sleeps"),
        hass.async_create_background_task(sleep(), "waits for the lock"),
    ]
    await settle(hass)
    assert woken == ([] if seconds else [0, 0])
    for task in tasks:
        task.cancel()

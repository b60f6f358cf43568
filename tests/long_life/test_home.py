"""What a home that ends takes along, and what it does not."""

import asyncio
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory

from simulator.world import World

from .home import home
from .household import move_in


async def test_services_go_on(
    world: World, folder: Path, freezer: FrozenDateTimeFactory
) -> None:
    """A service that is slow when Home Assistant ends answers afterwards."""
    world.lux.inject("*", "latency", seconds=120)
    async with home(folder):
        reader, writer = await asyncio.open_connection("127.0.0.1", world.lux.port)
        request = (
            "GET /api/v1/lux/user/me HTTP/1.1",
            "Host: 127.0.0.1",
            "Authorization: Bearer made-up",
        )
        writer.write("".join(f"{line}\r\n" for line in (*request, "")).encode())
        while world.lux.faults[0].times:
            await asyncio.sleep(0)
    answer = asyncio.ensure_future(reader.readline())
    for _ in range(1000):
        freezer.tick(1)
        await asyncio.sleep(0)
    assert answer.done()
    assert b"401" in answer.result()
    writer.close()
    await writer.wait_closed()


async def test_streams_end(
    world: World, folder: Path, freezer: FrozenDateTimeFactory
) -> None:
    """A bridge that sends nothing sees that its listener has left."""
    async with home(folder) as hass:
        await move_in(hass, world)
        while len(world.hue.streams) == 0:
            await asyncio.sleep(0)
    for _ in range(1000):
        freezer.tick(1)
        await asyncio.sleep(0)
    assert len(world.hue.streams) == 0

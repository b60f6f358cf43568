"""Requests per day and account at rest: an hour of polls, counted at each service."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from simulator.hue import HueBridge
from simulator.hue.house import generate
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux
from simulator.service import Service
from tests.hue.conftest import UNIQUE_ID as HUE_ID, stored as hue_stored
from tests.lightbug.conftest import UNIQUE_ID as LIGHTBUG_ID, stored as lightbug_stored
from tests.lucit.conftest import UNIQUE_ID as LUCIT_ID, stored as lucit_stored
from tests.lux.conftest import signed_in

from .home import add_entry, home

_HOUR = 3600
_A_DAY = 24
# A silent stream is checked once a minute, by a clock that does not travel.
_CHECKS = 60
_PACKAGE = "custom_components.lantern"
_CLOCKS = (
    "hue.coordinator",
    "lightbug.detail_requests",
    "optional_request",
    "transport.rate_limit",
    "transport.tokens",
)

type Add = Callable[[HomeAssistant], Awaitable[ConfigEntry]]


@dataclass(frozen=True, slots=True)
class Day:
    """Requests per day of one account, and how often it is polled (s)."""

    account: str
    interval: float
    requests: int


@contextmanager
def _travelling() -> Iterator[Callable[[float], None]]:
    """Let Lantern's clock go on by itself, in seconds."""
    ahead = 0.0

    def travel(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    with ExitStack() as patches:
        for module in _CLOCKS:
            patches.enter_context(
                patch(f"{_PACKAGE}.{module}.monotonic", lambda: monotonic() + ahead)
            )
        yield travel


async def measure() -> list[Day]:
    """Count each kind of account."""
    square, bare = HueBridge(house=generate(50, 20)), HueBridge(house=generate(50, 20))
    bare.clip_v2 = False
    lightbug, lucit, lux = Lightbug(trackers=20, odd=False), Lucit(), Lux()
    return [
        await _day("Hue, 50 lamps and 20 accessories, with the stream", square,
            lambda hass: add_entry(hass, "lantern", hue_stored(square), unique_id=HUE_ID)),
        await _day("Hue, the same, without a stream", bare,
            lambda hass: add_entry(hass, "lantern", hue_stored(bare), unique_id=HUE_ID)),
        await _day("Lightbug, 20 trackers", lightbug,
            lambda hass: add_entry(
                hass, "lantern", lightbug_stored(lightbug), unique_id=LIGHTBUG_ID)),
        await _day("Lucit, one player", lucit,
            lambda hass: add_entry(
                hass, "lantern", lucit_stored(lucit), unique_id=LUCIT_ID)),
        await _day("LUX, two devices", lux, lambda hass: signed_in(hass, lux)),
    ]  # fmt: skip


async def _day(account: str, service: Service, add: Add) -> Day:
    await service.start()
    with _travelling() as travel:
        async with home() as hass:
            coordinator = (await add(hass)).runtime_data
            await asyncio.sleep(2)  # until a stream is there, and what follows it
            service.requests.clear()
            interval = coordinator.update_interval.total_seconds()
            for _ in range(round(_HOUR / interval)):
                travel(interval)
                service.clock.advance(interval)
                await coordinator.async_refresh()
                await hass.async_block_till_done()
            requests = service.count()
            if isinstance(service, HueBridge) and service.streams:
                requests += _CHECKS
    await service.stop()
    if service.violations:
        raise RuntimeError(f"{account}: {service.violations}")
    return Day(account, interval, requests * _A_DAY)

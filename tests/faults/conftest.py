"""One home per vendor, and another host that nobody may ever ask."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any, override

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux
from simulator.service import Service
from tests.common import add_entry, entity_id, settle
from tests.conftest import served
from tests.hue import conftest as hue_home
from tests.lightbug import conftest as lightbug_home
from tests.lucit import conftest as lucit_home
from tests.lux import conftest as lux_home

from .life import Life

type Move = Callable[..., Awaitable[Life]]

_LONG = 10**9


class Elsewhere(Service):
    """Another host: whoever asks it was led astray."""

    name = "elsewhere"

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Have nothing."""
        return ()


async def _hue(hass: HomeAssistant, bridge: HueBridge) -> ConfigEntry:
    # Apps can be removed, and there is no event stream.
    bridge.modern = bridge.clip_v2 = False
    data = hue_home.stored(bridge)
    return await add_entry(hass, hue_home.UNIQUE_ID, data, "Hue Lighthouse")


async def _hue_with_stream(hass: HomeAssistant, bridge: HueBridge) -> ConfigEntry:
    data = hue_home.stored(bridge)
    return await add_entry(hass, hue_home.UNIQUE_ID, data, "Hue Lighthouse")


async def _lucit(hass: HomeAssistant, lucit: Lucit) -> ConfigEntry:
    data = lucit_home.stored(lucit)
    return await add_entry(hass, lucit_home.UNIQUE_ID, data, "Lucit player")


async def _lucit_with_heartbeats(hass: HomeAssistant, lucit: Lucit) -> ConfigEntry:
    entry = await _lucit(hass, lucit)
    player = entity_id(hass, "switch", f"{lucit_home.UNIQUE_ID}_heartbeat")
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": player}, blocking=True
    )
    await settle(hass)
    return entry


async def _lightbug(hass: HomeAssistant, lightbug: Lightbug) -> ConfigEntry:
    lightbug.access_lifetime = _LONG
    data = lightbug_home.stored(lightbug)
    return await add_entry(hass, lightbug_home.UNIQUE_ID, data, "Lightbug r…")


async def _lux(hass: HomeAssistant, lux: Lux) -> ConfigEntry:
    lux.access_lifetime = lux.refresh_lifetime = _LONG
    return await lux_home.signed_in(hass, lux)


HOMES: dict[str, tuple[type[Service], Any]] = {
    "hue": (HueBridge, _hue),
    "hue with a stream": (HueBridge, _hue_with_stream),
    "lucit": (Lucit, _lucit),
    "lucit with heartbeats": (Lucit, _lucit_with_heartbeats),
    "lightbug": (Lightbug, _lightbug),
    "lux": (Lux, _lux),
}


@pytest.fixture
async def move_in(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    entity_registry_enabled_by_default: None,
) -> AsyncGenerator[Move]:
    """Return what starts a vendor's service and sets up its entry."""
    running: list[AsyncGenerator[Service]] = []

    async def start(service: Service) -> Service:
        running.append(served(service))
        return await anext(running[-1])

    async def begin(vendor: str, *, empty: bool = False) -> Life:
        make, set_up = HOMES[vendor]
        service = await start(make())
        elsewhere = await start(Elsewhere())
        entry = None if empty else await set_up(hass, service)
        return Life(hass, service, entry, freezer, caplog, elsewhere)

    yield begin
    for one in running:
        assert [left async for left in one] == []

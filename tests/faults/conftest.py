"""Homes by their names, and another host that nobody may ever ask."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import override

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from simulator.service import Service
from tests.conftest import served
from tests.contract import Contract, SetUp
from tests.contracts import CONTRACTS

from .life import Life

type Move = Callable[..., Awaitable[Life]]

HOMES: dict[str, tuple[Contract, SetUp]] = {
    name: (contract, set_up)
    for contract in CONTRACTS.values()
    for name, set_up in contract.faults.homes.items()
}


class Elsewhere(Service):
    """Another host, which nothing may ask."""

    name = "elsewhere"

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Have nothing."""
        return ()


@pytest.fixture
async def move_in(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    entity_registry_enabled_by_default: None,
) -> AsyncGenerator[Move]:
    """Return what starts a vendor's service and sets up its entry, in a home by its name."""
    running: list[AsyncGenerator[Service]] = []

    async def start(service: Service) -> Service:
        running.append(served(service))
        return await anext(running[-1])

    async def begin(home: str, *, empty: bool = False) -> Life:
        contract, set_up = HOMES[home]
        service = await start(contract.make())
        elsewhere = await start(Elsewhere())
        if empty:
            contract.prepare(service)
        entry = None if empty else await set_up(hass, service)
        life = Life(hass, service, entry, freezer, caplog, elsewhere)
        life.longest_body = contract.faults.longest_body
        life.busy_tries = contract.faults.busy_tries
        life.local = contract.faults.local
        life.timed = contract.faults.timed
        return life

    yield begin
    for generator in running:
        assert [left async for left in generator] == []

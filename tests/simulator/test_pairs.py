"""The services answer as their documents print it, request by request."""

from typing import Any

import pytest

from simulator.hue import HueBridge
from simulator.lucit import Lucit
from simulator.lux import Lux

from .conftest import errors_and_successes
from .pairs import pairs, run_pair


@pytest.mark.parametrize("pair", pairs("lux"))
async def test_lux(pair: dict[str, Any], socket_enabled: None) -> None:
    """LUX's page: samples, each documented error, each violation."""
    await run_pair(Lux, "lux", pair)


@pytest.mark.parametrize("pair", pairs("lucit"))
async def test_lucit(pair: dict[str, Any], socket_enabled: None) -> None:
    """Lucit's pages: samples, each documented error, each violation."""
    await run_pair(Lucit, "lucit", pair)


@pytest.mark.parametrize("pair", pairs("hue"))
async def test_hue(pair: dict[str, Any], socket_enabled: None) -> None:
    """API v1 of a Hue bridge: registration, resources, commands, limits."""
    await run_pair(HueBridge, "hue", pair, {"says": errors_and_successes})

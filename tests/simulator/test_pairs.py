"""The services answer as their documents print it, request by request."""

from typing import Any

import pytest

from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux

from .conftest import errors_and_successes
from .pairs import pairs, run_pair


def household_points(rows: list[dict[str, Any]]) -> list[int]:
    """Return which points these are: 0 is the oldest of the household's six."""
    return [row["id"] - 1_262_277_001 for row in rows]


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


@pytest.mark.parametrize("pair", pairs("lightbug"))
async def test_lightbug(pair: dict[str, Any], socket_enabled: None) -> None:
    """Lightbug's documents: sign-in, filters, lists, trackers, limits."""
    await run_pair(Lightbug, "lightbug", pair, {"points": household_points})

"""An entry's life, through which the values that must not get about are looked for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant

from tests.common import pass_time

from .watch import Watch, Wire

KINDS = ("html", "truncated", "wrong_types", "nulls", "status", "extra", "lost")


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """An entry's whole life, at a service with a recognisable value in each field."""

    make: Callable[[], Any]
    people: Mapping[str, str]
    live: Callable[
        [HomeAssistant, Any, Watch, FrozenDateTimeFactory, str], Awaitable[None]
    ]
    ways: tuple[str, ...] = ("",)


async def read_bad_answers(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    service: Wire,
    routes: tuple[str, ...],
    poll: float,
) -> None:
    """Poll while the answers are wrong in each way, and once more."""
    for kind in KINDS:
        for route in routes:
            service.inject(route, kind)
        await pass_time(hass, freezer, poll)
    service.clear_faults()
    await pass_time(hass, freezer, poll)

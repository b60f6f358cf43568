"""How a token ends, and how somebody signs in again after its renewal was lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tests.common import submit
from tests.lightbug.conftest import stored
from tests.lux.conftest import form

from .life import Life


@dataclass(frozen=True, slots=True)
class Renewal:
    """What makes a renewal due, and what a person does when it failed for good."""

    due: Callable[[Any], object]
    sign_in: Callable[[Life], Awaitable[object]]


async def _lucit(life: Life) -> None:
    """Reload: what Lucit refused was not wrong."""
    await life.reload()


async def _lightbug(life: Life) -> None:
    data = stored(life.service)
    life.hass.config_entries.async_update_entry(life.entry, data=data)
    await life.reload()


async def _lux(life: Life) -> None:
    flow = life.hass.config_entries.flow.async_get(life.flows[0])
    await life.live(submit(life.hass, flow, form(life.service)))


RENEWALS = {
    "auth": Renewal(lambda lucit: lucit.expire_bearers(), _lucit),
    "refreshToken": Renewal(lambda lightbug: lightbug.expire_tokens(), _lightbug),
    "refresh-token": Renewal(lambda lux: lux.expire_tokens(), _lux),
}

"""The Hue event stream, and what it leads to, on every bad day."""

import asyncio
from collections.abc import Callable

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.common import state_of

from . import kinds
from .conftest import Move
from .kinds import KINDS, Kind
from .life import Life
from .outcomes import Outcome
from .routes import NUDGES, STREAMS
from .rules import Route

_LAMP = "hue:00:17:88:01:00:00:00:02_light"
_SPINS = 30
_STEP = 2
_SELDOM = 60
_RECONNECT = 75
_SAFETY_POLL = 75


async def _until(life: Life, seconds: float, so: Callable[[], bool]) -> bool:
    """Let time pass until something is so; tell whether it came to be."""
    for _ in range(int(seconds / _STEP)):
        for _ in range(_SPINS):
            await asyncio.sleep(0)
        if so():
            return True
        life.freezer.tick(_STEP)
        async_fire_time_changed(life.hass)
    return so()


def _is_up(life: Life) -> bool:
    """Tell whether Lantern relies on the stream: its polls are seldom."""
    seldom = life.entry.runtime_data.update_interval.total_seconds() == _SELDOM
    return seldom and len(life.service.streams) == 1


async def _switched(life: Life, seconds: float) -> bool:
    """Switch a lamp at the bridge; tell whether it is shown so in time."""
    on = state_of(life.hass, "light", _LAMP) != "on"
    life.service.set_light("2", on=on)
    wanted = "on" if on else "off"
    return await _until(
        life, seconds, lambda: state_of(life.hass, "light", _LAMP) == wanted
    )


async def _stream(life: Life, route: Route, kind: Kind) -> None:
    """Drop the stream, and see how Lantern lives without or with it."""
    outcome = route.outcome(kind)
    await life.begin(kind, route.key, route.fields)
    if kind.fault:
        life.service.drop_streams()
    await _until(life, 70, lambda: False)
    if outcome is Outcome.NOTHING:
        assert await _until(life, _RECONNECT, lambda: _is_up(life)), "no stream"
    elif outcome is not Outcome.WAITS:
        assert await _switched(life, 12), "the polls do not tell"
    if outcome is not Outcome.WAITS:
        life.is_quiet()
    await life.end()
    if outcome is Outcome.PART_OFF:
        opened = life.service.streams.opened
        await _until(life, 70, lambda: False)
        assert life.service.streams.opened == opened, "asked for again"
        await life.hass.config_entries.async_reload(life.entry.entry_id)
    assert await _until(life, _RECONNECT, lambda: _is_up(life)), "no stream afterwards"
    assert await _until(
        life, _SAFETY_POLL, lambda: life.shown[_LAMP][0] != "unavailable"
    )
    assert await _switched(life, 3), "the stream tells nothing"


async def _nudge(life: Life, route: Route, kind: Kind) -> None:
    """Change what the stream then names; it is shown although reading it fails."""
    await life.begin(kind, route.key, route.fields)
    assert await _switched(life, _SAFETY_POLL), "never shown"
    if route.outcome(kind) is not Outcome.WAITS:
        life.is_quiet()
    await life.end()
    await _until(life, 40, lambda: False)
    assert await _until(life, _RECONNECT, lambda: _is_up(life)), "no stream afterwards"
    assert await _switched(life, 3), "the stream tells nothing"


@pytest.mark.parametrize("route", [*STREAMS, *NUDGES], ids=str)
async def test_stream(route: Route, move_in: Move) -> None:
    """Without the stream the polls tell; it comes back by itself."""
    life = await move_in("hue with a stream")
    await _until(life, 20, lambda: _is_up(life))
    wrong = []
    for kind in KINDS:
        if route in NUDGES and kind is kinds.REFUSED:
            continue  # nobody is there to send the stream
        try:
            await (_stream if route in STREAMS else _nudge)(life, route, kind)
            life.is_well()
        except AssertionError as err:
            wrong.append(f"{kind} ({route.outcome(kind)}): {err}")
            await life.end()
            await life.hass.config_entries.async_reload(life.entry.entry_id)
            await _until(life, 200, lambda: _is_up(life))
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])

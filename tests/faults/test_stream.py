"""The Hue event stream, and what it leads to, on every bad day."""

import pytest

from tests.common import state_of

from .conftest import Move
from .kinds import KINDS, Kind
from .life import Life
from .outcomes import Outcome
from .routes import having, home_of
from .rules import Role, Route

STREAMS = having(Role.STREAM)
_LAMP = "hue:00:17:88:01:00:00:00:02_light"
_SELDOM = 600
_RECONNECT = 75
_SAFETY_POLL = 75
_HOUR = 3600


def _is_up(life: Life) -> bool:
    """Return whether Lantern relies on the stream: its polls are seldom."""
    seldom = life.entry.runtime_data.update_interval.total_seconds() == _SELDOM
    return seldom and len(life.service.streams) == 1


async def _switched(life: Life, seconds: float) -> bool:
    """Switch a lamp; return whether that is shown in time."""
    on = state_of(life.hass, "light", _LAMP) != "on"
    life.service.set_light("2", on=on)
    wanted = "on" if on else "off"
    return await life.until(
        seconds, lambda: state_of(life.hass, "light", _LAMP) == wanted
    )


async def _stream(life: Life, route: Route, kind: Kind) -> None:
    """Drop the stream, and see how Lantern lives without or with it."""
    outcome = route.outcome(kind)
    await life.begin(kind, route.key, route.fields)
    if kind.fault:
        life.service.drop_streams()
    await life.until(70, lambda: False)
    if outcome is Outcome.NOTHING:
        assert await life.until(_RECONNECT, lambda: _is_up(life)), "no stream"
    elif outcome is not Outcome.WAITS:
        assert await _switched(life, 12), "the polls do not tell"
    if outcome is Outcome.PART_LATER:
        life.one_line("WARNING")
    elif outcome is not Outcome.WAITS:
        life.is_quiet()
    await life.end()
    if outcome is Outcome.PART_LATER:
        opened = life.service.streams.opened
        await life.until(70, lambda: False)
        assert life.service.streams.opened == opened, "asked for again"
        life.freezer.tick(_HOUR)
    assert await life.until(_RECONNECT, lambda: _is_up(life)), "no stream afterwards"
    assert await life.until(_SAFETY_POLL, lambda: life.shown[_LAMP][0] != "unavailable")
    assert await _switched(life, 3), "the stream tells nothing"
    if outcome is Outcome.PART_LATER:
        life.one_line("INFO")


@pytest.mark.parametrize("route", STREAMS, ids=str)
async def test_stream(route: Route, move_in: Move) -> None:
    """Without the stream the polls tell; it comes back by itself."""
    life = await move_in(home_of(route))
    await life.until(20, lambda: _is_up(life))
    wrong = []
    for kind in KINDS:
        try:
            await _stream(life, route, kind)
            life.is_well()
        except AssertionError as err:
            wrong.append(f"{kind} ({route.outcome(kind)}): {err}")
            await life.end()
            await life.hass.config_entries.async_reload(life.entry.entry_id)
            await life.until(200, lambda: _is_up(life))
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])


@pytest.mark.parametrize("status", [403, 404, 503])
async def test_refusal_without_end(status: int, move_in: Move) -> None:
    """An answer that is no stream is read for no longer than any other answer."""
    life = await move_in("hue with a stream")
    await life.until(20, lambda: _is_up(life))
    life.service.inject(STREAMS[0].key, "endless", status=status, seconds=1)
    fault = life.service.faults[-1]
    life.service.drop_streams()
    assert await life.until(_RECONNECT, lambda: not fault.times), "not asked for"
    assert await life.until(_RECONNECT, lambda: _is_up(life)), "no stream afterwards"
    assert await _switched(life, 3), "the stream tells nothing"
    life.is_quiet()
    life.is_well()

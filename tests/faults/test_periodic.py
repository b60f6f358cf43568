"""Faults of requests that are sent by the clock: nothing else is concerned."""

import pytest

from .conftest import Move
from .kinds import KINDS, Kind
from .life import Life, difference
from .outcomes import Outcome
from .routes import having, home_of
from .rules import Role, Route


def _arrived(life: Life, key: str) -> int:
    return sum(
        1
        for request in life.service.requests
        if request.key == key and not request.fault
    )


async def _one_line(life: Life, route: Route, kind: Kind) -> None:
    """Fail three times, with one line; arrive again, with another."""
    before, asked = life.shown, life.service.count(route.key)
    for _ in range(3):
        await life.poll()
        assert not (changes := difference(before, life.shown)), f"beside: {changes}"
    life.one_line("WARNING")
    assert asked + 2 <= life.service.count(route.key) <= asked + 8
    arrived = _arrived(life, route.key)
    await life.end()
    await life.poll()
    assert _arrived(life, route.key) > arrived, "no more of them"
    life.one_line("INFO")
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"


async def _waits(life: Life, route: Route, kind: Kind) -> None:
    """Nobody on the account sends anything, and all is as it was afterwards."""
    before, asked = life.shown, life.service.count(route.key)
    await life.poll()
    requests = life.service.count()
    await life.poll()
    assert not (changes := difference(before, life.shown)), f"in the grace: {changes}"
    if kind.waits:
        assert life.service.count() == requests, "asked although told to wait"
        assert life.service.count(route.key) == asked + 1
    await life.end()
    for _ in range(4):
        await life.poll()
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    levels = [level for level, _ in life.lines()]
    assert sorted(levels) in (["INFO", "WARNING"], ["ERROR", "INFO", "INFO", "WARNING"])


async def _nothing(life: Life, route: Route, kind: Kind) -> None:
    """Nobody notices anything; a token is renewed if need be."""
    before = life.shown
    arrived = _arrived(life, route.key)
    await life.poll()
    await life.end()
    await life.poll()
    assert _arrived(life, route.key) > arrived
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.is_quiet()


_CHECKS = {
    Outcome.ONE_LINE: _one_line,
    Outcome.WAITS: _waits,
    Outcome.RENEWS: _nothing,
    Outcome.NOTHING: _nothing,
}


@pytest.mark.parametrize("route", having(Role.PERIODIC), ids=str)
async def test_periodic(route: Route, move_in: Move) -> None:
    """It fails by itself, goes on by itself, and says so once."""
    life = await move_in(home_of(route))
    life.unwatched = "_(last_heartbeat|heartbeat_problem)$"
    wrong = []
    for kind in KINDS:
        await life.begin(kind, route.key)
        try:
            await _CHECKS[route.outcome(kind)](life, route, kind)
            life.is_well()
            life.is_quiet()
        except AssertionError as err:
            wrong.append(f"{kind} ({route.outcome(kind)}): {err}")
            await life.end()
            await life.after(3600)
            await life.reload()
            life.lines()
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])

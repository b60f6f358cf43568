"""What Lantern does when a request beside the main one of a poll fails."""

from .kinds import Kind
from .life import Life, Shown, difference
from .requests import OptionalRequest

_HOUR = 3600
_NOTHING = ("unknown", "unavailable")


def _rest(optional: OptionalRequest, shown: Shown) -> Shown:
    """Return what the request has no part in."""
    return {own: what for own, what in shown.items() if not optional.has(own)}


def _lapsed(optional: OptionalRequest, before: Shown, after: Shown) -> None:
    """Assert that all that the request brings, and nothing else, is unknown."""
    changes = difference(_rest(optional, before), _rest(optional, after))
    assert not changes, f"beside: {changes}"
    if not optional.lapses:
        return
    left = [
        own
        for own, (state, _) in after.items()
        if optional.has(own) and state not in _NOTHING
    ]
    assert not left, f"still shown: {left}"


def _answered(life: Life, key: str) -> int:
    return sum(
        1
        for request in life.service.requests
        if request.key == key and not request.fault
    )


async def part_keeps(
    life: Life, kind: Kind, key: str, optional: OptionalRequest
) -> None:
    """Two failed tries keep what it brought, the third shows it as unknown."""
    before = life.shown
    for _ in range(2):
        await life.poll()
        assert not (changes := difference(before, life.shown)), (
            f"in the grace: {changes}"
        )
    await life.poll()
    _lapsed(optional, before, life.shown)
    life.is_quiet()
    answered = _answered(life, key)
    await life.end()
    await life.poll()
    assert _answered(life, key) > answered, "nobody asked again"
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.is_quiet()


async def part_later(
    life: Life, kind: Kind, key: str, optional: OptionalRequest
) -> None:
    """Ask again after an hour for what was refused; it comes back by itself."""
    before = life.shown
    for _ in range(2):
        await life.poll()
        assert not (changes := difference(before, life.shown)), (
            f"in the grace: {changes}"
        )
    life.one_line("WARNING")
    await life.poll()
    _lapsed(optional, before, life.shown)
    asked = life.service.count(key)
    await life.end()
    await life.poll()
    assert life.service.count(key) == asked, "asked again at once"
    life.is_quiet()
    await life.after(_HOUR)
    await life.poll()
    assert life.service.count(key) > asked, "never asked again"
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.one_line("INFO")
    life.is_quiet()


async def part_waits(
    life: Life, kind: Kind, key: str, optional: OptionalRequest
) -> None:
    """Nobody on the account sends anything until the named time has passed."""
    before, asked = life.shown, len(life.service.requests)
    for _ in range(2):
        await life.poll()
        assert not (changes := difference(before, life.shown)), (
            f"in the grace: {changes}"
        )
    life.is_quiet()
    requests = life.service.requests[asked:]
    hit = next(index for index, request in enumerate(requests) if request.fault)
    late = [
        request.key
        for request in requests[hit + 1 :]
        if request.time > requests[hit].time
    ]
    assert not late, f"asked although told to wait: {late}"
    await life.end()
    await life.peace()
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    levels = [level for level, _ in life.lines()]
    assert levels in ([], ["ERROR", "INFO"]), levels

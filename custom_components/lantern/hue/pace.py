"""How fast a bridge may be told things, by its maker's published rates."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..transport.errors import TimedOut, TransportError
from ..transport.rate_limit import RateLimit

LIGHT_SPACING = 0.1
GROUP_SPACING = 1.0
AT_ONCE = 2
"""A bridge serves three requests at once; one is left for the event stream."""

_BUSY = frozenset({429, 503})
BREATH = 0.25
_LONGEST_BREATH = 10.0


def take_breath(limits: RateLimit) -> RateLimit:
    """Return the limits, taught that a busy bridge wants a quarter of a second."""
    limits.retry_statuses = _BUSY
    limits.initial_backoff = BREATH
    limits.max_backoff = _LONGEST_BREATH
    return limits


async def pause(seconds: float) -> None:
    """Let a bridge breathe."""
    await asyncio.sleep(seconds)


_COLOURS = frozenset({"xy", "ct"})
_SCENE = "scene"


def joined(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return one body for two wishes in a row, None where order counts.

    The last wish wins, part by part; of a lamp that is to go out nothing else
    counts, and the newer of two colours stays. A scene stands by itself.
    """
    if _SCENE in before or _SCENE in after:
        return None
    if after.get("on") is False:
        return dict(after)
    kept = dict(before)
    kept.pop("transitiontime", None)
    if not _COLOURS.isdisjoint(after):
        kept = {key: value for key, value in kept.items() if key not in _COLOURS}
    return {**kept, **after}


class _Wish[AnswerT]:
    """What one resource is to be told, by one caller or by several."""

    def __init__(self, number: str, body: Mapping[str, Any]) -> None:
        """Take the first caller's wish."""
        self.number = number
        self.body = body
        self.answer: AnswerT | None = None
        self.error: TransportError | None = None


class Lane[AnswerT]:
    """Commands of one kind: in the order given, `spacing` seconds apart.

    `put` sends a body to a resource. What waits for one resource collapses into
    one command, whose answer all of its callers get. Whoever waits behind a
    command that the bridge left without an answer would wait in vain, and fails
    with it.
    """

    def __init__(
        self,
        put: Callable[[str, Mapping[str, Any]], Awaitable[AnswerT]],
        spacing: float,
    ) -> None:
        """Start with an empty lane."""
        self._put = put
        self._spacing = spacing
        self._turn = asyncio.Lock()
        self._next = 0.0
        self._silences = 0
        self._waiting: dict[str, _Wish[AnswerT]] = {}

    def _wish(self, number: str, body: Mapping[str, Any]) -> _Wish[AnswerT]:
        """Return the wish that waits for a resource, with this one in it."""
        waiting = self._waiting.get(number)
        if waiting is not None and (both := joined(waiting.body, body)) is not None:
            waiting.body = both
            return waiting
        self._waiting[number] = wish = _Wish[AnswerT](number, body)
        return wish

    async def send(self, number: str, body: Mapping[str, Any]) -> AnswerT:
        """Send a body to a resource when its turn has come."""
        silences = self._silences
        wish = self._wish(number, body)
        # Every caller queues: should one be cancelled, the next one sends.
        async with self._turn:
            if wish.error is not None:
                raise wish.error
            if wish.answer is None:
                if silences != self._silences:
                    self._close(wish)
                    raise TimedOut("command", "behind one without an answer")
                await self._send(wish)
        assert wish.answer is not None
        return wish.answer

    def _close(self, wish: _Wish[AnswerT]) -> None:
        """Let nobody join a wish any more."""
        if self._waiting.get(wish.number) is wish:
            del self._waiting[wish.number]

    async def _send(self, wish: _Wish[AnswerT]) -> None:
        loop = asyncio.get_running_loop()
        await pause(max(0.0, self._next - loop.time()))
        self._close(wish)
        self._next = loop.time() + self._spacing
        try:
            wish.answer = await self._put(wish.number, wish.body)
        except TransportError as err:
            wish.error = err
            self._silences += isinstance(err, TimedOut)
            raise

"""How fast a bridge may be told things, by its maker's published rates."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..transport.errors import TimedOut
from ..transport.limits import Limits

LIGHT_SPACING = 0.1
GROUP_SPACING = 1.0
AT_ONCE = 2
"""A bridge serves three requests at once; one is left for the event stream."""

_BUSY = frozenset({429, 503})
_BREATH = 0.25
_LONGEST_BREATH = 10.0


def take_breath(limits: Limits) -> Limits:
    """Return the limits, taught that a busy bridge wants a quarter of a second."""
    limits.busy = _BUSY
    limits.first_guess = _BREATH
    limits.longest_guess = _LONGEST_BREATH
    return limits


async def pause(seconds: float) -> None:
    """Let a bridge breathe."""
    await asyncio.sleep(seconds)


class Lane[AnswerT]:
    """Commands of one kind: in the order given, `spacing` seconds apart.

    `put` sends a body to a resource. Whoever waits behind a command that the
    bridge left without an answer would wait in vain, and fails with it.
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

    async def send(self, number: str, body: Mapping[str, Any]) -> AnswerT:
        """Send a body to a resource when its turn has come."""
        silences = self._silences
        async with self._turn:
            if silences != self._silences:
                raise TimedOut("command", "behind one without an answer")
            loop = asyncio.get_running_loop()
            await pause(max(0.0, self._next - loop.time()))
            self._next = loop.time() + self._spacing
            try:
                return await self._put(number, body)
            except TimedOut:
                self._silences += 1
                raise

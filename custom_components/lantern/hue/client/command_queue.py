"""Commands in the order given, no faster than a bridge's published rates."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...transport.errors import Refused, TimedOut, TransportError
from ...transport.rate_limit import RateLimit
from .models.group import Scene
from .models.light import Light, LightCommand, SceneRecall
from .models.sensor import Sensor

type Command = LightCommand | SceneRecall

LIGHT_SPACING = 0.1
GROUP_SPACING = 1.0
INITIAL_BACKOFF = 0.25

_BUSY = frozenset({429, 503})
_MAX_BACKOFF = 10.0


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a bridge took of a command, in neutral units, and what it refused.

    `parts` are those that it changed, where that is known.
    """

    taken: Mapping[str, Any]
    refused: tuple[Refused, ...] = ()
    parts: Sequence[Light | Sensor | Scene] = ()


def with_busy_backoff(rate_limit: RateLimit) -> RateLimit:
    """Return the limits with the back-off that a busy bridge needs."""
    rate_limit.retry_statuses = _BUSY
    rate_limit.initial_backoff = INITIAL_BACKOFF
    rate_limit.max_backoff = _MAX_BACKOFF
    return rate_limit


class _Pending:
    """A command that waits for its turn, for one caller or several."""

    def __init__(self, key: str, command: Command) -> None:
        """Initialize with the first caller's command."""
        self.key = key
        self.command = command
        self.result: CommandResult | None = None
        self.error: TransportError | None = None


class Turns:
    """The turns of a bridge's commands of one kind, `spacing` seconds apart.

    The queues of both APIs share them: a bridge counts commands, not APIs. `timeouts`
    counts the commands without an answer.
    """

    def __init__(self, spacing: float) -> None:
        """Initialize with the first turn free."""
        self.lock = asyncio.Lock()
        self.timeouts = 0
        self._spacing = spacing
        self._next = 0.0

    async def wait(self) -> None:
        """Wait until a command may be sent; the caller holds the lock."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next - loop.time()))
        self._next = loop.time() + self._spacing


class CommandQueue:
    """Commands of one kind through one API, in the order given.

    `put` sends a command to what a key names. What waits for one key becomes one
    command, whose result all of its callers get. After a timeout, queued commands
    fail at once instead of timing out one by one.
    """

    def __init__(
        self, put: Callable[[str, Command], Awaitable[CommandResult]], turns: Turns
    ) -> None:
        """Initialize without commands."""
        self._put = put
        self._turns = turns
        self._waiting: dict[str, _Pending] = {}

    def _join(self, key: str, command: Command) -> _Pending:
        """Return the command that waits for a key, with this one in it."""
        waiting = self._waiting.get(key)
        if waiting is not None:
            both = waiting.command.followed_by(command)
            if both is not None:
                waiting.command = both
                return waiting
        self._waiting[key] = pending = _Pending(key, command)
        return pending

    async def send(self, key: str, command: Command) -> CommandResult:
        """Send a command when its turn has come."""
        timeouts = self._turns.timeouts
        pending = self._join(key, command)
        # Every caller queues: should one be cancelled, the next one sends.
        async with self._turns.lock:
            if pending.error is not None:
                raise pending.error
            if pending.result is None:
                if timeouts != self._turns.timeouts:
                    self._close(pending)
                    raise TimedOut("command", "behind one without an answer")
                await self._send(pending)
        assert pending.result is not None
        return pending.result

    def _close(self, pending: _Pending) -> None:
        """Let no later command join this one."""
        if self._waiting.get(pending.key) is pending:
            del self._waiting[pending.key]

    async def _send(self, pending: _Pending) -> None:
        await self._turns.wait()
        self._close(pending)
        try:
            pending.result = await self._put(pending.key, pending.command)
        except TransportError as err:
            pending.error = err
            self._turns.timeouts += isinstance(err, TimedOut)
            raise

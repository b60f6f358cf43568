"""What is read beside the poll: one request per tracker that has news, in turns."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from itertools import batched
from time import monotonic

from ..const import GRACE
from ..transport.errors import AuthError, Refused, TransportError
from ..transport.rate_limit import RateLimit

_MOST = 100
_AT_ONCE = 5
_READ_FOR = 15.0
_NOT_FOR_US = (403, 404)


class Kind(StrEnum):
    """What of a tracker is read."""

    POINT = "point"
    READINGS = "readings"


type Read = tuple[Kind, int]


class DetailRequests:
    """Reads a few things at a time, longest wait first, while requests are plenty.

    What is left over is read in the next polls: nobody waits long for this one.
    403 and 404 switch one thing of one tracker off until the entry is reloaded.
    `lapse` is told that, and what has been in trouble for longer than a poll has
    grace.
    """

    def __init__(
        self,
        limits: RateLimit,
        ask: Mapping[Kind, Callable[[int], Awaitable[None]]],
        lapse: Callable[[Kind, int], None],
    ) -> None:
        """Take how each kind is asked for; nothing is wanted yet."""
        self._limits = limits
        self._ask = ask
        self._lapse = lapse
        self._troubles: dict[Read, int] = {}
        self._open: dict[Read, None] = {}
        self._closed: set[Read] = set()

    def want(self, kind: Kind, device_id: int) -> None:
        """Note what is to be read of a tracker; it keeps its place in the row."""
        if (kind, device_id) not in self._closed:
            self._open.setdefault((kind, device_id))

    async def run(self, known: Callable[[int], bool]) -> None:
        """Read what is open, of trackers that are known."""
        self._open = {read: None for read in self._open if known(read[1])}
        end = monotonic() + _READ_FOR
        troubled: set[Kind] = set()
        for part in batched(list(self._open)[:_MOST], _AT_ONCE):
            if self._limits.is_low or monotonic() > end:
                break
            reads = [read for read in part if read[0] not in troubled]
            answers = await asyncio.gather(
                *(self._ask[kind](device_id) for kind, device_id in reads),
                return_exceptions=True,
            )
            for read, answer in zip(reads, answers, strict=True):
                if not self._done(read, answer):
                    troubled.add(read[0])
        self._count(troubled)

    def _count(self, troubled: set[Kind]) -> None:
        """Count the polls in a row in which what is open could not be read."""
        self._troubles = {
            read: self._troubles.get(read, 0) + 1
            for read in self._open
            if read[0] in troubled
        }
        for read, polls in self._troubles.items():
            if polls == GRACE + 1:
                self._lapse(*read)

    def _done(self, read: Read, answer: BaseException | None) -> bool:
        """Cross off what was read; return whether to go on with its kind."""
        del self._open[read]
        match answer:
            case None:
                pass
            case Refused(code=code):
                if code in _NOT_FOR_US:
                    self._closed.add(read)
                    self._lapse(*read)
            case TransportError() if not isinstance(answer, AuthError):
                # The others first: one tracker must not block them all.
                self._open[read] = None
                return False
            case _:
                raise answer
        return True

"""What is read beside the poll: one request per tracker that has news, in turns."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from itertools import batched
from time import monotonic

from ..const import GRACE, LOGGER
from ..optional_request import Refusals
from ..transport.errors import AuthError, Refused, TransportError
from ..transport.rate_limit import RateLimit

_MOST = 100
_AT_ONCE = 5
_READ_FOR = 15.0


class Kind(StrEnum):
    """What of a tracker is read."""

    POINT = "point"
    ARRIVED = "arrived"
    READINGS = "readings"


type Read = tuple[Kind, int]


class DetailRequests:
    """Reads a few things at a time, longest wait first, while requests are plenty.

    What is left over is read in the next polls: nobody waits long for this one.
    What is refused of one tracker is read again later, and less and less often.
    `lapse` is told what has been in trouble for longer than a poll has grace.
    """

    def __init__(
        self,
        service: str,
        rate_limit: RateLimit,
        ask: Mapping[Kind, Callable[[int], Awaitable[None]]],
        lapse: Callable[[Kind, int], None],
    ) -> None:
        """Take how each kind is asked for; nothing is wanted yet."""
        self._rate_limit = rate_limit
        self._ask = ask
        self._lapse = lapse
        self._troubles: dict[Read, int] = {}
        self._open: dict[Read, None] = {}
        self._refused: dict[Kind, Refusals[int]] = {
            kind: Refusals(service) for kind in ask
        }

    def want(self, kind: Kind, device_id: int) -> None:
        """Note what is to be read of a tracker; it keeps its place in the row."""
        self._open.setdefault((kind, device_id))

    async def run(self, known: Callable[[int], bool]) -> None:
        """Read what is open, of trackers that are known."""
        for kind, device_id in self._open:
            if not known(device_id):
                self._refused[kind].forget(device_id)
        self._open = {read: None for read in self._open if known(read[1])}
        end = monotonic() + _READ_FOR
        due = [read for read in self._open if not self._is_waiting(read)]
        troubled: set[Kind] = set()
        for part in batched(due[:_MOST], _AT_ONCE):
            if self._rate_limit.is_low or monotonic() > end:
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

    def _is_waiting(self, read: Read) -> bool:
        """Return True if it is too early to ask again for what was refused."""
        kind, device_id = read
        return self._refused[kind].is_waiting(device_id)

    def _count(self, troubled: set[Kind]) -> None:
        """Count the polls in a row in which what is open could not be read."""
        self._troubles = {
            (kind, device_id): self._troubles.get((kind, device_id), 0) + 1
            for kind, device_id in self._open
            if kind in troubled or device_id in self._refused[kind]
        }
        for read, polls in self._troubles.items():
            if polls == GRACE + 1:
                self._lapse(*read)

    def _done(self, read: Read, answer: BaseException | None) -> bool:
        """Cross off what was read; return whether to go on with its kind."""
        kind, device_id = read
        if answer is None:
            del self._open[read]
            self._refused[kind].discard(device_id)
            return True
        if not isinstance(answer, TransportError):
            raise answer
        # The others first: one tracker must not block them all.
        del self._open[read]
        self._open[read] = None
        if isinstance(answer, (Refused, AuthError)):
            # The account was accepted in this poll: it is about this tracker.
            self._refused[kind].add(device_id, answer)
            # Each refused sign-in costs a new token.
            return not isinstance(answer, AuthError)
        LOGGER.debug("Asked again with the next poll: %s", answer)
        return False

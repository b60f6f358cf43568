"""Requests beside the poll: of each tracker that has news, a few at a time."""

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
_RUN_FOR = 15.0


class Kind(StrEnum):
    """What of a tracker is read."""

    POINT = "point"
    ARRIVED = "arrived"
    READINGS = "readings"


type Request = tuple[Kind, int]


class DetailRequests:
    """Sends a few requests at a time, longest wait first, while they are plenty.

    What is left over is sent with the next polls: nothing waits long for this one.
    What is refused of one tracker is sent again later, and less and less often.
    `lapse` is called for what has failed for longer than a poll has grace.
    """

    def __init__(
        self,
        service: str,
        rate_limit: RateLimit,
        read: Mapping[Kind, Callable[[int], Awaitable[None]]],
        lapse: Callable[[Kind, int], None],
    ) -> None:
        """Take how each kind is read; nothing is requested yet."""
        self._rate_limit = rate_limit
        self._read = read
        self._lapse = lapse
        self._failures: dict[Request, int] = {}
        self._open: dict[Request, None] = {}
        self._refused: dict[Kind, Refusals[int]] = {
            kind: Refusals(service) for kind in read
        }

    def request(self, kind: Kind, number: int) -> None:
        """Add a tracker's request; one that waits keeps its place."""
        self._open.setdefault((kind, number))

    async def async_run(self, is_listed: Callable[[int], bool]) -> None:
        """Send what is open, of trackers that the service lists."""
        for kind, number in self._open:
            if not is_listed(number):
                self._refused[kind].forget(number)
        self._open = {key: None for key in self._open if is_listed(key[1])}
        end = monotonic() + _RUN_FOR
        due = [key for key in self._open if not self._is_waiting(key)]
        failed: set[Kind] = set()
        for batch in batched(due[:_MOST], _AT_ONCE):
            if self._rate_limit.is_low or monotonic() > end:
                break
            sent = [key for key in batch if key[0] not in failed]
            results = await asyncio.gather(
                *(self._read[kind](number) for kind, number in sent),
                return_exceptions=True,
            )
            for key, result in zip(sent, results, strict=True):
                if not self._handle_result(key, result):
                    failed.add(key[0])
        self._count_failures(failed)

    def _is_waiting(self, key: Request) -> bool:
        """Return True if it is too early to send again what was refused."""
        kind, number = key
        return self._refused[kind].is_waiting(number)

    def _count_failures(self, failed: set[Kind]) -> None:
        """Count the polls in a row in which what is open could not be read."""
        self._failures = {
            (kind, number): self._failures.get((kind, number), 0) + 1
            for kind, number in self._open
            if kind in failed or number in self._refused[kind]
        }
        for key, polls in self._failures.items():
            if polls == GRACE + 1:
                self._lapse(*key)

    def _handle_result(self, key: Request, error: BaseException | None) -> bool:
        """Remove what was read; return whether to go on with its kind."""
        kind, number = key
        if error is None:
            del self._open[key]
            self._refused[kind].discard(number)
            return True
        if not isinstance(error, TransportError):
            raise error
        # The others first: one tracker must not block them all.
        del self._open[key]
        self._open[key] = None
        if isinstance(error, (Refused, AuthError)):
            # The account was accepted in this poll: it is about this tracker.
            self._refused[kind].add(number, error)
            # Each refused sign-in costs a new token.
            return not isinstance(error, AuthError)
        LOGGER.debug("Asked again with the next poll: %s", error)
        return False

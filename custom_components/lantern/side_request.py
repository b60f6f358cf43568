"""A request beside a poll's main one: it may fail without failing the poll."""

from collections.abc import Awaitable, Callable
from time import monotonic

from .const import GRACE
from .transport.errors import AuthError, Refused, TransportError, Untrusted

_NOT_FOR_US = (403, 404)


class SideRequest[ValueT]:
    """Asks at most every `every` seconds and keeps the answer.

    A failure keeps the last answer for as many failed tries as a poll has grace,
    then there is None; 403 and 404 switch it off until the entry is reloaded.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[ValueT]], every: float = 0.0
    ) -> None:
        """Take the request; nothing is asked yet."""
        self.value: ValueT | None = None
        self._ask = ask
        self._every = every
        self._next = 0.0
        self._failures = 0
        self._off = False

    def now(self) -> None:
        """Make the request due at the next poll."""
        self._next = 0.0

    async def read(self, *, required: bool = False) -> ValueT | None:
        """Return the answer, asking for it if it is due.

        A failure is raised where the answer is `required` (the first one may be).
        """
        if self._off or monotonic() < self._next:
            return self.value
        try:
            self.value = await self._ask()
        except AuthError, Untrusted:
            raise
        except TransportError as err:
            if required:
                raise
            self._failed(err)
        else:
            self._failures = 0
            self._next = monotonic() + self._every
        return self.value

    def _failed(self, err: TransportError) -> None:
        self._failures += 1
        if isinstance(err, Refused) and err.code in _NOT_FOR_US:
            self._off = True
        if self._off or self._failures > GRACE:
            self.value = None

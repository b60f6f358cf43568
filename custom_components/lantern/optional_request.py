"""Requests beside a poll's main ones: they may fail without failing the poll."""

from collections.abc import Awaitable, Callable, Hashable
from time import monotonic

from .const import GRACE, LOGGER
from .transport.errors import AuthError, Refused, TransportError, Untrusted

_HOUR = 3600.0
_WAITS = (_HOUR, 6 * _HOUR, 24 * _HOUR)
# A poll that comes a moment early must not wait for the next one.
_EARLY = 60.0


def wait_after(refusals: int) -> float:
    """Return how long to wait after so many refusals in a row: 1 h, 6 h, then a day."""
    return _WAITS[min(refusals, len(_WAITS)) - 1] - _EARLY


class Refusals[KeyT: Hashable]:
    """Requests of one kind that a service refused, and when to send each again.

    That is after 1 h, 6 h, then daily. One warning is logged with the first of
    them, one line when none is left.
    """

    def __init__(self, service: str) -> None:
        """Start with none; the service is named in the log."""
        self._service = service
        self._refused: dict[KeyT, tuple[int, float]] = {}
        self._endpoint = ""

    def __contains__(self, key: KeyT) -> bool:
        """Return True if a request was refused the last time."""
        return key in self._refused

    def is_waiting(self, key: KeyT) -> bool:
        """Return True if it is too early to send a request again."""
        return key in self._refused and monotonic() < self._refused[key][1]

    def add(self, key: KeyT, err: TransportError) -> None:
        """Note that a request was refused."""
        times = 1 + (self._refused[key][0] if key in self._refused else 0)
        log = LOGGER.debug if self._refused else LOGGER.warning
        log(
            "%s: %s. Lantern asks again after 1 hour, then 6 hours, then once a day",
            self._service,
            err,
        )
        self._endpoint = err.endpoint
        self._refused[key] = (times, monotonic() + wait_after(times))

    def forget(self, key: KeyT) -> None:
        """Drop a request that is no longer needed."""
        self._refused.pop(key, None)

    def discard(self, key: KeyT) -> None:
        """Note that a request was answered."""
        if self._refused.pop(key, None) is not None and not self._refused:
            LOGGER.info("%s: %s works again", self._service, self._endpoint)


class OptionalRequest[ValueT]:
    """Asks at most every `every` seconds and keeps the answer.

    A failure keeps the last answer for as many polls as a main request has grace,
    then there is None. What is refused is asked again less and less often.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[ValueT]], service: str, every: float = 0.0
    ) -> None:
        """Take the request; nothing is asked yet."""
        self.value: ValueT | None = None
        self._ask = ask
        self._every = every
        self._next = 0.0
        self._refusals: Refusals[None] = Refusals(service)
        self._failures = 0
        self._failing_since: float | None = None

    @property
    def failing_for(self) -> float:
        """Return the seconds since the first of the failures in a row."""
        since = self._failing_since
        return 0.0 if since is None else monotonic() - since

    def invalidate(self) -> None:
        """Ask with the next poll, unless the service refused it."""
        self._next = 0.0

    async def async_get(self, *, required: bool = False) -> ValueT | None:
        """Return the answer, asking for it if it is due.

        A failure is raised if the answer is `required` (the first one may be).
        Otherwise the main request was accepted in this poll: a refused sign-in
        concerns this request alone.
        """
        if self._refusals.is_waiting(None):
            self._lapse()
            return self.value
        if monotonic() < self._next:
            return self.value
        try:
            self.value = await self._ask()
        except Untrusted:
            raise
        except TransportError as err:
            if required:
                raise
            self._failed(err)
        else:
            self._refusals.discard(None)
            self._failures = 0
            self._failing_since = None
            self._next = monotonic() + self._every
        return self.value

    def _failed(self, err: TransportError) -> None:
        if self._failing_since is None:
            self._failing_since = monotonic()
        if isinstance(err, (Refused, AuthError)):
            self._refusals.add(None, err)
        else:
            LOGGER.debug("Asked again with the next poll: %s", err)
        self._lapse()

    def _lapse(self) -> None:
        """Keep the last answer for two polls."""
        self._failures += 1
        if self._failures > GRACE:
            self.value = None

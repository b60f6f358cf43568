"""The event stream of API v2: connected, read, checked and connected again."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
import logging
import math
import random
from time import monotonic
from typing import Any, Protocol

from ...transport import parsing
from ...transport.errors import BadAnswer, Refused, TimedOut, TransportError
from .http import HueHttp

_LOGGER = logging.getLogger("custom_components.lantern")

type Message = list[Mapping[str, Any]]

_LONGEST = 8 * 1024 * 1024
_NOT_FOUND = 404
_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 60.0
# A stream that lasts so long was a good one: the next back-off starts anew.
_GOOD = 60.0
_CHECK_AFTER = 60.0
_RECONNECT_AFTER = 3600.0
_EVENT_WITHIN = 10.0


class Follower(Protocol):
    """Who follows the stream."""

    @property
    def wants_events(self) -> bool:
        """Return False to end: a read found out that there is no API v2."""

    async def async_stream_connected(self) -> None:
        """Read everything; raise `TransportError` if that fails."""

    async def async_stream_lost(self) -> None:
        """Poll until the stream is back."""

    async def async_stream_missing(self, failure: TransportError) -> None:
        """Do without: the bridge has no stream."""

    async def async_check_bridge(self) -> None:
        """Prove that the bridge answers; raise `TransportError` if it does not."""

    def handle_message(self, message: Message) -> None:
        """Apply a message."""


async def messages(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Message]:
    """Yield the messages of server-sent events; what is no JSON is passed over."""
    # Of several lines an event can have many: a text that grows copies itself.
    rest, data = b"", bytearray()
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data += line[5:].strip() + b"\n"
            elif not line.strip():
                if message := _decoded(data):
                    yield message
                data.clear()
        if len(rest) + len(data) > _LONGEST:
            raise BadAnswer("eventstream", "too long")


def _decoded(data: bytes | bytearray) -> Message:
    """Return the objects of an event's array."""
    try:
        return list(parsing.iter_dicts(parsing.loads(data)))
    except ValueError, RecursionError:
        return []


def ids_in(message: Message) -> set[str]:
    """Return the ids of the resources that a message names."""
    return {
        rid
        for container in message
        for item in parsing.iter_dicts(container.get("data"))
        if (rid := parsing.as_str(item.get("id"))) is not None
    }


class _Inbox:
    """Messages that were received and not yet handled."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        """Receive the messages of a stream from now on."""
        self._messages: list[Message] = []
        self._arrived = asyncio.Event()
        self.last_byte = monotonic()
        self._reader = asyncio.create_task(self._read(chunks))

    async def _noted(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        async for chunk in chunks:
            self.last_byte = monotonic()
            yield chunk

    async def _read(self, chunks: AsyncIterator[bytes]) -> None:
        try:
            async for message in messages(self._noted(chunks)):
                self._messages.append(message)
                self._arrived.set()
        finally:
            self._arrived.set()

    @property
    def waiting_ids(self) -> set[str]:
        """Return the ids of the resources in messages that wait."""
        return {rid for message in self._messages for rid in ids_in(message)}

    async def listen(self, seconds: float) -> list[Message] | None:
        """Return what came, nothing after so many seconds, None at the end."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrived.wait()
        except TimeoutError:
            return []
        self._arrived.clear()
        taken, self._messages = self._messages, []
        if not taken and self._reader.done():
            await self._reader
            return None
        if self._reader.done():
            self._arrived.set()
        return taken

    async def close(self) -> None:
        """Receive nothing more."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)


class EventStream:
    """Follows one bridge's stream until it is cancelled."""

    def __init__(self, http: HueHttp, follower: Follower) -> None:
        """Initialize without a connection."""
        self._http = http
        self._follower = follower
        self._inbox: _Inbox | None = None
        self._expected: dict[str, float] = {}
        # What the first read of a connection finds, no event will tell.
        self._is_listening = False

    @property
    def waiting_ids(self) -> set[str]:
        """Return the ids of the resources in messages that wait."""
        return self._inbox.waiting_ids if self._inbox else set()

    def expect(self, rids: Iterable[str]) -> None:
        """Connect again unless events of these resources come within 10 s.

        They are known to have changed: a stream that does not say so is deaf.
        """
        if self._is_listening:
            until = monotonic() + _EVENT_WITHIN
            for rid in rids:
                self._expected.setdefault(rid, until)

    async def run(self) -> None:
        """Follow the stream, connecting again after 1 to 60 s; end where there is none."""
        failures = 0
        while self._follower.wants_events:
            start, is_connected = monotonic(), False
            try:
                async with self._http.event_stream() as chunks:
                    is_connected = True
                    _LOGGER.debug("The event stream is up")
                    await self._follow(chunks)
            except TransportError as err:
                _LOGGER.debug("The event stream failed: %s", err)
                is_missing = isinstance(err, Refused) and err.code == _NOT_FOUND
                if is_missing and not is_connected:
                    await self._follower.async_stream_missing(err)
                    return
            else:
                _LOGGER.debug("The event stream ended")
            if is_connected:
                await self._follower.async_stream_lost()
                if monotonic() - start > _GOOD:
                    failures = 0
            longest = min(_LONGEST_WAIT, _SHORTEST_WAIT * 2**failures)
            failures = min(failures + 1, 10)
            # Jitter: not all clients of a bridge that restarts at the same moment.
            await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # no secret

    async def _follow(self, chunks: AsyncIterator[bytes]) -> None:
        """Read everything, then apply what came meanwhile and what comes."""
        self._inbox = inbox = _Inbox(chunks)
        self._expected.clear()
        try:
            await self._follower.async_stream_connected()
            self._is_listening = True
            await self._hand_over(inbox)
        finally:
            self._inbox, self._is_listening = None, False
            await inbox.close()

    async def _hand_over(self, inbox: _Inbox) -> None:
        """Hand over messages until the stream ends; check it while it is silent."""
        checked = monotonic()
        while True:
            quiet_since = max(inbox.last_byte, checked)
            due = min(quiet_since + _CHECK_AFTER, *self._expected.values(), math.inf)
            taken = await inbox.listen(max(0.0, due - monotonic()))
            if taken is None:
                return
            for message in taken:
                for rid in ids_in(message) & self._expected.keys():
                    del self._expected[rid]
                self._follower.handle_message(message)
            if not taken:
                await self._check(inbox, checked)
                checked = monotonic()

    async def _check(self, inbox: _Inbox, checked: float) -> None:
        """Prove that a silent stream is alive, or give it up."""
        now = monotonic()
        if any(until <= now for until in self._expected.values()):
            raise TimedOut("eventstream", "a change was not told")
        if now - inbox.last_byte >= _RECONNECT_AFTER:
            raise TimedOut("eventstream", "silent for an hour")
        if now - max(inbox.last_byte, checked) >= _CHECK_AFTER:
            await self._follower.async_check_bridge()

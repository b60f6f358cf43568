"""The bridge's event stream: what it says, and how it is followed."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
import math
import random
from time import monotonic
from typing import Any, Protocol

from ..const import LOGGER
from ..optional_request import wait_after
from ..transport import parsing
from ..transport.errors import BadAnswer, Refused, TransportError
from .accessories import BUTTON_EVENTS, ROTARY, turn
from .pace import pause

_LONGEST = 8 * 1024 * 1024
_NOT_FOUND = 404
_LONGEST_ID = 64
_MOST_REPORTS = 1000
# Buttons that the bridge does not list are looked for again after 1 s to 1 h.
_SHORTEST_LOOKUP = 1.0
_LONGEST_LOOKUP = 3600.0
_SHORTEST_WAIT = 1.0
_LONGEST_WAIT = 60.0
# A stream that lasts so long was a good one: the next back-off starts anew.
_GOOD = 60.0


class Source(Protocol):
    """What the stream comes from; both raise `TransportError`."""

    def event_stream(self) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open the stream."""

    async def buttons(self) -> dict[str, tuple[str, int]]:
        """Return sensor number and button by v2 id."""


class Follower(Protocol):
    """Who is told what the stream says."""

    async def stream_connected(self) -> None:
        """Read everything: what happened before was not told."""

    async def stream_lost(self) -> None:
        """Do without for a while."""

    def nudged(self, path: str) -> None:
        """Hear that the v1 resource at a path changed."""

    def reshaped(self) -> None:
        """Hear that something came or went."""

    def happened(
        self, sensor: str, key: str, kind: str, attributes: Mapping[str, int]
    ) -> None:
        """Hear of an event of a switch or dial, by its sensor's v1 number."""


def v1_number(item: Mapping[str, Any], collection: str) -> str | None:
    """Return the number in an item's `id_v1`, if it is of a collection."""
    path = parsing.as_str(item.get("id_v1")) or ""
    return path.removeprefix(f"/{collection}/") if path.count("/") == 2 else None


async def messages(chunks: AsyncIterator[bytes]) -> AsyncGenerator[Mapping[str, Any]]:
    """Yield the messages of server-sent events; what is no JSON is passed over."""
    # Of several lines an event can have many: a text that grows copies itself.
    rest, data = b"", bytearray()
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data += line[5:].strip() + b"\n"
            elif not line.strip():
                for message in _decoded(data):
                    yield message
                data.clear()
        if len(rest) + len(data) > _LONGEST:
            raise BadAnswer("eventstream", "too long")


def _decoded(data: bytes | bytearray) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an event's array."""
    try:
        yield from parsing.iter_dicts(parsing.loads(data))
    except ValueError, RecursionError:
        return


class EventStream:
    """Follows one bridge's stream until it is cancelled.

    `offered` is None until the bridge has answered: a round one has no stream.
    """

    def __init__(self, source: Source, follower: Follower) -> None:
        """Take both ends; `run` connects them."""
        self.offered: bool | None = None
        self._source = source
        self._follower = follower
        self._buttons: dict[str, tuple[str, int]] = {}
        self._last_lookup = 0.0
        self._lookup_wait = 0.0
        self._last: dict[str, tuple[str, str]] = {}
        self._had_stream = False
        self._refusals = 0
        self._ask_at = math.inf

    async def run(self) -> None:
        """Listen, and connect again after 1 to 60 s; end where there is no stream."""
        failures = 0
        self._ask_at = math.inf
        while True:
            start, connected, is_missing = monotonic(), False, False
            try:
                async with self._source.event_stream() as chunks:
                    self._buttons = await self._source.buttons()
                    connected = self.offered = True
                    self._is_up()
                    await self._follower.stream_connected()
                    await self.listen(chunks)
            except TransportError as err:
                LOGGER.debug("The event stream failed: %s", err)
                is_missing = isinstance(err, Refused) and err.code == _NOT_FOUND
            else:
                LOGGER.debug("The event stream ended")
            if is_missing and not connected:
                self._is_missing()
                return
            if connected:
                await self._follower.stream_lost()
                if monotonic() - start > _GOOD:
                    failures = 0
            longest = min(_LONGEST_WAIT, _SHORTEST_WAIT * 2**failures)
            failures = min(failures + 1, 10)
            # Jitter: not all clients of a bridge that restarts at the same moment.
            await pause(longest * random.uniform(0.5, 1.0))  # no secret

    @property
    def is_due(self) -> bool:
        """Return True if a bridge without a stream is to be asked for it again."""
        return self.offered is False and monotonic() >= self._ask_at

    def _is_up(self) -> None:
        """Note that the bridge has a stream."""
        LOGGER.debug("The event stream is up")
        if self._refusals and self._had_stream:
            LOGGER.info("The Hue bridge offers its event stream again")
        self._had_stream, self._refusals = True, 0

    def _is_missing(self) -> None:
        """Note that the bridge has no stream; a round one never had any."""
        self.offered = False
        self._refusals += 1
        self._ask_at = monotonic() + wait_after(self._refusals)
        if self._had_stream and self._refusals == 1:
            LOGGER.warning(
                "The Hue bridge no longer offers its event stream. Lantern asks again "
                "after 1 hour, then 6 hours, then once a day"
            )

    async def listen(self, chunks: AsyncIterator[bytes]) -> None:
        """Take the stream's messages until it ends."""
        async for message in messages(chunks):
            if message.get("type") in ("add", "delete"):
                # What came may be a switch: look soon.
                self._lookup_wait = min(self._lookup_wait, _SHORTEST_LOOKUP)
                self._follower.reshaped()
                continue
            for item in parsing.iter_dicts(message.get("data")):
                await self._take(item)

    async def _take(self, item: Mapping[str, Any]) -> None:
        """Tell an event as it is, and of anything else that it changed."""
        kind = item.get("type")
        if kind == "button":
            await self._pressed(item)
        elif kind == "relative_rotary":
            self._turned(item)
        elif path := parsing.as_str(item.get("id_v1")):
            self._follower.nudged(path)

    def _is_new(self, own: str, event: str, report: Mapping[str, Any]) -> bool:
        """Tell whether this was not told before."""
        told = (event, (parsing.as_str(report.get("updated")) or "")[:_LONGEST_ID])
        known = bool(told[1]) and self._last.pop(own, None) == told
        self._last[own] = told
        if len(self._last) > _MOST_REPORTS:
            del self._last[next(iter(self._last))]
        return not known

    async def _find_button(self, own: str) -> tuple[str, int] | None:
        """Return a button's sensor and number; an unknown one is looked up, seldom."""
        since = monotonic() - self._last_lookup
        if own not in self._buttons and since >= self._lookup_wait:
            self._last_lookup += since
            self._lookup_wait = min(
                max(_SHORTEST_LOOKUP, self._lookup_wait * 2), _LONGEST_LOOKUP
            )
            try:
                self._buttons = await self._source.buttons()
            except TransportError as err:
                LOGGER.debug("An unknown button was not looked up: %s", err)
        return self._buttons.get(own)

    async def _pressed(self, item: Mapping[str, Any]) -> None:
        button = parsing.as_dict(item.get("button"))
        report = parsing.as_dict(button.get("button_report"))
        event = parsing.as_str(report.get("event")) or parsing.as_str(
            button.get("last_event")
        )
        own = parsing.as_str(item.get("id"))
        if own is None or event not in BUTTON_EVENTS:
            return
        found = await self._find_button(own)
        if found is not None and self._is_new(own, event, report):
            number, control = found
            self._follower.happened(number, f"button_{control}", event, {})

    def _turned(self, item: Mapping[str, Any]) -> None:
        rotary = parsing.as_dict(item.get("relative_rotary"))
        report = parsing.as_dict(
            rotary.get("rotary_report") or rotary.get("last_event")
        )
        rotation = parsing.as_dict(report.get("rotation"))
        steps = parsing.as_int(rotation.get("steps"))
        own, number = parsing.as_str(item.get("id")), v1_number(item, "sensors")
        if own is None or len(own) > _LONGEST_ID or number is None or not steps:
            return
        back = rotation.get("direction") == "counter_clock_wise"
        duration = parsing.as_int(rotation.get("duration"))
        kind, attributes = turn(-steps if back else steps, duration)
        if self._is_new(own, f"{kind} {steps}", report):
            self._follower.happened(number, ROTARY, kind, dict(attributes))

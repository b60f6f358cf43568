"""The event stream: server-sent events to everybody who listens."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
import json
from uuid import uuid4

from aiohttp import hdrs, web

from simulator.faults import cut

from .v2.changes import Container, batched, split

LOOK = 0.25  # s between two looks whether a listener is still there


class Streams:
    """Those who listen, and what was sent lately.

    `batch_seconds` is for how long changes are collected before they are sent
    as one message; `is_held` collects them until `flush`. `is_split` sends a
    lamp's `on` before the rest, as an item of its own. `is_silent` sends
    nothing, as a bridge that lost a subscription; the messages can be had with
    `last-event-id` later.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Start with nobody; `now` is the bridge's clock."""
        self.opened = 0
        self.batch_seconds = 0.0
        self.is_held = self.is_split = self.is_silent = False
        self._now = now
        self._pending: list[Container] = []
        self._timer: asyncio.TimerHandle | None = None
        self._listeners: list[tuple[web.Request, asyncio.Queue[str | None]]] = []
        self._history: deque[tuple[str, str]] = deque(maxlen=1000)
        self._last = (0, 0)

    def __len__(self) -> int:
        """Return how many listen now."""
        return len(self._listeners)

    def _next_id(self, now: datetime) -> str:
        """Return a message id: "<seconds>:<number within the second>"."""
        second = int(now.timestamp())
        number = self._last[1] + 1 if second == self._last[0] else 0
        self._last = (second, number)
        return f"{second}:{number}"

    def publish(self, containers: list[Container]) -> None:
        """Send containers, (kind, items) each, now or with the next batch."""
        if self.is_held or self.batch_seconds:
            self._pending += containers
            if not self.is_held and self._timer is None:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(self.batch_seconds, self.flush)
        else:
            self._send_message(containers)

    def flush(self) -> None:
        """Send what was collected, as one message."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        pending, self._pending = batched(self._pending), []
        self._send_message(pending)

    def _send_message(self, containers: list[Container]) -> None:
        now = self._now()
        parts = split(containers) if self.is_split else containers
        message = [
            {
                "creationtime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                "data": items,
                "id": str(uuid4()),
                "type": kind,
            }
            for kind, items in parts
        ]
        if not message:
            return
        identifier = self._next_id(now)
        text = f"id: {identifier}\ndata: {json.dumps(message)}\n\n"
        self._history.append((identifier, text))
        if not self.is_silent:
            self.send(text)

    def repeat(self) -> None:
        """Send the last message once more."""
        if self._history:
            self.send(self._history[-1][1])

    def forget(self) -> None:
        """Forget what was sent: nothing can be sent again."""
        self._history.clear()

    def send(self, text: str) -> None:
        """Send text as it is."""
        for _, queue in self._listeners:
            queue.put_nowait(text)

    def drop(self) -> None:
        """Cut everybody's connection."""
        for request, _ in self._listeners:
            cut(request)

    def close(self) -> None:
        """End all streams as a bridge does that shuts down."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for _, queue in self._listeners:
            queue.put_nowait(None)

    def _missed(self, last: str) -> list[str]:
        """Return what was sent after the message with this id."""
        identifiers = [identifier for identifier, _ in self._history]
        if last not in identifiers:
            return []
        return [text for _, text in list(self._history)[identifiers.index(last) + 1 :]]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send events until somebody ends it."""
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        queue.put_nowait(": hi\n\n")
        for text in self._missed(request.headers.get("last-event-id", "")):
            queue.put_nowait(text)
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: "text/event-stream; charset=utf-8",
                hdrs.CACHE_CONTROL: "no-cache",
            }
        )
        await response.prepare(request)
        self.opened += 1
        listener = (request, queue)
        self._listeners.append(listener)
        try:
            await self._send_all(request, response, queue)
        finally:
            self._listeners.remove(listener)
        return response

    async def _send_all(
        self,
        request: web.Request,
        response: web.StreamResponse,
        queue: asyncio.Queue[str | None],
    ) -> None:
        """Send what comes into the queue; aiohttp does not say when somebody left."""
        while request.transport is not None and not request.transport.is_closing():
            try:
                text = await asyncio.wait_for(queue.get(), LOOK)
            except TimeoutError:
                continue
            if text is None:
                return
            try:
                await response.write(text.encode())
            except OSError:
                return

"""The event stream: server-sent events to everybody who listens."""

import asyncio
from collections import deque
from datetime import datetime
import json
from uuid import uuid4

from aiohttp import hdrs, web

from simulator.faults import cut

from .answers import Json

LOOK = 0.25  # s between two looks whether a listener is still there


class Streams:
    """Those who listen, and what was sent lately."""

    def __init__(self) -> None:
        """Start with nobody."""
        self.opened = 0
        self._listeners: list[tuple[web.Request, asyncio.Queue[str | None]]] = []
        self._history: deque[tuple[str, str]] = deque(maxlen=100)
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

    def publish(self, kind: str, items: list[Json], now: datetime) -> None:
        """Send one message: `kind` is update, add or delete."""
        identifier = self._next_id(now)
        message = {
            "creationtime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "data": items,
            "id": str(uuid4()),
            "type": kind,
        }
        text = f"id: {identifier}\ndata: {json.dumps([message])}\n\n"
        self._history.append((identifier, text))
        self.send(text)

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
        for _, queue in self._listeners:
            queue.put_nowait(None)

    def _missed(self, last: str) -> list[str]:
        """Return what was sent after the message with this id."""
        known = [identifier for identifier, _ in self._history]
        if last not in known:
            return []
        return [text for _, text in list(self._history)[known.index(last) + 1 :]]

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

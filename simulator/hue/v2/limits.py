"""How many requests of API v2 a client has open at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

KEY = "hue-application-key"
RESOURCE = "/clip/v2/resource"


class OpenRequests:
    """Counts each client's open requests, without its event stream."""

    def __init__(self) -> None:
        """Start with none."""
        self._methods: dict[str, list[str]] = {}

    @contextmanager
    def receive(self, request: web.Request) -> Iterator[list[str]]:
        """Keep a request open; give what the client should not have done."""
        if not request.path.startswith(RESOURCE):
            yield []
            return
        methods = self._methods.setdefault(request.headers.get(KEY, ""), [])
        wrong = []
        if methods and "PUT" in (request.method, *methods):
            wrong.append("a PUT beside another request")
        if len(methods) >= 2:
            wrong.append("more than two requests at once beside the stream")
        methods.append(request.method)
        try:
            yield wrong
        finally:
            methods.remove(request.method)

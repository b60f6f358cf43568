"""Faults that can be put on any route: what a bad day of a service looks like."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
import gzip
import json
from typing import Any

from aiohttp import hdrs, web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One fault, in plain data, so that it can also be asked for over HTTP.

    `route` is "METHOD /path/{template}", "METHOD *" or "*"; `times` is how
    many requests it hits (-1: all until it is cleared). The kinds:

    status      answers with `status`, `body` and `headers`; the service is not asked
    latency     waits `seconds`, then answers normally
    reset       cuts the connection; the service is not asked
    lost        the service does what it was asked, then the connection is cut
    truncated   announces the whole answer, sends half of it, cuts the connection
    html        200 with a web page
    empty       200 without a body
    body        200 with `body` as it is, of type `content_type`
    nulls       the answer with null in place of every value
    wrong_types the answer with a string for each number and a number for each string
    extra       the answer with unknown fields in every object
    huge        200 with `size` bytes of a JSON string
    bomb        200 with `size` bytes that were compressed by gzip
    drip        the answer, one byte each `seconds`
    redirect    307 to `body`
    """

    route: str
    kind: str
    times: int = 1
    status: int = 500
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    seconds: float = 0.0
    size: int = 200 * 1024 * 1024

    def hits(self, method: str, route: str) -> bool:
        """Tell whether the fault is due for a request to this route."""
        return self.times != 0 and self.route in (
            "*",
            f"{method} *",
            f"{method} {route}",
        )


def cut(request: web.Request) -> None:
    """Cut the client's connection without another byte."""
    if request.transport is not None:
        request.transport.abort()


def _mapped(value: Any, leaf: Callable[[Any], Any], extra: dict[str, Any]) -> Any:
    """Return a JSON value with each leaf replaced and `extra` in each object."""
    if isinstance(value, dict):
        return {k: _mapped(v, leaf, extra) for k, v in value.items()} | extra
    if isinstance(value, list):
        return [_mapped(v, leaf, extra) for v in value]
    return leaf(value)


def _wrong_type(value: Any) -> Any:
    """Return the value as a type that the contract does not name."""
    if isinstance(value, str):
        return 7
    return f"#{value}"


def _changed(body: bytes, kind: str) -> bytes:
    """Return a JSON body changed as the kind says."""
    value = json.loads(body or b"null")
    match kind:
        case "nulls":
            value = _mapped(value, lambda _: None, {})
        case "wrong_types":
            value = _mapped(value, _wrong_type, {})
        case _:
            value = _mapped(value, lambda v: v, {"_unheard_of": {"a": [1]}})
    return json.dumps(value).encode()


async def _stream(
    request: web.Request, headers: dict[str, str], chunks: list[bytes], pause: float = 0
) -> web.StreamResponse:
    """Send chunks, with a pause after each."""
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    for chunk in chunks:
        await response.write(chunk)
        await asyncio.sleep(pause)
    return response


def _bomb(size: int) -> bytes:
    """Return a small gzip body that grows to a JSON string of so many bytes."""
    return gzip.compress(b'"' + b" " * size + b'"', compresslevel=9)


async def _answered(
    fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Let the service answer, then spoil the answer."""
    response = await handler(request)
    if not isinstance(response, web.Response):
        return response
    body = response.body if isinstance(response.body, bytes) else b""
    content_type = response.headers.get(hdrs.CONTENT_TYPE, "text/plain")
    headers: dict[str, str] = {hdrs.CONTENT_TYPE: content_type}
    match fault.kind:
        case "lost":
            cut(request)
        case "truncated":
            headers[hdrs.CONTENT_LENGTH] = str(len(body))
            await _stream(request, headers, [body[: len(body) // 2]])
            cut(request)
        case "drip":
            chunks = [body[i : i + 1] for i in range(len(body))]
            return await _stream(request, headers, chunks, fault.seconds)
        case _:
            return web.Response(
                body=_changed(body, fault.kind), status=response.status, headers=headers
            )
    return response


async def apply(
    fault: Fault, request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Answer a request as the fault wants it."""
    json_type: dict[str, str] = {hdrs.CONTENT_TYPE: "application/json"}
    match fault.kind:
        case "status":
            return web.Response(
                status=fault.status,
                text=fault.body,
                content_type=fault.content_type,
                headers=fault.headers,
            )
        case "latency":
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        case "reset":
            cut(request)
            return web.Response()
        case "html":
            return web.Response(text=HTML, content_type="text/html")
        case "empty":
            return web.Response(headers=json_type)
        case "body":
            return web.Response(text=fault.body, content_type=fault.content_type)
        case "redirect":
            return web.Response(status=307, headers={hdrs.LOCATION: fault.body})
        case "huge":
            block = b" " * 65536
            chunks = [b'"', *[block] * (fault.size // len(block)), b'"']
            return await _stream(request, json_type, chunks)
        case "bomb":
            headers = json_type | {hdrs.CONTENT_ENCODING: "gzip"}
            return await _stream(request, headers, [_bomb(fault.size)])
    return await _answered(fault, request, handler)

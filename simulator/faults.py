"""Faults that can be put on any route: what a bad day of a service looks like."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from itertools import repeat
import json
from typing import Any
import zlib

from aiohttp import hdrs, web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# aiohttp does not say when somebody left.
_LOOK = 1.0
_IDS = frozenset({"id", "lcuid", "unique_id", "uniqueid"})
_BLOCK = 65536
_SPACES = b" " * _BLOCK
_GZIP = 16 + zlib.MAX_WBITS

HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(slots=True)
class Fault:
    """One fault, in plain data, so that it can also be asked for over HTTP.

    `route` is "METHOD /path/{template}", "METHOD *" or "*"; `times` is how
    many requests it hits (-1: all until it is cleared). The kinds:

    status      answers with `status`, `body` and `headers`; the service is not asked
    endless     answers with `status` and a body that goes on for ever, a byte each
                `seconds`; the service is not asked
    headers     answers normally, with `headers` in place of its own (a wrong `Date`)
    latency     waits `seconds`, then answers normally
    late        waits `seconds` with an answer that is ready: what changes meanwhile is
                not in it
    silence     says nothing, until the client has left
    reset       cuts the connection; the service is not asked
    lost        the service does what it was asked, then the connection is cut
    truncated   announces the whole answer, sends half of it, cuts the connection
    html        200 with a web page
    empty       200 without a body
    body        200 with `body` as it is, of type `content_type`
    nulls       the answer with null in place of every value
    wrong_types the answer with a string for each number and a number for each string
    extra       the answer with unknown fields in every object
    unheard_of  the answer with values that no document names in its `fields`
    duplicates  the answer with all things twice that carry an id
    charset     the answer in Latin-1, of a character set that does not exist
    too_many    `status` (429 where none is named) for `seconds` more, told as
                `form` says: seconds, date, reset, window, or none of them
    huge        200 with `size` bytes of a JSON string
    bomb        200 with `size` bytes that were compressed by gzip
    drip        the answer, one byte each `seconds`
    redirect    307 to `body`
    """

    route: str
    kind: str
    times: int = 1
    status: int | None = None
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    seconds: float = 0.0
    form: str = "seconds"
    fields: tuple[str, ...] = ()
    size: int = 200 * 1024 * 1024

    def hits(self, method: str, route: str) -> bool:
        """Return whether the fault is due for a request to this route."""
        return self.times != 0 and self.route in (
            "*",
            f"{method} *",
            f"{method} {route}",
        )


def cut(request: web.Request) -> None:
    """Cut the client's connection without another byte."""
    if request.transport is not None:
        request.transport.abort()


def _waiting(form: str, seconds: float, now: datetime) -> dict[str, str]:
    """Return the headers that name how long to wait, in one of their forms."""
    end = now + timedelta(seconds=seconds)
    return {
        "seconds": {"Retry-After": f"{seconds:.0f}"},
        "date": {"Retry-After": format_datetime(end, usegmt=True)},
        "reset": {"X-Ratelimit-Reset": f"{end.timestamp():.0f}"},
        "window": {"X-Ratelimit-Window": f"{seconds:.0f}"},
        "none": {},
    }[form]


def _mapped(value: Any, leaf: Callable[[Any], Any], extra: dict[str, Any]) -> Any:
    """Return a JSON value with each leaf replaced and `extra` in each object.

    A collection of objects by key gets none: there it would be one more of them.
    """
    if isinstance(value, dict):
        mapped = {k: _mapped(v, leaf, extra) for k, v in value.items()}
        collection = value and all(isinstance(item, dict) for item in value.values())
        return mapped if collection else mapped | extra
    if isinstance(value, list):
        return [_mapped(v, leaf, extra) for v in value]
    return leaf(value)


def _wrong_type(value: Any) -> Any:
    """Return the value as a type that the contract does not name."""
    if isinstance(value, str):
        return 7
    return f"#{value}"


def _unheard_of(value: Any, fields: Collection[str], inside: bool = False) -> Any:
    """Return the value with what no document names in some fields."""
    if isinstance(value, dict):
        return {k: _unheard_of(v, fields, k in fields) for k, v in value.items()}
    if isinstance(value, list):
        return [_unheard_of(v, fields, inside) for v in value]
    if not inside or value is None:
        return value
    return "unheard_of" if isinstance(value, str) else 99


def _doubled(value: Any) -> Any:
    """Return the value with what has an id twice, under a second key if need be."""
    if isinstance(value, list):
        return [
            item for each in value for item in [_doubled(each)] * (1 + _has_id(each))
        ]
    if not isinstance(value, dict):
        return value
    doubled = {key: _doubled(item) for key, item in value.items()}
    return doubled | {
        f"{key}9": doubled[key] for key, item in value.items() if _has_id(item)
    }


def _has_id(value: Any) -> bool:
    """Return whether a value is an object that carries its own id."""
    return isinstance(value, dict) and not _IDS.isdisjoint(value)


def _changed(body: bytes, fault: Fault) -> bytes:
    """Return a JSON body changed as the fault says."""
    value = json.loads(body or b"null")
    match fault.kind:
        case "unheard_of":
            value = _unheard_of(value, fault.fields)
        case "duplicates":
            value = _doubled(value)
        case "charset":
            value = _mapped(value, lambda v: v, {"é": "é"})
            return json.dumps(value, ensure_ascii=False).encode("latin-1", "replace")
        case "nulls":
            value = _mapped(value, lambda _: None, {})
        case "wrong_types":
            value = _mapped(value, _wrong_type, {})
        case _:
            value = _mapped(value, lambda v: v, {"_unheard_of": {"a": [1]}})
    return json.dumps(value).encode()


async def _stream(
    request: web.Request,
    headers: dict[str, str],
    chunks: Iterable[bytes],
    pause: float = 0,
    status: int = 200,
) -> web.StreamResponse:
    """Send chunks, with a pause after each, until the client has left."""
    response = web.StreamResponse(headers=headers, status=status)
    with suppress(OSError):
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
            await asyncio.sleep(pause)
        # Only then its length is known.
        await response.write_eof()
    return response


def _string(size: int) -> Iterator[bytes]:
    """Yield a JSON string of so many bytes."""
    yield b'"'
    for start in range(0, size, _BLOCK):
        yield _SPACES[: size - start]
    yield b'"'


@cache
def bomb(size: int) -> bytes:
    """Return a small gzip body that grows to a JSON string of so many bytes."""
    packer = zlib.compressobj(wbits=_GZIP)
    return b"".join([*map(packer.compress, _string(size)), packer.flush()])


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
        case "charset":
            headers[hdrs.CONTENT_TYPE] += "; charset=x-unheard-of"
            body = _changed(body, fault)
            return web.Response(body=body, status=response.status, headers=headers)
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
            body = _changed(body, fault)
            return web.Response(body=body, status=response.status, headers=headers)
    return response


async def apply(
    fault: Fault, request: web.Request, handler: Handler, now: datetime
) -> web.StreamResponse:
    """Answer a request as the fault wants it."""
    json_type: dict[str, str] = {hdrs.CONTENT_TYPE: "application/json"}
    match fault.kind:
        case "status":
            return web.Response(
                status=fault.status or 500,
                text=fault.body,
                content_type=fault.content_type,
                headers=fault.headers,
            )
        case "endless":
            spaces = repeat(b" ")
            status = fault.status or 500
            return await _stream(request, json_type, spaces, fault.seconds, status)
        case "too_many":
            return web.Response(
                status=fault.status or 429,
                headers=_waiting(fault.form, fault.seconds, now),
            )
        case "latency":
            await asyncio.sleep(fault.seconds)
            return await handler(request)
        case "late":
            response = await handler(request)
            await asyncio.sleep(fault.seconds)
            return response
        case "headers":
            response = await handler(request)
            response.headers.update(fault.headers)
            return response
        case "silence":
            while request.transport is not None and not request.transport.is_closing():
                await asyncio.sleep(_LOOK)
            return web.Response()
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
            return await _stream(request, json_type, _string(fault.size))
        case "bomb":
            headers = json_type | {hdrs.CONTENT_ENCODING: "gzip"}
            return await _stream(request, headers, [bomb(fault.size)])
    return await _answered(fault, request, handler)

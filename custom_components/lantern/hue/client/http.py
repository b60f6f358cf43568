"""Requests to a Hue bridge: two at a time, over its pinned certificate."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, Fingerprint

from ...transport import parsing
from ...transport.certificate import certificate_sha256
from ...transport.errors import BadAnswer, RateLimited, Unreachable
from ...transport.http import MIB, Answer, Http
from ...transport.rate_limit import RateLimit
from .command_queue import INITIAL_BACKOFF, with_busy_backoff
from .errors import error_decides, is_busy, is_unauthorized, object_in

_TRIES = 5
_PATIENCE = 5.0
_TIMEOUT = 10.0
_SILENCE = 3660.0
_AT_ONCE = 2
"""A bridge serves three requests at once; one is left for the event stream."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bridge is: `host[:port]`, and its certificate's SHA-256 in hex.

    Without a certificate the bridge speaks plain http.
    """

    host: str
    certificate: str | None

    @property
    def url(self) -> str:
        """Return the bridge's base URL."""
        return f"{'https' if self.certificate else 'http'}://{self.host}"


async def find(session: ClientSession, host: str, *, tls_only: bool) -> Address:
    """Return the address of what answers at `host[:port]`: https, else plain http.

    Plain http is for old bridges: only where https is refused or not spoken.
    """
    url = f"https://{host}/api/config"
    certificate = await certificate_sha256(session, "certificate", url)
    if certificate is None and tls_only:
        raise Unreachable("certificate", "no https")
    return Address(host, certificate)


@cache
def _pin(certificate: str) -> Fingerprint:
    """Return the pin of a certificate; aiohttp reuses connections by the object."""
    return Fingerprint(bytes.fromhex(certificate))


def _descriptions(answer: Answer) -> str:
    """Return what API v2 says of a refusal."""
    return "; ".join(errors_v2(answer))


def errors_v2(answer: Answer) -> list[str]:
    """Return the descriptions of the errors in an answer of API v2."""
    errors = parsing.as_dict(answer.json_or_none()).get("errors")
    texts = (
        parsing.as_name(item.get("description")) for item in parsing.iter_dicts(errors)
    )
    return [text for text in texts if text]


def _is_page(answer: Answer) -> bool:
    """Return True for a web page: an overloaded bridge sends one for API v2."""
    return answer.body.lstrip().startswith(b"<")


class HueHttp:
    """Sends requests to one bridge, with an application key once there is one.

    The certificate of the address is pinned; the key is a part of each v1 path
    and of the v2 header, and of nothing else.
    """

    def __init__(
        self, session: ClientSession, address: Address, key: str, rate_limit: RateLimit
    ) -> None:
        """Initialize with address and key; nothing is sent yet."""
        self.address = address
        self.path = f"/api/{quote(key, safe='')}"
        certificate = address.certificate

        def http(max_bytes: int, **more: Any) -> Http:
            return Http(
                session,
                address.url,
                rate_limit=with_busy_backoff(rate_limit),
                timeout=_TIMEOUT,
                max_bytes=max_bytes,
                ssl=_pin(certificate) if certificate else True,
                is_auth=is_unauthorized,
                **more,
            )

        self._v1 = http(8 * MIB, body_decides=error_decides)
        self._v2 = http(32 * MIB, words=_descriptions)
        self._key_header = {"hue-application-key": key}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._put = asyncio.Lock()

    async def request(
        self, endpoint: str, method: str, path: str, **content: Any
    ) -> Answer:
        """Send a v1 request when a slot is free; a busy bridge is asked again.

        It says so by status, or in the body of a 200. A registration is sent once.
        """
        async with self._slots:
            return await self._send(
                self._v1, is_busy, endpoint, method, path, **content
            )

    async def _send(
        self,
        http: Http,
        is_refused: Callable[[Answer], bool],
        endpoint: str,
        method: str,
        path: str,
        **content: Any,
    ) -> Answer:
        for attempt in range(_TRIES):
            try:
                answer = await http.request(endpoint, method, path, **content)
            except RateLimited as err:
                if err.retry_after > _PATIENCE:
                    raise
                await asyncio.sleep(err.retry_after)
                continue
            if method == "POST" or not is_refused(answer):
                return answer
            if attempt + 1 < _TRIES:
                await asyncio.sleep(INITIAL_BACKOFF * 2**attempt)
        raise Unreachable(endpoint, "busy")

    async def get_object(self, endpoint: str, path: str) -> Mapping[str, Any]:
        """Return the JSON object at a v1 path; an array in its place is an error."""
        return object_in(await self.request(endpoint, "GET", path))

    async def get_v2(self, endpoint: str, path: str = "") -> list[Mapping[str, Any]]:
        """Return the resources at a path of API v2, all of them without a path."""
        async with self._slots:
            answer = await self._send(
                self._v2,
                _is_page,
                endpoint,
                "GET",
                f"/clip/v2/resource{path}",
                headers=self._key_header,
            )
        data = parsing.as_dict(answer.json()).get("data")
        if not isinstance(data, list):
            raise BadAnswer(endpoint, "no data")
        return list(parsing.iter_dicts(data))

    async def put_v2(self, path: str, body: Mapping[str, Any]) -> list[str]:
        """Send a command of API v2; return the doubts that the bridge has about it.

        It goes alone: some firmware answers a PUT beside other requests with a page.
        """
        endpoint = f"clip {path.split('/')[1]}"
        async with self._put, self._slots, self._slots:
            answer = await self._send(
                self._v2,
                _is_page,
                endpoint,
                "PUT",
                f"/clip/v2/resource{path}",
                headers=self._key_header,
                json=body,
            )
        if not isinstance(answer.json(), Mapping):
            raise BadAnswer(endpoint, "not an object")
        return errors_v2(answer)

    def event_stream(self) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Open the event stream; it takes no slot. A round bridge has none: 404."""
        headers = {**self._key_header, "Accept": "text/event-stream"}
        return self._v1.stream("eventstream", "/eventstream/clip/v2", headers, _SILENCE)

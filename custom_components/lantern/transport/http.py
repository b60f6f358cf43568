"""The one request path: every request of every service goes through `Http`."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Mapping,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
import logging
from time import monotonic
from typing import Any

import aiohttp
from aiohttp import ClientSession, ClientTimeout, Fingerprint

from . import parsing
from .clock import http_date
from .errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TimedOut,
    TransportError,
    Unreachable,
    Untrusted,
)
from .rate_limit import RateLimit
from .tokens import TokenKeeper

MIB = 1024 * 1024
_LOGGER = logging.getLogger(__name__)
_TRANSIENT = frozenset({408, 421, 425})
"""Refusals of the moment: too slow, on the wrong connection, too early."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A service's answer, read to its end: status, headers, body in bytes.

    `time` is the time at the service when it answered, in UTC, as far as its clock
    is believed. `on_json` is called with what was decoded.
    """

    endpoint: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    on_json: Callable[[str, Any], None] | None = None

    @property
    def date(self) -> datetime:
        """Return the answer's own `Date`, believed or not.

        What an answer says of a time is compared with it: both are from one clock.
        """
        return http_date(self.headers.get("Date")) or self.time

    def json(self) -> Any:
        """Return the body's JSON value; raise BadAnswer if it is none."""
        try:
            return self._decode()
        except ValueError, RecursionError:
            raise BadAnswer(self.endpoint, "not JSON") from None

    def _decode(self) -> Any:
        value = parsing.loads(self.body)
        if self.on_json is not None:
            self.on_json(self.endpoint, value)
        return value

    def json_if_any(self) -> Any:
        """Return the JSON value, None for an empty body; raise BadAnswer if it is none."""
        return self.json() if self.body.strip() else None

    def json_or_none(self) -> Any:
        """Return the body's JSON value, or None if it is none."""
        try:
            return self._decode()
        except ValueError, RecursionError:
            return None


type ErrorText = Callable[[Answer], str]
type Predicate = Callable[[Answer], bool]


def _status_401(answer: Answer) -> bool:
    return answer.status == 401


def _no_words(_: Answer) -> str:
    return ""


def _no_verdict(_: Answer) -> bool:
    return False


@contextmanager
def _logged(method: str, endpoint: str) -> Generator[list[object]]:
    """Log one line for a request; its last result is put into the list."""
    results: list[object] = ["cancelled"]
    start = monotonic()
    try:
        yield results
    except TransportError as err:
        results.append(err.reason)
        raise
    finally:
        seconds = monotonic() - start
        _LOGGER.debug("%s %s -> %s in %.2f s", method, endpoint, results[-1], seconds)


class Http:
    """Sends the requests of one account to one service.

    `tokens` holds the token that `authorize` turns into headers. `is_auth` returns
    whether an answer means that the token was refused, `words` the service's own text
    of a refusal, `body_decides` whether the body counts whatever the status. Timeouts
    are in seconds, `max_bytes` counts the body after decompression. Redirects are
    never followed: a request is meant for this service alone.
    """

    def __init__(
        self,
        session: ClientSession,
        base_url: str,
        *,
        rate_limit: RateLimit,
        timeout: float = 30.0,
        max_bytes: int = 8 * MIB,
        ssl: Fingerprint | bool = True,
        headers: Mapping[str, str] | None = None,
        tokens: TokenKeeper | None = None,
        authorize: Callable[[str], Mapping[str, str]] = lambda _: {},
        is_auth: Predicate = _status_401,
        words: ErrorText = _no_words,
        body_decides: Predicate = _no_verdict,
    ) -> None:
        """Take what is the same for all requests."""
        self.rate_limit = rate_limit
        self.tokens = tokens
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._timeout = ClientTimeout(total=timeout)
        self._max_bytes = max_bytes
        self._ssl = ssl
        self._headers = dict(headers or {})
        self._authorize = authorize
        self._is_auth = is_auth
        self._words = words
        self._verdict = body_decides

    async def request(
        self,
        endpoint: str,
        method: str,
        path: str,
        *,
        anonymous: bool = False,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Answer:
        """Send one request and return the answer that is no failure.

        `content` is aiohttp's `params`, `json` or `data`. A refused token is
        replaced and the request sent once more. Raises any `TransportError`.
        """
        if anonymous or self.tokens is None:
            answer = await self._send(endpoint, method, path, headers or {}, content)
            return self._checked(answer, self._is_auth(answer))
        access = await self.tokens.get_access_token(endpoint)
        answer = await self._send(
            endpoint, method, path, self._authorize(access), content
        )
        if refused := self._is_auth(answer):
            access = await self.tokens.refresh(endpoint, access)
            answer = await self._send(
                endpoint, method, path, self._authorize(access), content
            )
            refused = self._is_auth(answer)
        return self._checked(answer, refused)

    async def json(self, endpoint: str, method: str, path: str, **content: Any) -> Any:
        """Send one request and return the answer's JSON value."""
        return (await self.request(endpoint, method, path, **content)).json()

    def _checked(self, answer: Answer, refused: bool) -> Answer:
        """Return the answer, or raise what it means."""
        if refused:
            raise AuthError(answer.endpoint, self._words(answer))
        status = answer.status
        if status >= 300 and self._verdict(answer):
            return answer
        if status in self.rate_limit.retry_statuses:
            raise RateLimited(answer.endpoint, self.rate_limit.pause)
        if status >= 500 or status in _TRANSIENT:
            raise Unreachable(answer.endpoint, f"status {status}")
        if status >= 400:
            raise Refused(answer.endpoint, status, self._words(answer))
        if status >= 300:
            raise BadAnswer(answer.endpoint, f"status {status}")
        return answer

    async def _send(
        self,
        endpoint: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: Mapping[str, Any],
    ) -> Answer:
        """Send one request, unless the service wants none, and read the answer."""
        self._check_pause(endpoint)
        exchange = self._open_response(
            endpoint, method, path, headers, self._timeout, content
        )
        with _logged(method, endpoint) as results:
            async with exchange as response:
                answer = await self._answer(endpoint, response)
            results.append(answer.status)
        return answer

    def _check_pause(self, endpoint: str) -> None:
        """Raise RateLimited while the service wants nothing from this account."""
        if pause := self.rate_limit.pause:
            raise RateLimited(endpoint, pause)

    @asynccontextmanager
    async def stream(
        self, endpoint: str, path: str, headers: Mapping[str, str], silence: float
    ) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Open an answer that does not end; give its bytes as they come.

        So many seconds without a word are a TimedOut, and so is an answer that does
        not begin in time. Raises any `TransportError`.
        """
        timeout = ClientTimeout(total=None, sock_read=silence)
        self._check_pause(endpoint)
        exchange = self._open_response(endpoint, "GET", path, headers, timeout, {})
        async with AsyncExitStack() as stack:
            response = await self._opened(endpoint, stack.enter_async_context(exchange))
            yield response.content.iter_any()

    async def _opened(
        self, endpoint: str, opening: Awaitable[aiohttp.ClientResponse]
    ) -> aiohttp.ClientResponse:
        """Return the response whose body is a stream; raise what another one means."""
        refused: Answer | None = None
        with _logged("GET", endpoint) as results:
            try:
                async with asyncio.timeout(self._timeout.total):
                    response = await opening
                    results.append(response.status)
                    if response.status != HTTPStatus.OK:
                        refused = await self._answer(endpoint, response)
            except TimeoutError:
                raise TimedOut(endpoint, "timeout") from None
        if refused is not None:
            self._checked(refused, self._is_auth(refused))
            raise BadAnswer(endpoint, "no stream")
        return response

    @asynccontextmanager
    async def _open_response(
        self,
        endpoint: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        timeout: ClientTimeout,
        content: Mapping[str, Any],
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        """Yield the response; map every aiohttp error to a TransportError."""
        try:
            async with self._session.request(
                method,
                f"{self._base_url}{path}",
                headers={**self._headers, **headers},
                timeout=timeout,
                ssl=self._ssl,
                allow_redirects=False,
                **content,
            ) as response:
                # Before the body: what it raises must not hide a named pause.
                self.rate_limit.observe(response.status, response.headers)
                self.rate_limit.answers.count(
                    endpoint, response.status, response.headers
                )
                if response.status in self.rate_limit.retry_statuses:
                    pause = self.rate_limit.pause
                    _LOGGER.debug("%s: nothing is sent for %.1f s", endpoint, pause)
                yield response
        except aiohttp.ServerFingerprintMismatch:
            raise Untrusted(endpoint) from None
        except (aiohttp.ContentTypeError, aiohttp.InvalidURL) as err:
            raise BadAnswer(endpoint, type(err).__name__) from None
        except TimeoutError:
            raise TimedOut(endpoint, "timeout") from None
        except (aiohttp.ClientError, OSError) as err:
            # Only the error's type is named: its text can hold the URL.
            raise Unreachable(endpoint, type(err).__name__) from None

    async def _answer(self, endpoint: str, response: aiohttp.ClientResponse) -> Answer:
        """Return the answer with its whole body; raise BadAnswer if it is too long."""
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            if size > self._max_bytes:
                response.close()
                raise BadAnswer(endpoint, "too long")
            chunks.append(chunk)
        return Answer(
            endpoint,
            response.status,
            response.headers,
            b"".join(chunks),
            self.rate_limit.clock.now(),
            self.rate_limit.answers.observe,
        )

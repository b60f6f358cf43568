"""Holds a service's token pair: refreshed once, stored before use."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
import logging
from time import monotonic
from typing import Any

from .errors import AuthError, BadAnswer, RateLimited, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token, and the refresh token where there is one.

    `lifetime` is in seconds from when it was received, None where it is unknown
    (after a restart it is simply tried). `expires` and `refresh_token_expires` are
    epoch seconds, for people to see; nothing is decided by them.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    lifetime: float | None = None
    expires: float | None = None
    refresh_token_expires: float | None = None


_LOGGER = logging.getLogger(__name__)

type Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class TokenKeeper:
    """Hands out the access token; refreshes it when it is due, and only once.

    `refresh` asks the service for the next token (None: it cannot be refreshed),
    `store` puts a token where it survives before anybody uses it, `margin` is how
    many seconds ahead of its end a token is refreshed. `spawn` makes a task that ends
    even if every waiting caller is cancelled: a token that was asked for and not
    stored is lost.
    """

    def __init__(
        self,
        token: Token,
        *,
        refresh: Callable[[Token], Awaitable[Token]] | None = None,
        store: Callable[[Token], None] = lambda _: None,
        margin: float = 60.0,
        spawn: Spawn = asyncio.create_task,
    ) -> None:
        """Hold a token of unknown age, or one that was just received."""
        self._refresh = refresh
        self._store = store
        self._margin = margin
        self._spawn = spawn
        self._task: asyncio.Task[None] | None = None
        self._refused: AuthError | None = None
        self._set(token)

    def _set(self, token: Token) -> None:
        self.token = token
        self._end = None if token.lifetime is None else monotonic() + token.lifetime
        # A token that lives no longer than the margin must serve for a while, too.
        self._ahead = min(self._margin, (token.lifetime or 0) / 2)

    def _lifetime_left(self) -> float | None:
        """Return the seconds that the token has left, None if unknown."""
        return None if self._end is None else self._end - monotonic()

    async def get_access_token(self, endpoint: str) -> str:
        """Return a token that is not about to end; the first one, if there is none."""
        if not self.token.access_token:
            return await self.refresh(endpoint, "")
        left = self._lifetime_left()
        if left is None or left > self._ahead or self._refresh is None:
            return self.token.access_token
        try:
            return await self.refresh(endpoint, self.token.access_token)
        except (Unreachable, BadAnswer, RateLimited) as err:
            # Refreshing ahead of time failed, but the old token still lives.
            if (self._lifetime_left() or 0) > 0:
                _LOGGER.debug("The old token is used on: %s", err)
                return self.token.access_token
            raise

    async def refresh(self, endpoint: str, refused: str) -> str:
        """Return a token other than the one the service just refused."""
        if self.token.access_token != refused:
            return self.token.access_token
        if self._task is None:
            if self._refused is not None:
                raise AuthError(endpoint, self._refused.text)
            if self._refresh is None:
                raise AuthError(endpoint)
            self._task = self._spawn(self._refresh_once(self._refresh))
            self._task.add_done_callback(self._handle_end)
        await asyncio.shield(self._task)
        return self.token.access_token

    def _handle_end(self, task: asyncio.Task[None]) -> None:
        """Clear the finished task; waiting callers get its result."""
        self._task = None
        if not task.cancelled():
            task.exception()

    async def _refresh_once(self, refresh: Callable[[Token], Awaitable[Token]]) -> None:
        """Refresh once; an answer that was lost is asked for a second time."""
        try:
            try:
                token = await refresh(self.token)
            except (Unreachable, BadAnswer) as err:
                _LOGGER.debug("Refreshed once more: %s", err)
                token = await refresh(self.token)
        except AuthError as err:
            self._refused = err
            raise
        self._store(token)
        self._set(token)

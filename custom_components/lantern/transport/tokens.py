"""The one keeper of a service's token pair: refreshed once, stored before use."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
import logging
from time import monotonic
from typing import Any

from .errors import AuthError, BadAnswer, RateLimited, Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What authenticates us, and what renews it.

    `lifetime` is in seconds from when it was received, None where it is not
    known (after a restart it is simply tried). `expires` and `renewal_expires`
    are epoch seconds, kept for people to see; nothing is decided by them.
    """

    access: str = field(repr=False)
    renewal: str | None = field(default=None, repr=False)
    lifetime: float | None = None
    expires: float | None = None
    renewal_expires: float | None = None


_LOGGER = logging.getLogger(__name__)

type Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


class TokenKeeper:
    """Hands out the access token, renews it when it is due, and only once.

    `renew` asks the service for the next token (None: it cannot be renewed),
    `store` puts a token where it survives before anybody uses it, `margin` is
    how many seconds ahead of its end a token is renewed. `spawn` makes a task of a
    renewal that ends even if every waiting caller is cancelled, because a token
    that was asked for and not stored is lost.
    """

    def __init__(
        self,
        token: Token,
        *,
        renew: Callable[[Token], Awaitable[Token]] | None = None,
        store: Callable[[Token], None] = lambda _: None,
        margin: float = 60.0,
        spawn: Spawn = asyncio.create_task,
    ) -> None:
        """Keep a token of unknown age, or one that was just received."""
        self._renew = renew
        self._store = store
        self._margin = margin
        self._spawn = spawn
        self._renewal: asyncio.Task[None] | None = None
        self._refused: AuthError | None = None
        self._take(token)

    def _take(self, token: Token) -> None:
        self.token = token
        self._end = None if token.lifetime is None else monotonic() + token.lifetime
        # A token that lives no longer than the margin must serve for a while, too.
        self._ahead = min(self._margin, (token.lifetime or 0) / 2)

    def _life(self) -> float | None:
        """Return the seconds that the token has left, None if nobody knows."""
        return None if self._end is None else self._end - monotonic()

    async def access(self, endpoint: str) -> str:
        """Return a token that is not about to end; the first one, if there is none."""
        if not self.token.access:
            return await self.replace(endpoint, "")
        life = self._life()
        if life is None or life > self._ahead or self._renew is None:
            return self.token.access
        try:
            return await self.replace(endpoint, self.token.access)
        except (Unreachable, BadAnswer, RateLimited) as err:
            # Renewing ahead of time failed, but the old token still lives.
            if (self._life() or 0) > 0:
                _LOGGER.debug("The old token is used on: %s", err)
                return self.token.access
            raise

    async def replace(self, endpoint: str, refused: str) -> str:
        """Return a token other than the one the service just refused."""
        if self.token.access != refused:
            return self.token.access
        if self._renewal is None:
            if self._refused is not None:
                raise AuthError(endpoint, self._refused.text)
            if self._renew is None:
                raise AuthError(endpoint)
            self._renewal = self._spawn(self._renewed(self._renew))
            self._renewal.add_done_callback(self._ended)
        await asyncio.shield(self._renewal)
        return self.token.access

    def _ended(self, renewal: asyncio.Task[None]) -> None:
        """Clear the finished renewal; waiting callers get its result."""
        self._renewal = None
        if not renewal.cancelled():
            renewal.exception()

    async def _renewed(self, renew: Callable[[Token], Awaitable[Token]]) -> None:
        """Renew once; an answer that was lost is asked for a second time."""
        try:
            try:
                token = await renew(self.token)
            except (Unreachable, BadAnswer) as err:
                _LOGGER.debug("Renewed once more: %s", err)
                token = await renew(self.token)
        except AuthError as err:
            self._refused = err
            raise
        self._store(token)
        self._take(token)

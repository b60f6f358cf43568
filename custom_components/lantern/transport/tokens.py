"""The one keeper of a service's token pair: refreshed once, stored before use."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

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


class TokenKeeper:
    """Hands out the access token, renews it when it is due, and only once.

    `renew` asks the service for the next token (None: it cannot be renewed),
    `store` puts a token where it survives before anybody uses it, `margin` is
    how many seconds ahead of its end a token is renewed.
    """

    def __init__(
        self,
        token: Token,
        *,
        renew: Callable[[Token], Awaitable[Token]] | None = None,
        store: Callable[[Token], None] = lambda _: None,
        margin: float = 60.0,
    ) -> None:
        """Keep a token of unknown age, or one that was just received."""
        self._renew = renew
        self._store = store
        self._margin = margin
        self._lock = asyncio.Lock()
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
        except Unreachable, BadAnswer, RateLimited:
            # Renewing ahead of time failed, but the old token still lives.
            if (self._life() or 0) > 0:
                return self.token.access
            raise

    async def replace(self, endpoint: str, refused: str) -> str:
        """Return a token other than the one the service just refused."""
        async with self._lock:
            if self.token.access != refused:
                return self.token.access
            if self._refused is not None:
                raise AuthError(endpoint, self._refused.text) from None
            if self._renew is None:
                raise AuthError(endpoint)
            await self._renewed(self._renew)
            return self.token.access

    async def _renewed(self, renew: Callable[[Token], Awaitable[Token]]) -> None:
        """Renew once; an answer that was lost is asked for a second time."""
        try:
            try:
                token = await renew(self.token)
            except Unreachable, BadAnswer:
                token = await renew(self.token)
        except AuthError as err:
            self._refused = err
            raise
        self._store(token)
        self._take(token)

"""The token keeper: requests, ends, faults and kills in any order."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
import json
from pathlib import Path
import shutil
import tempfile
from typing import Any, override
from unittest.mock import patch

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from custom_components.lantern.credentials import stored_token, token_data
from custom_components.lantern.transport import tokens
from custom_components.lantern.transport.errors import (
    AuthError,
    TransportError,
    Unreachable,
)
from custom_components.lantern.transport.http import Http
from custom_components.lantern.transport.rate_limit import RateLimit
from custom_components.lantern.transport.tokens import Token, TokenKeeper

from .answers import Canned

LIFETIME = 900.0


class Service:
    """Gives out pairs; what renews one works once, as at LUX and Lightbug."""

    def __init__(self) -> None:
        """Start with the first pair."""
        self.now = 0.0
        self.generation = 1
        self.ends = LIFETIME
        self.renewable = True
        self.faults: list[str] = []
        self.renewals = 0
        self.delivered = 1
        self.stored: Callable[[], int] = lambda: 1

    @asynccontextmanager
    async def request(
        self, method: str, url: str, **content: Any
    ) -> AsyncGenerator[Canned]:
        """Answer a request, or renew a pair."""
        await asyncio.sleep(0)
        if method == "POST":
            yield self._renewed(int(content["json"]["renewal"]))
            return
        generation = int(content["headers"]["Authorization"])
        assert generation <= self.stored(), "used before it was stored"
        good = generation == self.generation and self.now < self.ends
        yield Canned(200 if good else 401, {}, b"{}")

    def _renewed(self, generation: int) -> Canned:
        self.renewals += 1
        fault = self.faults.pop() if self.faults else "none"
        if fault == "down":
            return Canned(503, {}, b"")
        if not self.renewable or generation != self.generation:
            self.renewable = False
            return Canned(401, {}, b"")
        self.generation += 1
        self.ends = self.now + LIFETIME
        if fault == "lost":
            raise TimeoutError
        self.delivered = self.generation
        return Canned(200, {}, json.dumps({"generation": self.generation}).encode())


class KeeperMachine(RuleBasedStateMachine):
    """One entry's tokens, through many runs of Home Assistant."""

    def __init__(self) -> None:
        """Start with a pair on the disk."""
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lantern-keeper"))
        self.disk = self.folder / "entry.json"
        self.runner = asyncio.Runner()
        self.service = Service()
        self.service.stored = lambda: int(self.memory["access_token"])
        self.clock = patch.object(tokens, "monotonic", lambda: self.service.now)
        self.clock.start()
        self.memory = token_data(Token(access_token="1", refresh_token="1"))
        self.write()
        self.begin()

    def begin(self) -> None:
        """Start Home Assistant on what is on the disk."""
        self.memory = json.loads(self.disk.read_text())
        session: Any = self.service
        self.http = Http(
            session,
            "http://127.0.0.1",
            rate_limit=RateLimit(),
            authorize=lambda token: {"Authorization": token},
        )
        self.http.tokens = TokenKeeper(
            stored_token(self.memory), refresh=self.renew, store=self.store
        )
        self.asked_for_a_person = False

    def store(self, token: Token) -> None:
        """Put a pair into the entry, which is on disk a little later."""
        self.memory = token_data(token)

    async def renew(self, token: Token) -> Token:
        """Ask for the next pair."""
        answer = await self.http.json(
            "renew",
            "POST",
            "/renew",
            anonymous=True,
            json={"renewal": token.refresh_token},
        )
        text = str(answer["generation"])
        return Token(access_token=text, refresh_token=text, lifetime=LIFETIME)

    @rule()
    def write(self) -> None:
        """Let a second pass: the entry is on disk."""
        self.disk.write_text(json.dumps(self.memory))

    @rule(seconds=st.sampled_from([1.0, 300.0, 845.0, 900.0, 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.service.now += seconds

    @rule()
    def token_ends(self) -> None:
        """End the access token before its time."""
        self.service.ends = self.service.now

    @rule()
    def session_ends(self) -> None:
        """End the session at the service."""
        self.service.renewable = False
        self.token_ends()

    @rule(faults=st.lists(st.sampled_from(["none", "lost", "down"]), max_size=3))
    def trouble(self, faults: list[str]) -> None:
        """Let the next renewals fail."""
        self.service.faults = faults

    @rule()
    def killed(self) -> None:
        """Let Home Assistant die and start again."""
        self.begin()

    @rule(count=st.integers(1, 8))
    def ask(self, count: int) -> None:
        """Ask at once: all succeed, or all know why not."""
        before = self.service.renewals
        hopeless = self.asked_for_a_person
        live = self.service.now < self.service.ends
        is_current = self.memory["access_token"] == str(self.service.generation)
        trouble = bool(self.service.faults)

        async def all_of_them() -> list[Any]:
            asking = [self.http.json("thing", "GET", "/thing") for _ in range(count)]
            return await asyncio.gather(*asking, return_exceptions=True)

        answers = self.runner.run(all_of_them())
        renewals = self.service.renewals - before
        for answer in answers:
            assert isinstance(answer, dict | TransportError), repr(answer)
            if isinstance(answer, AuthError):
                self.asked_for_a_person = True
            elif isinstance(answer, TransportError):
                assert isinstance(answer, Unreachable)
                assert trouble
        if live and is_current and not hopeless:
            assert answers == [{}] * count or trouble or not self.service.renewable
        if not trouble:
            assert renewals <= 1
            assert len({type(answer) for answer in answers}) == 1
        if hopeless:
            assert renewals == 0
        # Each caller may find the service down by itself: one try and one more.
        assert renewals <= 2 * count

    @invariant()
    def nothing_is_made_up(self) -> None:
        """Hold nothing but what the service gave."""
        assert int(self.memory["access_token"]) <= self.service.delivered

    @override
    def teardown(self) -> None:
        """Let a person sign in, and all is well."""
        try:
            self.service.renewable, self.service.faults = True, []
            self.service.delivered = self.service.generation
            text = str(self.service.generation)
            self.store(Token(access_token=text, refresh_token=text))
            self.write()
            self.begin()
            self.ask(3)
            assert not self.asked_for_a_person
        finally:
            self.clock.stop()
            self.runner.close()
            shutil.rmtree(self.folder)


TestKeeper = KeeperMachine.TestCase
# Each example is thirty steps.
TestKeeper.settings = settings(
    max_examples=settings().max_examples // 2, stateful_step_count=30
)

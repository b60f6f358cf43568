"""Whatever a service answers: a model, or an error in our own words."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aiohttp import ClientSession
from hypothesis import given, strategies as st
import pytest

from custom_components.lantern.transport import parsing
from custom_components.lantern.transport.errors import TransportError
from custom_components.lantern.transport.jwt import claims
from custom_components.lantern.transport.rate_limit import RateLimit
from tests.contract import Call
from tests.contracts import CONTRACTS

from .answers import Answering, Listening
from .values import ANY_JSON, TEXTS, bodies

# A busy bridge is asked again after a while: how long is another test's matter.
STATUSES = st.sampled_from(
    [200] * 12 + [201, 202, 204, 301, 400, 401, 403, 404, 409, 422, 500]
)


CALLS: dict[str, tuple[str, Call]] = {
    f"{vendor}-{call.name}": (vendor, call)
    for vendor, contract in CONTRACTS.items()
    for call in contract.client.calls
}


@cache
def bodies_of(name: str) -> st.SearchStrategy[bytes]:
    """Return bodies like what the simulated service answers to a call."""
    vendor, call = CALLS[name]
    contract = CONTRACTS[vendor]

    async def listen() -> bytes:
        service = contract.make()
        await service.start()
        try:
            async with ClientSession() as session:
                listening = Listening(session)
                client = await contract.client.connect(listening, service)
                await call.ask(client, service)
                return listening.bodies[-1]
        finally:
            await service.stop()

    with asyncio.Runner() as runner:
        return bodies(runner.run(listen()))


@pytest.fixture(scope="module")
def runner() -> Generator[asyncio.Runner]:
    """Give one loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
def test_answers(name: str, data: st.DataObject, runner: asyncio.Runner) -> None:
    """A call returns, or raises what the language of errors has for it."""
    vendor, call = CALLS[name]
    client = CONTRACTS[vendor].client
    session = Answering()
    session.status = data.draw(STATUSES)
    session.body = data.draw(bodies_of(name))
    allowed = call.errors if session.status == 200 else (TransportError,)

    async def ask() -> Any:
        try:
            return await call.ask(client.answered(session), None)
        except allowed as err:
            return err

    answer = runner.run(ask())
    if isinstance(answer, TransportError):
        assert str(answer).isprintable()


@given(value=st.one_of(ANY_JSON, TEXTS))
def test_fields(value: Any) -> None:
    """A value in the wanted type, or none."""
    assert isinstance(parsing.as_str(value), str | None)
    assert isinstance(parsing.as_int(value), int | None)
    assert isinstance(parsing.as_float(value), float | None)
    assert isinstance(parsing.as_bool(value), bool | None)
    moment = parsing.as_datetime(value)
    assert moment is None or moment.utcoffset() is not None
    assert all(isinstance(item, dict) for item in parsing.iter_dicts(value))
    parsing.as_dict(value).get("a")


@given(token=st.one_of(TEXTS, st.tuples(TEXTS, TEXTS, TEXTS).map(".".join)))
def test_tokens(token: str) -> None:
    """Claims, or none."""
    claims(token).get("sub")


HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Date",
            "Retry-After",
            "X-Ratelimit-Limit",
            "X-Ratelimit-Remaining",
            "X-Ratelimit-Reset",
            "X-Ratelimit-Window",
        ]
    ),
    st.one_of(
        TEXTS,
        st.just("Fri, 31 Dec 9999 23:59:59 -1200"),
        st.integers().map(str),
        st.floats().map(str),
        st.tuples(st.integers(0, 10000), st.integers(-(10**12), 10**12)).map(
            lambda both: f"Sun, 01 Jan {both[0]:04} 00:00:00 {both[1]:+05}"
        ),
    ),
)


@given(status=st.sampled_from([200, 429, 503]), headers=HEADERS)
def test_headers(status: int, headers: dict[str, str]) -> None:
    """A pause of at most a day, whatever the headers say; a time in UTC."""
    limits = RateLimit()
    limits.observe(status, headers)
    assert 0 <= limits.pause <= 86_400
    assert status == 429 or not limits.pause
    now = limits.clock.now()
    assert abs(now - datetime.now(UTC)) < timedelta(days=2)
    limits.observe(status, headers)
    # What repeats itself is believed, in this century.
    assert 2000 <= limits.clock.now().year < 2100
    assert limits.is_low in (True, False)

"""What the one request path promises, whatever the service does."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
import tracemalloc
from typing import Any

from aiohttp import ClientSession
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.lantern.transport.clock import ServiceClock
from custom_components.lantern.transport.errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Unreachable,
)
from custom_components.lantern.transport.http import MIB, Answer
from custom_components.lantern.transport.rate_limit import RateLimit
from simulator.faults import bomb

from .conftest import THING, Client, Small


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 400}, Refused),
        ({"kind": "status", "status": 403}, Refused),
        ({"kind": "status", "status": 404}, Refused),
        ({"kind": "status", "status": 401, "times": -1}, AuthError),
        ({"kind": "status", "status": 429}, RateLimited),
        ({"kind": "status", "status": 408}, Unreachable),
        ({"kind": "status", "status": 421}, Unreachable),
        ({"kind": "status", "status": 425}, Unreachable),
        ({"kind": "status", "status": 500}, Unreachable),
        ({"kind": "status", "status": 503}, Unreachable),
        ({"kind": "status", "status": 304}, BadAnswer),
        ({"kind": "reset", "times": 2}, Unreachable),
        ({"kind": "truncated"}, Unreachable),
        ({"kind": "html"}, BadAnswer),
        ({"kind": "empty"}, BadAnswer),
        ({"kind": "body", "body": "{"}, BadAnswer),
        ({"kind": "body", "body": "[" * 100_000}, BadAnswer),
        ({"kind": "huge", "size": 9 * MIB}, BadAnswer),
        ({"kind": "bomb", "size": 64 * MIB}, BadAnswer),
        ({"kind": "redirect", "body": "http://127.0.0.1:1/elsewhere"}, BadAnswer),
    ],
)
async def test_each_fault_has_its_error(
    small: Small, client: Client, fault: dict[str, Any], error: type[TransportError]
) -> None:
    """Every failure is one of ours, tells no URL, and the next request works."""
    small.inject(THING, **fault)
    with pytest.raises(error) as caught:
        await client.thing()
    assert str(caught.value).startswith("thing")
    assert str(small.port) not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    small.clear_faults()
    if error is not RateLimited:
        assert await client.thing() == {"value": 7}


@pytest.mark.parametrize("kind", ["huge", "bomb"])
async def test_memory_that_a_body_takes(
    small: Small, client: Client, kind: str
) -> None:
    """Of 200 MB no more is held than the limit, compressed or not."""
    small.inject(THING, kind, size=MIB)  # what is cached is made before
    await client.thing()
    if kind == "bomb":
        bomb(200 * MIB)
    small.inject(THING, kind, size=200 * MIB)
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer):
            await client.thing()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * MIB


async def test_extra_fields_do_no_harm(small: Small, client: Client) -> None:
    """Fields that nobody knows yet are no fault."""
    small.inject(THING, "extra")
    assert (await client.thing())["value"] == 7


async def test_nobody_listens(client: Client, small: Small) -> None:
    """A port that nobody listens on is unreachable."""
    await small.stop()
    with pytest.raises(Unreachable):
        await client.thing()


async def test_the_limit_of_bytes_is_exact(
    small: Small, session: ClientSession
) -> None:
    """A body of exactly the limit is read, one byte more is not."""
    small.inject(THING, "body", body='"1234"')
    client = Client(session, small.url, max_bytes=6)
    assert await client.thing() == "1234"
    small.inject(THING, "body", body='"12345"')
    with pytest.raises(BadAnswer):
        await client.thing()


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "Sat, 21 Nov 2026 12:05:00 GMT"}, 300),
        ({"X-Ratelimit-Reset": "1795262700"}, 300),
        ({"X-Ratelimit-Window": "30"}, 30),
        ({"Retry-After": "60000"}, 60_000),
        ({"Retry-After": "999999"}, 86_400),
        ({"X-Ratelimit-Window": "1e9"}, 86_400),
        ({}, 60),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "-5"}, 60),
        ({"X-Ratelimit-Reset": "1"}, 60),
    ],
)
async def test_pause_after_429(
    small: Small,
    client: Client,
    freezer: FrozenDateTimeFactory,
    headers: dict[str, str],
    pause: float,
) -> None:
    """Nothing is sent until the time that the service named has passed."""
    freezer.move_to("2026-11-21 12:00:00+00:00")
    small.inject(THING, "status", status=429, headers=headers)
    with pytest.raises(RateLimited) as caught:
        await client.thing()
    assert caught.value.retry_after == pytest.approx(pause, abs=1)
    freezer.tick(pause - 2)
    with pytest.raises(RateLimited):
        await client.thing()
    assert small.count() == 1
    freezer.tick(3)
    assert await client.thing() == {"value": 7}


async def test_wrong_clock_does_no_harm(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """A reset time counts from the answer's own date, not from our clock."""
    freezer.move_to("2026-11-21 12:00:00+00:00")
    small.clock.advance(86400)
    reset = str(int(small.clock.time()) + 90)
    small.inject(THING, "status", status=429, headers={"X-Ratelimit-Reset": reset})
    with pytest.raises(RateLimited) as caught:
        await client.thing()
    assert caught.value.retry_after == pytest.approx(90, abs=1)


async def test_date_beyond_all_time(small: Small, client: Client) -> None:
    """A date that lies beyond the calendar in UTC is as good as none."""
    date = {"Date": "Fri, 31 Dec 9999 23:59:59 -1200"}
    small.inject(THING, "status", status=200, body='{"value": 8}', headers=date)
    small.inject(THING, "status", status=429, headers=date | {"Retry-After": "7"})
    assert await client.thing() == {"value": 8}
    with pytest.raises(RateLimited) as caught:
        await client.thing()
    assert caught.value.retry_after == pytest.approx(7, abs=1)


async def test_guessed_pauses_grow(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """Where no time is named, each further 429 doubles the wait; success ends that."""
    small.inject(THING, "status", times=3, status=429)
    for pause in (60, 120, 240):
        with pytest.raises(RateLimited) as caught:
            await client.thing()
        assert caught.value.retry_after == pytest.approx(pause, abs=1)
        freezer.tick(pause + 1)
    await client.thing()
    small.inject(THING, "status", status=429)
    with pytest.raises(RateLimited) as caught:
        await client.thing()
    assert caught.value.retry_after == pytest.approx(60, abs=1)


@pytest.mark.parametrize(
    ("left", "is_low"), [("200", False), ("199", True), ("many", False)]
)
def test_budget(left: str, is_low: bool) -> None:
    """Less than a tenth of the window is scarce; nonsense is not counted."""
    limits = RateLimit()
    limits.observe(200, {"X-Ratelimit-Limit": "2000", "X-Ratelimit-Remaining": left})
    assert limits.is_low is is_low


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": NaN, "b": 1e999, "c": 2.5}', {"a": None, "b": None, "c": 2.5}),
        (b'["\\ud83d"]', ["?"]),
        ('["ä"]'.encode("utf-16"), ["ä"]),
    ],
)
def test_almost_json(body: bytes, value: Any) -> None:
    """What some encoders write is read as far as Home Assistant can keep it."""
    assert Answer("made-up", 200, {}, body).json() == value


def test_long_bodies_that_are_almost_json() -> None:
    """What Python's own reader would take long over is refused."""
    body = b"[" + b"NaN," * 100_000 + b"1]"
    with pytest.raises(BadAnswer):
        Answer("made-up", 200, {}, body).json()
    assert len(Answer("made-up", 200, {}, body.replace(b"NaN", b"1")).json()) > 100_000


DAYS = 86_400


@pytest.mark.parametrize(
    ("ahead", "believed"),
    [
        ([3600], 3600),
        ([-DAYS], -DAYS),
        ([3 * DAYS], 0),
        ([60, 3 * DAYS], 60),
        ([3 * DAYS, 60, 3 * DAYS], 60),
        ([3 * DAYS, -3 * DAYS], 0),
        ([3 * DAYS, 3 * DAYS], 3 * DAYS),
        ([-400 * DAYS, -400 * DAYS, 0], 0),
    ],
)
def test_clock(ahead: list[int], believed: int) -> None:
    """A clock that is far from ours is believed once it repeats itself."""
    clock = ServiceClock()
    for seconds in ahead:
        date = datetime.now(UTC) + timedelta(seconds=seconds)
        clock.observe({"Date": format_datetime(date, usegmt=True)})
    difference = (clock.now() - datetime.now(UTC)).total_seconds()
    assert difference == pytest.approx(believed, abs=2)


async def test_one_wrong_date_pauses_nobody_for_a_day(
    small: Small, client: Client, freezer: FrozenDateTimeFactory
) -> None:
    """A reset time is counted from our own clock, too, if `Date` is far off."""
    freezer.move_to("2026-11-21 12:00:00+00:00")
    headers = {
        "X-Ratelimit-Reset": "1795262490",
        "Date": "Sun, 01 Nov 2026 12:00:00 GMT",
    }
    small.inject(THING, "status", status=429, headers=headers)
    with pytest.raises(RateLimited) as caught:
        await client.thing()
    assert caught.value.retry_after == pytest.approx(90, abs=1)

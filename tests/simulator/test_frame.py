"""What every simulated service has: its clock, its log, its faults, its control."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from email.utils import parsedate_to_datetime
import time
from typing import Any, ClassVar, override

from aiohttp import ClientError, ClientPayloadError, ClientSession, web
import pytest

from simulator import faults
from simulator.clock import Clock
from simulator.control import Control
from simulator.service import Service, control, delivered

ROUTE = "POST /things/{key}"
BODY = {"key": "k-1", "count": 3, "list": [True, {"deep": "x"}]}


class Tiny(Service):
    """A service with one endpoint, which counts how often it was asked."""

    name = "tiny"
    secret: ClassVar[frozenset[str]] = frozenset({"key", "password"})

    def __init__(self, clock: Clock | None = None, name: str | None = None) -> None:
        """Start unasked."""
        super().__init__(clock, name)
        self.asked = 0
        self.sure: list[bool] = []

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the endpoint, and one that fails."""
        return [web.post("/things/{key}", self._thing), web.get("/bug", self._bug)]

    async def _thing(self, request: web.Request) -> web.Response:
        """Answer with plain data."""
        self.asked += 1
        self.sure.append(delivered(request))
        return web.json_response(BODY)

    async def _bug(self, _: web.Request) -> web.Response:
        """Fail as only the simulator itself can."""
        raise RuntimeError("a bug")

    @control
    def set_asked(self, number: int) -> int:
        """Set the counter; return what it was."""
        self.asked, before = number, self.asked
        return before

    def hidden(self) -> None:
        """Not be callable from outside."""


@pytest.fixture
async def tiny(socket_enabled: None) -> AsyncIterator[Tiny]:
    """Return the service, listening."""
    service = Tiny()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """Return a client's session."""
    async with ClientSession() as client:
        yield client


async def ask(tiny: Tiny, session: ClientSession, **more: Any) -> tuple[int, Any]:
    """Return status and JSON of the one endpoint."""
    more = {"json": {"a": 1}} | more
    async with session.post(f"{tiny.url}/things/k-1", **more) as response:
        return response.status, await response.json()


# --- faults ---


async def test_without_a_fault(tiny: Tiny, session: ClientSession) -> None:
    """The service answers itself."""
    assert await ask(tiny, session) == (200, BODY)
    assert tiny.sure == [True]


async def test_status(tiny: Tiny, session: ClientSession) -> None:
    """The service is not asked; body and headers are the fault's."""
    headers = {"Retry-After": "30"}
    tiny.inject(ROUTE, "status", status=429, body='{"a": 1}', headers=headers)
    async with session.post(f"{tiny.url}/things/k-1") as response:
        assert (response.status, await response.json()) == (429, {"a": 1})
        assert response.headers["Retry-After"] == "30"
    assert tiny.asked == 0
    assert (await ask(tiny, session))[0] == 200


async def test_latency_and_drip(tiny: Tiny, session: ClientSession) -> None:
    """Late, and slow; what arrives is right."""
    for kind, seconds in (("latency", 0.1), ("drip", 0.002)):
        tiny.inject(ROUTE, kind, seconds=seconds)
        start = time.perf_counter()
        assert await ask(tiny, session) == (200, BODY)
        assert time.perf_counter() - start > 0.09
    assert tiny.sure == [False, False]


@pytest.mark.parametrize(
    ("kind", "asked"), [("reset", 0), ("lost", 1), ("truncated", 1)]
)
async def test_cut_connections(
    tiny: Tiny, session: ClientSession, kind: str, asked: int
) -> None:
    """The client gets no answer, whether the service did its work or not."""
    tiny.inject(ROUTE, kind)
    with pytest.raises(ClientError):
        await ask(tiny, session)
    assert tiny.asked == asked
    assert tiny.sure == [False] * asked
    assert tiny.requests[-1].fault == kind
    assert await ask(tiny, session) == (200, BODY)


async def test_truncated_after_the_headers(tiny: Tiny, session: ClientSession) -> None:
    """Half of the body arrives."""
    tiny.inject(ROUTE, "truncated")
    async with session.post(f"{tiny.url}/things/k-1") as response:
        assert response.status == 200
        with pytest.raises(ClientPayloadError):
            await response.read()


@pytest.mark.parametrize(
    ("kind", "settings", "content_type", "text"),
    [
        ("html", {}, "text/html", faults.HTML),
        ("empty", {}, "application/json", ""),
        ("body", {"body": "[1"}, "application/json", "[1"),
        ("body", {"body": "x", "content_type": "text/csv"}, "text/csv", "x"),
    ],
)
async def test_other_bodies(
    tiny: Tiny,
    session: ClientSession,
    kind: str,
    settings: Any,
    content_type: str,
    text: str,
) -> None:
    """200, but not what was asked for."""
    tiny.inject(ROUTE, kind, **settings)
    async with session.post(f"{tiny.url}/things/k-1") as response:
        assert (response.status, response.content_type) == (200, content_type)
        assert await response.text() == text
    assert tiny.asked == 0


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("nulls", {"key": None, "count": None, "list": [None, {"deep": None}]}),
        ("wrong_types", {"key": 7, "count": "#3", "list": ["#True", {"deep": 7}]}),
    ],
)
async def test_changed_bodies(
    tiny: Tiny, session: ClientSession, kind: str, body: Any
) -> None:
    """The service's own answer, spoiled."""
    tiny.inject(ROUTE, kind)
    assert await ask(tiny, session) == (200, body)
    assert tiny.asked == 1


async def test_extra_fields(tiny: Tiny, session: ClientSession) -> None:
    """The answer is whole, with fields that nobody knows in every object."""
    tiny.inject(ROUTE, "extra")
    unknown = {"_unheard_of": {"a": [1]}}
    deep = {"deep": "x"} | unknown
    assert await ask(tiny, session) == (
        200,
        BODY | unknown | {"list": [True, deep]},
    )
    assert tiny.sure == [True]


@pytest.mark.parametrize("kind", ["huge", "bomb"])
async def test_big_bodies(tiny: Tiny, session: ClientSession, kind: str) -> None:
    """As many bytes as were asked for, sent or after decompression."""
    tiny.inject(ROUTE, kind, size=1024 * 1024)
    _, text = await ask(tiny, session)
    assert len(text) == 1024 * 1024


async def test_redirect(tiny: Tiny, session: ClientSession) -> None:
    """307 to wherever."""
    tiny.inject(ROUTE, "redirect", body="https://elsewhere.example.org/")
    url = f"{tiny.url}/things/k-1"
    async with session.post(url, allow_redirects=False) as response:
        assert response.status == 307
        assert response.headers["Location"] == "https://elsewhere.example.org/"


@pytest.mark.parametrize("route", ["*", "POST *", ROUTE])
async def test_which_requests_a_fault_hits(
    tiny: Tiny, session: ClientSession, route: str
) -> None:
    """The next N of the route, and no other route."""
    tiny.inject("GET *", "html")
    tiny.inject("POST /other", "html")
    tiny.inject(route, "status", times=2, status=503)
    assert (await ask(tiny, session))[0] == 503
    tiny.inject(route, "status", times=-1, status=504)
    assert [(await ask(tiny, session))[0] for _ in range(4)] == [503, 504, 504, 504]
    tiny.clear_faults()
    assert (await ask(tiny, session))[0] == 200


# --- log, clock, violations ---


async def test_the_log_masks_secrets(tiny: Tiny, session: ClientSession) -> None:
    """In paths, queries, JSON and forms, at any depth."""
    body = {"name": "n", "password": "p-1", "more": [{"key": "p-2"}]}
    await ask(tiny, session, json=body, params={"key": "p-3", "page": "2"})
    await ask(tiny, session, json=None, data={"name": "n", "password": "p-4"})
    await ask(tiny, session, json=None, data="no JSON p-5")
    as_json, as_form, as_text = tiny.requests
    assert as_json.key == ROUTE
    assert as_json.params == {"key": "***"}
    assert as_json.query == {"key": "***", "page": "2"}
    masked = {"name": "n", "password": "***"}
    assert as_json.json == masked | {"more": [{"key": "***"}]}
    assert as_form.json == masked
    assert as_text.json is None
    assert (as_json.status, as_json.fault) == (200, None)
    assert as_json.size > 40
    assert "p-" not in str(tiny.log())
    assert "k-1" not in str(tiny.log())
    assert tiny.counts() == {ROUTE: 3}
    assert (tiny.count(), tiny.count("GET /other")) == (3, 0)


async def test_undocumented_endpoints_are_violations(
    tiny: Tiny, session: ClientSession
) -> None:
    """An unknown path, and a known one with another method."""
    for path in ("/nothing", "/things/k-1"):
        async with session.get(tiny.url + path) as response:
            assert response.status == 404
    assert tiny.violations[0] == "undocumented: GET /nothing"
    assert len(tiny.violations) == 2


async def test_a_bug_of_the_simulator_fails_the_test(
    tiny: Tiny, session: ClientSession
) -> None:
    """It cannot pass for a service's 500."""
    async with session.get(f"{tiny.url}/bug") as response:
        assert response.status == 500
    assert tiny.violations == [
        "the simulator failed at GET /bug: RuntimeError('a bug')"
    ]


@pytest.mark.parametrize("kind", ["", "status", "html", "extra"])
async def test_answers_have_the_service_s_date(
    tiny: Tiny, session: ClientSession, kind: str
) -> None:
    """`Date` follows the clock that tests move on."""
    tiny.clock.advance(90_000)
    if kind:
        tiny.inject(ROUTE, kind)
    async with session.post(f"{tiny.url}/things/k-1") as response:
        date = parsedate_to_datetime(response.headers["Date"])
    assert 0 <= tiny.clock.time() - date.timestamp() < 5
    assert date.timestamp() - time.time() > 89_990
    assert tiny.requests[0].time.timestamp() - time.time() > 89_990


async def test_a_restart_keeps_the_port(tiny: Tiny, session: ClientSession) -> None:
    """A client finds the service again."""
    url = tiny.url
    await tiny.stop()
    with pytest.raises(ClientError):
        await ask(tiny, session)
    await tiny.start()
    assert tiny.url == url
    assert (await ask(tiny, session))[0] == 200


# --- control ---


@pytest.fixture
async def controlled(tiny: Tiny) -> AsyncIterator[Control]:
    """Return the control port of two services."""
    port = Control(tiny.clock, [tiny, Tiny(tiny.clock, "second")])
    await port.start()
    yield port
    await port.stop()


async def test_control(tiny: Tiny, session: ClientSession, controlled: Control) -> None:
    """Actions, faults, the log and the clock, over HTTP."""

    async def act(path: str, **settings: Any) -> Any:
        async with session.post(controlled.url + path, json=settings) as response:
            assert response.status == 200
            return await response.json()

    assert await act("/tiny/set_asked", number=5) == 0
    assert await act("/tiny/set_asked", number=0) == 5
    assert await act("/tiny/inject", route="*", kind="status", status=503) is None
    assert (await ask(tiny, session, json={"password": "p"}))[0] == 503
    before = tiny.clock.time()
    assert "now" in await act("/clock/advance", seconds=100)
    assert tiny.clock.time() - before >= 100
    async with session.post(f"{controlled.url}/tiny/clear_faults") as response:
        assert response.status == 200
    tiny.violation("made up")
    async with session.get(f"{controlled.url}/") as response:
        overview = await response.json()
    assert overview["tiny"] == {
        "url": tiny.url,
        "requests": {ROUTE: 1},
        "violations": ["made up"],
    }
    assert list(overview) == ["tiny", "second"]
    async with session.get(f"{controlled.url}/tiny/requests") as response:
        (logged,) = await response.json()
    assert (logged["json"], logged["status"]) == ({"password": "***"}, 503)


@pytest.mark.parametrize(
    ("path", "settings", "status"),
    [
        ("/nobody/inject", {}, 404),
        ("/tiny/nothing", {}, 404),
        ("/tiny/hidden", {}, 404),
        ("/tiny/stop", {}, 404),
        ("/tiny/set_asked", {}, 400),
        ("/tiny/set_asked", {"colour": 1}, 400),
    ],
)
async def test_control_refuses(
    session: ClientSession, controlled: Control, path: str, settings: Any, status: int
) -> None:
    """Only control methods can be called, with their own arguments."""
    async with session.post(controlled.url + path, json=settings) as response:
        assert response.status == status


async def test_requests_at_once(tiny: Tiny, session: ClientSession) -> None:
    """A slow answer holds up no other one."""
    tiny.inject(ROUTE, "latency", seconds=0.3)
    slow = asyncio.create_task(ask(tiny, session))
    await asyncio.sleep(0.05)
    await ask(tiny, session)
    assert not slow.done()
    assert (await slow)[0] == 200

"""Requests with their answers, as data: what is sent to a service, and what it says.

A service's folder in `pairs/` has `service.json` with what its pairs have in common:

- `base`: what the paths of requests begin with; `headers`: sent with each request,
  those left out whose variables have no value yet;
- `time`: where the clock stands when a pair begins;
- `let`: variables; `given`: steps by name, those of `""` come before each pair;
  `end`: steps after each pair.

Every other file there is a list of pairs. A pair has a `name`, the name of what is
`given`, the `service`'s settings, the `violations` at its end (none if left out), and
`steps`, or is itself the only step. With `each`, it runs once for each set of
variables. A step has one of

- `send`: method and path, with what aiohttp takes (`json`, `data`, `headers`) and a
  `query`, whose values are JSON unless they are texts; then `status` (200 if left
  out), the whole `answer` with its order of keys, what it `has` by path, which of its
  `response_headers`, or that it `fails`;
- `do`: a method of the service `with` arguments, and what it `returns` or `raises`;
- `wait`: how many seconds pass;
- `set`: attributes of the service by path; `state`: parts of its stored state;
- `shows`: what the service's attributes are, by path;
- `hides`: texts that are not in the log of requests;
- `restart`: a new service takes the stored state, and is the service from then on,

and may be repeated so many `times` and `keep` what its result has by path.

In texts, `$name` is a variable; an object with the key `...` extends the one or the
several given there. Where a value is expected, `~text` is a regular expression, `!text`
any other value, `<int>` any whole number and `<absent>` no such key. In a path, `*` is
each element, `#` their number, `@keys` their names. A test may add keys of its own to
`send`: views of the answer, as functions by name.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
import json
from pathlib import Path
import re
from typing import Any, override

from aiohttp import ClientError, ClientSession, TCPConnector
import pytest

from simulator.clock import Clock
from simulator.service import Service

FOLDER = Path(__file__).parent / "pairs"
ABSENT = "<absent>"
MISSING = object()
SENT = ("json", "data")
PAIR = {"name", "given", "service", "each", "let", "violations", "steps"}
STEP = {
    *("send", *SENT, "headers", "query", "status", "answer", "has", "fails"),
    *("response_headers", "do", "with", "returns", "raises", "wait", "set", "state"),
    *("shows", "hides", "restart", "times"),
}

type Json = Any
type View = Callable[[Json], Json]


class StandingClock(Clock):
    """A clock that stands until it is moved on."""

    def __init__(self, start: str = "2026-01-07T00:15:26+00:00") -> None:
        """Start at a time in ISO 8601."""
        super().__init__()
        self._start = datetime.fromisoformat(start).astimezone(UTC)

    @override
    def now(self) -> datetime:
        return self._start + self._ahead


def matches(value: Json, expected: Json, *, whole: bool) -> bool:
    """Return True if a value is the expected one, or has it as a part."""
    if value is MISSING or expected == ABSENT:
        return value is MISSING and bool(expected == ABSENT)
    if isinstance(expected, dict):
        if is_dataclass(value) and not isinstance(value, type):
            value = asdict(value)
        return (
            isinstance(value, dict)
            and (not whole or list(value) == list(expected))
            and all(
                matches(value.get(key, MISSING), part, whole=whole)
                for key, part in expected.items()
            )
        )
    if isinstance(expected, list):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(expected)
            and all(
                matches(item, other, whole=True)
                for item, other in zip(value, expected, strict=True)
            )
        )
    if isinstance(expected, str) and expected[:1] == "~":
        return isinstance(value, str) and bool(re.fullmatch(expected[1:], value))
    if expected == "<int>":
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(expected, str) and expected[:1] == "!":
        return bool(value != expected[1:])
    return isinstance(value, bool) == isinstance(expected, bool) and value == expected


def pick(value: Any, path: str) -> Any:
    """Return what is at a path in JSON data or in an object."""
    if not path:
        return value
    part, _, rest = path.partition(".")
    if part == "*":
        items = value.values() if isinstance(value, dict) else value
        return [pick(item, rest) for item in items]
    if part == "#":
        return len(value)
    if part == "@keys":
        return list(value)
    if isinstance(value, dict):
        return pick(value[part if part in value else int(part)], rest)
    if isinstance(value, list | tuple):
        return pick(value[int(part)], rest)
    attribute = getattr(value, part)
    return pick(attribute() if callable(attribute) else attribute, rest)


def put(value: Any, path: str, new: Any) -> None:
    """Set what is at a path in an object."""
    parent, _, name = path.rpartition(".")
    owner = pick(value, parent)
    if isinstance(owner, dict):
        owner[name if name in owner else int(name)] = new
    elif isinstance(owner, list):
        owner[int(name)] = new
    else:
        assert hasattr(owner, name), path
        setattr(owner, name, new)


def fill(value: Json, variables: dict[str, Any]) -> Json:
    """Return JSON data with the values of its variables."""
    if isinstance(value, dict):
        filled = {
            fill(k, variables): fill(v, variables)
            for k, v in value.items()
            if k != "..."
        }
        bases = fill(value.get("...", []), variables)
        for base in reversed(bases if isinstance(bases, list) else [bases]):
            filled = base | filled
        return filled
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    if re.fullmatch(r"\$\w+", value):
        return fill(variables[value[1:]], variables)
    return re.sub(
        r"\$(\w+)", lambda name: str(fill(variables[name[1]], variables)), value
    )


class Exchange:
    """Runs the steps of one pair."""

    def __init__(
        self,
        make: Callable[[], Any],
        session: ClientSession,
        common: dict[str, Json],
        views: dict[str, View],
    ) -> None:
        """Begin with the variables that all pairs of a service have."""
        self._make = make
        # Not `Service`: what is stored and restored is each service's own.
        self.service: Any = make()
        self._session = session
        self._common = common
        self._views = views
        self.variables: dict[str, Any] = dict(common.get("let", {}))

    async def run(self, steps: list[dict[str, Json]]) -> None:
        """Run steps, each as often as it says."""
        for raw in steps:
            for _ in range(raw.get("times", 1)):
                step = self.fill({k: v for k, v in raw.items() if k != "keep"})
                assert step.keys() <= STEP | self._views.keys(), step
                result = await self._run(step)
                for name, path in raw.get("keep", {}).items():
                    self.variables[name] = pick(result, path)

    def fill(self, value: Json) -> Json:
        """Return JSON data with the values that the variables have now."""
        return fill(value, self.variables)

    async def _run(self, step: dict[str, Json]) -> Any:
        """Run one step and return its result."""
        if "send" in step:
            return await self._send(step)
        if "do" in step:
            return self._do(step)
        if "wait" in step:
            return self.service.clock.advance(step["wait"])
        if "state" in step:
            return self.service.restore(self.service.state() | step["state"])
        if "restart" in step:
            return await self._restart()
        if "hides" in step:
            log = json.dumps([self.service.log(), self.service.violations])
            assert [name for name in step["hides"] if name in log] == []
            return None
        for path, new in step.get("set", {}).items():
            put(self.service, path, new)
        for path, expected in step.get("shows", {}).items():
            value = pick(self.service, path)
            assert matches(value, expected, whole=False), (path, value)
        assert "set" in step or "shows" in step, step
        return self.service

    async def _restart(self) -> None:
        """Go on with a new service that has the old one's stored state."""
        state = json.loads(json.dumps(self.service.state()))
        await self.service.stop()
        self.service = self._make()
        self.service.restore(state)
        assert self.service.state() == state
        await self.service.start()

    def _do(self, step: dict[str, Json]) -> Any:
        """Call a method of the service."""
        method, settings = getattr(self.service, step["do"]), step.get("with", {})
        if "raises" in step:
            with pytest.raises((ValueError, KeyError), match=step["raises"]):
                method(**settings)
            return None
        result = method(**settings)
        if "returns" in step:
            assert matches(result, step["returns"], whole=True), result
        return result

    def _headers(self, step: dict[str, Json]) -> dict[str, str]:
        """Return the headers of a request."""
        headers = {
            name: self.fill(text)
            for name, text in self._common.get("headers", {}).items()
            if set(re.findall(r"\$(\w+)", text)) <= set(self.variables)
        } | step.get("headers", {})
        return {name: text for name, text in headers.items() if text is not None}

    async def _send(self, step: dict[str, Json]) -> Any:
        """Send a request and compare the answer."""
        method, _, path = step["send"].partition(" ")
        url = f"{self.service.url}{self._common.get('base', '')}{path}"
        settings = {name: step[name] for name in SENT if name in step}
        settings["params"] = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in step.get("query", {}).items()
        }
        request = self._session.request(
            method, url, headers=self._headers(step), **settings
        )
        if step.get("fails"):
            with pytest.raises((ClientError, OSError, ValueError)):
                async with request as response:
                    await response.json()
            return None
        async with request as response:
            text = await response.text()
        try:
            answer = json.loads(text)
        except ValueError:
            answer = text
        assert response.status == step.get("status", 200), answer
        if "answer" in step:
            assert matches(answer, step["answer"], whole=True), answer
        for place, expected in step.get("has", {}).items():
            value = pick(answer, place)
            assert matches(value, expected, whole=False), (place, value)
        for name, expected in step.get("response_headers", {}).items():
            assert matches(response.headers.get(name), expected, whole=True), name
        for name, view in self._views.items():
            if name in step:
                assert matches(view(answer), step[name], whole=True), answer
        return answer


def pairs(folder: str) -> Iterator[Any]:
    """Yield the pairs of a service, each with an id for pytest."""
    for path in sorted((FOLDER / folder).glob("*.json")):
        if path.stem == "service":
            continue
        for pair in json.loads(path.read_text()):
            for number, variables in enumerate(pair.get("each", [{}])):
                case = pair | {"let": variables}
                suffix = f" {number + 1}" if variables else ""
                yield pytest.param(
                    case, id=f"{folder}/{path.stem}: {pair['name']}{suffix}"
                )


async def run_pair(
    factory: Callable[..., Service],
    folder: str,
    pair: dict[str, Json],
    views: dict[str, View] | None = None,
) -> None:
    """Start a service, run a pair, and compare what it broke of the contract."""
    common = json.loads((FOLDER / folder / "service.json").read_text())
    clock = StandingClock(common["time"])

    settings = fill(pair.get("service", {}), pair["let"])

    def make() -> Service:
        return factory(clock=clock, **settings)

    async with ClientSession(connector=TCPConnector(ssl=False, limit=0)) as session:
        exchange = Exchange(make, session, common, views or {})
        exchange.variables |= pair["let"]
        await exchange.service.start()
        try:
            given = common.get("given", {})
            for name in {"": None, pair.get("given", ""): None}:
                await exchange.run(given.get(name, []))
            alone = {k: v for k, v in pair.items() if k not in PAIR}
            await exchange.run(pair.get("steps", [alone]))
            assert "steps" not in pair or not alone, alone
            await exchange.run(common.get("end", []))
            broken = exchange.service.violations
            expected = exchange.fill(pair.get("violations", []))
            assert matches(broken, expected, whole=True), broken
        finally:
            await exchange.service.stop()

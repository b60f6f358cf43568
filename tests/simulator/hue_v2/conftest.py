"""A Bridge Pro with the full house, and what speaks API v2 with it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
import json
import logging
from typing import Any

from aiohttp import ClientTimeout
import pytest

from simulator.hue import HueBridge, full_house
from tests.simulator.conftest import HueCaller, StartHue

RESOURCE = "/clip/v2/resource"
STREAM = "/eventstream/clip/v2"


class V2Caller:
    """Calls API v2 of one bridge."""

    def __init__(self, call: HueCaller) -> None:
        """Use the key of an application that is let in."""
        self.call = call
        self.bridge: HueBridge = call.bridge
        self.headers = {"hue-application-key": call.key}

    async def __call__(self, method: str, path: str = "", **settings: Any) -> Any:
        """Return status and JSON of a request below `/clip/v2/resource`."""
        return await self.call(
            method, RESOURCE + path, headers=self.headers, **settings
        )

    async def everything(self) -> dict[str, Any]:
        """Return all resources by id."""
        _, answer = await self("GET")
        return {item["id"]: item for item in answer["data"]}

    async def put(self, key: str, body: Any) -> Any:
        """Return status and answer of a PUT to the resource with a key."""
        kind = self.bridge.v2(key)["type"]
        return await self("PUT", f"/{kind}/{self.bridge.v2_id(key)}", json=body)

    @asynccontextmanager
    async def listening(self, **more: str) -> AsyncIterator[Callable[[], Any]]:
        """Open the event stream; give what reads the next message."""
        headers = self.headers | {"Accept": "text/event-stream"} | more
        url = self.bridge.url + STREAM
        timeout = ClientTimeout(total=30)
        async with self.call.session.get(
            url, headers=headers, timeout=timeout
        ) as response:
            assert await response.content.readuntil(b"\n\n") == b": hi\n\n"

            async def message() -> tuple[str, list[dict[str, Any]]]:
                text = (await response.content.readuntil(b"\n\n")).decode()
                identifier, data = text.strip().split("\n")
                containers = json.loads(data.removeprefix("data: "))
                return identifier.removeprefix("id: "), containers

            yield message


@pytest.fixture(autouse=True)
def no_warning_of_aiohue(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """End without a warning of aiohue: it only logs what it cannot read inside."""
    yield
    warnings = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.name.startswith("aiohue") and record.levelno >= logging.WARNING
    ]
    assert warnings == []


type StartV2 = Callable[..., Awaitable[V2Caller]]


@pytest.fixture
async def start_v2(hue_bridge: StartHue) -> StartV2:
    """Return what starts a bridge with the full house and calls its API v2."""

    async def start(**settings: Any) -> V2Caller:
        settings.setdefault("house", full_house())
        return V2Caller(await hue_bridge(**settings))

    return start


@pytest.fixture
async def v2(start_v2: StartV2) -> AsyncIterator[V2Caller]:
    """Call a Bridge Pro with the full house; nothing may be forbidden."""
    caller = await start_v2(model="BSB003")
    yield caller
    assert caller.bridge.violations == []


def merge_event(store: dict[str, Any], container: dict[str, Any]) -> None:
    """Bring resources by id up to date, as the documents say a client does it."""
    for item in container["data"]:
        if container["type"] == "add":
            store[item["id"]] = item
        elif container["type"] == "delete":
            store.pop(item["id"], None)
        elif item["id"] in store:
            merge(store[item["id"]], item)


def merge(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Merge objects; replace lists, nulls and anything else."""
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            merge(old[key], value)
        else:
            old[key] = value

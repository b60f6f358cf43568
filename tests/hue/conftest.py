"""A linked bridge, and others beside it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from tests.common import add_entry
from tests.conftest import served

type Start = Callable[..., Awaitable[HueBridge]]

BRIDGE_ID = "001788fffe0a0b0c"
UNIQUE_ID = f"hue:{BRIDGE_ID}"
DEVICETYPE = "lantern#home assistant"

CONFIG = "GET /api/{username}/config"
INTRODUCTION = "GET /api/config"
LIGHTS = "GET /api/{username}/lights"
GROUPS = "GET /api/{username}/groups"
SCENES = "GET /api/{username}/scenes"
SENSORS = "GET /api/{username}/sensors"
REGISTER = "POST /api"
PUT_LIGHT = "PUT /api/{username}/lights/{number}/state"
PUT_GROUP = "PUT /api/{username}/groups/{number}/action"
DEREGISTER = "DELETE /api/{username}/config/whitelist/{application}"
RESOURCES = "GET /clip/v2/resource"
STREAM = "GET /eventstream/clip/v2"
POLL = 10

MAC = "00:17:88:01:00:00:00:{:02x}"


def host_of(bridge: HueBridge) -> str:
    """Return what a person types."""
    return f"127.0.0.1:{bridge.port}"


def light_id(number: int) -> str:
    """Return the device id of a lamp of the simulated house."""
    return f"hue:{MAC.format(number)}"


def group_id(number: int) -> str:
    """Return the device id of a room or zone."""
    return f"{UNIQUE_ID}:group:{number}"


def stored(bridge: HueBridge, **changes: Any) -> dict[str, Any]:
    """Return the data of an entry whose bridge was just linked."""
    return {
        "vendor": "hue",
        "host": host_of(bridge),
        "tls": bridge.certificate_sha256 is not None,
        "certificate_sha256": bridge.certificate_sha256,
        "application_key": bridge.register(DEVICETYPE),
        "bridge_id": BRIDGE_ID,
        "devicetype": DEVICETYPE,
    } | changes


@pytest.fixture
async def hue() -> AsyncGenerator[HueBridge]:
    """Serve a square bridge over https, whose firmware has no event stream."""
    async for service in served(HueBridge()):
        service.clip_v2 = False
        yield service


@pytest.fixture
async def entry(hass: HomeAssistant, hue: HueBridge) -> MockConfigEntry:
    """Return a loaded entry of a square bridge."""
    return await add_entry(hass, UNIQUE_ID, stored(hue), "Hue Lighthouse")


@pytest.fixture
async def make() -> AsyncGenerator[Start]:
    """Return what starts further bridges, with the simulator's settings."""
    running = []

    async def start(*, stream: bool = False, **settings: Any) -> HueBridge:
        service = served(HueBridge(**settings))
        running.append(service)
        bridge = await anext(service)
        bridge.clip_v2 = bridge.clip_v2 and stream
        return bridge

    yield start
    for service in running:
        assert [running async for running in service] == []

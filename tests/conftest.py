"""The simulated services and the guards that every test of Lantern runs under."""

from collections.abc import AsyncGenerator, Generator
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant import block_async_io
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, Phase, settings
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from simulator.hue import HueBridge
from simulator.hue.certificate import Certificate
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux
from simulator.service import Service

# `--hypothesis-profile=long` looks further, and elsewhere each time.
_ANY = {
    "deadline": None,
    "database": None,
    "print_blob": True,
    # Explaining a failure traces every line of Home Assistant.
    "phases": [Phase.explicit, Phase.generate, Phase.shrink],
    # One Home Assistant, one folder and one service serve all examples of a test.
    "suppress_health_check": [
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
}
settings.register_profile("ci", max_examples=500, derandomize=True, **_ANY)
settings.register_profile("long", max_examples=20_000, **_ANY)
settings.load_profile("ci")

# cryptography keeps the datetime class of its first certificate: it must be the
# real one, not the one of a test in which time stands still.
Certificate.make("first")


@pytest.fixture
def freezer(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Stop the time, always at the same: a test does tomorrow what it does today.

    It is nine in the morning where the tests' Home Assistant is: a few polls are no
    midnight.
    """
    freezer.move_to("2026-11-27 17:00:00.25+00:00")
    return freezer


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a disk of its own: what must not be lost is really written."""
    return hass_tmp_config_dir


@pytest.fixture(autouse=True)
def recorder_first(request: pytest.FixtureRequest) -> None:
    """Set the recorder up before Home Assistant, in tests that want it."""
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")


@pytest.fixture
def no_blocking_calls() -> Generator[None]:
    """Fail on blocking calls in the loop."""
    block_async_io.enable()
    yield
    for call in block_async_io._BLOCKED_CALLS.calls:  # noqa: SLF001  # there is no disable()
        setattr(call.object, call.function, call.original_func)
    block_async_io._BLOCKED_CALLS.calls.clear()  # noqa: SLF001


@pytest.fixture(autouse=True)
def guards(
    freezer: FrozenDateTimeFactory,
    recorder_first: None,
    enable_custom_integrations: None,
    socket_enabled: None,
    no_blocking_calls: None,
) -> None:
    """Load Lantern, allow loopback, and no blocking calls.

    Time stands still from the start, or the monotonic clock would jump later.
    """


async def _with_webhook(hass: HomeAssistant, made: Any) -> Any:
    """Set up what Lantern depends on before a test's server takes no more routes.

    Home Assistant's own server always takes some.
    """
    assert await async_setup_component(hass, "webhook", {})
    return made


@pytest.fixture
async def hass_client(hass: HomeAssistant, hass_client: Any) -> Any:
    """Return what makes a client that is signed in."""
    return await _with_webhook(hass, hass_client)


@pytest.fixture
async def hass_client_no_auth(hass: HomeAssistant, hass_client_no_auth: Any) -> Any:
    """Return what makes a client that is not signed in."""
    return await _with_webhook(hass, hass_client_no_auth)


@pytest.fixture
async def hass_ws_client(hass: HomeAssistant, hass_ws_client: Any) -> Any:
    """Return what makes a client of the websocket API."""
    return await _with_webhook(hass, hass_ws_client)


@pytest.fixture
def entity_registry_enabled_by_default() -> Generator[None]:
    """Add every entity enabled, those that are off by default too."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        return_value=True,
    ):
        yield


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Write snapshots without what differs from run to run, or between releases."""
    return snapshot.with_defaults(
        extension_class=HomeAssistantSnapshotExtension,
        # Registry entries have it since 2026.11.
        exclude=props("compat_name"),
    )


async def served[ServiceT: Service](service: ServiceT) -> AsyncGenerator[ServiceT]:
    """Serve a simulated service for one test; end with no violation recorded."""
    await service.start()
    yield service
    await service.stop()
    assert service.violations == []


@pytest.fixture
async def hue() -> AsyncGenerator[HueBridge]:
    """Serve a square Hue bridge over https."""
    async for service in served(HueBridge()):
        yield service


@pytest.fixture
async def lucit() -> AsyncGenerator[Lucit]:
    """Serve Lucit's API."""
    async for service in served(Lucit()):
        yield service


@pytest.fixture
async def lightbug() -> AsyncGenerator[Lightbug]:
    """Serve Lightbug's API with three trackers and the odd ones."""
    async for service in served(Lightbug()):
        yield service


@pytest.fixture
async def lux() -> AsyncGenerator[Lux]:
    """Serve the LUX API with one account."""
    async for service in served(Lux()):
        yield service

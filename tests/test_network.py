"""Who is talked to, and over what: redirects, forgeries, proxies, names, IPv6."""

from collections.abc import AsyncGenerator, Iterable
import socket
import ssl
from typing import Any, override

from aiohttp import web
from aiohttp.resolver import AbstractResolver
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest
import pytest_socket

from simulator.hue import HueBridge
from simulator.hue.certificate import Certificate
from simulator.lightbug import Lightbug
from simulator.lux import Lux
from simulator.service import Service

from .common import add_entry, go_on, pass_time, settle, start_flow, submit
from .conftest import served
from .contracts import SESSIONS
from .hue import conftest as hue_home
from .lux import conftest as lux_home
from .sessions import Session


class Elsewhere(Service):
    """Somebody who takes whatever comes."""

    name = "elsewhere"

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Answer everything."""
        return [web.route("*", "/{path:.*}", self._anything)]

    async def _anything(self, _: web.Request) -> web.Response:
        return web.json_response({})


@pytest.fixture
async def elsewhere() -> AsyncGenerator[Elsewhere]:
    """Serve another host."""
    async for running in served(Elsewhere()):
        yield running


@pytest.fixture(params=list(SESSIONS))
def session(request: pytest.FixtureRequest) -> Session[Any]:
    """Return one of the cloud services."""
    return SESSIONS[request.param]


@pytest.fixture
async def service(session: Session[Any]) -> AsyncGenerator[Service]:
    """Serve it."""
    async for running in served(session.make()):
        yield running


# Redirects -------------------------------------------------------------------


async def test_redirects_are_not_followed(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    elsewhere: Elsewhere,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Neither a token nor what renews it goes where a redirect points."""
    entry = await session.entry(hass, service)
    service.inject("*", "redirect", times=-1, body=elsewhere.url)
    for _ in range(3):
        await pass_time(hass, freezer, session.poll)
    service.clear_faults()
    session.end(service)
    service.inject(session.renew, "redirect", times=2, body=elsewhere.url)
    await pass_time(hass, freezer, session.poll)
    await pass_time(hass, freezer, session.poll)
    assert elsewhere.count() == 0
    assert entry.runtime_data.last_update_success
    await hass.config_entries.async_remove(entry.entry_id)
    assert elsewhere.count() == 0


@pytest.mark.parametrize("steps", [["lux"], ["lightbug", "lightbug_login"]])
async def test_password_is_not_redirected(
    hass: HomeAssistant,
    elsewhere: Elsewhere,
    lux: Lux,
    lightbug: Lightbug,
    steps: list[str],
) -> None:
    """A sign-in that is sent elsewhere is no sign-in."""
    service: Service = lux if steps == ["lux"] else lightbug
    service.inject("*", "redirect", times=-1, body=elsewhere.url)
    result = await start_flow(hass, steps[0])
    for step in steps[1:]:
        result = await submit(hass, result, {"next_step_id": step})
    typed = {"username": "a@example.org", "password": "made-up"}
    typed |= {"advanced": {"base_url": service.url}}
    result = await submit(hass, result, typed)
    assert result["errors"] == {"base": "cannot_connect"}
    assert elsewhere.count() == 0


async def test_hue_key_is_not_redirected(
    hass: HomeAssistant,
    hue: HueBridge,
    elsewhere: Elsewhere,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The key, which is a part of the path, stays with the bridge."""
    entry = await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    hue.inject("*", "redirect", times=-1, body=elsewhere.url)
    for _ in range(4):
        await pass_time(hass, freezer, 61)
    await hass.config_entries.async_remove(entry.entry_id)
    assert hue.count(hue_home.DEREGISTER) == 1
    assert elsewhere.count() == 0


# Certificates ----------------------------------------------------------------


async def test_forged_bridge(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """Another bridge under the same name and address is told nothing at all."""
    hue.clip_v2 = False
    entry = await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    await hue.stop()
    forged = HueBridge()
    forged.port, forged.clip_v2 = hue.port, False
    forged.whitelist.add(entry.data["application_key"], "stolen", "2026-01-01T00:00:00")
    await forged.start()
    assert forged.certificate_sha256 != hue.certificate_sha256
    for _ in range(3):
        await pass_time(hass, freezer, hue_home.POLL)
    assert not entry.runtime_data.last_update_success
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    # Only the question whether it is a bridge at all may come, without a key.
    assert set(forged.counts()) <= {hue_home.INTRODUCTION}
    await forged.stop()
    assert forged.violations == []


class SelfSigned(Lux):
    """Somebody who says to be LUX, with a certificate of his own."""

    @override
    def tls(self) -> ssl.SSLContext:
        """Show a certificate that nobody vouches for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        Certificate.make("prod.nueyne.dev").load(context)
        return context


async def test_cloud_needs_a_certificate_that_somebody_vouches_for(
    hass: HomeAssistant,
) -> None:
    """A password is not sent to who cannot prove a name."""
    # asyncio's server complains of a client that ends the handshake.
    hass.loop.set_exception_handler(lambda *_: None)
    async for service in served(SelfSigned()):
        form = lux_home.form(service)
        result = await submit(hass, await start_flow(hass, "lux"), form)
        assert result["errors"] == {"base": "cannot_connect"}
        assert service.count() == 0


# Proxies, names, IPv6 --------------------------------------------------------


async def test_no_proxy(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    elsewhere: Elsewhere,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proxy variables of the environment are not looked at."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.url)
        monkeypatch.setenv(name.upper(), elsewhere.url)
    entry = await session.entry(hass, service)
    await pass_time(hass, freezer, session.poll)
    assert entry.state is ConfigEntryState.LOADED
    assert elsewhere.count() == 0


class NoNames(AbstractResolver):
    """A resolver on a bad day."""

    def __init__(self) -> None:
        """Count who asks."""
        self.asked: list[str] = []

    @override
    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        """Find no name."""
        self.asked.append(host)
        raise OSError(None, "no such name")

    @override
    async def close(self) -> None:
        """Leave."""


async def test_name_that_is_not_found(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """Without names there is a grace as in any outage, and no reauthentication."""
    connector: Any = async_get_clientsession(hass).connector
    names = NoNames()
    real, connector._resolver = connector._resolver, names  # noqa: SLF001  # the network's part, not ours
    form = lux_home.form(lux, base_url="https://lux.example.org")
    result = await submit(hass, await start_flow(hass, "lux"), form)
    assert result["errors"] == {"base": "cannot_connect"}
    assert set(names.asked) == {"lux.example.org"}
    hass.config_entries.flow.async_abort(result["flow_id"])
    entry = await lux_home.signed_in(hass, lux)
    away = {**entry.data, "base_url": "https://lux.example.org"}
    hass.config_entries.async_update_entry(entry, data=away)
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "cannot_connect"
    assert not hass.config_entries.flow.async_progress()
    connector._resolver = real  # noqa: SLF001  # and back


@pytest.fixture
def ipv6(socket_enabled: None) -> None:
    """Allow the other loopback, too; a machine without it cannot test this."""
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])


async def on_ipv6[ServiceT: Service](service: ServiceT) -> AsyncGenerator[ServiceT]:
    """Serve a service on IPv6."""
    service.host = "::1"
    async for running in served(service):
        yield running


async def test_cloud_over_ipv6(
    hass: HomeAssistant,
    ipv6: None,
    session: Session[Any],
    freezer: FrozenDateTimeFactory,
) -> None:
    """An address in brackets is as good as another."""
    async for service in on_ipv6(session.make()):
        assert service.url.startswith("http://[::1]:")
        entry: ConfigEntry = await session.entry(hass, service)
        await pass_time(hass, freezer, session.poll)
        assert entry.state is ConfigEntryState.LOADED
        assert entry.runtime_data.last_update_success
        await hass.config_entries.async_remove(entry.entry_id)


async def test_bridge_over_ipv6(
    hass: HomeAssistant, ipv6: None, freezer: FrozenDateTimeFactory
) -> None:
    """A bridge is linked with, pinned and polled at an IPv6 address."""
    async for bridge in on_ipv6(HueBridge()):
        bridge.clip_v2 = False
        typed = {"host": f"[::1]:{bridge.port}", "advanced": {}}
        result = await submit(hass, await start_flow(hass, "hue"), typed)
        assert result["step_id"] == "hue_link"
        bridge.press_link_button()
        await pass_time(hass, freezer, 1)
        result = await go_on(hass, result)
        entry = result["result"]
        assert entry.data["host"] == f"[::1]:{bridge.port}"
        assert entry.data["certificate_sha256"] == bridge.certificate_sha256
        await pass_time(hass, freezer, hue_home.POLL)
        assert entry.runtime_data.last_update_success
        await hass.config_entries.async_remove(entry.entry_id)

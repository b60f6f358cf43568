"""Any text in any field of any form: an error in the form, or an entry.

These run in a Home Assistant, against services on loopback.
"""

from collections.abc import AsyncGenerator
import logging
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.flow import FieldError
from custom_components.lantern.hue.schemas import checked_host
from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lucit.account import APP_ID
from simulator.lux import Lux
from simulator.service import Service
from tests.common import settle, start_flow, submit

from .values import ODD_TEXTS

# Each example is a whole flow.
FLOWS = settings(max_examples=settings().max_examples // 5)
TYPED = st.one_of(st.text(max_size=30), ODD_TEXTS)
# No name is looked up and nobody outside is asked: what has a slash is given here.
NO_ADDRESS = TYPED.filter(
    # Without any text it is the service's own address that is meant.
    lambda text: text.strip() and "/" not in text and "\\" not in text
)
URLS = st.one_of(
    st.sampled_from(
        [
            "{url}",
            "{url}",
            "{url}",
            " {url}/ ",
            "{url}/api",
            "{url}/v2/",
            "{url}?a=b",
            "{url}#c",
            "http://made:up@127.0.0.1:{port}",
            "http://made@127.0.0.1:{port}",
            "https://127.0.0.1:{port}",
            "HTTP://127.0.0.1:{port}",
            "http://[::1",
            "http://127.0.0.1:99999",
            "http://127.0.0.1:0",
            "http://192.0.2.7:{port}",
            "ftp://127.0.0.1:{port}",
            "{url}/\x00",
            "{url}/%",
            "{url}/ü b",
            "http://",
            "//127.0.0.1:{port}",
        ]
    ),
    NO_ADDRESS,
)
HOSTS = st.sampled_from(
    [
        "127.0.0.1:{port}",
        "127.0.0.1:{port}",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "made:up@127.0.0.1:{port}",
        "ftp://127.0.0.1",
        "127.0.0.1:{port}/api?x#y",
        "127.0.0.1 :{port}",
        "http://",
        "",
    ]
)


@pytest.fixture(autouse=True)
def guards(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Load Lantern and allow loopback; time runs."""


async def served(service: Service) -> AsyncGenerator[Any]:
    """Serve a service; whatever people type is no fault of the client's."""
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def lux() -> AsyncGenerator[Lux]:
    """Serve LUX."""
    async for one in served(Lux()):
        yield one


@pytest.fixture
async def lucit() -> AsyncGenerator[Lucit]:
    """Serve Lucit."""
    async for one in served(Lucit()):
        yield one


@pytest.fixture
async def lightbug() -> AsyncGenerator[Lightbug]:
    """Serve Lightbug, where people may try as often as they like."""
    async for one in served(Lightbug()):
        one.set_limits(normal=10**9, authentication=10**9)
        yield one


@pytest.fixture
async def hue() -> AsyncGenerator[HueBridge]:
    """Serve a bridge."""
    async for one in served(HueBridge()):
        yield one


def typed(text: str, service: Service) -> str:
    """Return an address with the service's own in it."""
    return text.replace("{url}", service.url).replace("{port}", str(service.port))


async def fill(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    steps: list[str],
    user_input: dict[str, Any],
) -> None:
    """Fill a form in; it comes back with an error, or something came of it."""
    caplog.clear()
    result = await start_flow(hass, steps[0])
    for step in steps[1:]:
        result = await submit(hass, result, {"next_step_id": step})
    result = await submit(hass, result, user_input)
    assert_told(result)
    assert "Unexpected" not in caplog.text
    if result["type"] is FlowResultType.CREATE_ENTRY:
        await hass.config_entries.async_remove(result["result"].entry_id)
    elif result["type"] is not FlowResultType.ABORT:
        hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)


def assert_told(result: ConfigFlowResult) -> None:
    """Assert that a person learns what became of the form."""
    if result["type"] is FlowResultType.FORM:
        errors = result["errors"]
        assert errors
        assert "unknown" not in errors.values(), errors
        schema = result["data_schema"]
        assert schema is not None
        fields = {str(one) for one in schema.schema}
        assert errors.keys() <= fields | {"base"}
    else:
        assert result["type"] in (
            FlowResultType.CREATE_ENTRY,
            FlowResultType.SHOW_PROGRESS,
            FlowResultType.ABORT,
        )


@FLOWS
@given(username=TYPED, password=TYPED, url=URLS, right=st.booleans())
async def test_lux(
    hass: HomeAssistant,
    lux: Lux,
    caplog: pytest.LogCaptureFixture,
    username: str,
    password: str,
    url: str,
    right: bool,
) -> None:
    """E-mail, password and address."""
    caplog.set_level(logging.WARNING)
    who = (lux.username, lux.password) if right else (username, password)
    where = {"base_url": typed(url, lux)}
    form = {"username": who[0], "password": who[1], "advanced": where}
    await fill(hass, caplog, ["lux"], form)


@FLOWS
@given(
    step=st.sampled_from(["lightbug_login", "lightbug_legacy_login"]),
    username=TYPED,
    password=TYPED,
    url=URLS,
    right=st.booleans(),
)
async def test_lightbug_login(
    hass: HomeAssistant,
    lightbug: Lightbug,
    caplog: pytest.LogCaptureFixture,
    step: str,
    username: str,
    password: str,
    url: str,
    right: bool,
) -> None:
    """E-mail, password and address."""
    caplog.set_level(logging.WARNING)
    who = (username, password)
    if right:
        who = (f" {lightbug.username} ", lightbug.password)
    where = {"base_url": typed(url, lightbug)}
    form = {"username": who[0], "password": who[1], "advanced": where}
    await fill(hass, caplog, ["lightbug", step], form)


@FLOWS
@given(token=TYPED, user_id=TYPED, url=URLS, right=st.booleans())
async def test_lightbug_token(
    hass: HomeAssistant,
    lightbug: Lightbug,
    caplog: pytest.LogCaptureFixture,
    token: str,
    user_id: str,
    url: str,
    right: bool,
) -> None:
    """A token, whose it is, and the address."""
    caplog.set_level(logging.WARNING)
    if right:
        token = lightbug.add_personal_token()
    where = {"base_url": typed(url, lightbug)}
    form = {"token": token, "user_id": user_id, "advanced": where}
    await fill(hass, caplog, ["lightbug", "lightbug_token"], form)


@FLOWS
@given(
    app_id=st.one_of(st.just(APP_ID), TYPED),
    size=st.tuples(*[st.one_of(st.just(1080), st.integers(), st.floats())] * 2),
    attach_to=st.one_of(st.just(""), st.just(f"LCUID-LD-{APP_ID[10:]}"), TYPED),
    url=URLS,
)
async def test_lucit(
    hass: HomeAssistant,
    lucit: Lucit,
    caplog: pytest.LogCaptureFixture,
    app_id: str,
    size: tuple[float, float],
    attach_to: str,
    url: str,
) -> None:
    """Application, pixels, a player to attach to, and the address."""
    caplog.set_level(logging.WARNING)
    where = {"base_url": typed(f"{url}/api/v3" if url == "{url}" else url, lucit)}
    form = {
        "app_id": app_id,
        "width": size[0],
        "height": size[1],
        "advanced": where | {"attach_to": attach_to},
    }
    await fill(hass, caplog, ["lucit"], form)


@FLOWS
@given(host=HOSTS, devicetype=TYPED, username=TYPED, plain=st.booleans())
async def test_hue(
    hass: HomeAssistant,
    hue: HueBridge,
    caplog: pytest.LogCaptureFixture,
    host: str,
    devicetype: str,
    username: str,
    plain: bool,
) -> None:
    """Host, and what the bridge is to call us."""
    caplog.set_level(logging.WARNING)
    wish = {} if plain else {"devicetype": devicetype, "username": username}
    form = {"host": typed(host, hue), "advanced": wish}
    await fill(hass, caplog, ["hue"], form)


@given(text=st.one_of(TYPED, URLS, HOSTS, st.ip_addresses().map(str)))
def test_hosts(text: str) -> None:
    """What is taken for a host is one, and carries nothing else along."""
    try:
        host, _ = checked_host(text.replace("{port}", "81"))
    except FieldError:
        return
    assert host.isprintable()
    assert not set(host) & set("/?#@ \\%")
    assert checked_host(host)[0] == host

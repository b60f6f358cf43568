"""What all services' requests have in common: pauses, clocks, cookies, the log."""

from collections.abc import AsyncGenerator
import logging
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from yarl import URL

from custom_components import lantern
from custom_components.lantern.session import async_get_session
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux
from simulator.service import Service

from .common import pass_time, settle, start_flow, submit
from .conftest import served
from .contracts import SESSIONS
from .lightbug.test_flow import chosen, login
from .lucit.conftest import form as lucit_form
from .lux.conftest import form as lux_form
from .sessions import Session

NEVER = "Fri, 31 Dec 9999 23:59:59 GMT"
OURS = "custom_components.lantern"


@pytest.fixture(params=list(SESSIONS))
def session(request: pytest.FixtureRequest) -> Session[Any]:
    """Return one of the cloud services."""
    return SESSIONS[request.param]


@pytest.fixture
async def service(session: Session[Any]) -> AsyncGenerator[Service]:
    """Serve it."""
    async for running in served(session.make()):
        yield running


# The service's clock ----------------------------------------------------------


@pytest.mark.parametrize(
    "dates",
    [
        [NEVER] * 9,
        [NEVER],
        ["Mon, 01 Jan 0001 00:00:00 GMT"] * 9,
        ["Thu, 01 Jan 1970 00:00:00 GMT"] * 9,
        ["Sat, 01 Jan 2056 00:00:00 GMT", NEVER, "no date", ""],
        ["Fri, 31 Dec 9999 23:59:59 -1200"] * 9,
    ],
)
async def test_dates_that_are_none(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    freezer: FrozenDateTimeFactory,
    dates: list[str],
) -> None:
    """Whatever `Date` says, no poll fails, a token is renewed, and polls go on."""
    entry = await session.entry(hass, service)
    for date in dates:
        service.inject("*", "headers", headers={"Date": date})
    for _ in range(3):
        await pass_time(hass, freezer, session.poll)
        assert entry.runtime_data.last_update_success
    session.end(service)
    for date in dates:
        service.inject("*", "headers", headers={"Date": date})
    for _ in range(3):
        await pass_time(hass, freezer, session.poll)
        assert entry.runtime_data.last_update_success
    assert service.count(session.renew) >= 1


# Pauses -----------------------------------------------------------------------


async def test_long_pause(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A pause of 60,000 s is kept, and then all is well again."""
    entry = await session.entry(hass, service)
    service.inject("*", "status", status=429, headers={"Retry-After": "60000"})
    await pass_time(hass, freezer, session.poll)
    asked = service.count()
    for _ in range(16):
        await pass_time(hass, freezer, 3600)
    assert service.count() == asked
    for _ in range(3):
        await pass_time(hass, freezer, 3600)
    assert service.count() > asked
    assert entry.runtime_data.last_update_success


@pytest.mark.parametrize("steps", [["lux"], ["lucit"], ["lightbug", "lightbug_login"]])
async def test_pause_outlives_the_form(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    lux: Lux,
    lucit: Lucit,
    lightbug: Lightbug,
    steps: list[str],
) -> None:
    """In the hour that was named neither a submit nor a new dialog sends anything."""
    services: dict[str, tuple[Service, Any]] = {
        "lux": (lux, lux_form),
        "lucit": (lucit, lucit_form),
        "lightbug": (lightbug, login),
    }
    service, filled = services[steps[0]]
    service.inject("*", "status", status=429, headers={"Retry-After": "3600"})
    for _ in range(2):
        opened = chosen(hass, steps[1]) if steps[1:] else start_flow(hass, steps[0])
        result = await opened
        for _ in range(2):
            result = await submit(hass, result, filled(service))
            assert result["errors"] == {"base": "rate_limited"}
            await pass_time(hass, freezer, 300)
    assert service.count() == 1
    await pass_time(hass, freezer, 3600)
    result = await submit(hass, result, filled(service))
    assert result["type"] is not FlowResultType.FORM
    for flow in hass.config_entries.flow.async_progress():
        hass.config_entries.flow.async_abort(flow["flow_id"])
    await settle(hass)


# Cookies ----------------------------------------------------------------------


@pytest.mark.parametrize("verify_ssl", [True, False])
async def test_no_cookies(hass: HomeAssistant, verify_ssl: bool) -> None:
    """What one account was given does not travel with another one's requests."""
    session = async_get_session(hass, verify_ssl=verify_ssl)
    url = URL("https://service.example.org")
    session.cookie_jar.update_cookies({"account": "made-up"}, url)
    assert not session.cookie_jar.filter_cookies(url)
    assert session is async_get_session(hass, verify_ssl=verify_ssl)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    assert session.closed


def test_every_client_uses_the_session_without_cookies() -> None:
    """No part of Lantern takes Home Assistant's shared session."""
    for path in Path(lantern.__path__[0]).rglob("*.py"):
        assert "async_get_clientsession" not in path.read_text(), path


# The log ----------------------------------------------------------------------


async def test_debug_log(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each request has a line, and so has each failure that nobody is told of."""
    entry = await session.entry(hass, service)
    caplog.set_level(logging.DEBUG, logger=OURS)
    caplog.clear()
    service.inject("*", "status", status=503)
    await pass_time(hass, freezer, session.poll)
    service.inject("*", "status", status=429, headers={"Retry-After": "120"})
    await pass_time(hass, freezer, session.poll)
    assert entry.runtime_data.last_update_success
    lines = [
        record.getMessage() for record in caplog.records if record.name.startswith(OURS)
    ]
    log = "\n".join(lines)
    requests = [
        line
        for line in lines
        if re.fullmatch(r"[A-Z]+ [\w/.-]+ -> .+ in \d+\.\d\d s", line)
    ]
    assert len(requests) >= 2, log
    assert any("-> 503 in" in request for request in requests), log
    assert any("-> 429 in" in request for request in requests), log
    assert any("are kept" in line and "status 503" in line for line in lines), log
    assert any("nothing is sent for 120" in line for line in lines), log
    assert str(service.port) not in log
    assert "http" not in log

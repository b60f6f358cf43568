"""Any text in any field of any form: an error in the form, or an entry.

These run in a Home Assistant, against services on loopback.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
import logging
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from hypothesis import given, settings, strategies as st
import pytest
from yarl import URL

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.flow import FieldError
from custom_components.lantern.hue.schemas import checked_host
from simulator.service import Service
from tests.common import settle, submit
from tests.contract import Form
from tests.contracts import CONTRACTS

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


@dataclass(frozen=True)
class Way:
    """A form, and its vendor."""

    vendor: str
    form: Form

    def __str__(self) -> str:
        """Return the name of the form's step."""
        return self.form.steps[-1]


WAYS = [
    Way(vendor, form)
    for vendor, contract in CONTRACTS.items()
    for form in contract.forms
]


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest) -> Way:
    """Return one form after the other."""
    way: Way = request.param
    return way


@pytest.fixture
async def service(way: Way) -> AsyncGenerator[Service]:
    """Serve its service; whatever people type is no fault of the client's."""
    contract = CONTRACTS[way.vendor]
    service = contract.make()
    contract.prepare(service)
    await service.start()
    yield service
    await service.stop()


def typed(text: str, service: Service) -> str:
    """Return an address with the service's own in it."""
    return text.replace("{url}", service.url).replace("{port}", str(service.port))


def odd(draw: Any, key: str, right: Any, service: Service) -> Any:
    """Return a value of a field: the right one, or any other of its kind."""
    if isinstance(right, dict):
        return {name: odd(draw, name, value, service) for name, value in right.items()}
    if key == "base_url":
        # The service's own address, and whatever path belongs to it.
        return typed(
            draw(URLS).replace("{url}", "{url}" + URL(right).raw_path), service
        )
    if key == "host":
        return typed(draw(HOSTS), service)
    if isinstance(right, str):
        return draw(st.one_of(st.just(right), st.just(f" {right} "), TYPED))
    return draw(st.one_of(st.just(right), st.integers(), st.floats()))


def assert_told(result: ConfigFlowResult) -> None:
    """Assert that a person learns what became of the form."""
    if result["type"] is FlowResultType.FORM:
        errors = result["errors"]
        assert errors
        assert "unknown" not in errors.values(), errors
        schema = result["data_schema"]
        assert schema is not None
        fields = {str(field) for field in schema.schema}
        assert errors.keys() <= fields | {"base"}
    else:
        assert result["type"] in (
            FlowResultType.CREATE_ENTRY,
            FlowResultType.SHOW_PROGRESS,
            FlowResultType.ABORT,
        )


@FLOWS
@given(data=st.data(), right=st.booleans())
async def test_form(
    hass: HomeAssistant,
    way: Way,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    data: st.DataObject,
    right: bool,
) -> None:
    """It comes back with an error, or something came of it."""
    caplog.set_level(logging.WARNING)
    caplog.clear()
    filled = way.form.filled(service)
    user_input = {
        # All but the address is right in half of the examples.
        key: value
        if right and not isinstance(value, dict) and key != "host"
        else odd(data.draw, key, value, service)
        for key, value in filled.items()
    }
    result = await way.form.open(hass)
    result = await submit(hass, result, user_input)
    assert_told(result)
    assert "Unexpected" not in caplog.text
    if result["type"] is FlowResultType.CREATE_ENTRY:
        await hass.config_entries.async_remove(result["result"].entry_id)
    elif result["type"] is not FlowResultType.ABORT:
        hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)
    assert not hass.config_entries.flow.async_progress_by_handler(DOMAIN)


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

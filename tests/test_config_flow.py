"""What holds for every vendor's steps: what was shown, and when it may be sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux
from tests.common import pass_time, settle, start_flow, submit
from tests.hue.conftest import host_of
from tests.lightbug.conftest import LEGACY_LOGIN, LOGIN
from tests.lucit.conftest import form as lucit_form
from tests.lux.conftest import SIGN_IN, form as lux_form

FLOWS = "/api/config/config_entries/flow"
REQUEST = "POST /api/v3/lightning/device-requests/request"
REGISTER = "POST /api"
GONE_PLAYER = "LCUID-LD-11111111-2222-3333-4444-555555555555"


@dataclass
class World:
    """Home Assistant, the services, and the time that they live in."""

    hass: HomeAssistant
    hue: HueBridge
    lucit: Lucit
    lightbug: Lightbug
    lux: Lux
    freezer: FrozenDateTimeFactory

    async def pass_time(self, *seconds: float) -> None:
        """Let time pass in steps."""
        for step in seconds:
            await pass_time(self.hass, self.freezer, step)


@pytest.fixture
def world(
    hass: HomeAssistant,
    hue: HueBridge,
    lucit: Lucit,
    lightbug: Lightbug,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
) -> World:
    """Give all four services."""
    return World(hass, hue, lucit, lightbug, lux, freezer)


async def _nobody_presses(world: World) -> None:
    await world.pass_time(*[1] * 5, 60)


async def _bridge_refuses(world: World) -> None:
    error = '[{"error": {"type": 7, "address": "/devicetype", "description": "no"}}]'
    world.hue.inject(REGISTER, "body", body=error)
    await world.pass_time(1, 1)


async def _code_ends(world: World) -> None:
    world.lucit.expire_codes()
    await world.pass_time(5)


async def _player_is_gone(world: World) -> None:
    world.lucit.approve()
    await world.pass_time(5)


def _hue(world: World) -> dict[str, Any]:
    return {"host": host_of(world.hue), "advanced": {}}


def _lucit(world: World) -> dict[str, Any]:
    return lucit_form(world.lucit)


def _lightbug(world: World) -> dict[str, Any]:
    return {
        "username": "robin@example.org",
        "password": "made-up password",
        "advanced": {"base_url": world.lightbug.url},
    }


def _lux(world: World) -> dict[str, Any]:
    return lux_form(world.lux)


def _lucit_attached(world: World) -> dict[str, Any]:
    return lucit_form(world.lucit, attach_to=GONE_PLAYER)


@pytest.mark.parametrize(
    ("vendor", "form", "happens", "step"),
    [
        ("hue", _hue, _nobody_presses, "hue_link_timeout"),
        ("hue", _hue, _bridge_refuses, "hue"),
        ("lucit", _lucit, _code_ends, "lucit_pair_expired"),
        ("lucit", _lucit_attached, _player_is_gone, "lucit"),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_nothing_is_submitted_unseen(
    hass: HomeAssistant,
    world: World,
    hass_client: ClientSessionGenerator,
    vendor: str,
    form: Callable[[World], dict[str, Any]],
    happens: Callable[[World], Awaitable[None]],
    step: str,
    when: str,
) -> None:
    """What is sent while progress is shown is no click on the form that follows it."""
    hue, lucit = world.hue, world.lucit
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()

    async def post(flow_id: str = "", **content: Any) -> Any:
        answer = await client.post(f"{FLOWS}/{flow_id}".rstrip("/"), json=content)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    flow_id = (await post(handler=DOMAIN))["flow_id"]
    await post(flow_id, next_step_id=vendor)
    typed = form(world)
    shown = await post(flow_id, **typed)
    await settle(hass)
    assert shown["type"] == "progress"
    if when == "before":
        # The same form once more: a second click of an impatient person.
        assert (await post(flow_id, **typed))["type"] == "progress"
    await happens(world)
    asked = (hue.count(REGISTER), lucit.count(REQUEST))
    shown = await post(flow_id, **typed)
    assert (shown["type"], shown["step_id"]) == ("form", step)
    await settle(hass)
    assert (hue.count(REGISTER), lucit.count(REQUEST)) == asked
    hass.config_entries.flow.async_abort(flow_id)
    await settle(hass)


@pytest.mark.parametrize(
    ("vendor", "menu", "form", "route", "service"),
    [
        ("hue", [], _hue, "GET /api/config", "hue"),
        ("lucit", [], _lucit, REQUEST, "lucit"),
        ("lightbug", ["lightbug_login"], _lightbug, LOGIN, "lightbug"),
        (
            "lightbug",
            ["lightbug_legacy_login"],
            _lightbug,
            LEGACY_LOGIN,
            "lightbug",
        ),
        ("lux", [], _lux, SIGN_IN, "lux"),
    ],
)
async def test_a_named_pause_holds_across_submits(
    hass: HomeAssistant,
    world: World,
    freezer: FrozenDateTimeFactory,
    vendor: str,
    menu: list[str],
    form: Callable[[World], dict[str, Any]],
    route: str,
    service: str,
) -> None:
    """Nobody is blocked for trying again too soon, in this dialog or in the next."""
    asked: Any = getattr(world, service)
    headers = {"Retry-After": "3600"}
    asked.inject(route, "status", status=429, headers=headers)
    sent = None
    for _ in range(2):
        result = await start_flow(hass, vendor)
        for step in menu:
            result = await submit(hass, result, {"next_step_id": step})
        for _ in range(2):
            result = await submit(hass, result, form(world))
            assert result["errors"] == {"base": "rate_limited"}
            sent = sent or asked.count()
            assert asked.count() == sent
        hass.config_entries.flow.async_abort(result["flow_id"])
    await pass_time(hass, freezer, 3601)
    result = await start_flow(hass, vendor)
    for step in menu:
        result = await submit(hass, result, {"next_step_id": step})
    result = await submit(hass, result, form(world))
    assert not result.get("errors")
    if result["type"] == "progress":
        hass.config_entries.flow.async_abort(result["flow_id"])
    await settle(hass)

"""Setting up on a bad day: the form comes back, says why, and the next try works."""

from collections.abc import Awaitable, Callable
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.lantern.const import DOMAIN
from tests.common import start_flow, submit
from tests.hue.conftest import host_of
from tests.hue.linking import form as hue_form
from tests.lightbug.test_flow import chosen, login, pasted
from tests.lucit.conftest import form as lucit_form
from tests.lux.conftest import form as lux_form

from . import kinds
from .conftest import Move
from .dialogs import FLOWS
from .kinds import KINDS, Kind
from .life import Life
from .outcomes import Outcome
from .rules import Route

_TEXTS = Path("custom_components/lantern/translations/en.json")
ERRORS = json.loads(_TEXTS.read_text())["config"]["error"]

type Open = Callable[[HomeAssistant], Awaitable[ConfigFlowResult]]


def _first(step: str) -> Open:
    return lambda hass: start_flow(hass, step)


def _token(lightbug: Any) -> dict[str, Any]:
    return pasted(lightbug, lightbug.add_personal_token())


type Way = tuple[Open, Callable[[Any], dict[str, Any]]]

_TOKEN: Way = (lambda hass: chosen(hass, "lightbug_token"), _token)
# By the route, where a vendor has several ways in.
_WAYS: dict[str, Way] = {
    "hue": (_first("hue"), lambda hue: hue_form(host_of(hue))),
    "lucit": (_first("lucit"), lucit_form),
    "lightbug": (lambda hass: chosen(hass, "lightbug_login"), login),
    "lightbug v1 login": (lambda hass: chosen(hass, "lightbug_legacy_login"), login),
    "lightbug one of v2/devices": _TOKEN,
    "lightbug users/devices": _TOKEN,
    "lux": (_first("lux"), lux_form),
}


def way_of(route: Route) -> Way:
    """Return how the form of a route is reached and filled."""
    return _WAYS.get(str(route), _WAYS[route.vendor])


async def _try(
    life: Life, route: Route, kind: Kind, flow: ConfigFlowResult
) -> ConfigFlowResult:
    """Submit the form on a bad day; return the form to go on with."""
    begin, filled = way_of(route)
    await life.begin(kind, route.key)
    asked = life.service.count(route.key)
    typed = filled(life.service)
    flow = await life.live(submit(life.hass, flow, typed))
    sent = life.service.count(route.key) - asked
    shown = flow["type"] is FlowResultType.FORM
    assert shown is (route.outcome(kind) is Outcome.FORM), flow["type"]
    errors = list((flow.get("errors") or {}).values())
    await life.end()
    if kind in (*kinds.LIMITS, kinds.TOO_MANY):
        await life.peace()
    assert life.lines() == []
    assert not set(errors) - set(ERRORS), f"no text for {errors}"
    if shown:
        assert len(errors) == 1, f"told: {errors}"
        again = route.key.startswith("GET") and kind in (kinds.RESET, kinds.LOST)
        assert sent <= 1 + again, f"sent {sent} times"
        return flow
    for entry in life.hass.config_entries.async_entries(DOMAIN):
        await life.hass.config_entries.async_remove(entry.entry_id)
    for left in life.hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        life.hass.config_entries.flow.async_abort(left["flow_id"])
    await life.after(2)  # a bridge wants to be asked once a second at most
    life.lines()
    return await begin(life.hass)


@pytest.mark.parametrize("route", FLOWS, ids=str)
async def test_flow(route: Route, move_in: Move) -> None:
    """One dialog, all the bad days in a row, and in the end it works."""
    life = await move_in(route.vendor, empty=True)
    if route.vendor == "lightbug":
        life.service.set_limits(authentication=1000)
    begin, filled = way_of(route)
    flow = await begin(life.hass)
    wrong = []
    for kind in KINDS:
        try:
            flow = await _try(life, route, kind, flow)
        except AssertionError as err:
            wrong.append(f"{kind} ({route.outcome(kind)}): {err}")
            await life.end()
            flow = await begin(life.hass)
    typed = filled(life.service)
    flow = await life.live(submit(life.hass, flow, typed))
    for left in life.hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        life.hass.config_entries.flow.async_abort(left["flow_id"])
    await life.after(2)
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])
    assert flow["type"] is not FlowResultType.FORM, flow
    assert life.service.violations == []

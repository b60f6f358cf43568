"""Setting up on a bad day: the form comes back, says why, and the next try works."""

import json
from pathlib import Path

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.lantern.const import DOMAIN
from tests.common import submit

from . import kinds
from .conftest import Move
from .kinds import KINDS, Kind
from .life import Life
from .outcomes import Outcome
from .routes import form_of, having, home_of
from .rules import Role, Route

_TEXTS = Path("custom_components/lantern/translations/en.json")
ERRORS = json.loads(_TEXTS.read_text())["config"]["error"]


async def _try(
    life: Life, route: Route, kind: Kind, flow: ConfigFlowResult
) -> ConfigFlowResult:
    """Submit the form on a bad day; return the form to go on with."""
    form = form_of(route)
    await life.begin(kind, route.key)
    asked = life.service.count(route.key)
    typed = form.filled(life.service)
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
    return await form.open(life.hass)


@pytest.mark.parametrize("route", having(Role.FLOW), ids=str)
async def test_flow(route: Route, move_in: Move) -> None:
    """One dialog, all the bad days in a row, and in the end it works."""
    life = await move_in(home_of(route), empty=True)
    form = form_of(route)
    flow = await form.open(life.hass)
    wrong = []
    for kind in KINDS:
        try:
            flow = await _try(life, route, kind, flow)
        except AssertionError as err:
            wrong.append(f"{kind} ({route.outcome(kind)}): {err}")
            await life.end()
            flow = await form.open(life.hass)
    typed = form.filled(life.service)
    flow = await life.live(submit(life.hass, flow, typed))
    for left in life.hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        life.hass.config_entries.flow.async_abort(left["flow_id"])
    await life.after(2)
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])
    assert flow["type"] is not FlowResultType.FORM, flow
    assert life.service.violations == []

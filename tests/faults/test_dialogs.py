"""Waiting for a person on a bad day: for the button, or for the code to be typed in."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
import pytest

from custom_components.lantern.const import DOMAIN
from tests.common import go_on, settle, submit

from .conftest import Move
from .kinds import KINDS, Kind
from .life import PEACE, Life
from .outcomes import Outcome
from .routes import form_of, having, home_of
from .rules import Role, Route
from .test_flows import ERRORS

_SOME = 30
"""So many seconds are enough for several questions, and less than a bridge is asked."""
_LONG = 70
"""After so many seconds nobody waits for the button any more."""


async def _waiting(life: Life, route: Route) -> ConfigFlowResult:
    """Go to the step that waits."""
    form = form_of(route)
    flow = await form.open(life.hass)
    flow = await submit(life.hass, flow, form.filled(life.service))
    assert flow["type"] is FlowResultType.SHOW_PROGRESS, flow
    return flow


def _waits(life: Life, flow: ConfigFlowResult) -> bool:
    """Return whether the dialog still waits; it goes on by itself, without a browser."""
    try:
        shown = life.hass.config_entries.flow.async_get(flow["flow_id"])
    except UnknownFlow:
        return False
    return shown["step_id"] == flow["step_id"]


async def _day(life: Life, route: Route, kind: Kind) -> None:
    """Wait on a bad day; afterwards the person acts, and the entry is there."""
    flow = await _waiting(life, route)
    await life.begin(kind, route.key)
    ends = route.outcome(kind) is Outcome.FORM
    await life.until(_LONG if ends else _SOME, lambda: not _waits(life, flow))
    assert life.lines() == []
    await life.end()
    await life.until(1.1 * PEACE * life.every if kind.waits else 4, lambda: False)
    if ends:
        assert not _waits(life, flow), "still waits"
        flow = await go_on(life.hass, flow)
        assert flow["type"] is FlowResultType.FORM, flow["type"]
        errors = list((flow["errors"] or {}).values())
        assert len(errors) == 1, f"told: {errors}"
        assert not set(errors) - ERRORS.keys(), f"no text for {errors}"
        # A slow answer is counted when it has ended.
        await life.until(_SOME, lambda: False)
        asked = life.service.count(route.key)
        await life.until(_SOME, lambda: False)
        assert life.service.count(route.key) == asked, "still asking"
        life.hass.config_entries.flow.async_abort(flow["flow_id"])
        flow = await _waiting(life, route)
    assert _waits(life, flow), "does not wait any more"
    act = form_of(route).act
    assert act is not None, f"{route} waits for nobody"
    act(life.service)
    entries = life.hass.config_entries.async_entries
    assert await life.until(_LONG, lambda: bool(entries(DOMAIN))), "no entry"
    (life.entry,) = entries(DOMAIN)
    await settle(life.hass)
    life.is_well()
    life.is_quiet()


async def _tidy(life: Life) -> None:
    """Have nothing left of a day."""
    await life.end()
    for left in life.hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        life.hass.config_entries.flow.async_abort(left["flow_id"])
    for entry in life.hass.config_entries.async_entries(DOMAIN):
        await life.hass.config_entries.async_remove(entry.entry_id)
    await life.until(60, lambda: False)
    life.service.violations.clear()
    life.lines()


@pytest.mark.parametrize("route", having(Role.PERSON), ids=str)
async def test_waiting(route: Route, move_in: Move) -> None:
    """What a person did is taken up, or a form says why not and can be sent again."""
    life = await move_in(home_of(route), empty=True)
    life.every = 30.0
    wrong = []
    for kind in KINDS:
        try:
            await _day(life, route, kind)
        except AssertionError as err:
            wrong.append(f"{kind} ({route.outcome(kind)}): {err}")
        await _tidy(life)
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])

"""Removing an entry despite faults: it goes, whatever the service answers."""

from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from custom_components.lantern.const import DOMAIN

from . import kinds
from .conftest import HOMES, Move
from .kinds import KINDS, Kind
from .life import Life
from .routes import having, home_of
from .rules import Role, Route

_PATIENCE = 30
"""So many seconds a person waits who removed an entry."""


async def _day(life: Life, route: Route, kind: Kind) -> None:
    """Remove the entry while a fault is on."""
    entry_id = life.entry.entry_id
    await life.begin(kind, route.key)
    asked = life.service.count(route.key)
    began = life.hass.loop.time()
    await life.live(life.hass.config_entries.async_remove(entry_id))
    assert life.hass.loop.time() - began <= _PATIENCE, "it takes long"
    sent = life.service.count(route.key) - asked
    busy = kind in (kinds.BUSY, kinds.TOO_MANY)
    most = life.busy_tries if busy else 1
    # A kept connection that is cut is tried once more with what may be repeated.
    most += kind in (kinds.RESET, kinds.LOST) and route.key.startswith("DELETE ")
    assert (kind is not kinds.REFUSED) <= sent <= most, f"sent {sent} times"
    assert life.hass.config_entries.async_entries(DOMAIN) == []
    registries = er.async_get(life.hass), dr.async_get(life.hass)
    assert er.async_entries_for_config_entry(registries[0], entry_id) == []
    assert dr.async_entries_for_config_entry(registries[1], entry_id) == []
    assert [level for level, _ in life.lines() if level != "INFO"] == []
    assert not life.flows
    assert not life.issues
    assert life.service.violations == []


@pytest.mark.parametrize("route", having(Role.REVOCATION), ids=str)
async def test_revoke(route: Route, move_in: Move) -> None:
    """Nothing of the entry is left, and nobody waits for long."""
    life = await move_in(home_of(route), empty=True)
    _, set_up = HOMES[home_of(route)]
    wrong = []
    for kind in KINDS:
        life.entry = await life.live(set_up(life.hass, life.service))
        life.lines()
        try:
            await _day(life, route, kind)
        except AssertionError as err:
            wrong.append(f"{kind}: {err}")
            life.service.violations.clear()
        await life.end()
        await life.after(3600)
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])

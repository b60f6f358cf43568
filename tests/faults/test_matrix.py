"""Every route on every bad day: what Lantern does is what the table says."""

import asyncio

import pytest

from .conftest import Move
from .kinds import KINDS, Kind
from .life import Life
from .outcomes import CHECKS, COMMANDED, DELIVERED, PARTS
from .routes import having, home_of
from .rules import Role, Route

ROUTES = having(Role.POLL, Role.SIDE, Role.COMMAND, Role.DELIVERY, Role.TOKEN)


async def _cell(life: Life, route: Route, kind: Kind) -> str | None:
    """Go through one bad day; return what went otherwise than the table says."""
    outcome = route.outcome(kind)
    route.optional.stir(life)
    if route.renewal is not None:
        route.renewal.due(life.service)
        life.sign_in = route.renewal.sign_in
    await life.begin(kind, route.key, route.fields, once=route.once(kind))
    try:
        if outcome in COMMANDED:
            assert route.command is not None, f"{route} has no command"
            await COMMANDED[outcome](life, kind, route.key, route.command)
        elif outcome in DELIVERED:
            assert route.delivery is not None, f"{route} has no delivery"
            await DELIVERED[outcome](life, kind, route.key, route.delivery)
        elif outcome in PARTS:
            await PARTS[outcome](life, kind, route.key, route.optional)
        else:
            await CHECKS[outcome](life, kind, route.key)
        life.is_well()
    except (AssertionError, pytest.fail.Exception) as err:
        return f"{kind} ({outcome}): {err}"
    return None


async def _recover(life: Life) -> None:
    """Begin the next day anew, whatever went wrong on this one."""
    await life.end()
    await life.after(3600)
    await (life.sign_in(life) if life.flows else life.reload())
    life.service.violations.clear()


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_route(route: Route, move_in: Move) -> None:
    """One life of an entry, through all the bad days of one route."""
    life = await move_in(home_of(route))
    optional = route.optional
    life.every, life.unwatched = optional.every or life.every, optional.stirs
    wrong = []
    for kind in KINDS:
        if (failure := await _cell(life, route, kind)) is not None:
            wrong.append(failure)
            await _recover(life)
    await asyncio.sleep(0)
    assert not wrong, "\n".join([f"{len(wrong)} of {len(KINDS)}", *wrong])

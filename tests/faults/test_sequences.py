"""Any sequence of answers, good and bad: all goes on, and is right in the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util
from hypothesis import given, settings, strategies as st
import pytest

from tests.contracts import CONTRACTS

from .conftest import Move
from .life import Life, difference
from .routes import having, home_of
from .rules import Role

# Each example is up to six polls, and those of an hour afterwards.
SEQUENCES = settings(max_examples=settings().max_examples // 10)
_LONGEST_WAIT = 3600
_PAUSE = 600
# Lucit hands an instruction out once: it is gone with the answer.
_SPOILS = ("nulls", "wrong_types", "truncated", "duplicates", "lost", "charset")
_HEARTBEAT = "POST /api/v3/analytics/lightning-devices/{lcuid}/heartbeat"


@dataclass(frozen=True, slots=True)
class Day:
    """A poll: what is wrong with which answers of it, and whether something happens."""

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    route: int = 0
    rings: bool = False


def _date(text: str) -> tuple[str, dict[str, Any]]:
    return ("headers", {"headers": {"Date": text}})


def _refusal(status: int) -> tuple[str, dict[str, Any]]:
    return ("status", {"status": status})


def _pause(status: int, form: str) -> tuple[str, dict[str, Any]]:
    return ("too_many", {"status": status, "form": form, "seconds": _PAUSE})


ANSWERS = [
    ("good", {}),
    ("good", {}),
    ("ahead", {"days": 3}),
    ("ahead", {"days": -3}),
    _date("Fri, 31 Dec 9999 23:59:59 GMT"),
    _date("Thu, 01 Jan 1970 00:00:00 GMT"),
    _date("no date"),
    _date(""),
    *(_refusal(status) for status in (401, 403, 404, 408, 421, 425, 500, 503)),
    *(_pause(429, form) for form in ("seconds", "date", "reset", "window", "none")),
    _pause(503, "seconds"),
    *((kind, {}) for kind in ("nulls", "wrong_types", "empty", "html", "truncated")),
    *((kind, {}) for kind in ("duplicates", "reset", "lost", "charset")),
]
DAYS = st.builds(
    lambda answer, route, rings: Day(*answer, route=route, rings=rings),
    st.sampled_from(ANSWERS),
    # Of all routes, or of one.
    st.integers(-1, 4),
    st.booleans(),
)


def _home(vendor: str) -> str:
    """Return the name of the home in which something rings."""
    faults = CONTRACTS[vendor].faults
    return faults.ring_home or next(iter(faults.homes))


def _keys(vendor: str) -> tuple[str, ...]:
    """Return what is asked with a poll."""
    return tuple(
        route.key
        for route in having(Role.POLL, Role.SIDE, Role.PERIODIC)
        if route.vendor == vendor and home_of(route) in (_home(vendor), vendor)
    )


@pytest.fixture(params=list(CONTRACTS))
def vendor(request: pytest.FixtureRequest) -> str:
    """Return one vendor after the other."""
    return str(request.param)


@pytest.fixture
async def life(vendor: str, move_in: Move) -> Life:
    """Move in once for all sequences."""
    life = await move_in(_home(vendor))
    life.unwatched = CONTRACTS[vendor].faults.ring_changes
    return life


@pytest.fixture
def rung(hass: HomeAssistant, life: Life) -> Callable[[], int]:
    """Return what counts how often automations heard of something until now."""
    heard = 0

    @callback
    def hear(event: Event[Any]) -> None:
        nonlocal heard
        old, new = event.data["old_state"], event.data["new_state"]
        if new.domain != "event" or new.state in (old.state, "unknown", "unavailable"):
            return
        if old.state != "unavailable":
            # Several logs that arrived between two polls are one event.
            heard += new.attributes.get("to", 1) - new.attributes.get("from", 0)

    @callback
    def is_change(data: Any) -> bool:
        return data["old_state"] is not None and data["new_state"] is not None

    hass.bus.async_listen("state_changed", hear, is_change)
    return lambda: heard


def _spoil(life: Life, day: Day, routes: tuple[str, ...]) -> None:
    """Put what is wrong on the answers of one poll."""
    if day.kind == "good":
        return
    kind, chosen = day.kind, day.settings
    if kind == "ahead":
        date = dt_util.utcnow() + timedelta(**chosen)
        kind, chosen = _date(format_datetime(date, usegmt=True))
    keys = routes if day.route < 0 else (routes[day.route % len(routes)],)
    for key in keys:
        if key != _HEARTBEAT or kind not in _SPOILS:
            life.service.inject(key, kind, times=-1, **chosen)


@SEQUENCES
@given(days=st.lists(DAYS, min_size=1, max_size=6))
async def test_sequence(
    life: Life, rung: Callable[[], int], vendor: str, days: list[Day]
) -> None:
    """Nothing is raised, polls go on, values are right again, and each event is one."""
    faults, keys = CONTRACTS[vendor].faults, _keys(vendor)
    before, rings = life.shown, rung()
    for day in days:
        if day.rings and faults.ring is not None:
            faults.ring(life.service)
            rings += 1
        _spoil(life, day, keys)
        await life.poll()
        life.service.clear_faults()
        life.lines()
        if life.flows:
            await life.sign_in(life)
    await life.after(_PAUSE)
    for _ in range(2):
        await life.poll()
    # What was refused is asked for again within an hour.
    await life.after(_LONGEST_WAIT)
    asked = life.service.count(keys[0])
    for _ in range(3):
        await life.poll()
    assert life.service.count(keys[0]) >= asked + 3, "polls do not go on"
    life.lines()
    life.is_well()
    assert not life.flows
    assert not (changes := difference(before, life.shown)), changes
    assert rung() == rings

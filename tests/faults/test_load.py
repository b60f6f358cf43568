"""What the services feel of an hour's outage, and of its end."""

import asyncio
from collections import Counter
from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from tests.common import add_entry
from tests.contracts import CONTRACTS
from tests.lucit.conftest import UUID, stored
from tests.lux.carrying import hand_over, stored as stored_logs, treatment
from tests.lux.conftest import BLUE_ID

from .conftest import Move
from .life import Life
from .load import FIGURES, HOMES, MOST_AT_ONCE, MOST_TRIES, Retry
from .routes import having, home_of
from .rules import Case, Role, Route

_HOUR = 3600
_QUARTER = 900
_DEVICE = "GET /api/v3/lightning/devices/{lcuid}"
_UPLOAD = "POST /api/v1/lux/device/devlog"
_STREAM = "GET /eventstream/clip/v2"


async def _pass(life: Life, seconds: float) -> int:
    """Let time pass; return how many requests came meanwhile."""
    step = min(60, life.every)
    before = life.service.count()
    end = life.freezer.time_to_freeze + timedelta(seconds=seconds)
    while life.freezer.time_to_freeze < end:
        await life.after(step)
    return int(life.service.count() - before)


async def _begin(life: Life, case: Case) -> None:
    """Let the hour begin."""
    match case:
        case Case.BUSY | Case.STARTING:
            life.service.inject("*", "status", status=503, times=-1)
        case Case.SILENT:
            life.service.inject("*", "silence", times=-1)
        case Case.LIMITED | Case.STARTING_LIMITED:
            life.service.inject("*", "too_many", seconds=_HOUR, times=1)
    if case in (Case.STARTING, Case.STARTING_LIMITED):
        await life.reload()


@pytest.mark.parametrize("vendor", CONTRACTS)
@pytest.mark.parametrize("case", Case)
async def test_outage(vendor: str, case: Case, move_in: Move) -> None:
    """An hour of trouble makes no more requests than the page says, nor its end."""
    life = await move_in(vendor)
    before = life.service.count()
    await _begin(life, case)
    await _pass(life, _HOUR)
    hour = life.service.count() - before
    life.service.clear_faults()
    quarter = await _pass(life, _QUARTER)
    allowed = FIGURES[case][vendor]
    assert allowed.hold(hour, quarter), f"{(hour, quarter)}, allowed are {allowed}"
    life.is_well()


COMMANDS = {route.vendor: route for route in reversed(having(Role.COMMAND))}


@pytest.mark.parametrize("route", COMMANDS.values(), ids=str)
async def test_nobody_sends_in_a_pause(route: Route, move_in: Move) -> None:
    """In the pause no command and no reload sends anything."""
    assert route.command is not None
    life = await move_in(home_of(route))
    life.service.inject("*", "too_many", seconds=_HOUR, times=1)
    await life.poll()
    asked = life.service.count()
    for _ in range(5):
        with pytest.raises(HomeAssistantError, match="limits"):
            await life.live(route.command.act(life))
    await life.reload()
    await _pass(life, _HOUR / 2)
    assert life.service.count() == asked


async def _reconnects(life: Life, kind: str) -> int:
    """Return how often the stream is asked for within an hour."""
    life.service.inject(_STREAM, kind, times=-1)
    life.service.drop_streams()
    before = life.service.count(_STREAM)
    for _ in range(_HOUR):
        for _ in range(10):
            await asyncio.sleep(0)
        life.freezer.tick(1)
        async_fire_time_changed(life.hass)
    return int(life.service.count(_STREAM) - before)


async def _uploads(life: Life, logs: int) -> int:
    """Return how often logs are sent within an hour; afterwards all are there."""
    life.service.inject(_UPLOAD, "status", status=500, times=-1)
    numbers = range(13, 13 + logs)
    await hand_over(life.hass, life.entry, *map(treatment, numbers))
    await _pass(life, _HOUR)
    tries = life.service.count(_UPLOAD)
    life.service.clear_faults()
    await _pass(life, 1000)
    assert stored_logs(life.service, BLUE_ID) == list(numbers)
    return int(tries)


@pytest.mark.parametrize("retry", Retry)
async def test_tries(retry: Retry, move_in: Move) -> None:
    """What is tried again by itself is tried less and less often."""
    match retry:
        case Retry.STREAM_REFUSED | Retry.STREAM_ENDS:
            life = await move_in("hue with a stream")
            ends = retry is Retry.STREAM_ENDS
            tries = await _reconnects(life, "empty" if ends else "status")
        case _:
            life = await move_in("lux")
            tries = await _uploads(life, 1 if retry is Retry.ONE_LOG else 100)
    most = MOST_TRIES[retry]
    assert most / 2 <= tries <= most, f"{tries} tries"
    life.is_well()


async def test_many_come_back(hass: HomeAssistant, move_in: Move) -> None:
    """Many that were told to wait until the same second do not come back in it."""
    life = await move_in("lucit")
    for number in range(1, HOMES):
        data = stored(life.service) | {"device_provided_uuid": f"{UUID}-{number}"}
        credentials = life.service.pair(f"{UUID}-{number}")
        data |= {
            "device_lcuid": credentials["lightning_device_lcuid"],
            "bot_user_token": credentials["bot_user_token"],
            "bot_user_secret": credentials["bot_user_secret"],
        }
        await add_entry(hass, f"lucit:{UUID}-{number}", data)
    life.service.inject("*", "too_many", seconds=_HOUR, form="date", times=HOMES)
    await _pass(life, _HOUR)
    assert sum(1 for request in life.service.requests if request.fault) == HOMES
    before = len(life.service.requests)
    for _ in range(_HOUR // 6):
        await life.after(1)
    polls = [
        request for request in life.service.requests[before:] if request.key == _DEVICE
    ]
    seconds = Counter(int(poll.time.timestamp()) for poll in polls)
    assert len({poll.params["lcuid"] for poll in polls}) == HOMES, "somebody stays away"
    assert max(seconds.values()) <= MOST_AT_ONCE, seconds.most_common(3)

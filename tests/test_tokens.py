"""What Lantern promises of the tokens that it renews, at each service that has them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_test_home_assistant,
)

from custom_components.lantern.const import DOMAIN
from simulator.service import Service

from .common import pass_time, settle
from .conftest import served
from .contracts import SESSIONS
from .sessions import Session

DAY = 86_400
SLOW = 5
ONCE = [name for name, session in SESSIONS.items() if session.once]


@pytest.fixture(params=list(SESSIONS))
def session(request: pytest.FixtureRequest) -> Session[Any]:
    """Return one of the services that renew a token."""
    return SESSIONS[request.param]


@pytest.fixture
async def service(session: Session[Any]) -> AsyncGenerator[Service]:
    """Serve it."""
    async for running in served(session.make()):
        yield running


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    freezer: FrozenDateTimeFactory,
) -> ConfigEntry:
    """Return a loaded entry whose token is of known age, as it lies on disk."""
    entry = await session.entry(hass, service)
    session.end(service)
    await pass_time(hass, freezer, session.poll)
    await pass_time(hass, freezer, 1)
    service.requests.clear()
    return entry


def reauths(hass: HomeAssistant) -> int:
    """Return how often a person is asked to sign in again."""
    flows = hass.config_entries.flow.async_progress()
    return sum(flow["context"]["source"] == "reauth" for flow in flows)


def refused(service: Service) -> int:
    """Return how many requests met a 401."""
    return sum(request.status == 401 for request in service.requests)


@asynccontextmanager
async def another_home(disk: Path) -> AsyncGenerator[HomeAssistant]:
    """Start a Home Assistant on what lies on a disk."""
    async with async_test_home_assistant(config_dir=str(disk)) as home:
        home.data.pop(DATA_CUSTOM_COMPONENTS)
        await home.config_entries.async_initialize()
        assert home.config_entries.async_entries(DOMAIN)
        assert await async_setup_component(home, DOMAIN, {})
        await settle(home)
        yield home
        for entry in home.config_entries.async_loaded_entries(DOMAIN):
            await home.config_entries.async_unload(entry.entry_id)
        await home.async_stop(force=True)


@pytest.fixture
def disk(hass: HomeAssistant, entry: ConfigEntry, tmp_path: Path) -> Path:
    """Return a copy of Home Assistant's folder as it is now."""
    return Path(shutil.copytree(hass.config.config_dir, tmp_path / "copy"))


@pytest.mark.parametrize("how", ["refused", "due"])
async def test_fifty_requests_at_expiry(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    how: str,
) -> None:
    """One renews, all get what they asked for, and nobody is asked to sign in."""
    before = entry.data["access_token"]
    if how == "refused":
        session.end(service)
    else:
        freezer.tick(session.lifetime + 1)
    async with asyncio.TaskGroup() as people:
        for _ in range(50):
            people.create_task(session.ask(hass, entry))
    assert service.count(session.renew) == 1
    good = [request for request in service.requests if request.key == session.asked]
    assert sum(answer.status == 200 for answer in good) == 50
    assert (refused(service) > 0) is (how == "refused")
    assert entry.data["access_token"] != before
    assert not reauths(hass)


async def test_answer_is_lost(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One more try; where it cannot work a second time, a person is asked once."""
    session.end(service)
    service.inject(session.renew, "lost")
    for _ in range(4):
        await pass_time(hass, freezer, session.poll)
    assert service.count(session.renew) == 2
    assert reauths(hass) == session.once
    assert not service.count(session.sign_in)


@pytest.mark.parametrize("written", [False, True])
async def test_killed_after_the_answer(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    disk: Path,
    freezer: FrozenDateTimeFactory,
    written: bool,
) -> None:
    """What a kill leaves on disk costs at most one sign-in, and never a loop."""
    session.end(service)
    await pass_time(hass, freezer, session.poll)
    assert service.count(session.renew) == 1
    if written:
        # A second later it is on disk.
        await pass_time(hass, freezer, 1)
        shutil.rmtree(disk)
        shutil.copytree(hass.config.config_dir, disk)
    await hass.config_entries.async_unload(entry.entry_id)
    service.requests.clear()
    async with another_home(disk) as home:
        mine = home.config_entries.async_entries(DOMAIN)[0]
        assert (mine.data["access_token"] == entry.data["access_token"]) is written
        for _ in range(3):
            await pass_time(home, freezer, session.poll)
        lost = session.once and not written
        assert reauths(home) == lost
        assert (mine.state is ConfigEntryState.LOADED) is not lost
        assert not service.count(session.sign_in)
        if lost:
            assert service.count(session.renew) == 1
    if lost:
        # The pair that was lost with the kill had arrived: nothing else may be said.
        assert len(service.violations) == 1
        service.violations.clear()


@pytest.mark.parametrize("ahead", [0, DAY, -DAY])
async def test_clock_off_by_a_day(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    ahead: int,
) -> None:
    """Tokens are renewed when they are due, whatever our clock says."""
    service.clock.advance(ahead)
    session.end(service)
    await pass_time(hass, freezer, session.poll)
    service.requests.clear()
    counts = []
    for _ in range(3):
        freezer.tick(session.lifetime - session.poll - 2)
        await session.ask(hass, entry)
        counts.append(service.count(session.renew))
        freezer.tick(session.poll + 3)
        await session.ask(hass, entry)
        counts.append(service.count(session.renew))
    assert counts == [0, 1, 1, 2, 2, 3]
    assert not refused(service)
    assert not reauths(hass)


async def test_renewal_is_refused(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """However many find out, at once and later, a person is asked once."""
    session.revoke(service)
    answers = await asyncio.gather(
        *(session.ask(hass, entry) for _ in range(10)), return_exceptions=True
    )
    assert all(isinstance(answer, HomeAssistantError) for answer in answers)
    await settle(hass)
    assert reauths(hass) == 1
    # Lucit's flow tries what is stored once more before it asks the person.
    tries = 1 if session.once else 2
    assert service.count(session.renew) == tries
    for _ in range(3):
        await pass_time(hass, freezer, session.poll)
    assert reauths(hass) == 1
    assert service.count(session.renew) == tries
    asked = service.count()
    await pass_time(hass, freezer, session.poll)
    assert service.count() == asked, "polls go on without a hope"
    assert not service.count(session.sign_in)


async def test_copy_of_the_entry(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    disk: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The second Home Assistant loses, asks its person once, and signs in nowhere."""
    session.end(service)
    await pass_time(hass, freezer, session.poll)
    service.requests.clear()
    async with another_home(disk) as copy:
        assert reauths(copy) == session.once
        assert service.count(session.renew) == 1
        # Meanwhile all goes on as ever where the entry comes from.
        await session.ask(hass, entry)
        for _ in range(3):
            # This fires the timers of both.
            await pass_time(hass, freezer, session.poll)
            await settle(copy)
        assert reauths(copy) == session.once
        # LUX ends the account's one session: "considered a duplicate login".
        assert reauths(hass) == (service.name == "lux")
    assert not service.count(session.sign_in)
    if session.once:
        assert len(service.violations) == 1
        service.violations.clear()


async def renewing(service: Service, session: Session[Any]) -> None:
    """Wait until the service has been asked for a token, and takes its time."""
    slow = service.faults[-1]
    while slow.times:
        await asyncio.sleep(0)
    assert not service.count(session.renew)


async def renewed(freezer: FrozenDateTimeFactory, ending: asyncio.Future[Any]) -> None:
    """Let what waits for a token end once the token has come."""
    for _ in range(20):
        await asyncio.sleep(0)
    freezer.tick(SLOW + 1)
    await ending


async def is_signed_in(
    home: HomeAssistant, session: Session[Any], service: Service, before: str
) -> None:
    """Assert that the token that was being asked for is the one that is used now."""
    await settle(home)
    mine = home.config_entries.async_entries(DOMAIN)[0]
    await session.ask(home, mine)
    assert mine.state is ConfigEntryState.LOADED
    assert mine.data["access_token"] != before
    assert service.count(session.renew) == 1
    assert not reauths(home)
    assert not service.count(session.sign_in)


async def test_reload_while_a_token_is_renewed(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The poll that waits for the new token is cancelled, the renewal is not."""
    before = entry.data["access_token"]
    session.end(service)
    service.inject(session.renew, "latency", seconds=SLOW)
    freezer.tick(session.poll)
    async_fire_time_changed(hass)
    await renewing(service, session)
    reload = hass.config_entries.async_reload(entry.entry_id)
    await renewed(freezer, asyncio.ensure_future(reload))
    await is_signed_in(hass, session, service, before)


async def test_script_starts_anew_while_a_token_is_renewed(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A script in mode restart cancels its action, but not the renewal."""
    before = entry.data["access_token"]
    script = {"mode": "restart", "sequence": [session.action(hass, entry)]}
    assert await async_setup_component(hass, "script", {"script": {"ask": script}})
    session.end(service)
    service.inject(session.renew, "latency", seconds=SLOW)
    await hass.services.async_call("script", "turn_on", {"entity_id": "script.ask"})
    await renewing(service, session)
    again = hass.services.async_call("script", "ask", blocking=True)
    await renewed(freezer, asyncio.ensure_future(again))
    asked = [
        request.status for request in service.requests if request.key == session.asked
    ]
    assert asked[-1] == 200
    await is_signed_in(hass, session, service, before)


async def test_stop_while_a_token_is_renewed(
    hass: HomeAssistant,
    session: Session[Any],
    service: Service,
    entry: ConfigEntry,
    disk: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Home Assistant stops once the new token is on disk, and starts with it."""
    before = entry.data["access_token"]
    await hass.config_entries.async_unload(entry.entry_id)
    async with another_home(disk) as home:
        session.end(service)
        service.requests.clear()
        service.inject(session.renew, "latency", seconds=SLOW)
        freezer.tick(session.poll)
        async_fire_time_changed(home)
        await renewing(service, session)
        await renewed(freezer, asyncio.ensure_future(home.async_stop(force=True)))
    async with another_home(disk) as home:
        await is_signed_in(home, session, service, before)

"""A real Home Assistant, killed again and again while it carries treatment logs."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from pathlib import Path
from typing import override

import pytest

from demo.household import add_lux
from demo.rest import DemoError, Rest
from simulator.lux import Lux, tokens
from tests.lux.faults import FAULTS, REFUSED, SESSION_OVER, RandomFaults, failed_share

from .lives import Lives
from .person import CUT_OFF, DEVICE, KNOWN, LAST, TODAY, Person, log

KILLS = 10
OUTAGES = 3
CALENDAR = "calendar.blue_mask_treatments"
UNSENT = "sensor.blue_mask_unsent_logs"
NEVER = 10**6
GIVEN = [log(number) for number in range(KNOWN + 1, LAST + 1)]


@dataclass(slots=True)
class PowerCuts(RandomFaults):
    """Bad days on which the power is cut in the middle of an upload, too.

    That is before LUX got the log, while LUX stores it, or a moment after its answer
    went. `left` is how many uploads there are until then; it waits while `busy`.
    While it is `calm` no session ends: its next token would not reach the disk.
    """

    left: int = NEVER
    calm: bool = False
    cut: Callable[[], None] = lambda: None
    busy: Callable[[], bool] = lambda: False

    def plan(self) -> None:
        """Choose the upload at which the power is cut next."""
        self.left = self.dice.randrange(22, 40)
        self.calm = False

    @override
    def hits(self, method: str, route: str) -> bool:
        """Cut the power when it is due, else throw the dice."""
        if f"{method} {route}" != self.route:
            return False
        self.left -= 1
        # A new token is on disk within a second: none comes shortly before the cut.
        # What LUX refuses for good, a person lets go again.
        faults = (*FAULTS, REFUSED)
        calm = tuple(fault for fault in faults if fault is not SESSION_OVER)
        self.faults = calm if self.calm or self.left <= 20 else faults
        if self.left > 0 or self.busy():
            return RandomFaults.hits(self, method, route)
        self.left = NEVER
        self.calm = True
        if self.dice.random() < 0.3:
            moment = self.dice.uniform(0, 0.04)
            asyncio.get_running_loop().call_later(moment, self.cut)
            return False
        self.cut()
        self.kind = self.dice.choice(["reset", "lost"])
        return True


@pytest.fixture
async def lux() -> AsyncGenerator[Lux]:
    """Serve LUX in this process, so that it outlives every kill."""
    service = Lux()
    await service.start()
    yield service
    await service.stop()
    assert service.violations == []


@pytest.fixture
async def home(tmp_path: Path) -> AsyncGenerator[Lives]:
    """Give a home that is not started; it has ended afterwards."""
    home = Lives(tmp_path / "home")
    await home.open()
    yield home
    await home.close()


def on_disk(home: Lives) -> set[int]:
    """Return the numbers of the logs that are safe: queued, or known."""
    numbers: set[int] = set()
    for path in (home.folder / ".storage").glob("lantern.lux_*"):
        for item in json.loads(path.read_text())["data"].values():
            numbers |= {row["log_file_id"] for row in item["logs"]}
    return numbers


def token_is_on_disk(home: Lives, lux: Lux) -> bool:
    """Return whether the entry holds the token that LUX gave last."""
    text = (home.folder / ".storage" / "core.config_entries").read_text()
    (entry,) = [
        entry
        for entry in json.loads(text)["data"]["entries"]
        if entry["domain"] == "lantern"
    ]
    claims = tokens.read(lux.key, entry["data"]["refresh_token"], "refresh")
    return claims is not None and claims.id == lux.session.refresh_id


async def set_up(home: Lives, rest: Rest, lux: Lux, person: Person) -> None:
    """Live the first life: sign in to LUX, and shut down as it should be."""
    await home.start(rest)
    await add_lux(rest, {"lux": lux.url})
    await person.find_device()
    await home.shut_down(rest)


async def live(home: Lives, rest: Rest, person: Person, calls: int = 1000) -> None:
    """Hand logs over, few or several at a time, until the power is cut or LUX has all."""
    try:
        await person.mend()
        while calls > 0 and not person.all_there and not home.dead.is_set():
            if person.held:
                await person.hand_over(person.dice.choice([1, 2, 3, 8]))
            else:
                await person.go_on()
            calls -= 1
            await person.see_it_through()
    except CUT_OFF:
        if not home.dead.is_set():
            raise


async def state_of_entry(rest: Rest) -> str:
    """Return the state of the entry, once its set-up has come to an end."""
    async with asyncio.timeout(30):
        while True:
            (entry,) = (await rest.entries()).values()
            if entry["state"] != "setup_in_progress":
                return str(entry["state"])
            await asyncio.sleep(0.1)


async def live_through_outage(
    home: Lives, rest: Rest, lux: Lux, person: Person
) -> None:
    """Restart while LUX is away; hand logs over while set-up is retried."""
    await lux.stop()
    for _ in range(OUTAGES):
        await home.start(rest)
        assert await state_of_entry(rest) == "setup_retry"
        for _ in range(4):
            await person.hand_over(3)
        home.cut_power()
        assert person.promised <= on_disk(home)
    await lux.start()


async def fill_the_disk(home: Lives, person: Person, cuts: PowerCuts) -> None:
    """Have no room on the disk: what cannot be saved is not promised."""
    cuts.calm = True
    async with asyncio.timeout(20):
        while cuts.busy():
            await asyncio.sleep(0.05)
    home.fill_disk(full=True)
    with pytest.raises(DemoError, match="500"):
        await person.hand_over(3)
    assert person.held[0] not in on_disk(home)
    home.fill_disk(full=False)


async def events(rest: Rest) -> list[tuple[str, str]]:
    """Return the calendar's treatments: start and end."""
    span = {
        "start": (TODAY - timedelta(days=LAST + 9)).isoformat(),
        "end": TODAY.isoformat(),
    }
    events = await rest.call("GET", f"/api/calendars/{CALENDAR}", params=span)
    return [(event["start"]["dateTime"], event["end"]["dateTime"]) for event in events]


async def hours(rest: Rest) -> list[tuple[int, float]]:
    """Return the statistics: the hours' starts, and the seconds in each."""
    (name,) = [
        statistic["statistic_id"]
        for statistic in await rest.ask("recorder/list_statistic_ids")
        if statistic["statistic_id"].endswith("treatment_time")
    ]
    statistics = await rest.ask(
        "recorder/statistics_during_period",
        start_time=(TODAY - timedelta(days=LAST + 9)).isoformat(),
        period="hour",
        types=["change"],
        statistic_ids=[name],
    )
    return [(row["start"] // 1000, row["change"]) for row in statistics[name]]


async def agrees(rest: Rest) -> None:
    """Assert that statistics and calendar have what was handed over."""
    begun = [datetime.fromisoformat(given["start"]) for given in GIVEN]
    lasted = [given["duration"] for given in GIVEN]
    both = list(zip(begun, lasted, strict=True))
    expected = [(start.timestamp(), long) for start, long in both]
    with suppress(TimeoutError):
        async with asyncio.timeout(20):
            # The recorder writes in a thread of its own, a moment later.
            while await hours(rest) != expected:
                await asyncio.sleep(0.2)
    assert await hours(rest) == expected
    assert await events(rest) == [
        (start.isoformat(), (start + timedelta(seconds=long)).isoformat())
        for start, long in both
    ]


async def see_all_sent(rest: Rest) -> None:
    """Wait until Home Assistant knows that LUX has everything."""
    async with asyncio.timeout(20):
        while (await rest.call("GET", f"/api/states/{UNSENT}"))["state"] != "0":
            await asyncio.sleep(0.1)


@pytest.mark.timeout(480)
@pytest.mark.xdist_group("kills")
async def test_killed_while_it_uploads(lux: Lux, home: Lives) -> None:
    """On bad days, what was promised is at LUX exactly once, in order."""
    cuts = PowerCuts(cut=home.cut_power)
    cuts.busy = lambda: not token_is_on_disk(home, lux)
    async with Rest(home.url) as rest:
        person = Person(rest, lux)
        await set_up(home, rest, lux, person)
        lux.faults.append(cuts)
        for kill in range(KILLS):
            if kill == KILLS // 2:
                await live_through_outage(home, rest, lux, person)
            if kill % 5 == 1:
                await home.start(rest)
                # After a kill, up to eight logs are in doubt: they go one by one.
                await live(home, rest, person, 10)
                await fill_the_disk(home, person, cuts)
                cuts.plan()
            else:
                cuts.plan()
                await home.start(rest)
            await live(home, rest, person)
            if not (person.held or home.dead.is_set()) and kill > KILLS // 2:
                # Where the machine is slow, a life takes more of the logs.
                break
            where = f"{cuts.left} uploads left, {len(person.held)} logs held"
            assert home.dead.is_set(), f"life {kill}: {where}, busy: {cuts.busy()}"
            assert person.promised <= on_disk(home)
        cuts.left, cuts.calm = NEVER, False
        if home.dead.is_set():
            await home.start(rest)
        await live(home, rest, person)
        lux.clear_faults()
        await person.go_on()
        await see_all_sent(rest)
        await agrees(rest)
    arrived = lux.logs[DEVICE]
    assert [log.log_file_id for log in arrived] == list(range(KNOWN + 1, LAST + 1))
    assert {log.arrived for log in arrived} == {1}
    for upload, given in zip(arrived, GIVEN, strict=True):
        assert upload.treatment_date == given["start"][:19]
        assert upload.treatment_time == given["duration"]
    assert on_disk(home) == set(range(KNOWN + 1, LAST + 1))
    assert failed_share(lux) > 0.25
    assert person.mended > 0

"""Days of made-up families, whatever happens in them: what is shown is true or unknown."""

from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import pass_time, settle

from .carrying import registry_id
from .conftest import BLUE, BLUE_ID, DEVICES, PLAIN, signed_in
from .test_family import ANN, BEN, PLAIN_ID, at, press, shown, sign_in_again

# The clocks change in the night before the last day.
FIRST_DAY = date(2026, 10, 16)
DAYS = 11
UNKNOWN = ("unknown", "unavailable")
CALM = "calm"
EVENTS = (
    *[CALM] * 6,
    *("move", "swap", "signed_out", "restart", "off", "falls", "outage", "wrong_date"),
)


class RandomFamily:
    """What happens, and what may be shown of it."""

    def __init__(
        self, hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory, seed: int
    ) -> None:
        """Start with a device for each child."""
        self.hass, self.lux, self.freezer = hass, lux, freezer
        self.dice = Random(seed)
        self.entry: ConfigEntry
        self.today = FIRST_DAY
        self.owners = {BLUE_ID: ANN, PLAIN_ID: BEN}
        self.pressed: dict[int, dict[int, list[datetime]]] = {
            device: {ANN: [], BEN: []} for device in self.owners
        }
        # By device and child: logs that Home Assistant saw come, those that may be
        # among them, and the days of which nobody can tell how many, or whose.
        self.received: Counter[tuple[int, int, date]] = Counter()
        self.possible: Counter[tuple[int, int, date]] = Counter()
        self.blurred: set[tuple[int, int, date]] = set()
        self.unseen: Counter[int] = Counter()
        self.fallen: set[int] = set()
        self.holders: dict[int, set[int]] = {d: {c} for d, c in self.owners.items()}
        self.looked = FIRST_DAY
        self.can_look = True

    async def at(self, time: str) -> None:
        """Live until a time of the day, and let Home Assistant look."""
        await at(self.hass, self.freezer, self.today, time)
        if self.can_look:
            self.look()
            self.check()

    def look(self) -> None:
        """Home Assistant sees what has come since the last look."""
        for device, owner in self.owners.items():
            self.holders[device].add(owner)
            count = self.unseen.pop(device, 0)
            has_fallen = device in self.fallen
            for child in self.holders[device] if count or has_fallen else ():
                key = (device, child, self.today)
                # Any number of logs may be hidden where the number fell.
                self.possible[key] += 1000 if has_fallen else count
                if has_fallen or len(self.holders[device]) > 1:
                    self.blurred.add(key)
                else:
                    self.received[key] += count
            self.holders[device] = {owner}
        self.fallen.clear()
        self.looked = self.today

    def check(self) -> None:
        """Hold what is shown against what happened: true or unknown, no wrong child."""
        for name, device in (BLUE, BLUE_ID), (PLAIN, PLAIN_ID):
            key = (device, self.owners[device], self.today)
            count = shown(self.hass, name, "logs_today")
            if key in self.blurred or self.today == FIRST_DAY:
                assert count == "unknown", key
            else:
                assert count == str(self.received[key]), key
            self.check_recorded(name, key)

    def check_recorded(self, name: str, key: tuple[int, int, date]) -> None:
        """Hold today's treatments against the presses, and against what LUX received."""
        device, child, today = key
        starts = self.pressed[device][child]
        days = Counter(dt_util.as_local(one).date() for one in starts)
        count = shown(self.hass, name, "treatments_today")
        if not starts:
            assert count in ("no entity", *UNKNOWN), key
        elif self.possible[key] > days[today]:
            assert count == "unknown", key
        else:
            assert count == str(days[today]), key
        streak = shown(self.hass, name, "treatment_streak")
        if streak not in ("no entity", *UNKNOWN):
            day, row = today if days[today] else today - timedelta(days=1), 0
            while days[day]:
                day, row = day - timedelta(days=1), row + 1
            assert int(streak) == row, key

    async def evening(self) -> None:
        """Do treatments, press the button or forget it, upload or not yet."""
        for name, device in (BLUE, BLUE_ID), (PLAIN, PLAIN_ID):
            if self.dice.random() < 0.2:
                continue  # no treatment
            if self.dice.random() < 0.6:
                await self.record(name, device)
            if self.dice.random() < 0.7:
                count = self.dice.choice([1, 1, 1, 2])
                self.lux.phone_upload(device, count)
                self.unseen[device] += count

    async def record(self, name: str, device: int) -> None:
        """Press the device's button: a treatment of 20 minutes has just ended."""
        start = dt_util.now().replace(microsecond=0) - timedelta(minutes=20)
        await press(self.hass, self.entry, start, name)
        # Home Assistant records for the child that it saw with the device last.
        (child,) = self.holders[device]
        self.pressed[device][child].append(start)

    async def happen(self, event: str) -> None:
        """Let something happen at noon."""
        device = self.dice.choice([BLUE_ID, PLAIN_ID])
        if event == "move":
            self.give(device, BEN if self.owners[device] == ANN else ANN)
        elif event == "swap":
            first, second = self.owners.values()
            self.give(BLUE_ID, second)
            self.give(PLAIN_ID, first)
        elif event == "falls" and (number := self.lux.devices[device].last_log_file_id):
            # Home Assistant has seen this number.
            self.lux.phone_upload(device)
            number = self.dice.randrange(min(number, 3))
            self.lux.set_device(device, last_log_file_id=number)
            self.fallen.add(device)
        elif event == "restart":
            await self.restart()

    def give(self, device: int, child: int) -> None:
        """Give a device to a child; the phone may upload before or after that."""
        if self.dice.random() < 0.5:
            self.lux.phone_upload(device)
            self.unseen[device] += 1
        self.lux.set_device(device, real_user_id=child)
        self.owners[device] = child

    async def restart(self) -> None:
        """Let everything be read from disk again."""
        await self.hass.config_entries.async_unload(self.entry.entry_id)
        for name in ("treatments", "queues"):
            self.hass.data.pop(f"lantern_lux_{name}")
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await settle(self.hass)

    async def begin(self, event: str) -> None:
        """Let what lasts from noon until the next morning begin."""
        self.can_look = event not in ("signed_out", "off", "outage", "wrong_date")
        if event == "signed_out":
            self.lux.phone_sign_in()
            self.lux.expire_tokens()
        elif event == "off":
            await self.hass.config_entries.async_unload(self.entry.entry_id)
        elif event == "outage":
            self.lux.inject(DEVICES, "status", times=-1, status=503)
        elif event == "wrong_date":
            wrong = {"Date": "Mon, 02 Oct 2056 10:00:00 GMT"}
            self.lux.inject(DEVICES, "headers", times=-1, headers=wrong)

    async def end(self, event: str) -> None:
        """End what began at the last noon."""
        self.lux.clear_faults()
        if event == "signed_out":
            await sign_in_again(self.hass, self.lux)
        elif event == "off":
            await self.hass.config_entries.async_setup(self.entry.entry_id)
            await settle(self.hass)
        self.can_look = True

    async def check_lists(self) -> None:
        """Hold that each list is the child's own, and denies nothing."""
        for name, device in (BLUE, BLUE_ID), (PLAIN, PLAIN_ID):
            child = self.owners[device]
            answer: Any = await self.hass.services.async_call(
                DOMAIN,
                "lux_get_treatments",
                {"device_id": registry_id(self.hass, self.entry, name)},
                blocking=True,
                return_response=True,
            )
            listed = [
                dt_util.parse_datetime(one["start"]) for one in answer["treatments"]
            ]
            assert listed == self.pressed[device][child]
            days = Counter(dt_util.as_local(one).date() for one in listed if one)
            for (which, whose, day), count in self.possible.items():
                if (which, whose) == (device, child) and count > days[day]:
                    assert day.isoformat() in answer["unknown_days"]


@pytest.mark.parametrize("seed", [11, 14, 16])
async def test_random_family(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory, seed: int
) -> None:
    """Whatever happens to a family, no day is denied, and no child is mixed up."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to(f"{FIRST_DAY} 05:00:00+00:00")
    lux.set_device(PLAIN_ID, real_user_id=BEN)
    family = RandomFamily(hass, lux, freezer, seed)
    family.entry = await signed_in(hass, lux)
    event = CALM
    for number in range(DAYS):
        family.today = FIRST_DAY + timedelta(days=number)
        await family.at("08:00")
        await family.end(event)
        await family.at("11:00")
        event = family.dice.choice(EVENTS)
        await family.happen(event)
        await family.at("12:00")
        await family.begin(event)
        freezer.move_to(f"{family.today} 18:15:00+00:00")
        await pass_time(hass, freezer, 0)
        await family.evening()
        await family.at("21:00")
    family.today += timedelta(days=1)
    await family.at("08:00")
    await family.end(event)
    await family.at("11:00")
    await family.check_lists()

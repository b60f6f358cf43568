"""A month of a family with LUX: what is shown, day by day, against what happened."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import pass_time, settle, state_of, submit

from .carrying import registry_id
from .conftest import BLUE, BLUE_ID, PLAIN, POLL, form, signed_in

PLAIN_ID = 812
ANN, BEN = 7301, 7302
# A month with a change of the clocks in it, from a Monday on.
FIRST_DAY = date(2026, 10, 5)
DAYS = 31
DAY = timedelta(days=1)
# Ben's button was not pressed, and the phone uploaded that evening.
FORGOTTEN = (9, 25)
SIGNED_OUT, SIGNED_IN = 12, 14
RESTARTED = 17
# Ann has Ben's device, and presses its button.
MOVED, RETURNED = 20, 23


@dataclass
class Family:
    """What really happened; nothing of it is asked of Home Assistant."""

    owner: int = BEN
    done: dict[int, Counter[date]] = field(
        default_factory=lambda: {ANN: Counter(), BEN: Counter()}
    )
    pressed: dict[int, list[datetime]] = field(
        default_factory=lambda: {ANN: [], BEN: []}
    )
    on_device: Counter[int] = field(default_factory=Counter)
    unseen: Counter[int] = field(default_factory=Counter)
    received: dict[tuple[int, int], Counter[date]] = field(
        default_factory=lambda: {
            (BLUE_ID, ANN): Counter(),
            (PLAIN_ID, ANN): Counter(),
            (PLAIN_ID, BEN): Counter(),
        }
    )
    is_signed_in: bool = True

    def treat(self, device: int, child: int, day: date) -> None:
        """Do a treatment: the device has one more log."""
        self.done[child][day] += 1
        self.on_device[device] += 1

    def upload(self, lux: Lux, device: int, day: date) -> None:
        """Let the phone upload all that is on a device."""
        if logs := self.on_device.pop(device, 0):
            lux.phone_upload(device, logs)
            self.unseen[device] += logs
        self.look(day)

    def look(self, day: date) -> None:
        """Home Assistant sees what LUX received, if it is signed in."""
        if self.is_signed_in:
            self.received[BLUE_ID, ANN][day] += self.unseen.pop(BLUE_ID, 0)
            self.received[PLAIN_ID, self.owner][day] += self.unseen.pop(PLAIN_ID, 0)


def row_of(days: Counter[date], today: date) -> int:
    """Return on how many days in a row there was something, today or not yet."""
    day = today if days[today] else today - DAY
    count = 0
    while days[day]:
        day, count = day - DAY, count + 1
    return count


async def at(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, day: date, time: str
) -> None:
    """Live until a local time, and let Lantern look."""
    moment = datetime.fromisoformat(f"{day} {time}")
    freezer.move_to(moment.replace(tzinfo=dt_util.get_default_time_zone()))
    await pass_time(hass, freezer, 0)
    await pass_time(hass, freezer, POLL)


async def press(
    hass: HomeAssistant, entry: ConfigEntry, start: datetime, device: str = PLAIN
) -> None:
    """Press the button: a treatment of 20 minutes has just ended."""
    data = {
        "device_id": registry_id(hass, entry, device),
        "treatments": [{"start": start.isoformat(), "duration": 1200}],
    }
    await hass.services.async_call(DOMAIN, "lux_record_treatments", data, blocking=True)
    await settle(hass)


async def sign_in_again(hass: HomeAssistant, lux: Lux) -> None:
    """Answer what Home Assistant asks for, whatever fields the form has."""
    (flow,) = hass.config_entries.flow.async_progress()
    result: Any = await hass.config_entries.flow.async_configure(flow["flow_id"])
    fields = {str(one) for one in result["data_schema"].schema}
    typed = {key: value for key, value in form(lux).items() if key in fields}
    result = await submit(hass, result, typed)
    assert result["reason"] == "reauth_successful"


def shown(hass: HomeAssistant, device: str, key: str) -> str:
    """Return what a sensor shows; nothing where there is none."""
    unique_id = f"{device}_{key}"
    if not er.async_get(hass).async_get_entity_id("sensor", DOMAIN, unique_id):
        return "no entity"
    return state_of(hass, "sensor", unique_id)


def check_received(
    hass: HomeAssistant, device: str, logs: Counter[date], today: date
) -> None:
    """Hold what is shown of received logs against what LUX received."""
    day, week, in_row = (
        shown(hass, device, one)
        for one in ("logs_today", "logs_this_week", "days_in_a_row")
    )
    monday = today - today.weekday() * DAY
    this_week = sum(logs[monday + ago * DAY] for ago in range(7))
    is_first = today == FIRST_DAY
    assert day == ("unknown" if is_first else str(logs[today])), today
    assert week == ("unknown" if is_first else str(this_week)), today
    # After the days on which nobody could look, the row may have gone on.
    if in_row == "unknown":
        assert today >= FIRST_DAY + SIGNED_IN * DAY
        assert any(
            today - ago * DAY >= FIRST_DAY + SIGNED_OUT * DAY for ago in range(DAYS)
        )
    else:
        assert int(in_row) == row_of(logs, today), today


def check_recorded(hass: HomeAssistant, family: Family, today: date) -> None:
    """Hold what is shown of recorded treatments against what was done and pressed."""
    child = family.owner
    days = Counter(dt_util.as_local(one).date() for one in family.pressed[child])
    known = shown(hass, PLAIN, "treatments_today")
    if not days:
        assert known in ("no entity", "unknown")
        return
    if family.received[PLAIN_ID, child][today] > days[today]:
        assert known == "unknown", today
        assert shown(hass, PLAIN, "treatment_streak") == "unknown"
        return
    assert known == str(days[today]), today
    # No false "none today", and not more than were done.
    assert int(known) == family.done[child][today], today
    streak = shown(hass, PLAIN, "treatment_streak")
    if streak != "unknown" and child == BEN:
        assert int(streak) == row_of(family.done[BEN], today), today


def check(hass: HomeAssistant, family: Family, today: date) -> None:
    """Hold all that is shown against what happened."""
    if not family.is_signed_in:
        for device in (BLUE, PLAIN):
            for key in ("logs_today", "treatment_logs", "treatments_today"):
                assert shown(hass, device, key) in ("unavailable", "no entity")
        return
    assert shown(hass, BLUE, "treatments_today") == "no entity"
    check_received(hass, BLUE, family.received[BLUE_ID, ANN], today)
    logs = family.received[PLAIN_ID, family.owner]
    if family.owner == BEN:
        check_received(hass, PLAIN, logs, today)
    else:
        assert shown(hass, PLAIN, "logs_today") == str(logs[today])
    check_recorded(hass, family, today)


async def check_list(hass: HomeAssistant, entry: ConfigEntry, family: Family) -> None:
    """Hold that the list is of the right child, and names each day that is unknown."""
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "lux_get_treatments",
        {"device_id": registry_id(hass, entry, PLAIN)},
        blocking=True,
        return_response=True,
    )
    pressed = family.pressed[family.owner]
    starts = [dt_util.parse_datetime(one["start"]) for one in answer["treatments"]]
    assert starts == pressed
    days = Counter(dt_util.as_local(one).date() for one in pressed)
    logs = family.received[PLAIN_ID, family.owner]
    more = {day.isoformat() for day, count in logs.items() if count > days[day]}
    assert more <= set(answer["unknown_days"])
    # Nothing that was done is denied: it is in the list, or its day is unknown.
    for day, count in family.done[BEN].items() if family.owner == BEN else ():
        assert days[day] == count or day.isoformat() in answer["unknown_days"], day


async def live_evening(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, family: Family, number: int
) -> None:
    """Do the evening's treatments, press the button, let the phone upload."""
    today = FIRST_DAY + number * DAY
    is_moved = MOVED <= number < RETURNED
    if number % 6 != 5:
        family.treat(PLAIN_ID if is_moved else BLUE_ID, ANN, today)
    does_press = number % 6 != 5 if is_moved else number % 7 != 6
    if not is_moved and number % 7 != 6:
        family.treat(PLAIN_ID, BEN, today)
    if does_press and number not in FORGOTTEN:
        start = dt_util.now().replace(microsecond=0) - timedelta(minutes=20)
        await press(hass, entry, start)
        family.pressed[family.owner].append(start)
    if number % 4 < 2:
        family.upload(lux, BLUE_ID, today)
    if number % 5 == 0 or number in FORGOTTEN or is_moved:
        family.upload(lux, PLAIN_ID, today)


async def test_month_of_a_family(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> None:
    """Nobody is told that there was no treatment when there was; no child is mixed up."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to(f"{FIRST_DAY} 05:00:00+00:00")
    lux.set_device(PLAIN_ID, real_user_id=BEN)
    entry = await signed_in(hass, lux)
    family = Family()
    for number in range(DAYS):
        today = FIRST_DAY + number * DAY
        await at(hass, freezer, today, "07:30")
        if number % 4 == 3:  # what was done yesterday evening
            family.upload(lux, BLUE_ID, today)
        await at(hass, freezer, today, "08:00")
        check(hass, family, today)
        if number == SIGNED_OUT:
            lux.phone_sign_in()
            lux.expire_tokens()
            family.is_signed_in = False
        elif number == SIGNED_IN:
            await sign_in_again(hass, lux)
            family.is_signed_in = True
            family.look(today)
        elif number == RESTARTED:
            await hass.config_entries.async_unload(entry.entry_id)
            for name in ("treatments", "queues"):
                hass.data.pop(f"lantern_lux_{name}")
            await hass.config_entries.async_setup(entry.entry_id)
            await settle(hass)
        elif number in (MOVED, RETURNED):
            family.owner = ANN if number == MOVED else BEN
            lux.set_device(PLAIN_ID, real_user_id=family.owner)
        await at(hass, freezer, today, "12:00")
        check(hass, family, today)
        await at(hass, freezer, today, "20:15")
        await live_evening(hass, lux, entry, family, number)
        await at(hass, freezer, today, "20:45")
        check(hass, family, today)
        await at(hass, freezer, today, "23:30")
        check(hass, family, today)
        await check_list(hass, entry, family)
    assert len(family.pressed[ANN]) == 3
    assert len(family.pressed[BEN]) > 20
    # What was recorded never went to LUX.
    assert not [
        one for logs in lux.logs.values() for one in logs if one.sender != "phone"
    ]

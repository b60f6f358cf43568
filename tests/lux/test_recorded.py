"""Treatments that people write down: kept in Home Assistant, never sent to LUX."""

from datetime import datetime, timedelta
from itertools import count
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, settle, state_of

from .carrying import UPLOAD, hand_over, registry_id, stored, treatment
from .conftest import BLUE, BLUE_ID, POLL, signed_in

DAY = 86_400
FIRST, SECOND = 7301, 7302


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    lux: Lux,
) -> ConfigEntry:
    """Sign in on a Tuesday evening, in Berlin."""
    freezer.move_to("2026-10-20 18:00:00+00:00")
    await hass.config.async_set_time_zone("Europe/Berlin")
    return await signed_in(hass, lux)


async def call(
    hass: HomeAssistant, entry: ConfigEntry, action: str, **fields: Any
) -> Any:
    """Call one of the actions for the first device."""
    answers = action != "lux_delete_treatment"
    response = await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": registry_id(hass, entry), **fields},
        blocking=True,
        return_response=answers,
    )
    await settle(hass)
    return response


async def record(hass: HomeAssistant, entry: ConfigEntry, *rows: Any) -> Any:
    """Record treatments."""
    return await call(hass, entry, "lux_record_treatments", treatments=list(rows))


async def get(hass: HomeAssistant, entry: ConfigEntry, **fields: Any) -> Any:
    """Return what lux_get_treatments answers."""
    return await call(hass, entry, "lux_get_treatments", **fields)


async def starts(hass: HomeAssistant, entry: ConfigEntry) -> list[str]:
    """Return the starts of all treatments."""
    return [treatment["start"] for treatment in (await get(hass, entry))["treatments"]]


def row(start: str = "2026-10-20 19:00:00", **other: Any) -> dict[str, Any]:
    """Return a treatment as a form gives it."""
    return {"start": start, "duration": {"minutes": 20}, **other}


def stored_file(hass: HomeAssistant, name: str) -> Path:
    """Return LUX's one stored file of a name."""
    (path,) = Path(hass.config.path(".storage")).glob(f"lantern.lux_{name}.*")
    return path


def day(hass: HomeAssistant) -> list[str]:
    """Return today's count, today's time and the streak."""
    keys = ("treatments_today", "treatment_time_today", "treatment_streak")
    return [state_of(hass, "sensor", f"{BLUE}_{key}") for key in keys]


async def test_recorded(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """A recorded treatment is in sensors and list; LUX is not told."""
    lux.requests.clear()
    answer = await record(
        hass, entry, row(intensity=4, ending="charger", note="Left eye\x07")
    )
    assert answer == {"recorded": 1}
    assert day(hass) == ["1", "20.0", "1"]
    last = [
        state_of(hass, "sensor", f"{BLUE}_last_treatment{suffix}")
        for suffix in ("", "_duration", "_intensity", "_ending")
    ]
    assert last == ["2026-10-20T17:00:00+00:00", "20.0", "4", "charger"]
    assert await get(hass, entry) == {
        "treatments": [
            {
                "start": "2026-10-20T19:00:00+02:00",
                "end": "2026-10-20T19:20:00+02:00",
                "duration": 1200,
                "intensity": 4,
                "ending": "charger",
                "source": "recorded",
                "note": "Left eye",
            }
        ],
        "unknown_days": [],
    }
    assert (lux.count(), stored(lux)) == (0, [])
    # Nobody knows what is in progress on a device that Lantern does not upload for.
    assert not er.async_get(hass).async_get_entity_id(
        "binary_sensor", DOMAIN, f"{BLUE}_treatment_in_progress"
    )


async def test_unknown_intensity_and_ending(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """Who presses a button does not know them; they stay unknown."""
    await record(hass, entry, row(duration="0:07:30"))
    for key in ("intensity", "ending"):
        assert state_of(hass, "sensor", f"{BLUE}_last_treatment_{key}") == "unknown"
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment_duration") == "7.5"


async def test_again_corrects(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """The same start again corrects; another zone's same moment, too."""
    await record(hass, entry, row(note="a"), row("2026-10-20 18:00:00"))
    await record(hass, entry, row("2026-10-20T17:00:00Z", duration=60, note="b"))
    treatments = (await get(hass, entry))["treatments"]
    assert [(treatment["duration"], treatment["note"]) for treatment in treatments] == [
        (1200, None),
        (60, "b"),
    ]
    assert day(hass) == ["2", "21.0", "1"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"start": None}, "Row 2: start"),
        ({"start": "yesterday"}, "Row 2: start"),
        ({"start": "9999-12-31 23:59:59"}, "Row 2"),
        ({"duration": None}, "Row 2: duration"),
        ({"duration": -1}, "Row 2: duration"),
        ({"duration": 1.5}, "Row 2: duration"),
        ({"duration": True}, "Row 2: duration"),
        ({"duration": 86_401}, "Row 2: duration"),
        ({"duration": 10**400}, "cannot be saved"),
        ({"duration": 2**60}, "Row 2: duration"),
        ({"duration": float("nan")}, "Row 2: duration"),
        ({"duration": {"minutes": "x"}}, "Row 2: duration"),
        ({"duration": {"days": 10**12}}, "Row 2: duration"),
        ({"intensity": -1}, "Row 2: intensity"),
        ({"intensity": "strong"}, "Row 2: intensity"),
        ({"ending": "in_progress"}, "Row 2: ending"),
        ({"ending": 1}, "Row 2: ending"),
        ({"note": "x" * 501}, "Row 2: note"),
        ({"note": ["x"]}, "Row 2: note"),
        ({"log_file_id": 13}, "Row 2: log_file_id"),
        ({"start": "2026-10-20 20:06:00"}, "Row 2: .*future"),
        ({"start": "2021-10-18 20:00:00"}, "Row 2: .*five years"),
        ({"start": "2026-10-20 19:00:00"}, "Row 2: .*same start"),
    ],
)
async def test_all_or_none(
    hass: HomeAssistant, entry: ConfigEntry, wrong: dict[str, Any], words: str
) -> None:
    """One wrong row is named, and none is taken."""
    rows = row(), row("2026-10-20 18:00:00") | wrong, row("2026-10-20 17:00:00")
    with pytest.raises(ServiceValidationError, match=words):
        await record(hass, entry, *rows)
    assert await starts(hass, entry) == []
    assert await record(hass, entry, row("2026-10-20 20:04:59")) == {"recorded": 1}


async def test_what_was_uploaded(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """The device's own log counts, whichever came first; it cannot be deleted."""
    await record(hass, entry, row("2026-10-20 19:10:00", note="With mum"))
    log = treatment(13, datetime(2026, 10, 20, 19))
    await hand_over(hass, entry, log)
    assert day(hass) == ["1", "20.0", "1"]
    (found,) = (await get(hass, entry))["treatments"]
    assert (found["source"], found["note"]) == ("uploaded", "With mum")
    with pytest.raises(ServiceValidationError, match="Row 1: .*uploaded"):
        await record(hass, entry, row("2026-10-20 18:55:00"))
    start = "2026-10-20 19:00:00"
    with pytest.raises(ServiceValidationError, match="was uploaded to LUX"):
        await call(hass, entry, "lux_delete_treatment", start=start, confirm=True)
    assert stored(lux) == [13]


async def test_a_log_that_waits_counts_once(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """While the device's own log waits, the recorded treatment is left out."""
    await record(hass, entry, row())
    await hand_over(hass, entry, treatment(15, datetime(2026, 10, 20, 19, 5)))
    assert day(hass) == ["1", "20.0", "1"]
    assert stored(lux) == []


async def test_delete(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """A recorded treatment is deleted once that was confirmed."""
    await record(hass, entry, row(), row("2026-10-20 18:00:00"))
    start = "2026-10-20 19:00:00"
    with pytest.raises(ServiceValidationError, match="Confirm|confirm"):
        await call(hass, entry, "lux_delete_treatment", start=start, confirm=False)
    await call(hass, entry, "lux_delete_treatment", start=start, confirm=True)
    assert await starts(hass, entry) == ["2026-10-20T18:00:00+02:00"]
    assert day(hass) == ["1", "20.0", "1"]
    with pytest.raises(ServiceValidationError, match="No treatment with this start"):
        await call(hass, entry, "lux_delete_treatment", start=start, confirm=True)
    await hass.config_entries.async_reload(entry.entry_id)
    assert len(await starts(hass, entry)) == 1


async def test_in_every_state_and_after_a_kill(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """It is on disk when the action returns, also while LUX cannot be reached."""
    await lux.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    assert await record(hass, entry, row()) == {"recorded": 1}
    await lux.start()
    hass.data.pop("lantern_lux_treatments")  # as after a kill
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert day(hass) == ["1", "20.0", "1"]
    await hass.config_entries.async_unload(entry.entry_id)
    await record(hass, entry, row("2026-10-20 18:00:00"))
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert day(hass) == ["2", "40.0", "1"]


async def test_two_children(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A treatment stays with the child that had the device, also when it returns."""
    await record(hass, entry, row())
    lux.set_device(BLUE_ID, real_user_id=SECOND)
    await pass_time(hass, freezer, POLL)
    assert await starts(hass, entry) == []
    start = "2026-10-20 19:00:00"
    with pytest.raises(ServiceValidationError, match="No treatment"):
        await call(hass, entry, "lux_delete_treatment", start=start, confirm=True)
    await record(hass, entry, row("2026-10-20 18:00:00"))
    assert day(hass) == ["1", "20.0", "1"]
    lux.set_device(BLUE_ID, real_user_id=FIRST)
    await pass_time(hass, freezer, POLL)
    assert await starts(hass, entry) == ["2026-10-20T19:00:00+02:00"]


async def test_days_of_which_something_is_unknown(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """More logs at LUX than recorded make the day unknown; recording them tells."""
    await record(hass, entry, row("2026-10-19 19:00:00"))
    await pass_time(hass, freezer, DAY)
    assert day(hass) == ["0", "0.0", "0"]
    lux.phone_upload(BLUE_ID, 2)
    await pass_time(hass, freezer, POLL)
    assert day(hass) == ["unknown"] * 3
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment") == "unknown"
    await record(hass, entry, row("2026-10-21 19:00:00"))
    assert day(hass) == ["unknown"] * 3
    assert (await get(hass, entry))["unknown_days"] == ["2026-10-21"]
    early = await get(hass, entry, end="2026-10-21 00:00:00")
    assert early["unknown_days"] == []
    await record(hass, entry, row("2026-10-21 08:00:00"))
    assert day(hass) == ["2", "40.0", "1"]
    assert (await get(hass, entry))["unknown_days"] == []
    last = state_of(hass, "sensor", f"{BLUE}_last_treatment")
    assert last == "2026-10-21T17:00:00+00:00"


@pytest.mark.parametrize("is_moved", [False, True])
@pytest.mark.parametrize("number", [2, 0])
async def test_days_on_which_a_device_counts_anew(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    number: int,
    is_moved: bool,
) -> None:
    """A number that falls hides how many logs came since the last look: all is unknown."""
    lux.set_device(BLUE_ID, last_log_file_id=100)
    await pass_time(hass, freezer, POLL)
    await pass_time(hass, freezer, DAY)
    await record(hass, entry, row("2026-10-21 19:00:00"))
    await pass_time(hass, freezer, DAY)
    await record(hass, entry, row("2026-10-22 19:00:00"))
    assert day(hass)[:2] == ["1", "20.0"]
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(2 * DAY)
    if is_moved:
        lux.set_device(BLUE_ID, real_user_id=SECOND)
    lux.set_device(BLUE_ID, last_log_file_id=number)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    if is_moved:
        await record(hass, entry, row("2026-10-24 09:00:00"))
    assert day(hass) == ["unknown"] * 3
    days = ["2026-10-22", "2026-10-23", "2026-10-24"]
    assert (await get(hass, entry))["unknown_days"][-3:] == days
    if is_moved:
        lux.set_device(BLUE_ID, real_user_id=FIRST)
        await pass_time(hass, freezer, POLL)
        assert (await get(hass, entry))["unknown_days"][-3:] == days
    await pass_time(hass, freezer, DAY)
    assert day(hass) == ["0", "0.0", "unknown"]
    assert state_of(hass, "sensor", f"{BLUE}_last_treatment") == "unknown"


async def test_growth_that_is_told_twice_counts_once(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A kill before the number is remembered makes no second log of one."""
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_unload(entry.entry_id)
    seen = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["seen_logs"][BLUE]
    seen["number"] = 12
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await record(hass, entry, row())
    assert day(hass) == ["1", "20.0", "1"]


async def test_clock_that_was_ahead(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What was recorded by a clock that was ahead is not today's; it can be deleted."""
    await record(hass, entry, row())
    freezer.tick(3 * DAY)
    wrong = "2026-10-23 19:00:00"
    await record(hass, entry, row(wrong))
    freezer.tick(-3 * DAY)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert day(hass) == ["1", "20.0", "1"]
    last = state_of(hass, "sensor", f"{BLUE}_last_treatment")
    assert last == "2026-10-20T17:00:00+00:00"
    await call(hass, entry, "lux_delete_treatment", start=wrong, confirm=True)
    assert len(await starts(hass, entry)) == 1


async def test_night_of_the_clock_change(
    hass: HomeAssistant, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Both hours between two and three are there, in order, and survive an export."""
    freezer.move_to("2026-10-25 09:00:00+00:00")
    twice = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"
    await record(hass, entry, *(row(start, duration=60) for start in reversed(twice)))
    assert await starts(hass, entry) == [*twice]
    text = (await get(hass, entry, format="csv"))["csv"]
    assert [line[:25] for line in text.splitlines()[1:]] == [*twice]
    for start in twice:
        await call(hass, entry, "lux_delete_treatment", start=start, confirm=True)
    assert await call(hass, entry, "lux_record_treatments", csv=text) == {"recorded": 2}
    assert await starts(hass, entry) == [*twice]
    # In spring, 2:30 does not exist: it is an hour after 1:30.
    freezer.move_to("2027-03-28 09:00:00+00:00")
    await record(hass, entry, row("2027-03-28 02:30:00", duration=60))
    assert (await starts(hass, entry))[-1] == "2027-03-28T03:30:00+02:00"


async def test_calendar_in_the_servers_language(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """Title, ending and intensity are in the language of Home Assistant."""
    await hass.config.async_update(language="de")
    await hass.config_entries.async_reload(entry.entry_id)
    await record(hass, entry, row(intensity=4, ending="app", note="Gut"))
    calendar = entity_id(hass, "calendar", f"{BLUE}_treatments")
    answer: Any = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": calendar, "duration": {"hours": 1}}
        | {"start_date_time": "2026-10-20 19:00:00"},
        blocking=True,
        return_response=True,
    )
    assert [
        (event["summary"], event["description"]) for event in answer[calendar]["events"]
    ] == [
        (
            "Behandlung",
            "Grund für das Ende: In der App ausgeschaltet\nIntensität: 4\nGut",
        )
    ]


async def test_weekly_goal(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A treatment that was recorded, and whose log LUX received, counts once."""
    await pass_time(hass, freezer, DAY)
    number = entity_id(hass, "number", f"{BLUE}_weekly_goal")
    await hass.services.async_call(
        "number", "set_value", {"entity_id": number, "value": 4}, blocking=True
    )
    await record(hass, entry, row(), row("2026-10-18 19:00:00"))
    assert state_of(hass, "sensor", f"{BLUE}_goal_this_week") == "25"
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{BLUE}_goal_this_week") == "25"
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", f"{BLUE}_goal_this_week") == "50"


async def test_rows_that_cannot_be_read(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Odd stored rows are put aside and told of; the others stay, nothing is sent."""
    assert await async_setup_component(hass, "repairs", {})
    await record(hass, entry, row(), row("2026-10-20 18:00:00", note="kept"))
    await hass.config_entries.async_unload(entry.entry_id)
    path, queue = stored_file(hass, "treatments"), stored_file(hass, "queue")
    content = json.loads(path.read_text())
    (name,) = content["data"]
    content["data"][name]["logs"][1]["start"] = "noon"
    content["data"][name]["logs"].append({"is_recorded": True, "log_file_id": 3})
    path.write_text(json.dumps(content))
    hass.data.pop("lantern_lux_treatments")
    waiting = json.loads(queue.read_text())
    logs = waiting["data"][BLUE]["logs"]
    logs.append(content["data"][name]["logs"][0])
    queue.write_text(json.dumps(waiting))
    hass.data.pop("lantern_lux_queues")
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    treatments = (await get(hass, entry))["treatments"]
    assert [treatment["note"] for treatment in treatments] == ["kept"]
    keys = [issue.translation_key for issue in ir.async_get(hass).issues.values()]
    assert keys == ["unreadable_rows", "unreadable_rows"]  # one for each file
    assert lux.count(UPLOAD) == 0


async def test_disk_that_is_full(
    hass: HomeAssistant, entry: ConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk does not take is an error, and nothing is shown of it."""
    await record(hass, entry, row())

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("homeassistant.util.file.AtomicWriter", full)
        with pytest.raises(HomeAssistantError, match="cannot write"):
            await record(hass, entry, row("2026-10-20 18:00:00"))
    assert len(await starts(hass, entry)) == 1


async def test_ten_thousand_rows(
    hass: HomeAssistant, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """Ten thousand rows go in one call, one more does not; a single one stays quick."""
    first = dt_util.utcnow() - timedelta(days=1000)
    times = (first + timedelta(hours=2 * step) for step in count())
    rows = [row(next(times).isoformat(), duration=600) for _ in range(10_000)]
    assert await record(hass, entry, *rows) == {"recorded": 10_000}
    with pytest.raises(vol.Invalid):
        await record(hass, entry, *rows, row())
    lines = [f"{row['start']},600" for row in rows]
    text = "\n".join(["start,duration", *lines])
    answer = await call(hass, entry, "lux_record_treatments", csv=text)
    assert answer == {"recorded": 10_000}
    with pytest.raises(ServiceValidationError, match="10000"):
        await call(hass, entry, "lux_record_treatments", csv=f"{text}\n2026-10-20,1")
    answer = await get(hass, entry, format="html")
    assert answer["html"].count("<tr>") == 10_001

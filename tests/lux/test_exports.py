"""Treatments as CSV, in and out, and as a page that can be printed."""

import csv
from datetime import datetime
from html.parser import HTMLParser
import io
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from simulator.lux import Lux
from tests.common import pass_time

from .carrying import hand_over, treatment
from .conftest import BLUE_ID, POLL
from .test_recorded import call, entry, get, record, row, starts

__all__ = ["entry"]

HEADER = "start,duration,intensity,ending,note"
OTHERS = "2026-10-19,9,1,app,,uploaded", "2026-10-20,,,,,received"
EVIL = '<script>alert("x")</script> & \'"'


async def read(hass: HomeAssistant, entry: ConfigEntry, text: str) -> Any:
    """Record the treatments of a CSV text; return all of them."""
    await call(hass, entry, "lux_record_treatments", csv=text)
    rows = (await get(hass, entry))["treatments"]
    names = ("start", "duration", "intensity", "ending", "note")
    return [[row[name] for name in names] for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n2026-10-20 19:00:00,1200,4,app,one\n",
        f"\ufeff{HEADER}\r\n2026-10-20 19:00:00,1200,4,app,one\r\n\r\n",
        "start;duration;intensity;ending;note\n2026-10-20 19:00;0:20:00;4;APP;one",
        "sep=;\r\nstart;duration;intensity;ending;note\r\n2026-10-20 19:00;1200;4;app;one",
        "note\tStart\tDuration \tending\tintensity\none\t2026-10-20 19:00\t1200\tapp\t4.0",
        f'{HEADER},source\n"2026-10-20 19:00","1200","4","app","one",recorded\n,,,,,',
        "\n".join((f"{HEADER},source", *OTHERS, "2026-10-20 19:00,1200,4,app,one,")),
    ],
)
async def test_csv_of_many_programs(
    hass: HomeAssistant, entry: ConfigEntry, text: str
) -> None:
    """Marks, separators, quotes and empty rows of spreadsheets are understood."""
    expected = ["2026-10-20T19:00:00+02:00", 1200, 4, "app", "one"]
    assert await read(hass, entry, text) == [expected]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first line"),
        ("2026-10-20 19:00,1200", "first line"),
        ("duration\n1200", "first line"),
        ("start,duration,start\n", "first line"),
        ("start,duration,colour\n", "first line"),
        (HEADER, "at least one"),
        (f"{HEADER}\n2026-10-20 19:00,1200\n\n20.10.2026,1200", "Row 4: start"),
        (f"{HEADER}\n2026-10-20 19:00,twenty", "Row 2: duration"),
        (f"{HEADER}\n2026-10-20 19:00,", "Row 2: duration"),
        (f"{HEADER}\n2026-10-20 19:00,1200,4,app,one,more", "Row 2: CSV"),
        (f'{HEADER}\n2026-10-20 19:00,1200,4,app,"open', "Row 2: CSV"),
        (f'{HEADER}\n2026-10-20 19:00,1200,4,app,"a"b', "Row 2: CSV"),
        (f"{HEADER}\n2026-10-20 19:00,1{'0' * 5000}", "Row 2: duration"),
        (f"{HEADER}\n2026-10-20 19:00,1200,,,{'x' * 200_000}", "Row 2: CSV"),
        (f"sep=;\n{HEADER.replace(',', ';')}\n2026-10-20 19:00;no", "Row 3: duration"),
    ],
)
async def test_wrong_csv(
    hass: HomeAssistant, entry: ConfigEntry, text: str, words: str
) -> None:
    """What cannot be read is named by its row, and nothing is taken."""
    with pytest.raises(ServiceValidationError, match=words):
        await read(hass, entry, text)
    assert await starts(hass, entry) == []


async def test_either_list_or_csv(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Both, or neither, is an error."""
    for fields in ({}, {"treatments": [row()], "csv": f"{HEADER}\n2026-10-20,1"}):
        with pytest.raises(ServiceValidationError, match="either"):
            await call(hass, entry, "lux_record_treatments", **fields)
    assert await starts(hass, entry) == []


@pytest.mark.parametrize(
    "note", ["=1+1", "+49 30", "-", "@sum", EVIL, "a,b;c", "'quoted", "'=x"]
)
async def test_round_trip(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, note: str
) -> None:
    """A spreadsheet runs no note; what was exported can be corrected and read again."""
    await record(hass, entry, row(note=note, intensity=3))
    await hand_over(hass, entry, treatment(13, datetime(2026, 10, 20, 12)))
    text = (await get(hass, entry, format="csv"))["csv"]
    lines = list(csv.reader(io.StringIO(text, newline="")))
    assert lines[0] == [
        *("start", "end", "duration", "intensity", "ending", "source", "note")
    ]
    assert not [cell for line in lines for cell in line if cell[:1] in "=+-@" and cell]
    text = text.replace(",1200,3,", ",60,3,")
    rows = await read(hass, entry, text)
    assert [(row[1], row[4]) for row in rows if row[2] == 3] == [(60, note)]


async def test_unknown_days_in_csv(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A day on which LUX received more is a row of its own source."""
    await record(hass, entry, row("2026-10-19 19:00"))
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    answer = await get(hass, entry, format="csv")
    assert answer["unknown_days"] == ["2026-10-20"]
    assert [line.split(",")[0::5] for line in answer["csv"].splitlines()[1:]] == [
        ["2026-10-19T19:00:00+02:00", "recorded"],
        ["2026-10-20", "received"],
    ]
    await call(hass, entry, "lux_record_treatments", csv=answer["csv"])
    assert len(await starts(hass, entry)) == 1


class Page(HTMLParser):
    """Reads what a browser would show."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    @override
    def handle_data(self, data: str) -> None:
        if data.strip() and self.tags[-1] != "style":
            self.texts.append(data)


async def test_page(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """The page runs nothing, loads nothing, and names nobody unless it is told to."""
    await record(hass, entry, row("2026-10-19 19:00", note=EVIL, ending="app"))
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    fields = {"format": "html", "start": "2026-10-01 00:00:00"}
    text = (await get(hass, entry, **fields))["html"]
    page = Page(text)
    assert "script" not in page.tags
    assert EVIL in page.texts
    for foreign in ("Blue mask", "lux-unit", "SL20", "http", "src="):
        assert foreign not in text
    assert page.texts[-13:] == [
        *("Start", "Duration (min)", "Intensity", "Ending", "Source", "Note"),
        *("2026-10-19 19:00", "20", "Turned off in the app", "Recorded", EVIL),
        *("2026-10-20", "LUX received logs; details unknown"),
    ]
    assert "2026-10-01 00:00 – …" in page.texts
    named = Page((await get(hass, entry, **fields, name="<b>Ann</b>"))["html"])
    assert "<b>Ann</b>" in named.texts
    assert "b" not in named.tags


async def test_page_in_the_servers_language(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """The words are those of Home Assistant's language."""
    await hass.config.async_update(language="ja")
    await record(hass, entry, row())
    text = (await get(hass, entry, format="html"))["html"]
    assert '<html lang="ja">' in text
    assert "治療" in text
    assert "記録" in text


async def test_range(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """A treatment belongs to the range in which it began."""
    times = ("2026-10-18 23:59:59", "2026-10-19 00:00:00", "2026-10-20 00:00:00")
    await record(hass, entry, *(row(moment) for moment in times))
    answer = await get(hass, entry, start="2026-10-19", end="2026-10-20")
    assert [treatment["start"][:16] for treatment in answer["treatments"]] == [
        "2026-10-19T00:00"
    ]
    with pytest.raises(ServiceValidationError, match="end must be after"):
        await get(hass, entry, start="2026-10-20", end="2026-10-20")

"""A real Home Assistant, killed again and again while it carries treatment logs."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
import random
from typing import Any

import pytest

from demo.home import Home
from demo.household import add_lux
from demo.rest import Rest
from simulator.lux import Lux

from .conftest import PYTHON, free_ports

KILLS = 20
BATCH = 12
DEVICE = 811
FIRST = datetime(2026, 1, 1, 20, 0)
DEVLOG = "POST /api/v1/lux/device/devlog"
BAD = ("lost", "reset", "truncated", "html")
COUNTER = "sensor.blue_mask_treatment_logs"
CALENDAR = "calendar.blue_mask_treatments"
UNSENT = "sensor.blue_mask_unsent_logs"


@pytest.fixture
async def lux() -> AsyncGenerator[Lux]:
    """Serve LUX in this process, so that it outlives every kill."""
    service = Lux()
    await service.start()
    yield service
    await service.stop()
    assert service.violations == []


@pytest.fixture
async def home(tmp_path: Path) -> AsyncGenerator[Home]:
    """Give a Home Assistant that is not started; it has ended afterwards."""
    home = Home(tmp_path / "home", free_ports(1), str(PYTHON))
    home.prepare("info", real=False)
    yield home
    await home.stop()


async def up(home: Home, rest: Rest) -> None:
    """Start Home Assistant and sign in."""
    await home.start()
    await rest.wait_until_served(60)
    await rest.sign_in()


async def state(rest: Rest, entity_id: str) -> str:
    """Return a state, once the entity has one."""
    async with asyncio.timeout(60):
        while True:
            for one in await rest.call("GET", "/api/states"):
                if one["entity_id"] == entity_id and one["state"] != "unavailable":
                    return str(one["state"])
            await asyncio.sleep(0.2)


def logs(first: int) -> list[dict[str, Any]]:
    """Return a batch of completed logs, numbered from `first`."""
    return [
        {
            "start": (FIRST + timedelta(hours=number)).isoformat(),
            "duration": 1200,
            "intensity": 4,
            "ending": "normal",
            "log_file_id": number,
        }
        for number in range(first, first + BATCH)
    ]


async def hand_over(rest: Rest, batch: list[dict[str, Any]]) -> None:
    """Call the action; only when it returns, the logs were promised."""
    template = {"template": f"{{{{ device_id('{COUNTER}') }}}}"}
    device_id = await rest.text("POST", "/api/template", json=template)
    answer = await rest.call(
        "POST",
        "/api/services/lantern/lux_upload_treatment_logs?return_response",
        json={"device_id": device_id, "logs": batch},
    )
    assert answer["service_response"]["queued"] == len(batch)


def spoil(lux: Lux, dice: random.Random) -> None:
    """Let some of the next uploads go wrong, three in ten."""
    lux.clear_faults()
    for _ in range(BATCH):
        if dice.random() < 0.3:
            lux.inject(DEVLOG, dice.choice(BAD))


async def shown(rest: Rest) -> tuple[int, int]:
    """Return the calendar's treatments, and the seconds of the statistics."""
    span = {"start": "2025-12-31T00:00:00Z", "end": "2026-03-01T00:00:00Z"}
    events = await rest.call("GET", f"/api/calendars/{CALENDAR}", params=span)
    async with asyncio.timeout(60):
        while True:
            found = await rest.ask(
                "recorder/statistics_during_period",
                start_time=span["start"],
                end_time=span["end"],
                period="month",
                types=["change"],
                statistic_ids=[
                    one["statistic_id"]
                    for one in await rest.ask("recorder/list_statistic_ids")
                    if one["statistic_id"].endswith("treatment_time")
                ],
            )
            seconds = sum(row["change"] for rows in found.values() for row in rows)
            # The recorder writes them a moment later.
            if seconds == 1200 * len(events):
                return len(events), round(seconds)
            await asyncio.sleep(0.5)


@pytest.mark.timeout(480)
@pytest.mark.xdist_group("kills")
async def test_killed_while_it_uploads(lux: Lux, home: Home) -> None:
    """What was promised is at LUX exactly once, in order, after twenty kills."""
    dice = random.Random(811)
    before = lux.devices[DEVICE].last_log_file_id
    number = before + 1
    async with Rest(home.url) as rest:
        await up(home, rest)
        await add_lux(rest, {"lux": lux.url})
        await state(rest, COUNTER)
        # Home Assistant writes a new entry within a second or so.
        await asyncio.sleep(4)
        for _ in range(KILLS):
            spoil(lux, dice)
            await hand_over(rest, logs(number))
            number += BATCH
            await asyncio.sleep(dice.random() * 0.3)
            await home.kill()
            await up(home, rest)
            await state(rest, COUNTER)
        lux.clear_faults()
        async with asyncio.timeout(90):
            while await state(rest, UNSENT) != "0":
                await asyncio.sleep(0.5)
        assert await shown(rest) == (number - before - 1, 1200 * (number - before - 1))
    arrived = [one.log_file_id for one in lux.logs[DEVICE]]
    assert arrived == list(range(before + 1, number))
    assert lux.devices[DEVICE].last_log_file_id == number - 1

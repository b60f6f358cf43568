"""A month of treatments that Home Assistant uploads to LUX, for the calendar to show."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .rest import DemoError, Rest

COUNTER = "sensor.blue_mask_treatment_logs"
CALENDAR = "calendar.blue_mask_treatments"
DAYS = 30


def treatments(today: date) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield start and log of the last days' treatments; now and then one is missed."""
    for before in range(DAYS, -1, -1):
        day = today - timedelta(days=before)
        number = day.toordinal()
        if number % 9 == 4:
            continue
        start = datetime.combine(day, time(19, 30 + number * 7 % 25))
        faulty, button = number % 13 == 5, number % 7 == 2
        ending = "faulty_contacts" if faulty else "button" if button else "normal"
        log = {
            "start": start.isoformat(" "),
            "duration": 420 if faulty else 1200 + 60 * (number * 5 % 11 - 4),
            "intensity": 3 + number // 11 % 3,
            "ending": ending,
        }
        yield start, log


async def _counter(rest: Rest) -> int:
    """Return the number of the last log, once Home Assistant knows it."""
    async with asyncio.timeout(60):
        while True:
            for state in await rest.call("GET", "/api/states"):
                if state["entity_id"] == COUNTER and state["state"].isdigit():
                    return int(state["state"])
            await asyncio.sleep(0.3)


async def _days(rest: Rest, now: datetime) -> set[str]:
    """Return the days that are in the calendar; there is none without a log."""
    span = {"start": (now - timedelta(days=DAYS + 2)).isoformat()}
    span["end"] = (now + timedelta(days=1)).isoformat()
    try:
        events = await rest.call("GET", f"/api/calendars/{CALENDAR}", params=span)
    except DemoError:
        return set()
    return {event["start"]["dateTime"][:10] for event in events}


async def upload_treatments(rest: Rest) -> None:
    """Upload the treatments that are over and not in the calendar yet."""
    zone = ZoneInfo((await rest.call("GET", "/api/config"))["time_zone"])
    now = datetime.now(zone)
    counter = await _counter(rest)
    uploaded = await _days(rest, now)
    over = now.replace(tzinfo=None) - timedelta(hours=1)
    logs = [
        log
        for start, log in treatments(now.date())
        if start < over and start.date().isoformat() not in uploaded
    ]
    if not logs:
        return
    for number, log in enumerate(logs, counter + 1):
        log["log_file_id"] = number
    template = {"template": f"{{{{ device_id('{COUNTER}') }}}}"}
    device_id = await rest.text("POST", "/api/template", json=template)
    await rest.call(
        "POST",
        "/api/services/lantern/lux_upload_treatment_logs?return_response",
        json={"device_id": device_id, "logs": logs},
    )

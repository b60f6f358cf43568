"""Who hands the treatment logs of a device over, in a home that loses its power."""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
import random
from typing import Any

from aiohttp import ClientError

from demo.rest import DemoError, Rest
from simulator.lux import Lux

DEVICE = 811
KNOWN = 12
LAST = KNOWN + 1500
COUNTER = "sensor.blue_mask_treatment_logs"
TODAY = datetime.now(UTC).replace(hour=20, minute=0, second=0, microsecond=0)
# What comes of a call to a Home Assistant that is dead.
CUT_OFF = (ClientError, OSError, TypeError)


def log(number: int) -> dict[str, Any]:
    """Return the log with a number: one treatment each evening until yesterday."""
    return {
        "start": (TODAY - timedelta(days=LAST + 1 - number)).isoformat(),
        "duration": 60 + number,
        "intensity": number % 9,
        "ending": "normal",
        "log_file_id": number,
    }


class Person:
    """Hands 1,500 logs over, and lets refused ones go again."""

    def __init__(self, rest: Rest, lux: Lux) -> None:
        """Hold the logs of a device."""
        self._rest = rest
        self._lux = lux
        self._device_id = ""
        self._doubtful = 0
        self._faults = 0
        self.held = deque(range(KNOWN + 1, LAST + 1))
        self.mended = 0
        self.dice = random.Random(7301)

    async def find_device(self) -> None:
        """Find the device."""
        template = {"template": f"{{{{ device_id('{COUNTER}') }}}}"}
        self._device_id = await self._rest.text("POST", "/api/template", json=template)

    @property
    def promised(self) -> set[int]:
        """Return the numbers that Lantern has promised to carry."""
        return set(range(KNOWN + 1, LAST + 1)) - set(self.held)

    @property
    def all_there(self) -> bool:
        """Return whether LUX has the last log."""
        return self._lux.devices[DEVICE].last_log_file_id == LAST

    async def hand_over(self, count: int) -> None:
        """Hand the next logs over; one by one those of a call without an answer."""
        doubtful = self.held[0] <= self._doubtful
        numbers = list(islice(self.held, 1 if doubtful else count))
        self._faults = self._met()
        try:
            await self._call([log(number) for number in numbers])
        except CUT_OFF:
            self._doubtful = max(self._doubtful, numbers[-1])
            raise
        except DemoError:
            # It was taken, and has got there: that was all the answer would say.
            if not doubtful or self._lux.devices[DEVICE].last_log_file_id < numbers[0]:
                raise
        for _ in numbers:
            self.held.popleft()

    async def _call(self, logs: list[dict[str, Any]]) -> None:
        path = "/api/services/lantern/lux_upload_treatment_logs?return_response"
        fields = {"device_id": self._device_id, "logs": logs}
        answer = await self._rest.call("POST", path, json=fields)
        assert answer["service_response"] == {"queued": len(logs)}

    def _met(self) -> int:
        """Return how many requests met a fault."""
        return sum(request.fault is not None for request in self._lux.requests)

    async def see_it_through(self) -> None:
        """Wait until all is sent, or something stopped it; mend what can be mended."""
        last = max(self.promised, default=KNOWN)
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while self._lux.devices[DEVICE].last_log_file_id < last:
                    if self._met() > self._faults:
                        break
                    await asyncio.sleep(0.01)
        await self.mend()

    async def mend(self) -> None:
        """Let a refused log go again."""
        for issue in (await self._rest.ask("repairs/list_issues"))["issues"]:
            if issue["translation_key"] == "queue_blocked":
                fix = {"handler": "lantern", "issue_id": issue["issue_id"]}
                path = "/api/repairs/issues/fix"
                flow = await self._rest.call("POST", path, json=fix)
                step = {"next_step_id": "send_again"}
                await self._rest.call("POST", f"{path}/{flow['flow_id']}", json=step)
                self.mended += 1

    async def go_on(self) -> None:
        """Have the account loaded anew, as a person does who will not wait."""
        self._faults = self._met()
        (entry,) = (await self._rest.entries()).values()
        path = f"/api/config/config_entries/entry/{entry['entry_id']}/reload"
        await self._rest.call("POST", path)

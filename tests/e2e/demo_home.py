"""A Home Assistant of its own process, with the simulated services around it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from demo.home import Home
from demo.household import VENDORS
from demo.rest import Rest
from demo.treatments import COUNTER, upload_treatments
from simulator.life import Life
from simulator.world import World
from tests.e2e.conftest import PYTHON, free_ports

UNSENT = "sensor.blue_mask_unsent_logs"


@dataclass(frozen=True, slots=True)
class DemoHome:
    """A home with the services around it."""

    home: Home
    world: World
    rest: Rest

    @property
    def urls(self) -> dict[str, str]:
        """Return where the services are, and where they are controlled."""
        services = {service.label: service.url for service in self.world.services}
        return services | {"control": self.world.control.url}

    async def without(self, vendor: str) -> None:
        """Have no entry of a vendor."""
        for title, entry in (await self.rest.entries()).items():
            if title.startswith(vendor):
                path = f"/api/config/config_entries/entry/{entry['entry_id']}"
                await self.rest.call("DELETE", path)

    async def with_all(self, *vendors: str) -> None:
        """Have an entry of each of these vendors; add those that are missing."""
        there = await self.rest.entries()
        for vendor in vendors:
            if not any(title.startswith(vendor) for title in there):
                await VENDORS[vendor](self.rest, self.urls)

    async def update(self, entity_id: str) -> None:
        """Ask an entity's service for news, now."""
        path = "/api/services/homeassistant/update_entity"
        await self.rest.call("POST", path, json={"entity_id": entity_id})

    async def state(self, entity_id: str) -> str:
        """Return an entity's state."""
        return str((await self.rest.call("GET", f"/api/states/{entity_id}"))["state"])

    async def live(self) -> None:
        """Let the household move, so that there is something to look at."""
        life = Life(self.world)
        for _ in range(8):
            for habit in life.habits:
                habit.step()
            await self.update("sensor.dinghy_1_speed")

    async def upload_treatments(self) -> None:
        """Have a month of treatments, and the statistics that come of them."""
        await upload_treatments(self.rest)
        async with asyncio.timeout(20):
            while not await self._is_all_received():
                await asyncio.sleep(0.1)

    async def _is_all_received(self) -> bool:
        """Return whether LUX has all logs, and the recorder what comes of them."""
        if await self.state(UNSENT) != "0":
            return False
        return len(await self.rest.ask("recorder/list_statistic_ids")) >= 2

    async def hand_over(self, number: int) -> None:
        """Hand a treatment log over."""
        template = {"template": f"{{{{ device_id('{COUNTER}') }}}}"}
        device_id = await self.rest.text("POST", "/api/template", json=template)
        start = datetime.now(UTC) - timedelta(hours=1)
        log = {"start": start.isoformat(), "duration": 600, "log_file_id": number}
        log |= {"intensity": 3, "ending": "normal"}
        await self.rest.call(
            "POST",
            "/api/services/lantern/lux_upload_treatment_logs?return_response",
            json={"device_id": device_id, "logs": [log]},
        )

    def stored(self) -> list[dict[str, Any]]:
        """Return the data of Lantern's entries, as they lie on disk."""
        path = self.home.folder / ".storage" / "core.config_entries"
        entries = json.loads(path.read_text())["data"]["entries"]
        return [entry["data"] for entry in entries if entry["domain"] == "lantern"]


@asynccontextmanager
async def running_demo_home(folder: Path) -> AsyncGenerator[DemoHome]:
    """Start all of it; nothing that happens may be a violation or a traceback."""
    world = World()
    await world.start()
    home = Home(folder, free_ports(1), str(PYTHON))
    home.prepare("info", real=False)
    await home.start()
    try:
        async with Rest(home.url) as rest:
            await rest.wait_until_served(60)
            await rest.sign_in()
            await rest.wait_until_running(60)
            yield DemoHome(home, world, rest)
    finally:
        await home.stop()
        await world.stop()
    for service in world.services:
        assert service.violations == [], service.label
    assert "Traceback" not in home.log.read_text()

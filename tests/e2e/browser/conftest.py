"""A Home Assistant without entries, the simulated services, and a browser on it."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
import os
from pathlib import Path
import shutil
from typing import Any

from playwright.async_api import BrowserContext, Route, ViewportSize, async_playwright
import pytest
import pytest_asyncio
import pytest_socket

from demo.diary import COUNTER, keep_diary
from demo.home import ROOT, Home
from demo.household import VENDORS
from demo.rest import Rest
from simulator.life import Life
from simulator.world import World
from tests.e2e.conftest import PYTHON, free_ports

from .face import Face

# Made by scripts/setup where this machine lacks a browser, or a library of the driver.
DRIVER = ROOT / ".venv-browser" / "node"
BROWSER = ROOT / ".venv-browser" / "chromium"
# Where scripts/setup looks for a browser, too.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
UNSENT = "sensor.blue_mask_unsent_logs"
# What test_sign_in_again brings about.
SESSION_TAKEN = "LUX no longer accepts the stored access"
SIZE: ViewportSize = {"width": 1280, "height": 800}


@dataclass(frozen=True, slots=True)
class House:
    """A home with the services around it."""

    home: Home
    world: World
    rest: Rest

    @property
    def urls(self) -> dict[str, str]:
        """Return where the services are, and where they are controlled."""
        services = {one.label: one.url for one in self.world.services}
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

    async def keep_diary(self) -> None:
        """Have a month of treatments, and the statistics that come of them."""
        await keep_diary(self.rest)
        async with asyncio.timeout(20):
            while not await self._diary_is_kept():
                await asyncio.sleep(0.1)

    async def _diary_is_kept(self) -> bool:
        """Tell whether LUX has all logs, and the recorder what comes of them."""
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
        return [one["data"] for one in entries if one["domain"] == "lantern"]


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave alone what lives on from test to test."""


@pytest.fixture(scope="package")
def loopback() -> Generator[None]:
    """Allow loopback before the first test does."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"])
    pytest_socket.enable_socket()
    yield
    pytest_socket.disable_socket(allow_unix_socket=True)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def house(
    loopback: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[House]:
    """Start all of it once; nothing that happens may have been a violation."""
    assert PYTHON.exists(), "no environment for the demo: run scripts/setup"
    world = World()
    await world.start()
    folder = tmp_path_factory.mktemp("home")
    home = Home(folder, free_ports(1), str(PYTHON))
    home.prepare("info", real=False)
    await home.start()
    try:
        async with Rest(home.url) as rest:
            await rest.wait_until_served(60)
            await rest.sign_in()
            await rest.wait_until_running(60)
            yield House(home, world, rest)
    finally:
        await home.stop()
        await world.stop()
    for service in world.services:
        assert service.violations == [], service.label
    log = home.log.read_text()
    assert "Traceback" not in log
    errors = [line for line in log.splitlines() if " ERROR " in line]
    assert [one for one in errors if SESSION_TAKEN not in one] == []


def _browser() -> str:
    """Return the browser that scripts/setup made, or found."""
    found = [str(BROWSER)] if BROWSER.exists() else []
    found += [path for name in BROWSERS if (path := shutil.which(name))]
    assert found, "no browser: run scripts/setup"
    return found[0]


async def _stay_here(context: BrowserContext) -> list[str]:
    """Let nothing leave the machine; return where it wanted to go."""
    wanted: list[str] = []

    async def refuse(route: Route) -> None:
        wanted.append(route.request.url)
        await route.abort()

    await context.route(lambda url: not url.startswith("http://127.0.0.1"), refuse)
    return wanted


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def window(house: House, request: pytest.FixtureRequest) -> AsyncGenerator[Face]:
    """Open a browser, and sign in once."""
    pictures = request.config.getoption("--screenshots", None)
    if DRIVER.exists():
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(DRIVER))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_browser(), args=list(ARGUMENTS)
        )
        context = await browser.new_context(
            viewport=SIZE, locale="en-GB", reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        wanted = await _stay_here(context)
        face = Face(
            await context.new_page(),
            house.home.url,
            ROOT / "docs" / "images" if pictures else None,
        )
        await face.sign_in()
        yield face
        await browser.close()
    # Home Assistant's map has its tiles from there.
    assert {one for one in wanted if "cartocdn.com" not in one} == set()


@pytest_asyncio.fixture(loop_scope="package")
async def face(
    window: Face, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[Face]:
    """Give the window without what an earlier test may have left open."""
    if await window.page.get_by_role("dialog").filter(visible=True).count():
        await window.page.reload()
    failed = request.session.testsfailed
    yield window
    if request.session.testsfailed > failed:
        await window.page.screenshot(path=tmp_path / "failed.png")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the pictures of README and docs anew, on request."""
    parser.addoption("--screenshots", action="store_true")

"""A Home Assistant without entries, the simulated services, and a browser on it."""

from collections.abc import AsyncGenerator
import os
from pathlib import Path
import shutil

from playwright.async_api import BrowserContext, Route, ViewportSize, async_playwright
import pytest
import pytest_asyncio

from demo.home import ROOT
from tests.e2e import fixtures
from tests.e2e.demo_home import DemoHome, running_demo_home

from .face import Face
from .tiles import draw
from .words import said

# Made by scripts/setup where this machine lacks a browser, or a library of the driver.
DRIVER = ROOT / ".venv-browser" / "node"
BROWSER = ROOT / ".venv-browser" / "chromium"
# Where scripts/setup looks for a browser, too.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
# What test_sign_in_again and test_every_action bring about.
MEANT = (
    "The credentials for LUX are no longer valid",
    said("exceptions.not_confirmed.message").rstrip("."),
)
SIZE: ViewportSize = {"width": 1280, "height": 800}

# The fixtures.
loopback = fixtures.loopback
verify_cleanup = fixtures.verify_cleanup


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def demo_home(
    loopback: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[DemoHome]:
    """Start all of it once; nothing that happens may be logged as an error."""
    async with running_demo_home(tmp_path_factory.mktemp("home")) as demo_home:
        yield demo_home
    log = demo_home.home.log.read_text()
    errors = [line for line in log.splitlines() if " ERROR " in line]
    assert [error for error in errors if not any(text in error for text in MEANT)] == []


def _browser() -> str:
    """Return the browser that scripts/setup made, or found."""
    candidates = [str(BROWSER)] if BROWSER.exists() else []
    candidates += [path for name in BROWSERS if (path := shutil.which(name))]
    return candidates[0]


async def _stay_here(context: BrowserContext) -> list[str]:
    """Let nothing leave the machine; return where it wanted to go."""
    wanted: list[str] = []

    async def refuse(route: Route) -> None:
        wanted.append(route.request.url)
        await route.abort()

    await context.route(lambda url: not url.startswith("http://127.0.0.1"), refuse)
    # Home Assistant would look for them on the internet.
    await context.route("**/api/map_tiles/**", draw)
    return wanted


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def window(
    demo_home: DemoHome, request: pytest.FixtureRequest
) -> AsyncGenerator[Face]:
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
            demo_home.home.url,
            ROOT / "docs" / "images" if pictures else None,
        )
        await face.sign_in()
        yield face
        await browser.close()
    assert wanted == []


@pytest_asyncio.fixture(loop_scope="package")
async def face(
    window: Face, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncGenerator[Face]:
    """Give the window without what an earlier test may have left open."""
    if await window.dialog.count():
        await window.replace_page()
    failed = request.session.testsfailed
    yield window
    if request.session.testsfailed > failed:
        await window.page.screenshot(path=tmp_path / "failed.png")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the pictures of README and docs anew, on request."""
    parser.addoption("--screenshots", action="store_true")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is in this folder."""
    item.add_marker(pytest.mark.needs("browser"))

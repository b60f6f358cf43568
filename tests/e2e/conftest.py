"""A demo that runs, in a folder of its own."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import json
import os
from pathlib import Path
import random
import signal
import socket
import subprocess
from typing import Any

from aiohttp import ClientSession
import pytest

from demo.home import ROOT
from demo.household import VENDORS
from demo.rest import Rest

PYTHON = ROOT / ".venv-demo" / "bin" / "python"
SETUP = "scripts/setup"
NOT_MADE = pytest.StashKey[set[str]]()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is in this folder, and only that: pytest asks no other folder's."""
    item.add_marker(pytest.mark.needs("demo"))


def needs(item: pytest.Item) -> set[str]:
    """Return the environments that a test needs."""
    return {name for mark in item.iter_markers("needs") for name in mark.args}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Make what the chosen tests need, before the clock of any of them runs."""
    wanted = set[str]().union(*map(needs, session.items))
    if not session.config.option.collectonly:
        session.stash[NOT_MADE] = {
            name
            for name in sorted(wanted)
            if subprocess.run([ROOT / SETUP, name], check=False).returncode
        }


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that cannot have what it needs; scripts/setup has said why."""
    if missing := needs(item) & item.session.stash[NOT_MADE]:
        pytest.fail(f"run: {SETUP} {' '.join(sorted(missing))}", pytrace=False)


@pytest.fixture(autouse=True)
def guards(socket_enabled: None) -> None:
    """Allow loopback; time runs, because another process lives in it."""


def free_ports(count: int) -> int:
    """Return the first of so many free ports in a row."""
    for _ in range(50):
        first = random.randrange(20000, 30000)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")


@dataclass
class Demo:
    """One run of the demo, in a folder that outlives it."""

    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Return where Home Assistant is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def home(self) -> Path:
        """Return Home Assistant's folder."""
        return self.folder / "simulated" / "home"

    async def start(self) -> str:
        """Start it; return what it said until it was up."""
        command = ("-m", "demo", "--debug", "--folder", str(self.folder))
        self.process = await asyncio.create_subprocess_exec(
            str(PYTHON),
            *command,
            "--port",
            str(self.port),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        said = ""
        assert self.process.stdout is not None
        async with asyncio.timeout(110):
            while "(up in" not in said:
                line = await self.process.stdout.readline()
                assert line, f"the demo ended: {said}"
                said += line.decode()
        return said

    async def stop(self) -> None:
        """End it as Ctrl-C does."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
            await self.process.communicate()

    async def states(self) -> dict[str, dict[str, Any]]:
        """Return all states by entity id, read over the websocket."""
        async with Rest(self.url) as rest:
            await rest.sign_in()
            return {state["entity_id"]: state for state in await rest.ask("get_states")}

    async def entries(self) -> dict[str, dict[str, Any]]:
        """Return Lantern's entries by title."""
        async with Rest(self.url) as rest:
            await rest.sign_in()
            return await rest.entries()

    async def simulated(self) -> dict[str, dict[str, Any]]:
        """Return what the simulated services counted."""
        url = f"http://127.0.0.1:{self.port + 1}/"
        async with ClientSession() as session, session.get(url) as response:
            counted: dict[str, dict[str, Any]] = await response.json()
            return counted

    def stored(self) -> list[dict[str, Any]]:
        """Return the data of Lantern's entries, as they lie on disk."""
        path = self.home / ".storage" / "core.config_entries"
        entries = json.loads(path.read_text())["data"]["entries"]
        return [entry["data"] for entry in entries if entry["domain"] == "lantern"]

    def log(self) -> str:
        """Return Home Assistant's log."""
        return (self.home / "home-assistant.log").read_text()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncGenerator[Demo]:
    """Give a demo that is not started; whatever it starts has ended afterwards."""
    running = Demo(tmp_path / "demo", free_ports(2 + len(VENDORS)))
    yield running
    if running.process is not None:
        await running.stop()
        with pytest.raises(ProcessLookupError):
            os.kill(running.process.pid, 0)

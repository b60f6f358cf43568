"""A home whose power is cut again and again."""

import asyncio
from contextlib import suppress
import os
from pathlib import Path
import resource
import signal

from aiohttp import ClientError

from demo.home import SKIP_COMPILED, Home
from demo.rest import DemoError, Rest

from .conftest import PYTHON, free_ports

# Carrying logs, and what shows them; no frontend.
_CONFIGURATION = (
    "api:\ncalendar:\nconfig:\nonboarding:\nrecorder:\nrepairs:\nwebsocket_api:\n"
)
_NO_LIMIT = resource.RLIM_INFINITY


class Lives:
    """One home in one folder, and the life after life that it has."""

    def __init__(self, folder: Path) -> None:
        """Furnish the folder."""
        port = free_ports(1)
        home = Home(folder, port, str(PYTHON))
        home.prepare("warning", real=False)
        (folder / "configuration.yaml").write_text(_CONFIGURATION)
        self.folder = folder
        self.url = home.url
        self.dead = asyncio.Event()
        self._pid = 0
        self._starter: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Import Home Assistant; none is started yet."""
        self._starter = await asyncio.create_subprocess_exec(
            str(PYTHON),
            str(Path(__file__).parent / "warm_start.py"),
            "--config",
            str(self.folder),
            *SKIP_COMPILED,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    async def close(self) -> None:
        """End what still lives."""
        assert self._starter is not None
        await self._starter.communicate()

    async def start(self, rest: Rest) -> None:
        """Start a Home Assistant; return when all is set up."""
        assert self._starter is not None
        assert self._starter.stdin is not None
        assert self._starter.stdout is not None
        self._starter.stdin.write(b"another\n")
        self._pid = int(await self._starter.stdout.readline())
        self.dead.clear()
        async with asyncio.timeout(60):
            while not await self._is_up(rest):
                await asyncio.sleep(0.1)

    async def _is_up(self, rest: Rest) -> bool:
        with suppress(DemoError, ClientError, OSError):
            if not rest.signed_in:
                await rest.sign_in()
            return bool((await rest.call("GET", "/api/config"))["state"] == "RUNNING")
        return False

    def cut_power(self) -> None:
        """Kill it, wherever it is: nothing more of it reaches the disk."""
        if not self.dead.is_set():
            os.kill(self._pid, signal.SIGKILL)
            self.dead.set()

    async def shut_down(self, rest: Rest) -> None:
        """End it as its user would; it writes what it still holds."""
        await rest.call("POST", "/api/services/homeassistant/stop", json={})
        pid = os.pidfd_open(self._pid)
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(pid, ended.set)
        async with asyncio.timeout(60):
            await ended.wait()
        asyncio.get_running_loop().remove_reader(pid)
        os.close(pid)

    def fill_disk(self, *, full: bool) -> None:
        """Let no file of the running one take another byte; or again."""
        limit = 0 if full else _NO_LIMIT
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (limit, _NO_LIMIT))

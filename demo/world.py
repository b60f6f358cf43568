"""The simulated services as a process beside Home Assistant."""

import asyncio
import json
from pathlib import Path
import sys

from .home import ROOT
from .rest import DemoError


class SimulatedWorld:
    """Runs `python -m simulator`, with a state file that a restart goes on from."""

    def __init__(self, state: Path, port: int) -> None:
        """Take where the state is kept, and the first of its ports."""
        self._state = state
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> dict[str, str]:
        """Start it and return its URLs by service, and `control`."""
        self._state.parent.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "simulator",
            "--port",
            str(self._port),
            "--state",
            str(self._state),
            "--live",
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise DemoError("the simulator did not start; its words are above")
        urls: dict[str, str] = json.loads(line)
        return urls

    async def wait(self) -> int:
        """Return the exit code once it has ended."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """End it; it saves its state."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

"""The simulated services as a process of their own: `python -m simulator`."""

import argparse
import asyncio
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import signal
import sys
import tempfile

from .life import Life
from .world import World


class NotOurs(Exception):
    """The file was not written by this version of the simulator."""

    def __init__(self, path: Path) -> None:
        """Say what to do about it."""
        super().__init__(f"{path} is from something else: delete it to start anew")


class StateFile:
    """The file that a restarted world goes on from."""

    def __init__(self, path: Path, world: World) -> None:
        """Keep this world's state at this path."""
        self._path = path
        self._world = world
        self._saved = ""

    def load(self) -> None:
        """Restore what is in the file, if it exists."""
        try:
            state = json.loads(self._path.read_text())
        except FileNotFoundError:
            return
        except ValueError as err:
            raise NotOurs(self._path) from err
        try:
            self._world.clock.advance(state["clock"])
            for service in self._world.services:
                service.restore(state["services"][service.label])
        except (KeyError, TypeError, ValueError) as err:
            raise NotOurs(self._path) from err

    def save(self) -> None:
        """Write the file, if anything changed: whole or not at all, for us alone."""
        ahead = self._world.clock.now() - datetime.now(UTC)
        services = {service.label: service.state() for service in self._world.services}
        # Whole seconds: the two clocks are not read at the same moment.
        clock = round(ahead.total_seconds())
        text = json.dumps({"clock": clock, "services": services})
        if text == self._saved:
            return
        with tempfile.NamedTemporaryFile(  # its mode is 0600
            "w", dir=self._path.parent, prefix=self._path.name, delete=False
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self._path)
        self._saved = text

    async def keep(self) -> None:
        """Save what changed, at most once a second; rarer where that takes long."""
        loop = asyncio.get_running_loop()
        while True:
            start = loop.time()
            self.save()
            await asyncio.sleep(max(1, 20 * (loop.time() - start)))


async def serve(port: int, path: Path | None, live: bool) -> None:
    """Serve the world until a signal ends it."""
    world = World()
    state = StateFile(path, world) if path else None
    if state is not None:
        state.load()
        state.save()  # tells at once if it cannot be written
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await world.start(port)
    try:
        urls = {service.label: service.url for service in world.services}
        print(json.dumps({"control": world.control.url} | urls), flush=True)
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(work)
                for work in (
                    *([state.keep()] if state else []),
                    *([Life(world).run()] if live else []),
                )
            ]
            await stop.wait()
            for task in background:
                task.cancel()
    finally:
        await world.stop()
        if state is not None:
            state.save()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="The simulated services on loopback.",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8200,
        help="the control port; the services take the next ones (0: free ports)",
    )
    parser.add_argument("--state", type=Path, help="file to go on from after a restart")
    parser.add_argument(
        "--live", action="store_true", help="let the household move by itself"
    )
    wanted = parser.parse_args()
    try:
        asyncio.run(serve(wanted.port, wanted.state, wanted.live))
    except (NotOurs, OSError) as err:
        sys.exit(f"python -m simulator: {err}")


if __name__ == "__main__":
    main()

"""`scripts/demo`: starts everything, adds everything, says where to look."""

import argparse
import asyncio
import contextlib
from pathlib import Path
import shutil
import signal
import sys
import time

from .home import RESTART, ROOT, Home
from .household import VENDORS, by_hand, furnish
from .rest import PASSWORD, USER, DemoError, Rest
from .start_page import make_start_page
from .treatments import upload_treatments
from .world import SimulatedWorld

DEFAULT_PORT = 8130
_FIRST_START = 600.0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # the demo talks to people


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A real Home Assistant with Lantern and four simulated services.",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help=f"port of Home Assistant (default {DEFAULT_PORT});"
        " the simulator takes those after it",
    )
    parser.add_argument("--fresh", action="store_true", help="forget the last demo")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--real",
        action="store_true",
        help="no simulator: a Home Assistant to try with real accounts",
    )
    kind.add_argument(
        "--check",
        action="store_true",
        help="end once the entries of all services are loaded, or fail",
    )
    parser.add_argument("--debug", action="store_true", help="log at level debug")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".demo", help="where its state is kept"
    )
    return parser.parse_args()


async def _keep_running(home: Home) -> int:
    """Start Home Assistant again when its user asks for a restart."""
    while (code := await home.wait()) == RESTART:
        await home.start()
    return code


async def _real(home: Home) -> None:
    """Wait until Home Assistant is there; the rest is its user's."""
    async with Rest(home.url) as rest:
        await rest.wait_until_served(_FIRST_START)
    _say(f"\nHome Assistant is at {home.url}\nCtrl-C ends it.")


async def _simulated(home: Home, world: SimulatedWorld) -> None:
    """Bring Home Assistant and the simulated world together."""
    urls = await world.start()
    await home.start()
    _say("Home Assistant is starting …")
    async with Rest(home.url) as rest:
        await rest.wait_until_served(_FIRST_START)
        await rest.sign_in()
        await rest.wait_until_running(120)
        titles = await furnish(rest, urls)
        await upload_treatments(rest)
        await make_start_page(rest)
    _say(
        f"""
  Home Assistant   {home.url}
  Sign in as       {USER} / {PASSWORD}
  Entries          {", ".join(titles)}

What to look at:
  The start page                            all four services (docs/dashboard.md)
  Settings > Devices & services > Lantern   bridge, player, trackers, devices
  Map, Devices                              two trackers drive in a circle
  A LUX device's page                       a treatment ends every few minutes
  Settings > Automations > Blueprints       Lantern's automations to import

To add one by hand, delete its entry first. Address (under Advanced, but for Hue):
{by_hand(urls)}

  Simulated services: {urls["control"]}
  Log: {home.log}
  Ctrl-C ends all of it; the next start goes on from here."""
    )


async def _check(home: Home) -> None:
    """Wait until the entry of each service is loaded."""
    async with Rest(home.url) as rest, asyncio.timeout(60):
        await rest.sign_in()
        loaded: list[str] = []
        while len(loaded) < len(VENDORS):
            await asyncio.sleep(0.5)
            entries = await rest.entries()
            loaded = [title for title in entries if entries[title]["state"] == "loaded"]
    _say(f"  All {len(loaded)} entries are loaded.")


async def _first_end(*waits: asyncio.Task[int]) -> None:
    """Return as soon as one of the processes has ended by itself."""
    done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    codes = [task.result() for task in done]
    _say(f"A part of the demo ended by itself (exit code {codes[0]}).")


async def run(arguments: argparse.Namespace) -> None:
    """Run the demo until it is interrupted; end everything that it started."""
    folder = arguments.folder / ("real" if arguments.real else "simulated")
    if arguments.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    home = Home(folder / "home", arguments.port)
    world = SimulatedWorld(folder / "simulator.json", arguments.port + 1)
    home.prepare("debug" if arguments.debug else "info", arguments.real)
    start = time.monotonic()
    try:
        if arguments.real:
            await home.start()
            await _real(home)
        else:
            await _simulated(home, world)
        _say(f"  (up in {time.monotonic() - start:.0f} s)")
        if arguments.check:
            await _check(home)
            return
        waits = [asyncio.create_task(_keep_running(home))]
        if not arguments.real:
            waits.append(asyncio.create_task(world.wait()))
        await _first_end(*waits)
    finally:
        _say("\nEnding …")
        await home.stop()
        await world.stop()


async def _main() -> int:
    """Run until Ctrl-C or SIGTERM; return the exit code."""
    work = asyncio.create_task(run(_arguments()))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, work.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await work
    except DemoError as err:
        _say(f"The demo could not start: {err}")
        return 1
    except TimeoutError:
        _say("The demo could not start: it took too long")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))

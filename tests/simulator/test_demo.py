"""The world as a process of its own, and the household that moves by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import wraps
import json
from pathlib import Path
import signal
import socket
import subprocess
import sys
import time
from typing import Any
from urllib.request import Request, urlopen

import pytest

from simulator.hue import House
from simulator.life import Life
from simulator.world import World

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "simulator"]

type Urls = dict[str, str]


def in_a_thread[**P](test: Callable[P, None]) -> Callable[P, None]:
    """Run a test beside the main thread, where the guards forbid it to wait."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(test, *args, **kwargs).result()

    return run


@contextmanager
def simulator(*options: str) -> Iterator[tuple[subprocess.Popen[str], Urls]]:
    """Start the simulator; yield the process and its urls."""
    command = [*COMMAND, *options]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """End the simulator; it says nothing and returns 0."""
    process.send_signal(number)
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0


def act(urls: Urls, path: str, **settings: Any) -> Any:
    """Call a control method."""
    data = json.dumps(settings).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{urls['control']}{path}", data, headers)) as response:
        return json.load(response)


def lucit(urls: Urls, path: str, body: Any = None, bearer: str = "") -> Any:
    """Call Lucit."""
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "AppIdV3": "LCUID-LAP-0e5f1a70-5a17-4c0d-9e00-1a57e4f1a900",
        "Authorization": f"Bearer {bearer}",
    }
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{urls['lucit']}/api/v3{path}", data, headers)) as response:
        return json.load(response)


@pytest.mark.usefixtures("socket_enabled")
@in_a_thread
def test_a_client_goes_on_after_a_restart(tmp_path: Path) -> None:
    """State is saved while it runs and at the end, for the owner alone."""
    file = tmp_path / "state.json"
    options = ("--port", "0", "--state", str(file))
    with simulator(*options) as (process, urls):
        assert list(urls) == [
            "control",
            *(service.label for service in World().services),
        ]
        paired = act(urls, "/lucit/pair")
        body = {"token": paired["bot_user_token"], "secret": paired["bot_user_secret"]}
        bearer = lucit(urls, "/auth", body)["token"]
        deadline = time.monotonic() + 10
        while not (file.exists() and bearer in file.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        act(urls, "/clock/advance", seconds=5000)
        act(urls, "/lucit/set_device", name="At the end")
        end(process, signal.SIGTERM)
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    with simulator(*options) as (process, urls):
        path = f"/lightning/devices/{paired['lightning_device_lcuid']}"
        read = lucit(urls, path, bearer=bearer)
        assert read["lightning_device"]["name"] == "At the end"
        assert act(urls, "/clock/advance", seconds=0)["now"] > time.strftime(
            "%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 4900)
        )
        end(process, signal.SIGINT)


def free_ports() -> int:
    """Return the first of so many free ports in a row as the simulator takes."""
    count = 1 + len(World().services)
    for first in range(20_000, 30_000, count):
        with suppress(OSError):
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
    raise AssertionError("no free ports")


@pytest.mark.usefixtures("socket_enabled")
@in_a_thread
def test_ports_that_are_asked_for() -> None:
    """The control port, then the services in their order; or a plain message."""
    port = free_ports()
    with simulator("--port", str(port), "--live") as (process, urls):
        ends = [int(url.rsplit(":", 1)[1]) for url in urls.values()]
        assert ends == [port + offset for offset in range(len(urls))]
        second = subprocess.run(
            [*COMMAND, "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        assert second.returncode == 1
        assert second.stderr.startswith("python -m simulator: ")
        assert "Traceback" not in second.stderr
        end(process, signal.SIGTERM)


@pytest.mark.parametrize("text", ["{", "[]", '{"clock": 0, "services": {}}'])
@in_a_thread
def test_a_file_of_something_else(tmp_path: Path, text: str) -> None:
    """It is left alone, and said plainly."""
    file = tmp_path / "state.json"
    file.write_text(text)
    command = [*COMMAND, "--port", "0", "--state", str(file)]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
    )
    assert ended.returncode == 1
    assert "delete it to start anew" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert file.read_text() == text


# --- the household that moves by itself ---


@pytest.fixture
async def world(socket_enabled: None) -> AsyncIterator[World]:
    """Return a world, listening."""
    made = World()
    await made.start()
    yield made
    await made.stop()


def snapshot(world: World) -> dict[str, Any]:
    """Return what a watcher sees."""
    hue, lux = world.hue.house, world.lux
    return {
        "lamps": {number: dict(light["state"]) for number, light in hue.lights.items()},
        "sensors": {
            number: dict(sensor["state"]) for number, sensor in hue.sensors.items()
        },
        "counters": [device.last_log_file_id for device in lux.devices.values()],
        "points": [len(tracker.points) for tracker in world.lightbug.trackers.values()],
        "alerts": len(world.lightbug.activities),
        "instructions": len(world.lucit.instructions),
    }


async def test_everything_moves(world: World) -> None:
    """Each habit changes what a watcher sees, and breaks no contract."""
    world.lucit.pair()
    life = Life(world)
    before = snapshot(world)
    for _ in range(100):
        for habit in life.habits:
            habit.step()
    after = snapshot(world)
    assert all(after[key] != before[key] for key in before)
    assert world.lux.devices[811].last_log_file_id == 12
    assert world.lux.devices[812].last_log_file_id > 6
    assert after["instructions"] == 1
    assert all(service.violations == [] for service in world.services)


async def test_a_treatment_starts_and_ends(world: World) -> None:
    """A temporary log is open in between; its start stays. One device is ours."""
    treat = next(habit for habit in Life(world).habits if habit.every == 90)
    lux = world.lux
    treat.step()
    (temporary,) = lux.logs[812]
    assert temporary.temporary
    lux.clock.advance(90)
    treat.step()
    (complete,) = lux.logs[812]
    assert (complete.finish_flag, complete.log_file_id) == (1, 4)
    assert 90 <= complete.treatment_time <= 95
    assert complete.treatment_date == temporary.treatment_date
    treat.step()
    assert list(lux.logs) == [812]


async def test_life_in_an_empty_world(world: World) -> None:
    """What is not there does not move, and nothing hangs."""
    world.hue.house = House()
    world.lightbug.trackers.clear()
    world.lux.devices.clear()
    for habit in Life(world).habits:
        for _ in range(10):
            habit.step()
    assert world.lucit.instructions == []


async def test_life_runs_until_it_is_cancelled(world: World) -> None:
    """Habits run side by side."""
    before = snapshot(world)
    world.lucit.pair()
    life = asyncio.create_task(Life(world, pace=0.0005).run())
    async with asyncio.timeout(10):
        while any(snapshot(world)[key] == before[key] for key in before):
            await asyncio.sleep(0.01)
    life.cancel()
    with pytest.raises(asyncio.CancelledError):
        await life

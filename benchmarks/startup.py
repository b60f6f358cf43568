"""What it costs to get going: CPU time and requests until loaded, and the imports."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
import subprocess
import sys

from .home import home
from .measuring import cpu_us, no_collection
from .refresh import EACH, SIDES
from .sides.bridges import Bridges

_ENTITIES = 400
_ROOT = Path(__file__).parents[1]
_PACKAGES = {
    "lantern": "custom_components.lantern",
    "hue": "homeassistant.components.hue",
    "scorpiontrack": "homeassistant.components.scorpiontrack",
    "traccar_server": "homeassistant.components.traccar_server",
}
# What every Home Assistant has imported long before: only the rest is counted.
_IMPORT = """
import sys, time
import homeassistant.bootstrap, homeassistant.config_entries
import homeassistant.helpers.update_coordinator, homeassistant.helpers.aiohttp_client
import homeassistant.components.repairs, homeassistant.components.recorder
for platform in ("binary_sensor", "button", "calendar", "device_tracker", "event", "light",
                 "number", "scene", "select", "sensor", "switch", "text", "zeroconf"):
    __import__("homeassistant.components." + platform)
for module in (sys.argv[1], sys.argv[1] + ".config_flow"):
    start = time.process_time()
    __import__(module)
    print(time.process_time() - start)
"""


@dataclass(frozen=True, slots=True)
class Started:
    """CPU times (ms): until 400 entities are loaded; of importing the package, then its flow."""

    loaded: float
    package: float
    flow: float


async def measure(rounds: int = 3) -> dict[str, Started]:
    """Measure each integration, taking turns."""
    loaded: dict[str, list[float]] = {kind.domain: [] for kind in SIDES}
    for _ in range(rounds):
        for kind in SIDES:
            side = kind(_ENTITIES // EACH)
            async with home({kind.domain: kind.keys}) as hass:
                with no_collection():
                    loaded[kind.domain].append(
                        await cpu_us(hass, lambda s=side, h=hass: s.load(h)) / 1000
                    )
    results = {}
    for name, times in loaded.items():
        package, flow = _import_ms(_PACKAGES[name])
        results[name] = Started(median(times), package, flow)
    return results


def _import_ms(package: str) -> tuple[float, float]:
    """Return the CPU time (ms) of a package's import, and of its flow's after it."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, package],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    first, then = map(float, done.stdout.split())
    return first * 1000, then * 1000


async def requests() -> dict[str, int]:
    """Return the requests of a Hue house's set-up, Lantern's and core's."""
    bridges = Bridges(100, 20)
    bridges.secure.clip_v2 = False
    with bridges.served():
        async with home() as hass:
            await bridges.add_lantern(hass)
            await bridges.add_core(hass)
            return {
                "lantern": len(bridges.secure.requests),
                "hue": len(bridges.plain.requests),
            }

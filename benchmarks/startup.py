"""What it costs to get going: CPU time and requests until loaded, and the imports."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median
import subprocess
import sys

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import entity_registry as er

from .home import home
from .measuring import cpu_us, no_collection
from .refresh import EACH, SIDES
from .sides import Side
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
    """CPU times of an integration whose 400 entities are loaded.

    `first` and `again` are µs per registered entity, at the first set-up and at one
    with all in the registry, as after a restart; `package` and `flow` ms of imports.
    """

    entities: int
    first: float
    again: float
    package: float
    flow: float


async def measure(rounds: int = 3) -> dict[str, Started]:
    """Measure each integration, taking turns."""
    samples: dict[str, list[tuple[int, float, float]]] = {}
    for _ in range(rounds):
        for kind in SIDES:
            samples.setdefault(kind.domain, []).append(await _set_up(kind))
    imports: dict[str, list[tuple[float, float]]] = {name: [] for name in samples}
    for number in range(rounds + 1):
        for name, times in imports.items():
            both = _import_ms(_PACKAGES[name])
            if number:  # the first one may have to compile
                times.append(both)
    return {
        name: Started(
            *(median(column) for column in zip(*rows, strict=True)),  # type: ignore[arg-type]  # all have equally many
            *(median(column) for column in zip(*imports[name], strict=True)),
        )
        for name, rows in samples.items()
    }


async def _set_up(kind: type[Side]) -> tuple[int, float, float]:
    """Return how many entities are registered, and µs for each, first and again."""
    side = kind(_ENTITIES // EACH)
    async with home({kind.domain: kind.keys}) as hass:
        with no_collection():
            first = await cpu_us(hass, lambda: side.load(hass))
        (entry,) = hass.config_entries.async_entries(kind.domain)
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.async_block_till_done()
        with no_collection():
            again = await cpu_us(
                hass, lambda: hass.config_entries.async_setup(entry.entry_id)
            )
        if entry.state is not ConfigEntryState.LOADED:
            raise RuntimeError(f"{kind.domain} was not set up again: {entry.reason}")
        registry = er.async_get(hass)
        registered = len(er.async_entries_for_config_entry(registry, entry.entry_id))
    return registered, first / registered, again / registered


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

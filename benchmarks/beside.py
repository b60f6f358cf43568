"""Lantern and Home Assistant's own hue (v1), side by side at the same house.

In real time, because the bridge's rate limits and both clients' waits are. Lantern
speaks https with the bridge's own certificate, hue plain http: it has no other.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import random
from statistics import median
from time import monotonic
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .home import home
from .sides.bridges import Bridges

LAMPS = 50
ACCESSORIES = 20
_COMMANDS = 200
_BUSY = 0.05
"""How long (s) the bridge takes over a request, as real ones do."""
_REST = 60
_CHANGES = 10
_PATIENCE = 20.0
NAMES = {"lantern": "secure", "hue": "plain"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What one integration asked, saw and carried out.

    `requests` and `size` (bytes of the answers' bodies) are per minute at rest,
    `seconds` the median from a change at the bridge to the state. A burst tells
    the PUTs that arrived, the lamps that did not end as the last command wished,
    the commands that failed, how often they came faster than the bridge's maker
    allows, and the seconds until the last one was carried out.
    """

    requests: int
    size: int
    seconds: float
    slowest: float
    one_lamp: Burst
    all_lamps: Burst


@dataclass(frozen=True, slots=True)
class Burst:
    """What became of 200 brightness changes."""

    puts: int
    wrong: int
    failed: int
    paced: int
    seconds: float


async def measure() -> tuple[dict[str, Beside], int]:
    """Return what each did, and how many requests brought a foreign bridge the key."""
    async with _both() as (hass, bridges):
        lamps = {name: _lamps(hass, bridges, name) for name in NAMES}
        at_rest = await _at_rest(bridges)
        waits = await _changes(hass, bridges, lamps)
        one = {
            name: await _burst(hass, bridges, name, [next(iter(found.values()))])
            for name, found in lamps.items()
        }
        every = {
            name: await _burst(hass, bridges, name, list(found.values()))
            for name, found in lamps.items()
        }
        found = {
            name: Beside(
                *at_rest[name],
                median(waits[name]),
                max(waits[name]),
                one[name],
                every[name],
            )
            for name in NAMES
        }
        return found, await _foreign(hass, bridges)


@asynccontextmanager
async def _both() -> AsyncGenerator[tuple[HomeAssistant, Bridges]]:
    """Set both up at the same house."""
    bridges = Bridges(LAMPS, ACCESSORIES)
    bridges.secure.answer_seconds = bridges.plain.answer_seconds = _BUSY
    with bridges.served():
        async with home() as hass:
            await bridges.add_lantern(hass)
            await bridges.add_core(hass)
            await asyncio.sleep(2)
            yield hass, bridges


def _lamps(hass: HomeAssistant, bridges: Bridges, platform: str) -> dict[str, str]:
    """Return an integration's lamps that dim: entity ids by v1 number."""
    by_name = {
        light["name"]: number
        for number, light in bridges.secure.house.lights.items()
        if "bri" in light["state"]
    }
    return {
        by_name[state.name]: one.entity_id
        for one in er.async_get(hass).entities.values()
        if one.domain == "light"
        and one.platform == platform
        and (state := hass.states.get(one.entity_id))
        and state.name in by_name
    }


async def _at_rest(bridges: Bridges) -> dict[str, tuple[int, int]]:
    """Return the requests and the bytes of a minute in which nothing happens."""
    for name in NAMES.values():
        getattr(bridges, name).requests.clear()
    await asyncio.sleep(_REST)
    return {
        name: (len(log), sum(one.size for one in log))
        for name, bridge in NAMES.items()
        for log in [list(getattr(bridges, bridge).requests)]
    }


async def _changes(
    hass: HomeAssistant, bridges: Bridges, lamps: dict[str, dict[str, str]]
) -> dict[str, list[float]]:
    """Return how long each took to show changes at the bridge, at odd moments."""
    waits: dict[str, list[float]] = {name: [] for name in NAMES}
    numbers = sorted(lamps["lantern"].keys() & lamps["hue"].keys())
    for turn in range(_CHANGES):
        await asyncio.sleep(random.uniform(0, 5))
        number, bri = random.choice(numbers), 20 + turn
        bridges.call(
            lambda n=number, b=bri: bridges.secure.set_light(n, on=True, bri=b)
        )
        changed = monotonic()
        open_ = dict(NAMES)
        while open_:
            for name in list(open_):
                if _shows(hass.states.get(lamps[name][number]), bri):
                    waits[name].append(monotonic() - changed)
                    del open_[name]
            if monotonic() - changed > _PATIENCE:
                raise RuntimeError(f"never shown by {list(open_)}")
            await asyncio.sleep(0.01)
    return waits


def _shows(state: State | None, bri: int) -> bool:
    """Return whether a lamp is shown with a bridge's brightness."""
    brightness = state.attributes.get("brightness") if state else None
    return brightness is not None and abs(brightness - bri * 255 / 254) <= 1


async def _burst(
    hass: HomeAssistant, bridges: Bridges, name: str, lamps: list[str]
) -> Burst:
    """Drag sliders: 200 brightness changes within five seconds."""
    bridge = getattr(bridges, NAMES[name])
    bridge.requests.clear()
    bridge.violations.clear()
    wishes: dict[str, int] = {}
    calls = []
    started = monotonic()
    for number in range(_COMMANDS):
        lamp = lamps[number % len(lamps)]
        wishes[lamp] = 50 + number % 200
        data = {"entity_id": lamp, "brightness": wishes[lamp]}
        call = hass.services.async_call("light", "turn_on", data, blocking=True)
        calls.append(hass.async_create_task(_outcome(call)))
        await asyncio.sleep(5 / _COMMANDS)
    outcomes = await asyncio.gather(*calls)
    seconds = monotonic() - started
    own = {entity: number for number, entity in _lamps(hass, bridges, name).items()}
    wrong = 0
    for lamp, wish in wishes.items():
        state = bridges.secure.house.lights[own[lamp]]["state"]
        wrong += not (state["on"] and abs(state["bri"] * 255 / 254 - wish) <= 1)
    puts = sum(one.method == "PUT" and one.status == 200 for one in bridge.requests)
    paced = len(bridge.violations)
    return Burst(puts, wrong, outcomes.count(False), paced, seconds)


async def _outcome(call: Any) -> bool:
    try:
        await call
    except HomeAssistantError:
        return False
    return True


async def _foreign(hass: HomeAssistant, bridges: Bridges) -> int:
    """Let another bridge answer at Lantern's address; return the keys that it saw."""
    entry = hass.config_entries.async_entries("lantern")[0]
    bridges.replace_secure()
    await entry.runtime_data.async_refresh()
    if entry.runtime_data.last_update_success:
        raise RuntimeError("a poll of a foreign bridge succeeded")
    return bridges.foreign.foreign_keys + sum(
        "username" in one.params for one in bridges.foreign.requests
    )

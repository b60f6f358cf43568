"""Lantern and Home Assistant's own hue (aiohue) on API v2, side by side.

Each has a bridge of its own with the same house, in real time, because the bridge's
rate limits and both clients' waits are. They are measured in turns, so that neither
waits for the other. Lantern pins its bridge's certificate, hue checks none.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from time import monotonic, perf_counter, thread_time_ns
from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from simulator.hue import HueBridge, generate_v2

from .home import home
from .measuring import no_collection
from .sides.bridges import Served, add_core, add_lantern

LAMPS = 50
ACCESSORIES = 20
EVENTS = 200
_ROOM = 10
_COMMANDS = 200
_ANSWER = 0.05
"""How long (s) the bridge takes over a request, as real ones do."""
_REST = 60
_HOUR = 3600
_BUSY_LAMPS = 12
_BUSY_PAUSE = 0.1
_PATIENCE = 20.0
_TURN = 20


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds from an event at the bridge to the state: median and worst."""

    median: float
    worst: float


@dataclass(frozen=True, slots=True)
class Burst:
    """What became of 200 brightness changes within five seconds.

    `puts` arrived, `wrong` lamps did not end as the last command wished, `failed`
    commands raised; `paced` is how often they came faster than the maker allows.
    """

    puts: int
    wrong: int
    failed: int
    paced: int


@dataclass(frozen=True, slots=True)
class Beside:
    """What one integration asked, showed and carried out.

    Requests, those that write and bytes of answers are per hour at rest; `event_us`
    is the CPU time of Home Assistant's thread per event; `area` is requests and
    seconds until the last lamp of a room of ten, switched together with its light.
    """

    requests: int
    writes: int
    size: int
    quiet: Waits
    busy: Waits
    event_us: float
    one_lamp: Burst
    all_lamps: Burst
    area: tuple[int, float]


class Side:
    """One integration, its bridge, and the lamps and motion sensors by v1 number."""

    def __init__(
        self, hass: HomeAssistant, served: Served, platform: str, bridge: HueBridge
    ) -> None:
        """Find the entities by their names, which both take from the bridge."""
        self.hass, self.served, self.bridge = hass, served, bridge
        (self.entry,) = hass.config_entries.async_entries(platform)
        house = bridge.house
        entities = [
            entity
            for entity in er.async_get(hass).entities.values()
            if entity.platform == platform and hass.states.get(entity.entity_id)
        ]

        def named(domain: str, ending: str = "") -> dict[str, str]:
            entities_by_name = {}
            for entity in entities:
                state = hass.states.get(entity.entity_id)
                if entity.domain == domain and state is not None:
                    entities_by_name[state.name.removesuffix(ending)] = entity.entity_id
            return entities_by_name

        lights, motion = named("light"), named("binary_sensor", " Motion")
        self.lamps = {
            number: lights[light["name"]]
            for number, light in house.lights.items()
            if "bri" in light["state"]
        }
        self.room = lights[house.groups["1"]["name"]]
        self.members = [lights[house.lights[n]["name"]] for n in house.members("1")]
        self.motion = {
            number: motion[sensor["name"]]
            for number, sensor in house.sensors.items()
            if sensor["type"] == "ZLLPresence"
        }

    def change(self, turn: int) -> str:
        """Let a lamp or a motion sensor change; return its entity."""
        if turn % 2:
            number, entity = _nth(self.motion, turn // 2)
            seen = not self.bridge.house.sensors[number]["state"]["presence"]
            self.bridge.set_sensor(number, {"presence": seen})
        else:
            # Those at the end: the busy ones are at the beginning.
            number, entity = _nth(dict(reversed(self.lamps.items())), turn // 2 % 20)
            bri = self.bridge.house.lights[number]["state"]["bri"] % 250 + 3
            self.bridge.set_light(number, on=True, bri=bri)
        return entity


def _nth(entities: dict[str, str], index: int) -> tuple[str, str]:
    items = list(entities.items())
    return items[index % len(items)]


async def measure() -> tuple[dict[str, Beside], int]:
    """Return what each did, and how many requests brought a foreign bridge the key."""
    async with _both() as (hass, served, sides):
        rest = await _at_rest(sides)
        quiet = await _latencies(sides)
        busy = await _while_busy(sides)
        event_us = {name: await _event_us(side) for name, side in sides.items()}
        results = {}
        for name, side in sides.items():
            lamps = list(side.lamps.values())
            results[name] = Beside(
                *rest[name],
                quiet[name],
                busy[name],
                event_us[name],
                await _burst(side, lamps[:1]),
                await _burst(side, lamps),
                await _switch_area(side),
            )
        return results, await _foreign(hass, served, sides["lantern"].bridge)


@asynccontextmanager
async def _both() -> AsyncGenerator[tuple[HomeAssistant, Served, dict[str, Side]]]:
    """Set both up at houses that are alike."""
    bridges = {
        name: HueBridge(house=generate_v2(LAMPS, ACCESSORIES, _ROOM))
        for name in ("lantern", "hue")
    }
    served = Served(*bridges.values())
    with served.served():
        async with home() as hass:
            await add_lantern(hass, bridges["lantern"])
            await add_core(hass, bridges["hue"], 2)
            await asyncio.sleep(2)
            for bridge in bridges.values():
                bridge.answer_seconds = _ANSWER
                if not bridge.streams:
                    raise RuntimeError("nobody listens to a bridge's events")
            yield (
                hass,
                served,
                {
                    name: Side(hass, served, name, bridge)
                    for name, bridge in bridges.items()
                },
            )


async def _at_rest(sides: dict[str, Side]) -> dict[str, list[int]]:
    """Return requests, writes and bytes per hour while nothing happens."""
    for side in sides.values():
        side.bridge.requests.clear()
    await asyncio.sleep(_REST)
    daily: dict[str, list[int]] = {}
    for name, side in sides.items():
        log = list(side.bridge.requests)
        writes = sum(request.method != "GET" for request in log)
        size = sum(request.size for request in log)
        daily[name] = [amount * _HOUR // _REST for amount in (len(log), writes, size)]
    # Lantern reads the house seldom: one read, as often as there are in an hour.
    side = sides["lantern"]
    interval = side.entry.runtime_data.update_interval.total_seconds()
    side.bridge.requests.clear()
    await side.entry.runtime_data.async_refresh()
    reads = list(side.bridge.requests)
    for index, amount in enumerate((len(reads), 0, sum(r.size for r in reads))):
        daily["lantern"][index] += round(amount * _HOUR / interval)
    return daily


async def _shown(side: Side, turn: int) -> float:
    """Return the seconds from a change at the bridge to the state."""
    shown: asyncio.Future[float] = side.hass.loop.create_future()
    wanted: list[str] = []
    early: dict[str, float] = {}

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        entity = event.data["entity_id"]
        early.setdefault(entity, perf_counter())
        if wanted and entity == wanted[0] and not shown.done():
            shown.set_result(early[entity])

    remove = side.hass.bus.async_listen(EVENT_STATE_CHANGED, note)

    async def change() -> tuple[float, str]:
        begun = perf_counter()
        return begun, side.change(turn)

    begun, entity = await asyncio.wrap_future(side.served.start(change()))
    wanted.append(entity)
    if entity in early:
        shown.set_result(early[entity])
    try:
        async with asyncio.timeout(_PATIENCE):
            return await shown - begun
    finally:
        remove()


async def _latencies(sides: dict[str, Side]) -> dict[str, Waits]:
    """Return how long each took to show 200 changes, in turns of twenty."""
    waits: dict[str, list[float]] = {name: [] for name in sides}
    with no_collection():
        for first in range(0, EVENTS, _TURN):
            for name, side in sides.items():
                for turn in range(first, first + _TURN):
                    waits[name].append(1000 * await _shown(side, turn))
                    await asyncio.sleep(0.02)
    return {name: Waits(median(some), max(some)) for name, some in waits.items()}


async def _while_busy(sides: dict[str, Side]) -> dict[str, Waits]:
    """Return the same while twelve lamps change ten times a second."""
    latencies = {}
    for name, side in sides.items():

        async def dim(side: Side = side) -> None:
            while True:
                side.bridge.change_lamps(list(side.lamps)[:_BUSY_LAMPS])
                await asyncio.sleep(_BUSY_PAUSE)

        dimming = side.served.start(dim())
        try:
            latencies |= await _latencies({name: side})
        finally:
            dimming.cancel()
        await asyncio.sleep(1)
    return latencies


async def _event_us(side: Side) -> float:
    """Return the CPU time (µs) from the socket to the state, per lamp event."""
    number = list(side.lamps)[-1]

    async def dim() -> None:
        for turn in range(EVENTS):
            side.bridge.set_light(number, on=True, bri=20 + turn)
            await asyncio.sleep(0.01)

    written = 0

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        nonlocal written
        written += event.data["entity_id"] == side.lamps[number]

    remove = side.hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    with no_collection():
        start = thread_time_ns()
        await asyncio.wrap_future(side.served.start(dim()))
        await asyncio.sleep(0.1)
        taken = (thread_time_ns() - start) / 1000
    remove()
    # Two that arrive together are one state.
    if written < 0.95 * EVENTS:
        raise RuntimeError(f"{written} of {EVENTS} events were shown")
    return taken / EVENTS


async def _burst(side: Side, lamps: list[str]) -> Burst:
    """Drag sliders: 200 brightness changes within five seconds."""
    bridge, hass = side.bridge, side.hass
    bridge.requests.clear()
    bridge.violations.clear()
    wishes: dict[str, int] = {}
    calls = []
    for number in range(_COMMANDS):
        lamp = lamps[number % len(lamps)]
        wishes[lamp] = 50 + number % 200
        data = {"entity_id": lamp, "brightness": wishes[lamp]}
        call = hass.services.async_call("light", "turn_on", data, blocking=True)
        calls.append(hass.async_create_task(_outcome(call)))
        await asyncio.sleep(5 / _COMMANDS)
    outcomes = await asyncio.gather(*calls)
    numbers = {entity: number for number, entity in side.lamps.items()}
    wrong = 0
    for lamp, wanted in wishes.items():
        state = bridge.house.lights[numbers[lamp]]["state"]
        wrong += not (state["on"] and abs(state["bri"] * 255 / 254 - wanted) <= 2)
    puts = sum(
        request.method == "PUT" and request.status == 200 for request in bridge.requests
    )
    return Burst(puts, wrong, outcomes.count(False), len(bridge.violations))


async def _outcome(call: Any) -> bool:
    try:
        await call
    except HomeAssistantError:
        return False
    return True


async def _switch_area(side: Side) -> tuple[int, float]:
    """Switch ten lamps and their room's light in one call, off and on again."""
    times, puts = [], []
    data = {"entity_id": [*side.members, side.room]}
    lamps = [side.bridge.house.lights[n] for n in side.bridge.house.members("1")]
    for action in ("turn_off", "turn_on", "turn_off", "turn_on"):
        await asyncio.sleep(3)
        side.bridge.requests.clear()
        is_on = action == "turn_on"
        seen = asyncio.wrap_future(side.served.start(_reached(lamps, is_on=is_on)))
        start = monotonic()
        await side.hass.services.async_call("light", action, data, blocking=True)
        times.append(await seen - start)
        puts.append(sum(request.method == "PUT" for request in side.bridge.requests))
    return round(median(puts)), median(times)


async def _reached(lamps: list[dict[str, Any]], *, is_on: bool) -> float:
    """Return when the last lamp was switched."""
    return await _when(lambda: all(lamp["state"]["on"] is is_on for lamp in lamps))


async def _when(so: Callable[[], bool]) -> float:
    async with asyncio.timeout(_PATIENCE):
        while not so():
            await asyncio.sleep(0.002)
    return monotonic()


async def _foreign(hass: HomeAssistant, served: Served, bridge: HueBridge) -> int:
    """Let another bridge answer at Lantern's address; return the keys that it saw."""
    entry = hass.config_entries.async_entries("lantern")[0]
    foreign = await asyncio.to_thread(served.replace, bridge)
    await entry.runtime_data.async_refresh()
    if entry.runtime_data.last_update_success:
        raise RuntimeError("a poll of a foreign bridge succeeded")
    return foreign.foreign_keys + sum(
        "username" in request.params for request in foreign.requests
    )

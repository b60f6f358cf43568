"""From the bytes of an event to the states: Lantern and Home Assistant's hue on API v2.

Both get the same messages, as their streams hand them over: a lamp that is dimmed,
with what the bridge tells of its room and of the whole home. Sockets are left out.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
import json
from statistics import median
from time import thread_time_ns
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity

from custom_components.lantern.hue.client.event_stream import messages
from simulator.hue import HueBridge, generate_v2

from .home import home
from .measuring import no_collection
from .sides.bridges import BRIDGE_ID, Served, add_core, add_lantern

LAMPS = (50, 300)
_ACCESSORIES = 20
_ROOM = 10
_EVENTS = 600
_READS = 12
_TURN = 20

type Feed = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Applied:
    """Median CPU time (µs) of an event and of a full read, by integration.

    `writes` is what of an event is Home Assistant's own writing of states.
    """

    lamps: int
    event: dict[str, float]
    writes: dict[str, float]
    read: dict[str, float]


async def measure() -> list[Applied]:
    """Measure all houses."""
    return [await _of(lamps) for lamps in LAMPS]


async def _of(lamps: int) -> Applied:
    names = ("lantern", "hue")
    bridges = {
        name: HueBridge(house=generate_v2(lamps, _ACCESSORIES, _ROOM)) for name in names
    }
    served = Served(*bridges.values())
    with served.served():
        async with home() as hass:
            lantern = (await add_lantern(hass, bridges["lantern"])).runtime_data
            core = (await add_core(hass, bridges["hue"], 2)).runtime_data.api
            await asyncio.sleep(2)
            _disable(hass, "lantern", f"hue:{BRIDGE_ID}_all_lights")
            await hass.async_block_till_done()
            feeds = {"lantern": _lantern_feed(lantern), "hue": _core_feed(core)}
            number, found = str(lamps // 2), {}
            for name, bridge in bridges.items():
                lamp = _Lamp(hass, bridge, name, number)
                found[name] = await _event_us(feeds[name], lamp)
            reads = {"lantern": lantern.async_refresh, "hue": core.fetch_full_state}
            return Applied(
                lamps,
                {name: one[0] for name, one in found.items()},
                {name: one[1] for name, one in found.items()},
                {name: await _read_us(reads[name]) for name in names},
            )


def _sum_id(bridge: HueBridge, path: str) -> str:
    """Return the id of what the bridge tells of a room's or all lights together."""
    return next(
        str(one["id"])
        for one in bridge.view().everything().values()
        if one["type"] == "grouped_light" and one.get("id_v1") == path
    )


def _disable(hass: HomeAssistant, platform: str, unique_id: str) -> None:
    """Disable the light of all lights: it is off by default, and hue has none here."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id("light", platform, unique_id)
    assert entity_id is not None
    registry.async_update_entity(
        entity_id, disabled_by=er.RegistryEntryDisabler.INTEGRATION
    )


class _Lamp:
    """A lamp, the messages that dim it, and where it is shown."""

    def __init__(
        self, hass: HomeAssistant, bridge: HueBridge, platform: str, number: str
    ) -> None:
        """Find the lamp's entity by its name."""
        shown = bridge.view().everything()
        self._light = shown[bridge.v2_id(f"/lights/{number}#light")]
        room = next(k for k, g in bridge.house.groups.items() if number in g["lights"])
        self._groups = [_sum_id(bridge, f"/groups/{one}") for one in (room, "0")]
        self._hass = hass
        name = bridge.house.lights[number]["name"]
        (self._entity_id,) = [
            state.entity_id
            for one in er.async_get(hass).entities.values()
            if one.platform == platform
            and (state := hass.states.get(one.entity_id)) is not None
            and state.domain == "light"
            and state.name == name
        ]

    def line(self, percent: float) -> bytes:
        """Return the line of a message that dims the lamp."""
        dimmed = {"on": {"on": True}, "dimming": {"brightness": percent}}
        head = ("id", "id_v1", "owner", "service_id", "type")
        lamp = {key: self._light[key] for key in head} | dimmed
        groups = [
            {"id": one, "type": "grouped_light", **dimmed} for one in self._groups
        ]
        time = "2026-09-21T14:13:20Z"
        message = [
            {"creationtime": time, "id": rid, "type": "update", "data": items}
            for rid, items in (("lamp", [lamp]), ("groups", groups))
        ]
        return f"data: {json.dumps(message)}\n".encode()

    def check(self, percent: float) -> None:
        """Raise unless the lamp is shown so."""
        state = self._hass.states.get(self._entity_id)
        assert state is not None
        if abs(state.attributes["brightness"] - percent * 2.55) > 1:
            raise RuntimeError(f"{self._entity_id} does not show {percent} %")


def _lantern_feed(coordinator: Any) -> Feed:
    async def feed(line: bytes) -> None:
        async def chunks() -> AsyncGenerator[bytes]:
            yield line + b"\n"

        async for message in messages(chunks()):
            coordinator.handle_message(message)

    return feed


def _core_feed(api: Any) -> Feed:
    parse = api.events._EventStream__parse_message  # noqa: SLF001  # it has no other way

    async def feed(line: bytes) -> None:
        parse(line)

    return feed


async def _turns(feed: Feed, lines: list[bytes]) -> float:
    """Return the CPU time (µs) per message; aiohue applies them in later turns."""
    start = thread_time_ns()
    for line in lines:
        await feed(line)
    for _ in range(2 * len(lines)):
        await asyncio.sleep(0)
    return (thread_time_ns() - start) / 1000 / len(lines)


async def _event_us(feed: Feed, lamp: _Lamp) -> tuple[float, float]:
    """Return the median CPU time (µs) of an event, and of its state writes."""

    async def nothing(_: bytes) -> None:
        return

    spent = 0
    write = Entity.async_write_ha_state

    def timed(entity: Entity) -> None:
        nonlocal spent
        start = thread_time_ns()
        write(entity)
        spent += thread_time_ns() - start

    async def run(events: int) -> list[float]:
        times = []
        for turn in range(events):
            percent = 20 + 37 * turn % 700 / 10
            line = lamp.line(percent)
            idle = await _turns(nothing, [line])
            times.append(await _turns(feed, [line]) - idle)
            lamp.check(percent)
        return times

    with no_collection():
        await run(_TURN)
        event = median(await run(_EVENTS))
        with patch.object(Entity, "async_write_ha_state", timed):
            await run(_EVENTS)
    return event, spent / 1000 / _EVENTS


async def _read_us(read: Callable[[], Awaitable[None]]) -> float:
    """Return the median CPU time (µs) of a full read in which nothing is new."""
    times = []
    with no_collection():
        for _ in range(_READS):
            start = thread_time_ns()
            await read()
            times.append((thread_time_ns() - start) / 1000)
    return median(times)

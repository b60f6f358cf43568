"""The whole path of a poll over loopback: a Hue house, from the socket to the states."""

from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_platform
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .home import home
from .measuring import Work, in_turns
from .sides.bridges import Bridges

LAMPS = (20, 100, 300)
_ACCESSORIES = 20


@dataclass(frozen=True, slots=True)
class Polled:
    """CPU time (µs) of a poll, and its requests, by integration."""

    lamps: int
    changed: int
    us: dict[str, float]
    requests: dict[str, int]


async def measure(rounds: int = 15) -> list[Polled]:
    """Measure all houses, with nothing and with one lamp changed."""
    return [result for lamps in LAMPS for result in await _of(lamps, rounds)]


async def _of(lamps: int, rounds: int) -> list[Polled]:
    bridges = Bridges(lamps, _ACCESSORIES)
    # The stream would tell of changes before the poll does.
    bridges.secure.clip_v2 = False
    results = []
    with bridges.served():
        async with home() as hass:
            lantern = (await bridges.add_lantern(hass)).runtime_data
            await bridges.add_core(hass)
            work: dict[str, Work] = {
                "lantern": lantern.async_refresh,
                "hue": lambda: _refresh_core(hass),
            }
            for changed in (0, 1):

                def prepared(name: str, changed: int = changed) -> Work:
                    if changed:
                        bridges.call(lambda: _dim(bridges))
                    return work[name]

                turns = {name: lambda n=name: prepared(n) for name in work}
                us = await in_turns(hass, rounds, turns)
                requests = {}
                for name, bridge in (
                    ("lantern", bridges.secure),
                    ("hue", bridges.plain),
                ):
                    bridge.requests.clear()
                    await work[name]()
                    requests[name] = len(bridge.requests)
                _check(hass, bridges)
                results.append(Polled(lamps, changed, us, requests))
    return results


def _dim(bridges: Bridges) -> None:
    """Let somebody dim the second lamp by one step."""
    state = bridges.secure.house.lights["2"]["state"]
    bridges.secure.set_light("2", on=True, bri=state["bri"] % 200 + 1)


async def _refresh_core(hass: HomeAssistant) -> None:
    for coordinator in _core_coordinators(hass):
        await coordinator.async_refresh()


def _core_coordinators(hass: HomeAssistant) -> list[DataUpdateCoordinator[object]]:
    """Return the coordinators of Home Assistant's hue: lamps, rooms, accessories."""
    coordinators: dict[int, DataUpdateCoordinator[object]] = {}
    for platform in entity_platform.async_get_platforms(hass, "hue"):
        for entity in platform.entities.values():
            owner = getattr(entity, "coordinator", None)
            if owner is None:
                owner = entity.bridge.sensor_manager.coordinator  # type: ignore[attr-defined]  # hue's own
            coordinators[id(owner)] = owner
    return list(coordinators.values())


def _check(hass: HomeAssistant, bridges: Bridges) -> None:
    """Raise unless both show the second lamp as the bridge has it."""
    bri = bridges.secure.house.lights["2"]["state"]["bri"]
    shown = [
        state.attributes["brightness"]
        for state in hass.states.async_all("light")
        if state.name == "Lamp 2" and state.state == "on"
    ]
    near = [abs(brightness - bri * 255 / 254) <= 1 for brightness in shown]
    if bridges.secure.house.lights["2"]["state"]["on"] and near != [True, True]:
        raise RuntimeError(f"lamp 2 has {bri}, but is shown as {shown}")

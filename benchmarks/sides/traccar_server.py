"""Home Assistant's traccar_server: devices and positions, as parsed JSON."""

import asyncio
from collections.abc import Mapping
from typing import Any, override

from homeassistant.core import HomeAssistant
from pytraccar import ApiClient

from benchmarks.home import add_entry

from . import Side

_DATA = {
    "host": "127.0.0.1",
    "port": 8082,
    "api_token": "made-up",
    "ssl": False,
    "verify_ssl": False,
}


class TraccarSide(Side):
    """Devices that report: location, speed and altitude change."""

    domain = "traccar_server"
    keys = frozenset({None, "speed", "altitude", "attributes.motion"})

    @override
    def __init__(self, devices: int) -> None:
        super().__init__(devices)
        now = self.time.isoformat()
        self._devices = [_device(number, now) for number in range(devices)]
        self._positions = [_position(number, now) for number in range(devices)]
        self.answer: dict[str, Any] = {}
        self._ready()

    def _ready(self) -> None:
        bodies = {"devices": self._devices, "positions": self._positions}
        self.answer = {name: self.body(body) for name, body in bodies.items()}

    @override
    async def load(self, hass: HomeAssistant) -> None:
        async def devices(_: ApiClient) -> Any:
            return self.as_read(self.answer["devices"])

        async def positions(_: ApiClient) -> Any:
            return self.as_read(self.answer["positions"])

        async def geofences(_: ApiClient) -> Any:
            return []

        async def subscribe(_: ApiClient, __: object) -> None:
            await asyncio.Event().wait()

        for name, answer in (
            ("get_devices", devices),
            ("get_positions", positions),
            ("get_geofences", geofences),
            ("subscribe", subscribe),
        ):
            self.replace(hass, ApiClient, name, answer)
        entry = await add_entry(hass, self.domain, _DATA, version=2)
        self.coordinator = entry.runtime_data

    @override
    def prepare(self, changed: int) -> None:
        self.step += 1
        now = self.time.isoformat()
        for number in range(changed):
            self._devices[number]["lastUpdate"] = now
            self._positions[number] |= {
                "id": self._positions[number]["id"] + 1_000_000,
                "fixTime": now,
                "deviceTime": now,
                "serverTime": now,
                "latitude": round(54 + self.step % 1000 / 1000, 5),
                "speed": 10 + self.step % 50,
                "altitude": 20 + self.step % 50,
            }
        self._ready()

    @override
    def forget(self) -> None:
        self.answer = {}

    @override
    async def refresh(self) -> None:
        await self.coordinator.async_refresh()

    @override
    def expected(self, number: int) -> Mapping[str, Any]:
        position = self._positions[number]
        return {
            f"made-up-{number}": position["latitude"],
            f"made-up-{number}_position_altitude": position["altitude"],
        }


class DecodingTraccarSide(TraccarSide):
    """The same, one layer deeper: its library reads the answers."""

    decodes = True


def _device(number: int, now: str) -> dict[str, Any]:
    return {
        "id": number + 1,
        "name": f"Van {number}",
        "uniqueId": f"made-up-{number}",
        "status": "online",
        "disabled": False,
        "lastUpdate": now,
        "positionId": number + 1,
        "groupId": 0,
        "phone": None,
        "model": "Van",
        "contact": None,
        "category": "car",
        "attributes": {},
    }


def _position(number: int, now: str) -> dict[str, Any]:
    return {
        "id": number + 1,
        "deviceId": number + 1,
        "protocol": "osmand",
        "deviceTime": now,
        "fixTime": now,
        "serverTime": now,
        "outdated": False,
        "valid": True,
        "latitude": 54.0,
        "longitude": 7.9,
        "altitude": 2,
        "speed": 0,
        "course": 90,
        "address": "45, Harbour Lane, Windhaven",
        "accuracy": 8,
        "network": None,
        "geofenceIds": None,
        "attributes": {
            "batteryLevel": 33,
            "distance": 0.0,
            "totalDistance": 1200.0,
            "motion": True,
        },
    }

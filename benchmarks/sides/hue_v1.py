"""Home Assistant's hue, its v1 path: motion sensors and dimmers, as parsed JSON."""

from collections.abc import Mapping
from typing import Any, override

from aiohue import HueBridgeV1
from homeassistant.core import HomeAssistant

from benchmarks.home import add_entry
from simulator.hue import accessories
from simulator.hue.config import fresh
from simulator.hue.lamps import mac

from . import Side

_BRIDGE = "001788fffe0a0b0c"
_DATA = {"host": "127.0.0.1", "api_key": "made-up", "api_version": 1}


class HueSide(Side):
    """Motion sensors that report: motion, light level and temperature change.

    A motion sensor has three entities; a dimmer for each brings the fourth.
    """

    domain = "hue"
    keys = frozenset({None})

    @override
    def __init__(self, devices: int) -> None:
        super().__init__(devices)
        self._sensors: dict[str, Any] = {}
        for number in range(devices):
            parts = [
                *accessories.motion(f"Motion {number}", mac(number + 1)),
                *accessories.dimmer(f"Dimmer {number}", mac(0x10000 + number)),
            ]
            for part in parts:
                self._sensors[str(len(self._sensors) + 1)] = part
        self._each = len(self._sensors) // devices
        self.answer: dict[str, Any] = {}
        self._ready()

    def _ready(self) -> None:
        whole = {
            "config": fresh("BSB002", _BRIDGE),
            "lights": {},
            "groups": {},
            "scenes": {},
            "sensors": self._sensors,
        }
        self.answer = {name: self.body(part) for name, part in whole.items()}
        self.answer[""] = self.body(whole)

    def _part(self, number: int, kind: str) -> dict[str, Any]:
        first = number * self._each + 1
        for candidate in range(first, first + self._each):
            if self._sensors[str(candidate)]["type"] == kind:
                return self._sensors[str(candidate)]
        raise KeyError(kind)

    @override
    async def load(self, hass: HomeAssistant) -> None:
        async def request(
            _: HueBridgeV1, method: str, endpoint: str, json: object = None
        ) -> Any:
            return dict(self.as_read(self.answer[endpoint]))

        self.replace(hass, HueBridgeV1, "request", request)
        entry = await add_entry(hass, self.domain, _DATA, unique_id=_BRIDGE)
        self.coordinator = entry.runtime_data.sensor_manager.coordinator

    @override
    def prepare(self, changed: int) -> None:
        self.step += 1
        for number in range(changed):
            self._part(number, "ZLLTemperature")["state"]["temperature"] = (
                2000 + self.step % 500
            )
            self._part(number, "ZLLLightLevel")["state"]["lightlevel"] = (
                10_000 + self.step % 5000
            )
            self._part(number, "ZLLPresence")["state"]["presence"] = bool(self.step % 2)
        self._ready()

    @override
    async def refresh(self) -> None:
        await self.coordinator.async_refresh()

    @override
    def expected(self, number: int) -> Mapping[str, Any]:
        part = self._part(number, "ZLLTemperature")
        return {part["uniqueid"]: round(part["state"]["temperature"] / 100, 5)}


class DecodingHueSide(HueSide):
    """The same, one layer deeper: its library reads the answers."""

    decodes = True

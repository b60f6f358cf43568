"""Lantern's Lightbug room: the fleet of the simulated service, as rows."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import orjson

from benchmarks.home import add_entry
from custom_components.lantern.lightbug import coordinator
from custom_components.lantern.lightbug.client import api
from custom_components.lantern.lightbug.client.api import LightbugApi
from custom_components.lantern.lightbug.client.devices import parse_row
from custom_components.lantern.transport.http import Answer, Http
from custom_components.lantern.transport.memo import Rows
from simulator.lightbug import Lightbug

from . import Side

USER = 4321
DATA = {
    "vendor": "lightbug",
    "auth": "token",
    "user_id": USER,
    "base_url": "http://127.0.0.1",
    "access_token": "made-up",
    "access_token_expires": None,
    "refresh_token": None,
    "refresh_token_expires": None,
}


class LanternSide(Side):
    """Trackers that send a new fix: location, speed and its time change."""

    domain = "lantern"
    keys = frozenset({"location", "speed", "last_fix", "moving"})

    @override
    def __init__(self, devices: int) -> None:
        super().__init__(devices)
        fleet = Lightbug(trackers=0, odd=False)
        rows = [fleet.add_started(1) for _ in range(devices)]
        self._summary = [row.summary("rich", row.points[-1:]) for row in rows]
        self._listed = [row.v2({"config"}) for row in rows]
        self._rows = Rows(parse_row), Rows(parse_row, within="data")
        self.answer: list[Any] = []
        self._ready()

    def bodies(self) -> tuple[bytes, bytes]:
        """Return what the service answers now: its summary, its list of devices."""
        page = {"page": 1, "totalElements": self.devices, "data": self._listed}
        return orjson.dumps(self._summary), orjson.dumps(page)

    def _ready(self) -> None:
        """Read the answers, as the client does: that is what the others get, too."""
        self.answer = [
            {row.id: row for row in rows.take(Answer(name, 200, {}, body))[1]}
            for name, rows, body in zip(
                ("summary", "devices"), self._rows, self.bodies(), strict=True
            )
        ]

    @override
    async def load(self, hass: HomeAssistant) -> None:
        side = self

        class Read(LightbugApi):
            """The client, with the answers read."""

            @override
            async def summary(self, user_id: int) -> Any:
                return side.answer[0], side.time

            @override
            async def devices(self) -> Any:
                return side.answer[1]

            @override
            async def activity(self, *_: Any) -> Any:
                return [], dt_util.utcnow()

            @override
            async def newest_readings(self, device_id: int) -> Any:
                return []

        self.replace(hass, coordinator, "LightbugApi", Read)
        await self.add(hass)

    async def add(self, hass: HomeAssistant) -> None:
        """Add the account's entry."""
        unique_id = f"lightbug:{USER}"
        entry = await add_entry(hass, self.domain, DATA, unique_id=unique_id)
        self.coordinator = entry.runtime_data

    @override
    def prepare(self, changed: int) -> None:
        self.step += 1
        now = self.time.isoformat()
        for number in range(changed):
            point = self._summary[number]["latestPoints"][0]
            point["id"] += 1_000_000
            point["timestamp"] = point["created"] = now
            point["location"]["lat"] = round(54 + self.step % 1000 / 1000, 5)
            point["speed"] = 10 + self.step % 50
        self._ready()

    @override
    async def refresh(self) -> None:
        await self.coordinator.async_refresh()

    @override
    def expected(self, number: int) -> Mapping[str, Any]:
        row = self._summary[number]
        device_id, point = row["id"], row["latestPoints"][0]
        return {
            f"lightbug:{device_id}_location": round(point["location"]["lat"], 5),
            f"lightbug:{device_id}_speed": round(point["speed"], 5),
        }


class DecodingSide(LanternSide):
    """The same fleet, one layer deeper: Lantern decodes the answers itself."""

    @override
    def _ready(self) -> None:
        self.answer = dict(
            zip(("getDeviceSummary", "v2/devices"), self.bodies(), strict=True)
        )

    @override
    def forget(self) -> None:
        self.answer = {}

    @override
    async def load(self, hass: HomeAssistant) -> None:
        side = self

        class Here(Http):
            """The request path, with the answers at hand."""

            @override
            async def request(self, endpoint: str, *_: Any, **__: Any) -> Answer:
                body = side.answer.get(endpoint, b"[]")
                return Answer(endpoint, 200, {}, body, side.time)

        self.replace(hass, api, "Http", Here)
        await self.add(hass)

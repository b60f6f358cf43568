"""Home Assistant's scorpiontrack: shared vehicles, as its library's models."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.core import HomeAssistant
from pyscorpiontrack import (
    ScorpionTrackClient,
    ScorpionTrackPosition,
    ScorpionTrackShare,
    ScorpionTrackVehicle,
)

from benchmarks.home import add_entry

from . import Side

_SHARE = 7


class ScorpionTrackSide(Side):
    """Vehicles that report: location, speed and its time change."""

    domain = "scorpiontrack"
    keys = frozenset({None, "speed", "last_reported"})

    @override
    def __init__(self, devices: int) -> None:
        super().__init__(devices)
        now = self.time
        self._places = [(54.0, 10.0, now)] * devices
        self.answer: ScorpionTrackShare
        self._ready()

    def _ready(self) -> None:
        """Build the models anew, as the library does from each answer."""
        self.answer = ScorpionTrackShare(
            id=_SHARE,
            token="made-up",
            title="Fleet",
            owner_name="Robin",
            distance_units="km",
            created_at=None,
            expires_at=None,
            vehicles=tuple(
                _vehicle(number, *place) for number, place in enumerate(self._places)
            ),
        )

    @override
    async def load(self, hass: HomeAssistant) -> None:
        async def share(_: ScorpionTrackClient) -> ScorpionTrackShare:
            return self.answer

        await self._load(hass, share)

    async def _load(self, hass: HomeAssistant, share: object) -> None:
        self.replace(hass, ScorpionTrackClient, "async_get_share", share)
        entry = await add_entry(hass, self.domain, {"share_token": "made-up"})
        self.coordinator = entry.runtime_data

    @override
    def prepare(self, changed: int) -> None:
        self.step += 1
        now = self.time
        place = (round(54 + self.step % 1000 / 1000, 5), 10.0 + self.step % 50, now)
        self._places[:changed] = [place] * changed
        self._ready()

    @override
    async def refresh(self) -> None:
        await self.coordinator.async_refresh()

    @override
    def expected(self, number: int) -> Mapping[str, Any]:
        latitude, speed, _ = self._places[number]
        return {
            f"{_SHARE}_{number}": latitude,
            f"{_SHARE}_{number}_speed": round(speed, 5),
        }


class DecodingScorpionTrackSide(ScorpionTrackSide):
    """The same, one layer deeper: its library reads the answer and makes the models."""

    decodes = True

    @override
    def _ready(self) -> None:
        vehicles = [_row(number, *place) for number, place in enumerate(self._places)]
        user = {"first_name": "Robin", "distance_units": "km"}
        share = {"id": _SHARE, "title": "Fleet", "user": user, "vehicles": vehicles}
        self.answer = self.body({"data": share})

    @override
    async def load(self, hass: HomeAssistant) -> None:
        async def share(client: ScorpionTrackClient) -> ScorpionTrackShare:
            return client._parse_share(self.as_read(self.answer))  # noqa: SLF001  # all that it does with an answer

        await self._load(hass, share)


def _row(
    number: int, latitude: float, speed: float, time: datetime
) -> dict[str, object]:
    return {
        "id": number,
        "name": f"Vehicle {number}",
        "registration": f"AB{number:05}",
        "make": "Made-up",
        "model": "Van",
        "latest_position": {
            "lat": latitude,
            "lng": 7.9,
            "timestamp": time.isoformat(),
            "speed": speed,
            "ignition": True,
            "bearing": 90.0,
            "address": "45, Harbour Lane, Windhaven",
        },
    }


def _vehicle(
    number: int, latitude: float, speed: float, time: datetime
) -> ScorpionTrackVehicle:
    return ScorpionTrackVehicle(
        id=number,
        name=f"Vehicle {number}",
        registration=f"AB{number:05}",
        make="Made-up",
        model="Van",
        position=ScorpionTrackPosition(
            latitude=latitude,
            longitude=7.9,
            timestamp=time,
            speed_kmh=speed,
            ignition=True,
            bearing=90.0,
            address="45, Harbour Lane, Windhaven",
        ),
        status="moving",
    )

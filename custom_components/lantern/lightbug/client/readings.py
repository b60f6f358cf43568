"""A tracker's sensor readings: which of them are shown, and what they say together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ...transport import parsing
from .models import NO_READINGS, Readings, Row, as_time, within
from .points import Clock

type Reads = Callable[[object], Any]


def _between(low: float, high: float) -> Callable[[object], float | None]:
    """Return what reads a number that can be true."""
    return lambda value: within(value, low, high)


def _fill_level_temperature(value: object) -> float | None:
    """Return the temperature in °C of a fill level's object (`ultra`)."""
    return _TEMPERATURE(parsing.as_dict(value).get("temp"))


def _fill_distance(value: object) -> float | None:
    """Return the distance in mm to what a fill level sensor (`ultra`) sees.

    None without an echo: `numObjects` is 0, or the distance is.
    """
    level = parsing.as_dict(value)
    if parsing.as_int(level.get("numObjects")) == 0:
        return None
    return within(level.get("distance"), 0, _FARTHEST) or None


def _charging_voltage(value: object) -> float | None:
    """Return a charging voltage in V; it is sent in mV."""
    millivolts = within(value, 0, 100_000)
    return None if millivolts is None else millivolts / 1000


_TEMPERATURE = _between(-100, 200)
_HUMIDITY = _between(0, 100)
_PRESSURE = _between(300, 1200)
_FARTHEST = 100_000

# What is shown, and by which types of reading: the first that a tracker has counts,
# so that two thermometers do not take turns. `temp` is the one inside the case, which
# is warmer than the air.
_SHOWN: dict[str, dict[str, Reads]] = {
    "temperature": {
        "temp_bme": _TEMPERATURE,
        "temp": _TEMPERATURE,
        "ultra": _fill_level_temperature,
    },
    "humidity": {"humidity_bme": _HUMIDITY, "humidity": _HUMIDITY},
    "pressure": {"pressure_bme": _PRESSURE, "pressure": _PRESSURE},
    "external_voltage": {"ext_voltage": _between(0, 100)},
    "charging_voltage": {"chg_voltage": _charging_voltage},
    "light": {"light": _between(0, 1e6)},
    "fill_distance": {"ultra": _fill_distance},
    "tampered": {"tamper_detected": parsing.as_bool},
}
TYPES = list(dict.fromkeys(kind for kinds in _SHOWN.values() for kind in kinds))
"""The types of reading that are shown; the others are not even asked for."""

# One sensor measures these three, and sends all as 0 while it is not ready.
_BME = frozenset({"temp_bme", "humidity_bme", "pressure_bme"})
_AT_ONE_TIME = timedelta(seconds=5)


def _time(row: Row, clock: Clock) -> datetime | None:
    """Return when a reading was taken."""
    taken, created = as_time(row.get("timestamp")), as_time(row.get("created"))
    return clock.time_of(taken, created)


def _is_not_ready(
    kind: str, time: datetime | None, zeros: list[tuple[str, datetime | None]]
) -> bool:
    """Return whether another value of the same sensor is 0 at the same time, too."""
    return any(
        other != kind
        and (time == at or (time and at and abs(time - at) <= _AT_ONE_TIME))
        for other, at in zeros
    )


@dataclass(slots=True)
class ReadingState:
    """The newest reading of each type of one tracker."""

    values: Readings = NO_READINGS
    _newest: dict[str, tuple[datetime | None, object]] = field(
        default_factory=dict, repr=False
    )

    def clear(self) -> None:
        """Show nothing until there is something newer to learn from."""
        self.values = NO_READINGS

    def take(self, rows: list[Row], clock: Clock) -> None:
        """Learn from readings what is not older than what is known."""
        readings = [
            (kind, _time(row, clock), row.get("value"))
            for row in rows
            if (kind := parsing.as_str(row.get("type"))) in TYPES
        ]
        zeros = [
            (kind, time)
            for kind, time, value in readings
            if kind in _BME and parsing.as_float(value) == 0
        ]
        for kind, time, value in readings:
            if (kind, time) not in zeros or not _is_not_ready(kind, time, zeros):
                self._take(kind, time, value)
        self.values = Readings(
            **{key: self._first(kinds) for key, kinds in _SHOWN.items()}
        )

    def _take(self, kind: str, time: datetime | None, value: object) -> None:
        newest, _ = self._newest.get(kind, (None, None))
        if kind not in self._newest or (time and (newest is None or time > newest)):
            self._newest[kind] = (time, value)

    def _first(self, kinds: dict[str, Reads]) -> Any:
        """Return what the first type says that says something."""
        for kind, read in kinds.items():
            if kind in self._newest:
                value = read(self._newest[kind][1])
                if value is not None:
                    return value
        return None

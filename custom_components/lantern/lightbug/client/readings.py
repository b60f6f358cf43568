"""A tracker's sensor readings: which of them are shown, and what they say together."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ...transport import parsing
from .models import NO_READINGS, Readings, Row, within
from .points import taken_at

type Reads = Callable[[object], float | None]


def _between(low: float, high: float) -> Reads:
    """Return what reads a number that can be true."""
    return lambda value: within(value, low, high)


def _fill_level(value: object) -> float | None:
    """Return the temperature in °C of a fill level's object (`ultra`)."""
    return _TEMPERATURE(parsing.as_dict(value).get("temp"))


_TEMPERATURE = _between(-100, 200)
_HUMIDITY = _between(0, 100)
_PRESSURE = _between(300, 1200)

# What is shown, and by which types of reading: the first that a tracker has counts,
# so that two thermometers do not take turns.
_SHOWN: dict[str, dict[str, Reads]] = {
    "temperature": {
        "temp": _TEMPERATURE,
        "temp_bme": _TEMPERATURE,
        "ultra": _fill_level,
    },
    "humidity": {"humidity_bme": _HUMIDITY, "humidity": _HUMIDITY},
    "pressure": {"pressure_bme": _PRESSURE, "pressure": _PRESSURE},
    "external_voltage": {"ext_voltage": _between(0, 100)},
    "light": {"light": _between(0, 1e6)},
}
TYPES = [kind for kinds in _SHOWN.values() for kind in kinds]
"""The types of reading that are shown; the others are not even asked for."""


@dataclass(slots=True)
class ReadingState:
    """The newest reading of each type of one tracker."""

    values: Readings = NO_READINGS
    _newest: dict[str, tuple[datetime | None, object]] = field(
        default_factory=dict, repr=False
    )

    def lapse(self) -> None:
        """Show nothing until there is something newer to learn from."""
        self.values = NO_READINGS

    def take(self, rows: list[Row]) -> None:
        """Learn from readings what is not older than what is known."""
        for row in rows:
            kind = parsing.as_str(row.get("type"))
            if kind in TYPES:
                self._take(kind, taken_at(row), row.get("value"))
        self.values = Readings(
            **{key: self._first(kinds) for key, kinds in _SHOWN.items()}
        )

    def _take(self, kind: str, time: datetime | None, value: object) -> None:
        known, _ = self._newest.get(kind, (None, None))
        if kind not in self._newest or (time and (known is None or time > known)):
            self._newest[kind] = (time, value)

    def _first(self, kinds: dict[str, Reads]) -> float | None:
        """Return what the first type says that says something."""
        for kind, read in kinds.items():
            if kind in self._newest:
                found = read(self._newest[kind][1])
                if found is not None:
                    return found
        return None

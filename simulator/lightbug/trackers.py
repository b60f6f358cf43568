"""A tracker, and the shapes in which the two APIs show it."""

from dataclasses import dataclass, field, fields
from datetime import timedelta
from heapq import nlargest
import json
from math import cos, radians, sin
from typing import Any, Literal, Self

from . import filters, moments

type Row = dict[str, Any]
type Place = tuple[float, float]
type ClockKind = Literal["right", "ahead", "rolled_over", "reset"]

# How many points and readings of a tracker survive a restart.
KEPT = 1000
# What the bare OpenAPI document names for a point of the summary.
BARE_POINT = (
    "id",
    "timestamp",
    "location",
    "speed",
    "course",
    "accuracy",
    "sendReason",
    "address",
    "deviceId",
    "alertType",
)
# What the documentation site shows there instead.
RICH_POINT = (
    "location",
    "timestamp",
    "speed",
    "altitude",
    "course",
    "sendReason",
    "accuracy",
    "locationType",
    "averageCharge",
    "created",
    "address",
    "alertType",
    "gsmSignal",
    "correlationId",
    "id",
    "deviceId",
)
# How Go writes a time that was never set.
GO_ZERO = "0001-01-01T00:00:00Z"
# v1's `device` has these, v2's `Device` does not.
_V1_ONLY = frozenset(
    {"btMac", "deepSleep", "loraId", "mode", "saveToWeb", "simType", "simstate"}
)
# v1's `deviceConfig` has these, v2's `DeviceConfig` does not, or names them anew.
_V1_CONFIG_ONLY = frozenset(
    {
        "deviceId",
        "id",
        "movementSensitivity",
        "movementSensitivity2",
        "reasonsToWake",
        "safeZoneId",
        "timed",
        "updateAvailibility",
    }
)
# What the document of v1 calls required in a `deviceConfig`.
CONFIG_REQUIRED = ("interval", "sleepInterval", "packing", "wakeAction", "alertAction")
# Fields of `deviceConfig` that are text, times, lists or flags: the rest are numbers.
CONFIG_OTHER = {
    "currentFW": str,
    "otaFW": str,
    "reasonsToWake": list,
    "modified": str,
    "forceFw": bool,
    "receivedAt": str,
    "homeWifiNetwork": str,
    "wakeAction": str,
    "alertAction": str,
    "timed": list,
}


def config(device_id: int, received: str) -> Row:
    """Return v1's whole `deviceConfig` with the documented defaults."""
    return {
        "currentFW": "78",
        "otaFW": None,
        "interval": 300,
        "sleepInterval": 43200,
        "packing": 1,
        "movementSensitivity": 1,
        "debounce": 3,
        "movementSensitivity2": 2,
        "behavior": 0,
        "modeControl": 0,
        "modeControl2": 0,
        "gpsTimeout": 90,
        "transmitTimeout": 0,
        "gpsStabilize": 10,
        "gpsCheckInterval": 120,
        "stopTimeout": 90,
        "tolerancePercentage": 10,
        "reasonsToWake": [{"bluetooth": False, "move": True, "geofence": False}],
        "modified": None,
        "forceFw": False,
        "updateAvailibility": 0,
        "receivedAt": received,
        "reset": None,
        "flashTryCount": 0,
        "homeWifiNetwork": None,
        "wakeAction": "normal",
        "alertAction": "nothing",
        "timed": None,
        "command": None,
        "id": device_id + 5_000_000,
        "deviceId": device_id,
        "safeZoneId": None,
    }


def _present(row: Row) -> Row:
    """Return what is not null: v2 leaves out what it does not have."""
    return {name: value for name, value in row.items() if value is not None}


def _with_zeros(row: Row) -> Row:
    """Return a row with Go's zero time in place of the times that are null."""
    return {
        name: GO_ZERO if value is None and name in filters.TIMES else value
        for name, value in row.items()
    }


def _number(value: Any) -> Any:
    """Return a firmware as v2's integer, if v1's text is one."""
    return int(value) if isinstance(value, str) and value.isdigit() else value


@dataclass(slots=True)
class Tracker:
    """One tracker: v1's `device`, its config, subscription, points and readings.

    `points` and `readings` are in the order of their arrival. `home` is the
    middle of its made-up route and `step` how far along it is; `clock` is how wrong
    its own is; `flight` is the
    flight mode (minutes) that it takes up at its next connection.
    """

    device: Row
    config: Row
    subscription: Row | None
    home: Place
    points: list[Row] = field(default_factory=list)
    readings: list[Row] = field(default_factory=list)
    step: int = 0
    clock: ClockKind = "right"
    flight: float | None = None
    flight_until: float = 0.0

    @property
    def id(self) -> int:
        """Return the device id."""
        return int(self.device["id"])

    def own_time(self, moment: str) -> str:
        """Return what the tracker's own clock shows at a moment."""
        now = moments.read(moment)
        match self.clock:
            case "ahead":
                return moments.text(now + timedelta(days=400))
            case "rolled_over":
                # The week of GPS has ten bits.
                return moments.text(now - timedelta(weeks=1024))
            case "reset":
                return moments.text(moments.EPOCH + timedelta(seconds=7))
        return moment

    def connect(self, moment: str, now: float) -> None:
        """Connect to the server: pick up what waits there."""
        self.device["lastConnection"] = moment
        if self.config["modified"] is not None:
            self.config |= {"receivedAt": moment, "modified": None, "reset": None}
        if self.flight is not None:
            self.device["currentMode"] = 6
            self.flight_until, self.flight = now + self.flight * 60, None
        elif self.device["currentMode"] == 6 and now >= self.flight_until:
            self.device["currentMode"] = 0

    def newest(
        self, count: int, by: str, low: str, high: str, hide_approximate: bool
    ) -> list[Row]:
        """Return the newest points in a range of times, newest first."""
        matching = (
            point
            for point in self.points
            if low <= str(point.get(by) or "") <= high
            and not (hide_approximate and _approximate(point))
        )
        return nlargest(
            count, matching, key=lambda row: (str(row.get(by) or ""), row["id"])
        )

    def summary(self, shape: Literal["rich", "bare"], points: list[Row]) -> Row:
        """Return v1's device with `latestPoints` in one of its documented shapes."""
        if shape == "bare":
            latest = [{k: p[k] for k in BARE_POINT if k in p} for p in points]
            return self.device | {"latestPoints": latest}
        latest = [{k: p[k] for k in RICH_POINT if k in p} for p in points]
        for point in latest:
            # A number elsewhere; this page types it as a text or null.
            if point.get("alertType") is not None:
                point["alertType"] = str(point["alertType"])
        return self.device | {
            "latestPoints": latest,
            "config": self.config,
            "subscription": self.subscription or {},
        }

    def v2(self, include: set[str], *, zero_times: bool = False) -> Row:
        """Return v2's `Device`; times that are null as Go's zero time if so wanted."""
        device = {k: v for k, v in self.device.items() if k not in _V1_ONLY}
        row = _present(_with_zeros(device) if zero_times else device)
        if "batteryPct" in row:
            row["batteryPct"] = round(row["batteryPct"])
        if "config" in include:
            row["config"] = self._v2_config(zero_times)
        if self.subscription and include & {"subscription", "subscription.plan"}:
            row["subscription"] = dict(self.subscription)
            if "subscription.plan" not in include:
                del row["subscription"]["plan"]
        return row

    def _v2_config(self, zero_times: bool) -> Row:
        """Return v2's `DeviceConfig`: the same settings under other names."""
        old = _with_zeros(self.config) if zero_times else self.config
        new = {k: v for k, v in old.items() if k not in _V1_CONFIG_ONLY} | {
            "currentFW": _number(old["currentFW"]),
            "otaFW": _number(old["otaFW"]),
            "movementSensitivityOld": old["movementSensitivity"],
            "movementSensitivity": old["movementSensitivity2"],
            "reasonsToWake": (old["reasonsToWake"] or [None])[0],
            "timed": None if old["timed"] is None else json.dumps(old["timed"]),
            "updateAvailability": old["updateAvailibility"],
        }
        return _present(new)

    def state(self) -> Row:
        """Return the tracker as plain data, with the newest of its past."""
        row = {field.name: getattr(self, field.name) for field in fields(self)}
        latest = {name: row[name][-KEPT:] for name in ("points", "readings")}
        return row | latest | {"home": list(self.home)}

    @classmethod
    def restored(cls, state: Row) -> Self:
        """Return the tracker that plain data describes."""
        return cls(**state | {"home": tuple(state["home"])})


def _approximate(point: Row) -> bool:
    """Return whether a point is a "GSM / poor accuracy" location."""
    return point.get("locationType") == "gsm" or (point.get("accuracy") or 0) > 1000


def beside(place: Place, metres: float, course: float) -> Place:
    """Return the place so many metres from another, in a direction in degrees."""
    latitude, longitude = place
    north = metres * cos(radians(course)) / 111_195
    east = metres * sin(radians(course)) / 111_195
    return (
        round(latitude + north, 6),
        round(longitude + east / cos(radians(latitude)), 6),
    )

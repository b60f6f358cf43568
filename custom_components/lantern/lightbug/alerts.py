"""Alerts of trackers: from the account's activity and from `alertType`, each once."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ..transport import parsing
from .client.models import Row
from .client.points import BITS

OTHER = "other"
# What an activity's `type` or `subtype` means (types of `notificationTrigger`).
_KINDS = {
    "button": "button",
    "distance": "distance",
    "drop": "drop",
    "freefall": "drop",
    "generic": "generic",
    "geofence": "geofence",
    "geoentry": "geofence_enter",
    "humidity": "humidity",
    "humidity_bme": "humidity",
    "ignition": "ignition",
    "jamming": "jamming",
    "lowbat": "low_battery",
    "pressure": "pressure",
    "pressure_bme": "pressure",
    "proximity": "proximity",
    "rotation": "rotation",
    "speed": "speed",
    "temp": "temperature",
    "temp_bme": "temperature",
}
KINDS = [*dict.fromkeys((*BITS.values(), *_KINDS.values())), "geofence_exit", OTHER]
"""The event types of an alert."""

_ZONES = ("geofence", "geoentry")
_ENTERED = ("enter", "entr", "arriv")
_LEFT = ("exit", "leav", "left")

_FOR = timedelta(hours=24)
# Activity may be written a little after its own time.
_OVERLAP = timedelta(hours=1)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of a tracker; the first of its `keys` tells it from all others.

    `twin` is the key of the same alert as the other source tells it.
    """

    device_id: int
    kind: str
    time: datetime
    keys: tuple[str, ...]
    twin: str
    name: str | None = None
    zones: tuple[str, ...] = ()
    message: str | None = None

    @property
    def attributes(self) -> dict[str, Any]:
        """Return what an automation gets to know of it."""
        return {
            "time": self.time.isoformat(),
            "name": self.name,
            "zones": list(self.zones),
            "message": self.message,
        }


def _kind(params: Row, bits: tuple[str, ...]) -> str:
    """Return what an activity is about; `bits` are those of its point."""
    kind = (parsing.as_str(params.get("type")) or "").lower()
    subtype = (parsing.as_str(params.get("subtype")) or "").lower()
    if kind in _ZONES:
        if any(word in subtype for word in _LEFT):
            return "geofence_exit"
        if any(word in subtype for word in _ENTERED):
            return "geofence_enter"
        return _KINDS[kind]
    if found := _KINDS.get(subtype) or _KINDS.get(kind):
        return found
    # `alertMode` only says that there was one of the alerts of `alertType`.
    return bits[0] if kind == "alertmode" and bits else OTHER


def _twins(device_id: int, point_id: int | None, kind: str) -> tuple[str, str]:
    """Return the keys of one alert: as activity tells it, and as its point does."""
    same = f"{device_id}/{point_id}/{kind}"
    return f"activity/{same}", f"point/{same}"


def of_activity(
    rows: Iterable[Row], bits: Mapping[int, tuple[str, ...]], now: datetime
) -> list[Alert]:
    """Return the alerts of `getRecentActivity`; `bits` of the points that are known."""
    found = []
    for row in rows:
        params = parsing.as_dict(row.get("params"))
        device_id = parsing.as_int(row.get("deviceId"))
        if device_id is None:
            continue
        point_id = parsing.as_int(row.get("pointId"))
        kind = _kind(params, bits.get(point_id, ()) if point_id is not None else ())
        # It has no id of its own in the documents; webhooks do have one.
        key = parsing.as_str(row.get("id")) or "/".join(
            str(one)
            for one in (row.get("created"), device_id, point_id, row.get("triggerId"))
        )
        told, twin = _twins(device_id, point_id, kind)
        zones = params.get("zones")
        found.append(
            Alert(
                device_id=device_id,
                kind=kind,
                time=parsing.as_datetime(row.get("created")) or now,
                keys=(key, told) if point_id is not None else (key,),
                twin=twin,
                name=parsing.as_str(params.get("name")),
                zones=tuple(zone for one in zones if (zone := parsing.as_str(one)))
                if isinstance(zones, list)
                else (),
                message=parsing.as_str(params.get("message")),
            )
        )
    return found


def of_point(
    device_id: int, point_id: int | None, time: datetime | None, bits: Iterable[str]
) -> list[Alert]:
    """Return the alerts that a point's `alertType` tells."""
    if time is None or point_id is None:
        return []
    twins = [(kind, *_twins(device_id, point_id, kind)) for kind in bits]
    return [
        Alert(device_id=device_id, kind=kind, time=time, keys=(own,), twin=twin)
        for kind, twin, own in twins
    ]


def is_time(value: object) -> bool:
    """Return True if a stored value is a time in seconds."""
    return type(value) in (int, float) and 0 <= value < _LATEST  # type: ignore[operator]  # they are numbers


class AlertDeduplicator:
    """Knows which alerts were seen; `section` is what of that is on disk.

    It holds `started` (the first poll of the entry) and `newest` (of the
    activity), both epoch seconds, and `seen`: when each key was first seen.
    """

    def __init__(self, section: MutableMapping[str, Any]) -> None:
        """Take what earlier runs remembered."""
        for name in ("started", "newest"):
            if not is_time(section.get(name, 0)):
                del section[name]
        seen = parsing.as_dict(section.get("seen"))
        section["seen"] = {key: at for key, at in seen.items() if is_time(at)}
        self._section = section
        self._seen: dict[str, float] = section["seen"]

    def since(self, now: datetime) -> datetime:
        """Return from when on activity is of interest."""
        newest = datetime.fromtimestamp(self._section.get("newest", 0), now.tzinfo)
        return max(newest - _OVERLAP, now - _FOR)

    def fresh(
        self, activity: list[Alert], of_points: list[Alert], now: datetime
    ) -> tuple[list[Alert], bool]:
        """Return what is to be told, in time order, and whether the book changed.

        The first poll only remembers; what is older than a day is not told.
        """
        section, before = self._section, len(self._seen)
        first = "started" not in section
        if not (first or activity or of_points):
            return [], False
        started = section.setdefault("started", now.timestamp())
        oldest = max(started, (now - _FOR).timestamp())
        # A time that lies ahead must not hide what comes before it.
        newest = max((min(one.time, now).timestamp() for one in activity), default=0)
        changed = first or newest > section.get("newest", 0)
        section["newest"] = max(newest, section.get("newest", 0))
        # Activity first: it says more of the same alert.
        new = [
            alert
            for alert in (*activity, *of_points)
            if self._is_new(alert, now)
            and not first
            and alert.time.timestamp() >= oldest
        ]
        changed = changed or len(self._seen) != before
        expired = (now - _FOR - _OVERLAP).timestamp()
        for key in [key for key, seen in self._seen.items() if seen < expired]:
            del self._seen[key]
            changed = True
        return sorted(new, key=lambda alert: alert.time), changed

    def _is_new(self, alert: Alert, now: datetime) -> bool:
        """Tell whether an alert was not seen yet, from either source; note it."""
        known = alert.keys[0] in self._seen or alert.twin in self._seen
        for key in alert.keys:
            self._seen.setdefault(key, now.timestamp())
        return not known

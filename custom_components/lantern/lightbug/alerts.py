"""Alerts of trackers: from the account's activity and from `alertType`, each once."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..durable_events import DurableEvent
from ..transport import parsing
from .client.models import LONGEST_TEXT, Row, as_time, is_epoch
from .client.points import BITS

OTHER = "other"
_ANY = "*"
# What an activity's `type` or `subtype` means (types of `notificationTrigger`).
_KINDS = {
    "button": "button",
    "distance": "distance",
    "drop": "drop",
    "expiresdaily": "plan_expires",
    "expiresweekly": "plan_expires",
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

# Triggers that tell of every new place or reading, and alert of nothing.
_NO_ALERTS = ("newloc", "newwakeloc", "newreading")
_ALERT_MODE = "alertmode"

_ZONES = ("geofence", "geoentry")
_ENTERED = ("enter", "entr", "arriv")
_LEFT = ("exit", "leav", "left")

_FOR = timedelta(hours=24)
# Activity may be written a little after its own time.
_OVERLAP = timedelta(hours=1)
# So many keys are kept whatever the clocks say.
_LEAST_KEPT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert of a tracker; the first of its `keys` tells it from all others.

    `twins` are the keys of the same alert as the other source tells it. `type` and
    `subtype` are Lightbug's own words.
    """

    device_id: int
    kind: str
    time: datetime
    keys: tuple[str, ...]
    twins: tuple[str, ...]
    point_id: int | None = None
    trigger_id: int | None = None
    type: str | None = None
    subtype: str | None = None
    name: str | None = None
    zones: tuple[str, ...] = ()
    message: str | None = None

    @property
    def attributes(self) -> dict[str, Any]:
        """Return the attributes of its event."""
        return {
            "time": self.time.isoformat(),
            "name": self.name,
            "zones": list(self.zones),
            "message": self.message,
            "type": self.type,
            "subtype": self.subtype,
            "trigger_id": self.trigger_id,
            "point_id": self.point_id,
        }

    @property
    def event(self) -> DurableEvent:
        """Return the event of the alert: it waits for no disk."""
        return DurableEvent(
            event_id=self.keys[0],
            event_type=self.kind,
            attributes=self.attributes,
            is_urgent=True,
        )


def _kind(kind: str, subtype: str, bits: tuple[str, ...]) -> str:
    """Return what an activity is about; `bits` are those of its point."""
    if kind in _ZONES:
        if any(word in subtype for word in _LEFT):
            return "geofence_exit"
        if any(word in subtype for word in _ENTERED):
            return "geofence_enter"
        return _KINDS[kind]
    if found := _KINDS.get(subtype) or _KINDS.get(kind):
        return found
    # `alertMode` only says that there was one of the alerts of `alertType`.
    return bits[0] if kind == _ALERT_MODE and bits else OTHER


def _of_point(device_id: int, point_id: int | None, kind: str) -> str:
    """Return the key of an alert that a point tells."""
    return f"point/{device_id}/{point_id}/{kind}"


def _of_activity(device_id: int, point_id: int | None, kind: str) -> str:
    """Return the key of an activity as an alert of its point."""
    return f"activity/{device_id}/{point_id}/{kind}"


def of_activity(row: Row, bits: tuple[str, ...], now: datetime) -> Alert | None:
    """Return the alert of a row of `getRecentActivity`, None if it is none.

    `bits` are those of its point, as far as they are known.
    """
    params = parsing.as_dict(row.get("params"))
    device_id = parsing.as_int(row.get("deviceId"))
    kind, subtype = (
        parsing.as_name(params.get("type")),
        parsing.as_name(params.get("subtype")),
    )
    word = (kind or "").lower()
    if device_id is None or word in _NO_ALERTS:
        return None
    point_id = parsing.as_int(row.get("pointId"))
    trigger_id = parsing.as_int(row.get("triggerId"))
    meaning = _kind(word, (subtype or "").lower(), bits)
    # It has no id of its own in the documents; webhooks do have one.
    own = parsing.as_str(row.get("id")) or "/".join(
        str(one) for one in (row.get("created"), device_id, point_id, trigger_id)
    )
    if trigger_id is None and parsing.as_str(row.get("id")) is None:
        own = f"{own}/{kind}/{subtype}"
    of_point = [_of_activity(device_id, point_id, meaning)]
    if word == _ALERT_MODE and not bits:
        # Whatever its point turns out to tell is this alert.
        of_point.append(_of_activity(device_id, point_id, _ANY))
    return Alert(
        device_id=device_id,
        kind=meaning,
        time=as_time(row.get("created")) or now,
        keys=(own, *of_point) if point_id is not None else (own,),
        twins=(_of_point(device_id, point_id, meaning),),
        point_id=point_id,
        trigger_id=trigger_id,
        type=kind,
        subtype=subtype,
        name=parsing.as_name(params.get("name")),
        zones=tuple(
            zone
            for one in _array(params.get("zones"))
            if (zone := parsing.as_name(one))
        ),
        message=parsing.as_name(params.get("message"), LONGEST_TEXT),
    )


def _array(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def of_point(
    device_id: int, point_id: int | None, time: datetime | None, bits: Iterable[str]
) -> list[Alert]:
    """Return the alerts that a point's `alertType` tells."""
    if time is None or point_id is None:
        return []
    return [
        Alert(
            device_id=device_id,
            kind=kind,
            time=time,
            keys=(_of_point(device_id, point_id, kind),),
            twins=(
                _of_activity(device_id, point_id, kind),
                _of_activity(device_id, point_id, _ANY),
            ),
            point_id=point_id,
        )
        for kind in bits
    ]


class AlertDeduplicator:
    """Remembers which alerts were seen; `section` is what of that is on disk.

    It holds `started` (the first poll of the entry) and `newest` (of the
    activity), both epoch seconds, and `seen`: when each key was first seen.
    """

    def __init__(self, section: MutableMapping[str, Any]) -> None:
        """Take what earlier runs stored."""
        for name in ("started", "newest"):
            if not is_epoch(section.get(name, 0)):
                del section[name]
        seen = parsing.as_dict(section.get("seen"))
        section["seen"] = {key: at for key, at in seen.items() if is_epoch(at)}
        self._section = section
        self._seen: dict[str, float] = section["seen"]
        # Of what is no alert, too, so that it is not asked for again.
        self._newest = parsing.as_float(section.get("newest")) or 0.0

    def since(self, now: datetime) -> datetime:
        """Return from when on activity is of interest."""
        newest = datetime.fromtimestamp(self._newest, now.tzinfo)
        return max(newest - _OVERLAP, now - _FOR)

    def points_since(self, now: datetime) -> datetime:
        """Return from when on the points of a tracker that is new here may alert."""
        started = datetime.fromtimestamp(
            self._section.get("started", now.timestamp()), now.tzinfo
        )
        return max(started, now - _FOR)

    def take_activity(
        self,
        rows: Iterable[Row],
        bits: Mapping[tuple[int | None, int | None], tuple[str, ...]],
        now: datetime,
    ) -> list[Alert]:
        """Return the alerts of `getRecentActivity`; `bits` are those of new points."""
        found = []
        for row in rows:
            time = as_time(row.get("created")) or now
            # A time that lies ahead must not hide what comes before it.
            self._newest = max(self._newest, min(time, now).timestamp())
            point = (
                parsing.as_int(row.get("deviceId")),
                parsing.as_int(row.get("pointId")),
            )
            alert = of_activity(row, bits.get(point) or self._bits(*point), now)
            if alert is not None:
                found.append(alert)
        return found

    def _bits(self, device_id: int | None, point_id: int | None) -> tuple[str, ...]:
        """Return what a point of an earlier poll told."""
        if device_id is None or point_id is None:
            return ()
        return tuple(
            kind
            for kind in BITS.values()
            if _of_point(device_id, point_id, kind) in self._seen
        )

    def take_new(
        self,
        activity: list[Alert],
        of_points: list[Alert],
        now: datetime,
        ours: datetime,
    ) -> tuple[list[Alert], bool]:
        """Return new alerts in the order of time, and whether the section changed.

        The first poll only remembers; what is older than a day is dropped. An alert
        is the same by its keys, not by its age: `now`, the service's time, may be
        wrong for once, as may be `ours`.
        """
        section = self._section
        first = "started" not in section
        if not (first or activity or of_points):
            return [], False
        earliest = min(now, ours)
        started = section.setdefault("started", earliest.timestamp())
        oldest = max(started, (earliest - _FOR).timestamp())
        before = len(self._seen)
        # Activity first: it says more of the same alert.
        new = [
            alert
            for alert in (*activity, *of_points)
            if self._is_new(alert, now)
            and not first
            and alert.time.timestamp() >= oldest
        ]
        changed = first or len(self._seen) != before
        if changed:
            section["newest"] = self._newest
            self._forget(now)
        return sorted(new, key=lambda alert: alert.time), changed

    def _forget(self, now: datetime) -> None:
        """Forget the oldest keys, if there are many and they are old."""
        expired = (now - _FOR - _OVERLAP).timestamp()
        for key in list(self._seen)[:-_LEAST_KEPT]:
            if self._seen[key] < expired:
                del self._seen[key]

    def _is_new(self, alert: Alert, now: datetime) -> bool:
        """Return whether an alert was not seen yet, from either source; note it."""
        same = (alert.keys[0], *alert.twins)
        is_known = any(key in self._seen for key in same)
        for key in alert.keys:
            self._seen.setdefault(key, now.timestamp())
        return not is_known

"""What tests and the demo do to the account: trackers move, tokens end."""

from typing import Any

from simulator.service import control

from . import moments
from .account import PERSONAL_LIFETIME, Account
from .limits import Form
from .trackers import ClockKind, Row, beside

# A made-up route: a circle around the tracker's home.
_RADIUS = 600
_STEPS = 36


def _times(fields: Row) -> Row:
    """Return fields with their times (milliseconds or ISO) as Lightbug writes them."""
    return {
        name: moments.text_of(value)
        if name in ("timestamp", "created") and value is not None
        else value
        for name, value in fields.items()
    }


class Controls(Account):
    """The control methods: plain data in, plain data out."""

    # Trackers ----------------------------------------------------------------

    @control
    def add_tracker(self, name: str | None = None, points: int = 1) -> int:
        """Add a tracker; return its device id."""
        return self.add_started(points, name).id

    @control
    def remove_tracker(self, device_id: int) -> None:
        """Take a tracker from the account."""
        del self.trackers[device_id]

    @control
    def generate(self, count: int) -> list[int]:
        """Put a fleet of so many trackers, one point each, in the place of all."""
        self.trackers.clear()
        self.odd.clear()
        return [self.add_started(1).id for _ in range(count)]

    @control
    def set_device(self, device_id: int, **fields: Any) -> None:
        """Change fields of v1's `device`."""
        self.tracker(device_id).device.update(fields)

    @control
    def set_config(self, device_id: int, **fields: Any) -> None:
        """Change fields of v1's `deviceConfig`, as somebody else would."""
        self.tracker(device_id).config.update({"modified": self.moment(), **fields})

    @control
    def connect(self, device_id: int) -> None:
        """Let a tracker connect: it picks up config and flight mode."""
        self.tracker(device_id).connect(self.moment(), self.clock.time())

    @control
    def move(self, device_id: int, lat: float, lng: float, **fields: Any) -> int:
        """Let a tracker connect and send where it is; return the point's id."""
        tracker = self.tracker(device_id)
        self.connect(device_id)
        point = self.new_point(tracker, (lat, lng), self.moment())
        point.update(_times(fields))
        tracker.device.update(
            {k: v for k, v in fields.items() if k in ("batteryPct", "batteryVoltage")}
        )
        return int(point["id"])

    @control
    def send_packed(
        self, device_id: int, points: list[Row], seconds: float = 20
    ) -> list[int]:
        """Let a tracker connect and send several points that it took one by one."""
        tracker = self.tracker(device_id)
        self.connect(device_id)
        ids = []
        for age, fields in zip(range(len(points) - 1, -1, -1), points, strict=True):
            point = self.new_point(tracker, tracker.home, self.moment(-age * seconds))
            point.update({"created": self.moment(), **_times(fields)})
            ids.append(int(point["id"]))
        return ids

    @control
    def set_clock(self, device_id: int, clock: ClockKind) -> None:
        """Set a tracker's own clock: right, ahead, rolled over or reset."""
        self.tracker(device_id).clock = clock

    def share(self, device_id: int, other: Account) -> None:
        """Let another account see a tracker, too; its owner stays who it is."""
        other.trackers[device_id] = self.tracker(device_id)

    @control
    def add_point(self, device_id: int, **fields: Any) -> int:
        """Add a point with any fields, of now unless they say otherwise.

        The tracker's own state is not touched.
        """
        tracker = self.tracker(device_id)
        point = self.new_point(tracker, tracker.home, self.moment())
        point.update(_times(fields))
        return int(point["id"])

    @control
    def add_history(self, device_id: int, count: int, seconds: float = 60) -> None:
        """Give a tracker an earlier past: so many points before its oldest one."""
        tracker = self.tracker(device_id)
        later = tracker.points
        tracker.points = []
        oldest = min((p["timestamp"] for p in later), default=self.moment())
        end = moments.read(oldest).timestamp() - self.clock.time()
        for number in range(count, 0, -1):
            place = beside(tracker.home, _RADIUS, number % 360)
            self.new_point(tracker, place, self.moment(end - number * seconds))
        tracker.points += later

    @control
    def tick_route(self, device_id: int) -> int:
        """Move a tracker a step along its circular route; return the point's id."""
        tracker = self.tracker(device_id)
        bearing = tracker.step * 360 / _STEPS
        # 1 awake, 16 motion detected, 32 started moving
        reason = 17 if tracker.step else 17 | 32
        tracker.step += 1
        lat, lng = beside(tracker.home, _RADIUS, bearing)
        tracker.device["currentMode"] = 0
        return self.move(
            device_id,
            lat,
            lng,
            speed=round(14 + tracker.step % 5 * 0.5, 1),
            course=(bearing + 90) % 360,
            sendReason=reason,
        )

    @control
    def add_reading(self, device_id: int, type: str, value: Any, **fields: Any) -> int:
        """Add a sensor reading; return its id."""
        tracker = self.tracker(device_id)
        reading = self.new_reading(tracker, type, value, self.moment())
        reading.update(_times(fields))
        return int(reading["id"])

    @control
    def add_activity(
        self,
        device_id: int,
        type: str,
        subtype: str | None = None,
        name: str | None = None,
        zones: list[str] | None = None,
        message: str | None = None,
        **fields: Any,
    ) -> Row:
        """Add what `getRecentActivity` shows: an alert of a tracker."""
        points = self.tracker(device_id).points
        activity = {
            "created": self.moment(),
            "params": {
                "type": type,
                "subtype": subtype or type,
                "name": name or type,
                "zones": zones or [],
                "message": message or "",
            },
            "deviceId": device_id,
            "pointId": points[-1]["id"] if points else None,
            "triggerId": self.number("trigger", 488_400),
        }
        activity.update(_times(fields))
        self.activities.append(activity)
        return activity

    @control
    def add_geofence(self, name: str, lat: float, lng: float, radius: int) -> int:
        """Add a circular geofence; return its id."""
        number = self.number("geofence", 9100)
        fence = self.geofences[0] if self.geofences else {}
        fence = dict.fromkeys(fence) | {"modified": False, "meta": {}}
        center = {"lat": lat, "lng": lng}
        fence |= {"id": number, "name": name, "center": center, "radius": radius}
        self.geofences.append(fence | {"userId": self.user_id})
        return number

    # Tokens and limits -------------------------------------------------------

    @control
    def add_personal_token(
        self,
        description: str = "Home Assistant",
        ttl: float = PERSONAL_LIFETIME,
        web: bool = True,
    ) -> str:
        """Make a personal access token; one that is no JSON web token if not `web`."""
        return self.issue_personal(description, ttl, web).text

    @control
    def expire_tokens(self) -> None:
        """End all access tokens; refresh tokens still work."""
        self.tokens.expire(self.clock.time())

    @control
    def revoke_tokens(self) -> None:
        """End all tokens of all kinds."""
        self.tokens.clear()

    @control
    def block_login(self, blocked: bool = True) -> None:
        """Refuse every login, with the right password too."""
        self.login_blocked = blocked

    @control
    def set_limits(
        self,
        normal: int | None = None,
        authentication: int | None = None,
        seconds: float | None = None,
        form: Form | None = None,
    ) -> None:
        """Change the rate limits, and whether they are the edge's own."""
        self.normal.limit = normal if normal is not None else self.normal.limit
        if authentication is not None:
            self.authentication.limit = authentication
        if seconds is not None:
            self.normal.seconds = self.authentication.seconds = seconds
        self.limit_form = form or self.limit_form

"""What the account holds: who it is, its tokens, limits, trackers and geofences."""

from datetime import timedelta
from typing import Any, ClassVar, Literal, override

from simulator.clock import Clock
from simulator.service import Service

from . import household, moments
from .limits import Form, Pauses, Window
from .tokens import Refresh, Token, Tokens, jwt, opaque
from .trackers import Place, Row, Tracker

V1_LIFETIME = 1_209_600
PERSONAL_LIFETIME = 30 * 86_400


class Account(Service):
    """The state of the service: plain attributes that tests read and change."""

    name = "lightbug"
    secret: ClassVar[frozenset[str]] = frozenset(
        {"access_token", "accessToken", "authorization", "password", "refreshToken"}
    )

    def __init__(
        self,
        clock: Clock | None = None,
        name: str | None = None,
        *,
        trackers: int = 3,
        odd: bool = True,
    ) -> None:
        """Make a household of so many trackers, and the odd ones if wanted."""
        super().__init__(clock, name)
        self.username = "robin@example.org"
        self.password = "made-up password"
        self.user_id = 4321
        self.login_blocked = False
        # How long v2's access tokens live is not documented.
        self.access_lifetime = 86_400.0
        self.expiry_format = "rfc3339"
        self.tokens = Tokens()

        self.normal = Window(2000)
        self.authentication = Window(12)
        self.limit_form: Form = "application"
        self.pauses = Pauses()

        # What the documents leave open, or tell in two ways.
        self.summary_shape: Literal["rich", "bare"] = "rich"
        self.summary_by: Literal["timestamp", "created"] = "timestamp"
        self.first_page = 1
        # Go writes an empty list as null, and a time that was never set as year 1.
        self.null_lists = False
        self.zero_times = False
        # Whether a `deviceConfig` without all that its document requires is refused.
        self.strict_config = False
        self.foreign_status: Literal[401, 403] = 403

        self.trackers: dict[int, Tracker] = {}
        self.odd: dict[str, int] = {}
        self.activities: list[Row] = []
        self.flight_modes: list[Row] = []
        self.geofences = household.geofences(self.user_id, self.moment())
        self._numbers: dict[str, int] = {}
        for _ in range(trackers):
            self.add_started(6)
        if odd:
            self._add_odd()
        first = next(iter(self.trackers.values()), None)
        if trackers and first is not None:
            self._add_readings(first)

    def moment(self, seconds: float = 0) -> str:
        """Return now, or so many seconds later, as Lightbug writes it."""
        return moments.text(self.clock.now() + timedelta(seconds=seconds))

    def number(self, kind: str, first: int) -> int:
        """Return the next number of a kind, from `first` on."""
        self._numbers[kind] = self._numbers.get(kind, first - 1) + 1
        return self._numbers[kind]

    # Tokens ------------------------------------------------------------------

    def issue_v1(self) -> Token:
        """Make a token as v1's login does."""
        now = self.clock.time()
        return self.tokens.add(Token(opaque(), "v1", now, now + V1_LIFETIME))

    def issue_v2(self, refreshable: int) -> tuple[Token, Refresh | None]:
        """Make a token as v2's login does, with a refresh token if wanted."""
        now = self.clock.time()
        expires = now + self.access_lifetime
        token = self.tokens.add(Token(self._jwt(expires), "v2", now, expires))
        refresh = self.tokens.add_refresh(token, refreshable) if refreshable else None
        return token, refresh

    def issue_personal(self, description: str, ttl: float, web: bool) -> Token:
        """Make a personal access token, a JSON web token if `web`."""
        now = self.clock.time()
        text = self._jwt(now + ttl) if web else opaque()
        number = self.number("personal", 1)
        return self.tokens.add(
            Token(text, "personal", now, now + ttl, number, description)
        )

    def _jwt(self, expires: float) -> str:
        return jwt(
            {
                "exp": int(expires),
                "jti": opaque(128),
                "name": self.username,
                "sub": self.user_id,
            }
        )

    # Trackers ----------------------------------------------------------------

    def tracker(self, device_id: int) -> Tracker:
        """Return a tracker, or raise KeyError."""
        return self.trackers[int(device_id)]

    def new_tracker(self, name: str | None = None) -> Tracker:
        """Add a tracker that has sent nothing yet."""
        number = self.number("device", 0)
        new = household.tracker(number, self.user_id, self.clock.now(), name)
        self.trackers[new.id] = new
        return new

    def add_started(self, points: int, name: str | None = None) -> Tracker:
        """Add a tracker that has sent so many points, five minutes apart."""
        new = self.new_tracker(name)
        for number in range(points, 0, -1):
            moment = self.moment(-300 * number)
            self.new_point(new, new.home, moment)
            new.device["lastConnection"] = moment
        return new

    def new_point(self, tracker: Tracker, place: Place | None, moment: str) -> Row:
        """Add a point with the sample's numbers."""
        number = self.number("point", 1_262_277_001)
        new = household.point(number, tracker.id, moment, place)
        new["timestamp"] = tracker.own_time(moment)
        tracker.points.append(new)
        return new

    def new_reading(self, tracker: Tracker, kind: str, value: Any, moment: str) -> Row:
        """Add a reading."""
        number = self.number("reading", 880_000_001)
        new = household.reading(number, tracker.id, moment, kind, value)
        tracker.readings.append(new)
        return new

    def _add_readings(self, tracker: Tracker) -> None:
        """Let a tracker have every kind of reading that the documents name."""
        values = {
            "temp": 21.5,
            "temp_bme": 21.25,
            "humidity_bme": 48.5,
            "pressure_bme": 1018,
            "ext_voltage": 12.4,
            "chg_voltage": 4900,
            "battery": 33,
            "light": 210,
            "tamper_detected": False,
            "ble_seen": {"name": household.ODD["tag"]},
            "ultra": {"temp": 21, "distance": 740, "numObjects": 1, "objects": [740]},
        }
        for kind, value in values.items():
            self.new_reading(tracker, kind, value, self.moment(-240))

    def _add_odd(self) -> None:
        """Add one tracker for each oddity that the documents speak of."""
        odd = {
            key: self.add_started(0 if key in ("tag", "epoch") else 2, name)
            for key, name in household.ODD.items()
        }
        self.odd = {key: tracker.id for key, tracker in odd.items()}
        tag = odd["tag"]
        tag.device |= dict.fromkeys(household.TAG_NULLS) | {"type": "BleTag"}
        tag.device["batteryPct"] = 90
        tag.subscription = None
        odd["deactivated"].device["active"] = False
        self.new_point(odd["invalid"], None, self.moment(-60))
        buoy = self.new_point(odd["epoch"], odd["epoch"].home, self.moment(-60))
        # A device that had no time counts from 1970.
        buoy["timestamp"] = "1970-01-01T00:00:07.000Z"
        check_in = self.new_point(odd["check_in"], (0, 0), self.moment(-60))
        # "Ignore all data"
        check_in |= {"sendReason": 255, "batteryPct": 0, "batteryVoltage": 0}

    # Restarts ----------------------------------------------------------------

    @override
    def state(self) -> dict[str, Any]:
        """Return what a client with stored tokens relies on, as plain data."""
        return {
            "username": self.username,
            "password": self.password,
            "user_id": self.user_id,
            "tokens": self.tokens.state(),
            "trackers": [tracker.state() for tracker in self.trackers.values()],
            "odd": self.odd,
            "activities": self.activities,
            "flight_modes": self.flight_modes,
            "geofences": self.geofences,
            "numbers": self._numbers,
        }

    @override
    def restore(self, state: dict[str, Any]) -> None:
        """Take what `state` returned."""
        self.username = state["username"]
        self.password = state["password"]
        self.user_id = state["user_id"]
        self.tokens.restore(state["tokens"])
        restored = [Tracker.restored(tracker) for tracker in state["trackers"]]
        self.trackers = {tracker.id: tracker for tracker in restored}
        self.odd = state["odd"]
        self.activities = state["activities"]
        self.flight_modes = state["flight_modes"]
        self.geofences = state["geofences"]
        self._numbers = state["numbers"]

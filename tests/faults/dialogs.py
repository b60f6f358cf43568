"""What Lantern calls in a dialog, by the clock, and when an entry is removed."""

from . import kinds
from .outcomes import Outcome
from .rules import Role, Route

_LUX = "/api/v1/lux"
_NO = (kinds.ONCE_401, kinds.ALWAYS_401, kinds.FORBIDDEN)

FLOWS = (
    Route(
        "hue",
        Role.FLOW,
        "introduction",
        "GET /api/config",
        (),
        # Some bridges say nothing to strangers: they do so once they are linked.
        dict.fromkeys(
            (
                *(*_NO, kinds.NOT_FOUND, kinds.SILENCE, kinds.DRIP),
                *(kinds.BUSY, kinds.TOO_MANY, kinds.TYPES),
            ),
            Outcome.NOTHING,
        ),
    ),
    Route(
        "lucit",
        Role.FLOW,
        "request",
        "POST /api/v3/lightning/device-requests/request",
    ),
    Route("lightbug", Role.FLOW, "login", "POST /v2/users/login"),
    Route("lightbug", Role.FLOW, "v1 login", "POST /api/users/login"),
    Route("lightbug", Role.FLOW, "one of v2/devices", "GET /v2/devices"),
    Route(
        "lightbug",
        Role.FLOW,
        "users/devices",
        "GET /api/users/{id}/devices",
        (),
        # That it answers is all that is asked.
        dict.fromkeys((kinds.TYPES, kinds.NULLS), Outcome.NOTHING),
    ),
    Route("lux", Role.FLOW, "signin", f"POST {_LUX}/auth/email/signin"),
    Route("lux", Role.FLOW, "whose", f"GET {_LUX}/user/me"),
)
# Lucit says with 404 that the code has ended, and with 401 what a wrong app hears.
WAITS = (
    Route(
        "hue",
        Role.PERSON,
        "register",
        "POST /api",
        (),
        dict.fromkeys((kinds.ONCE_401,), Outcome.FORM),
    ),
    Route(
        "lucit",
        Role.PERSON,
        "check-for-device",
        "POST /api/v3/lightning/device-request/{lcuid}/check-for-device",
        (),
        {
            **dict.fromkeys((*kinds.TRANSIENT, kinds.TOO_MANY), Outcome.GOES_ON),
            **dict.fromkeys(kinds.LIMITS, Outcome.GOES_ON),
        },
    ),
)
PERIODIC = (
    Route(
        "lucit",
        Role.PERIODIC,
        "regular heartbeat",
        "POST /api/v3/analytics/lightning-devices/{lcuid}/heartbeat",
    ),
)
REVOCATIONS = (
    Route(
        "hue",
        Role.REVOCATION,
        "own whitelist",
        "DELETE /api/{username}/config/whitelist/{application}",
    ),
    Route("lightbug", Role.REVOCATION, "logout", "POST /v2/users/logout"),
)

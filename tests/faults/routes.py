"""What Lantern calls in normal life, and where one request differs from its rule."""

from . import kinds
from .outcomes import Outcome
from .rules import Role, Route

# A bridge has no tokens that could be renewed, and some say 403 to a strange key.
_STRANGER = dict.fromkeys(
    (kinds.ONCE_401, kinds.ALWAYS_401, kinds.FORBIDDEN), Outcome.SIGN_IN
)
# But the main requests of the same poll were accepted.
_STRANGE_SIDE = dict.fromkeys(_STRANGER, Outcome.PART_LATER)
_LUX = "/api/v1/lux"

HUE = (
    Route(
        "hue",
        Role.POLL,
        "lights",
        "GET /api/{username}/lights",
        ("type", "colormode", "alert", "effect", "archetype"),
        _STRANGER,
    ),
    Route(
        "hue",
        Role.POLL,
        "groups",
        "GET /api/{username}/groups",
        ("class", "any_on", "alert", "effect"),
        _STRANGER,
    ),
    Route(
        "hue",
        Role.POLL,
        "sensors",
        "GET /api/{username}/sensors",
        ("buttonevent", "eventtype", "rotaryevent", "alert"),
        {**_STRANGER, kinds.VALUES: Outcome.NOTHING},
    ),
)
HUE_OPTIONAL = (
    Route(
        "hue",
        Role.SIDE,
        "config",
        "GET /api/{username}/config",
        (),
        _STRANGE_SIDE,
    ),
    Route(
        "hue",
        Role.SIDE,
        "scenes",
        "GET /api/{username}/scenes",
        ("type",),
        {**_STRANGE_SIDE, kinds.VALUES: Outcome.NOTHING},
    ),
)

_STRANGE_COMMAND = dict.fromkeys(_STRANGER, Outcome.TOLD_SIGN_IN)
_SAYS_ENOUGH = dict.fromkeys((kinds.TYPES, kinds.NULLS), Outcome.DONE)
HUE_COMMANDS = (
    *(
        Route(
            "hue",
            Role.COMMAND,
            name,
            f"PUT /api/{{username}}/{path}",
            (),
            {**_STRANGE_COMMAND, **_SAYS_ENOUGH},
        )
        for name, path in (
            ("lights/state", "lights/{number}/state"),
            ("groups/action", "groups/{number}/action"),
            ("sensors/config", "sensors/{number}/config"),
        )
    ),
    Route(
        "hue",
        Role.COMMAND,
        "applications",
        "GET /api/{username}/config",
        (),
        # Without names and dates it still tells which keys there are.
        {**_STRANGE_COMMAND, kinds.TYPES: Outcome.DONE},
    ),
    Route(
        "hue",
        Role.COMMAND,
        "whitelist",
        "DELETE /api/{username}/config/whitelist/{application}",
        (),
        {**dict.fromkeys(_STRANGER, Outcome.TOLD), **_SAYS_ENOUGH},
    ),
)
LUCIT = (
    Route(
        "lucit",
        Role.POLL,
        "device",
        "GET /api/v3/lightning/devices/{lcuid}",
        ("status", "lightning_device_status"),
    ),
)
LIGHTBUG = (
    Route(
        "lightbug",
        Role.POLL,
        "getDeviceSummary",
        "GET /api/users/{id}/getDeviceSummary",
        ("locationType", "currentMode"),
    ),
    Route("lightbug", Role.POLL, "v2/devices", "GET /v2/devices"),
    Route(
        "lightbug",
        Role.SIDE,
        "getRecentActivity",
        "GET /api/users/{id}/getRecentActivity",
        (),
    ),
    Route(
        "lightbug",
        Role.SIDE,
        "points",
        "GET /api/devices/{id}/points",
        (),
    ),
    Route(
        "lightbug",
        Role.SIDE,
        "readings",
        "GET /api/devices/{id}/readings",
        (),
    ),
)
LUX = (
    Route("lux", Role.POLL, "get-all-device", f"GET {_LUX}/device/get-all-device"),
    Route("lux", Role.SIDE, "user/me", f"GET {_LUX}/user/me"),
)

_DONE = dict.fromkeys((kinds.TYPES, kinds.NULLS, kinds.EMPTY, kinds.DRIP), Outcome.DONE)
COMMANDS = (
    Route(
        "lucit",
        Role.COMMAND,
        "heartbeat",
        "POST /api/v3/analytics/lightning-devices/{lcuid}/heartbeat",
        (),
        # The sign-in tries the stored credentials first, and they are good.
        {kinds.ALWAYS_401: Outcome.TOLD},
    ),
    Route(
        "lightbug",
        Role.COMMAND,
        "set config",
        "PUT /api/devices/{id}/config",
        (),
        {kinds.EMPTY: Outcome.DONE},
    ),
    Route(
        "lightbug",
        Role.COMMAND,
        "flightMode",
        "GET /api/devices/{id}/flightMode",
        (),
        _DONE,
    ),
    Route(
        "lightbug",
        Role.COMMAND,
        "geofences",
        "GET /api/users/{id}/geofences",
    ),
    Route("lightbug", Role.COMMAND, "history", "GET /api/devices/{id}/points"),
    *(
        Route("lux", Role.COMMAND, name, f"{method} {_LUX}/{path}{name}", (), unusual)
        for name, method, path, unusual in (
            ("user/notification", "PATCH", "", {}),
            ("update-alias", "PATCH", "device/", {}),
            ("check-device", "GET", "device/", {}),
            ("child-device", "GET", "device/", {}),
            ("set-my-device", "POST", "device/", {}),
            ("un-connect", "PATCH", "device/", {}),
            ("alimtalk", "POST", "device/", {**_DONE, kinds.CHARSET: Outcome.DONE}),
        )
    ),
)
_REFUSED = dict.fromkeys((kinds.FORBIDDEN, kinds.NOT_FOUND), Outcome.SIGN_IN)
_REPLY = "/api/v3/lightning/devices/{lcuid}/instructions/{instruction_lcuid}"
# A refresh token works once: who lost the answer has nothing to go on with.
_SPENT = dict.fromkeys(
    (*(one for one in kinds.TRANSIENT if one not in kinds.NOT_ASKED),), Outcome.SIGN_IN
)
DELIVERIES = (
    Route("lucit", Role.DELIVERY, "acknowledge", f"POST {_REPLY}/acknowledge"),
    Route("lucit", Role.DELIVERY, "failed", f"POST {_REPLY}/failed"),
    Route(
        "lux",
        Role.DELIVERY,
        "devlog",
        f"POST {_LUX}/device/devlog",
        (),
        {
            kinds.ALWAYS_401: Outcome.KEPT_SIGN_IN,
            # Neither is a word about the log.
            kinds.FORBIDDEN: Outcome.KEPT,
            kinds.NOT_FOUND: Outcome.KEPT,
        },
    ),
)
TOKENS = (
    Route(
        "lucit",
        Role.TOKEN,
        "auth",
        "POST /api/v3/auth",
        (),
        {**_REFUSED, kinds.ONCE_401: Outcome.HEALS},
    ),
    Route(
        "lightbug",
        Role.TOKEN,
        "refreshToken",
        "POST /v2/users/refreshToken",
        (),
        {**_SPENT, kinds.FORBIDDEN: Outcome.SIGN_IN},
    ),
    Route(
        "lux",
        Role.TOKEN,
        "refresh-token",
        f"POST {_LUX}/auth/refresh-token",
        (),
        _SPENT,
    ),
)
# What is said within the stream is not an answer that could be spoilt as a whole.
_AS_IT_IS = dict.fromkeys(
    (kinds.LOST, kinds.DRIP, kinds.TRUNCATED, kinds.TYPES, kinds.NULLS, kinds.CHARSET),
    Outcome.NOTHING,
)
STREAMS = (
    Route(
        "hue",
        Role.STREAM,
        "eventstream",
        "GET /eventstream/clip/v2",
        (),
        {
            **_AS_IT_IS,
            kinds.NOT_FOUND: Outcome.PART_LATER,
            kinds.ONCE_401: Outcome.NOTHING,
        },
    ),
)
ROUTES = (
    *HUE,
    *HUE_OPTIONAL,
    *HUE_COMMANDS,
    *LUCIT,
    *LIGHTBUG,
    *LUX,
    *COMMANDS,
    *DELIVERIES,
    *TOKENS,
)

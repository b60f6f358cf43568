"""What Lantern does on a bad day, by what a request is for."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import NamedTuple

from . import kinds
from .kinds import Kind
from .outcomes import Outcome
from .requests import Command, Delivery, OptionalRequest, Renewal


class Role(StrEnum):
    """What a request is for; each role has its rule."""

    POLL = "poll"
    SIDE = "beside it"
    COMMAND = "command"
    DELIVERY = "must arrive"
    TOKEN = "token"
    STREAM = "stream"
    FLOW = "set-up"
    PERSON = "until a person acts"
    PERIODIC = "by the clock"
    REVOCATION = "at the end"


_OK = dict.fromkeys(kinds.HARMLESS, Outcome.NOTHING)

RULES: Mapping[Role, Mapping[Kind, Outcome]] = {
    Role.POLL: {
        **dict.fromkeys((*kinds.TRANSIENT, kinds.TOO_MANY), Outcome.KEEPS),
        **dict.fromkeys(kinds.LIMITS, Outcome.WAITS),
        kinds.ONCE_401: Outcome.RENEWS,
        kinds.ALWAYS_401: Outcome.SIGN_IN,
        kinds.FORBIDDEN: Outcome.KEEPS,
        kinds.NOT_FOUND: Outcome.KEEPS,
        **_OK,
    },
    Role.COMMAND: {
        **dict.fromkeys(kinds.TRANSIENT, Outcome.TOLD),
        **dict.fromkeys((*kinds.LIMITS, kinds.TOO_MANY), Outcome.TOLD),
        **dict.fromkeys((kinds.FORBIDDEN, kinds.NOT_FOUND), Outcome.TOLD),
        kinds.ONCE_401: Outcome.DONE,
        kinds.ALWAYS_401: Outcome.TOLD_SIGN_IN,
        **dict.fromkeys(kinds.HARMLESS, Outcome.DONE),
    },
    Role.DELIVERY: {
        **dict.fromkeys(kinds.KINDS, Outcome.KEPT),
        kinds.FORBIDDEN: Outcome.GIVEN_UP,
        kinds.NOT_FOUND: Outcome.GIVEN_UP,
    },
    Role.TOKEN: {
        **dict.fromkeys((*kinds.TRANSIENT, kinds.TOO_MANY), Outcome.KEEPS),
        **dict.fromkeys(kinds.LIMITS, Outcome.WAITS),
        kinds.ONCE_401: Outcome.SIGN_IN,
        kinds.ALWAYS_401: Outcome.SIGN_IN,
        kinds.FORBIDDEN: Outcome.KEEPS,
        kinds.NOT_FOUND: Outcome.KEEPS,
        **_OK,
    },
    Role.STREAM: {
        **dict.fromkeys(kinds.KINDS, Outcome.POLLS),
        **dict.fromkeys((kinds.REFUSED, *kinds.LIMITS), Outcome.WAITS),
        **_OK,
    },
    Role.FLOW: {**dict.fromkeys(kinds.KINDS, Outcome.FORM), **_OK},
    Role.PERSON: {**dict.fromkeys(kinds.KINDS, Outcome.FORM), **_OK},
    Role.PERIODIC: {
        **dict.fromkeys(kinds.KINDS, Outcome.ONE_LINE),
        **dict.fromkeys((kinds.REFUSED, *kinds.LIMITS), Outcome.WAITS),
        kinds.ONCE_401: Outcome.RENEWS,
        **_OK,
    },
    Role.REVOCATION: dict.fromkeys(kinds.KINDS, Outcome.GONE),
    Role.SIDE: {
        **dict.fromkeys((*kinds.TRANSIENT, kinds.TOO_MANY), Outcome.PART),
        # Then nobody listens to the main request either.
        kinds.REFUSED: Outcome.KEEPS,
        **dict.fromkeys(kinds.LIMITS, Outcome.PART_WAITS),
        kinds.ONCE_401: Outcome.RENEWS,
        kinds.ALWAYS_401: Outcome.PART_LATER,
        kinds.FORBIDDEN: Outcome.PART_LATER,
        kinds.NOT_FOUND: Outcome.PART_LATER,
        **_OK,
    },
}


@dataclass(frozen=True, slots=True)
class Route:
    """A request of a vendor; `unusual` is where it differs from its role's rule.

    `fields` hold values that the service chooses from a list; `home` names what sets
    the entry up, where that is not the vendor's first one. `vendor` comes with the
    contract.
    """

    role: Role
    name: str
    key: str
    fields: tuple[str, ...] = ()
    unusual: Mapping[Kind, Outcome] = field(default_factory=dict)
    _: KW_ONLY
    command: Command | None = None
    delivery: Delivery | None = None
    optional: OptionalRequest = OptionalRequest()
    renewal: Renewal | None = None
    home: str | None = None
    vendor: str = ""

    def __str__(self) -> str:
        """Return the route's name among the tests."""
        return f"{self.vendor} {self.name}"

    def once(self, kind: Kind) -> bool:
        """Return whether a fault that hits one request is all that it takes."""
        spent = self.role is Role.TOKEN and kind not in kinds.NOT_ASKED
        return spent and self.outcome(kind) is Outcome.SIGN_IN

    def outcome(self, kind: Kind) -> Outcome:
        """Return what Lantern does about a fault."""
        usual = RULES[self.role][kind]
        if kind is kinds.VALUES and self.fields:
            usual = Outcome.UNKNOWN
        return self.unusual.get(kind, usual)


class Case(StrEnum):
    """What happens for an hour."""

    NORMAL = "nothing: a normal hour"
    BUSY = "503 to everything"
    SILENT = "no answer to anything"
    LIMITED = "429 with `Retry-After: 3600`, once"
    STARTING = "503 to everything, while Home Assistant starts"
    STARTING_LIMITED = "429 with `Retry-After: 3600`, once, while Home Assistant starts"


class Figures(NamedTuple):
    """Requests at most: in the hour, and in the quarter of an hour after it."""

    hour: int
    quarter: int

    def hold(self, hour: int, quarter: int) -> bool:
        """Return whether the figures are true, and no larger than they need to be.

        A pause of about the polls' own rhythm takes none of them or every other one,
        as the fractions of a second of an entry have it.
        """
        return all(
            most * 0.45 - 2 <= counted <= most
            for most, counted in ((self.hour, hour), (self.quarter, quarter))
        )

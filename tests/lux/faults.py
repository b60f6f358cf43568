"""Faults of LUX: three of ten uploads fail, the same ones at each run."""

from dataclasses import dataclass, field
import random
from typing import Any, override

from simulator.faults import Fault
from simulator.lux import Lux

from .carrying import UPLOAD

SESSION_OVER: dict[str, Any] = {
    "kind": "status",
    "status": 401,
    "body": '{"detail": "Token is expired"}',
}
FAILED_AT_LUX: dict[str, Any] = {
    "kind": "status",
    "status": 409,
    "body": '{"detail": "Create Device Log Failed"}',
}
REFUSED: dict[str, Any] = {
    "kind": "status",
    "status": 409,
    "body": '{"detail": "Not Connected Device"}',
}
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "lost"},
    {"kind": "reset"},
    {"kind": "truncated"},
    {"kind": "html"},
    {"kind": "status", "status": 500, "body": ""},
    SESSION_OVER,
    FAILED_AT_LUX,
)


@dataclass(slots=True)
class RandomFaults(Fault):
    """Hit 30 % of the uploads, each time with another fault."""

    route: str = UPLOAD
    kind: str = ""
    times: int = -1
    dice: random.Random = field(default_factory=lambda: random.Random(4107))
    faults: tuple[dict[str, Any], ...] = FAULTS

    @override
    def hits(self, method: str, route: str) -> bool:
        """Return True if this upload meets a fault."""
        # Named, as the slots of the class are made after the method.
        if not Fault.hits(self, method, route) or self.dice.random() >= 0.3:
            return False
        self.become(self.dice.choice(self.faults))
        return True

    def become(self, fault: dict[str, Any]) -> None:
        """Take the settings of a fault."""
        for name, value in fault.items():
            setattr(self, name, value)


def failed_share(lux: Lux) -> float:
    """Return the share of the uploads that met a fault."""
    uploads = [request for request in lux.requests if request.key == UPLOAD]
    return sum(upload.fault is not None for upload in uploads) / len(uploads)

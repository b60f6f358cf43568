"""Requests beside a poll: what they bring, and what makes them due."""

from collections.abc import Callable
from dataclasses import dataclass
import re

from .life import Life

_NONE = r"$^"
FIRST = 2_370_001


@dataclass(frozen=True, slots=True)
class OptionalRequest:
    """A request beside a poll.

    `part` matches the unique ids that show what it brings, and lapse without it if
    it `lapses`; `stir` makes it due, and changes what `stirs` matches; it is due
    anyway after `every` seconds, where that is not each poll.
    """

    part: str = _NONE
    lapses: bool = True
    stirs: str = _NONE
    stir: Callable[[Life], object] = lambda _: None
    every: float | None = None

    def has(self, unique_id: str) -> bool:
        """Return True if an entity shows what the request brings."""
        return re.search(self.part, unique_id) is not None


def _lose_place(life: Life) -> None:
    """Let a tracker send a point of which the summary says little: it is read."""
    life.service.summary_shape = "bare"
    life.service.add_point(FIRST, locationType="invalid", location={"lat": 0, "lng": 0})


def _measure(life: Life) -> None:
    life.service.connect(FIRST)


def _alert(life: Life) -> None:
    life.service.add_activity(FIRST, "button")


_BRIDGE = (
    "registered_applications|last_registration|zigbee_channel|internet|link_button"
)
_READINGS = "temperature|humidity|pressure|external_voltage|light"

OPTIONAL_REQUESTS = {
    "config": OptionalRequest(
        part=rf"^hue:[0-9a-f]+_({_BRIDGE}|update_available)$", every=300
    ),
    "scenes": OptionalRequest(part=r"_scene_", every=300),
    "getRecentActivity": OptionalRequest(stirs=r"_alert$", stir=_alert),
    "points": OptionalRequest(lapses=False, stirs=rf":{FIRST}_", stir=_lose_place),
    "readings": OptionalRequest(
        part=rf":{FIRST}_({_READINGS})$", stirs=rf":{FIRST}_last_", stir=_measure
    ),
    "user/me": OptionalRequest(part=r"^lux:4107_"),
}

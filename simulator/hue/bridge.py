"""A simulated Hue bridge."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, override

from aiohttp import web

from .certificate import Certificate
from .house import House
from .items import Ids
from .registration import Whitelist
from .v2.api import ApiV2
from .v2.controls import ControlsV2


class HueBridge(ControlsV2, ApiV2):
    """A bridge as its documents have it: both APIs, the event stream, the controls.

    BSB001 is the round one (http, firmware 1.16, old registration), BSB002 the
    square one, BSB003 the Pro. `modern=False` registers as documented in 2013;
    `bridge_id=None` is an emulator, which has none.
    """

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes of both APIs."""
        return [*self.v2_routes(), *self.v1_routes()]

    @override
    def state(self) -> dict[str, Any]:
        """Return what must survive a restart, as JSON data."""
        return {
            "config": self.config,
            "house": asdict(self.house),
            "whitelist": self.whitelist.entries,
            "former_keys": sorted(self.whitelist.former),
            "reports": self.reports,
            "pressed_at": self.pressed_at,
            "origin": self.origin,
            "ids": [self.ids.bridge, self.ids.aliases],
            "certificate": asdict(self.certificate) if self.certificate else None,
        }

    @override
    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same kind of bridge."""
        self.config = state["config"]
        self.house = House(**state["house"])
        self.whitelist = Whitelist(state["whitelist"], set(state["former_keys"]))
        self.reports = state["reports"]
        self.pressed_at = state["pressed_at"]
        self.origin = state["origin"]
        self.ids = Ids(*state["ids"])
        if state["certificate"] is not None and self.https:
            self.show(Certificate(**state["certificate"]))

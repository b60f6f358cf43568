"""Lucit's endpoints."""

from collections.abc import Iterable
from typing import override

from aiohttp import web

from .answers import not_found
from .gate import API
from .pairing import PairingCalls
from .player import PlayerCalls


class Lucit(PairingCalls, PlayerCalls):
    """Lucit on loopback; a client's base URL is `url` + "/api/v3"."""

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the endpoints; those of proof-of-play are not among them."""
        pairing = f"{API}/lightning/device-request"
        device = f"{API}/lightning/devices/{{lcuid}}"
        instruction = f"{device}/instructions/{{instruction_lcuid}}"
        heartbeat = f"{API}/analytics/lightning-devices/{{lcuid}}/heartbeat"
        return [
            web.post(f"{pairing}s/request", self._open(self._request)),
            web.post(f"{pairing}/{{lcuid}}/check-for-device", self._open(self._check)),
            web.post(f"{API}/auth", self._open(self._auth)),
            web.get(
                f"{API}/public/status",
                self._open(self._public_status),
                allow_head=False,
            ),
            web.get(f"{API}/status", self._signed(self._status), allow_head=False),
            web.get(device, self._signed(self._read), allow_head=False),
            web.post(heartbeat, self._signed(self._heartbeat)),
            web.post(f"{instruction}/acknowledge", self._signed(self._acknowledge)),
            web.post(f"{instruction}/failed", self._signed(self._failed)),
        ]

    @override
    def unknown(self, request: web.Request) -> web.Response:
        """Answer a request for what Lucit does not have."""
        return not_found(request.path)

"""LUX's endpoints."""

from collections.abc import Iterable
from typing import override

from aiohttp import web

from .device import DeviceCalls
from .signin import AccountCalls

API = "/api/v1/lux"


class Lux(AccountCalls, DeviceCalls):
    """LUX on loopback; a client's base URL is `url`."""

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the endpoints that a home needs; no others are served."""
        auth, user, device = f"{API}/auth", f"{API}/user", f"{API}/device"
        gets = {
            f"{user}/me": self._me,
            f"{device}/child-device": self._child_device,
            f"{device}/get-all-device": self._all_devices,
            f"{device}/check-device": self._check_device,
        }
        posts = {
            f"{device}/set-my-device": self._set_my_device,
            f"{device}/devlog": self._devlog,
            f"{device}/alimtalk": self._alimtalk,
        }
        patches = {
            f"{user}/notification": self._notification,
            f"{device}/un-connect": self._un_connect,
            f"{device}/update-alias": self._update_alias,
        }
        return [
            web.post(f"{auth}/email/signin", self._open(self._sign_in)),
            web.post(f"{auth}/refresh-token", self._open(self._refresh)),
            *(
                web.get(path, self._signed(handler), allow_head=False)
                for path, handler in gets.items()
            ),
            *(web.post(path, self._signed(call)) for path, call in posts.items()),
            *(web.patch(path, self._signed(call)) for path, call in patches.items()),
        ]

    @override
    def unknown(self, request: web.Request) -> web.Response:
        """Answer a request for what LUX does not have."""
        return web.json_response({"detail": "Resource not found"}, status=404)

"""What each call to Lucit must have: headers, bearer, a body of the right types."""

from collections.abc import Awaitable, Callable
import re
from typing import Any

from aiohttp import hdrs, web

from .account import LucitAccount
from .answers import invalid, refused, unauthenticated
from .fields import Kind, problems
from .records import Bot

API = "/api/v3"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
APP_ID_FORM = re.compile(
    r"LCUID-LAP-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type SignedHandler = Callable[[web.Request, Bot], Awaitable[web.StreamResponse]]


async def body_of(request: web.Request) -> dict[str, Any]:
    """Return the fields of a JSON or form body, none for anything else."""
    if request.content_type == FORM:
        return dict(await request.post())
    try:
        value = await request.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Gate(LucitAccount):
    """The checks before an endpoint's own work."""

    def _headers_refused(self, request: web.Request) -> web.Response | None:
        """Check the headers that each call must have."""
        at = f"at {request.path}"
        if request.headers.get(hdrs.ACCEPT) != JSON:
            self.violation(f"no `Accept: application/json` {at}")
        # lucit-cli signs in with a form.
        types = (JSON, FORM) if request.path == f"{API}/auth" else (JSON,)
        if request.method == hdrs.METH_POST and request.content_type not in types:
            self.violation(f"no `Content-Type: application/json` {at}")
        app_id = request.headers.get("AppIdV3", "")
        if not APP_ID_FORM.fullmatch(app_id):
            self.violation(f"no AppIdV3 of the form LCUID-LAP-<uuid> {at}")
        if app_id in self.app_ids:
            return None
        return refused(
            self.app_id_status, "App ID is missing or invalid", "app_id_invalid"
        )

    def _open(self, handler: Handler) -> Handler:
        """Return the handler behind the check of the headers."""

        async def checked(request: web.Request) -> web.StreamResponse:
            return self._headers_refused(request) or await handler(request)

        return checked

    def _signed(self, handler: SignedHandler) -> Handler:
        """Return the handler behind the check of headers and bearer."""

        async def checked(request: web.Request) -> web.StreamResponse:
            header = request.headers.get(hdrs.AUTHORIZATION, "")
            scheme, _, token = header.partition(" ")
            if scheme != "Bearer" or not token:
                self.violation(f"no bearer at {request.path}")
            bearer = self.bearers.get(token)
            if bearer is None or bearer.expires <= self.clock.time():
                return unauthenticated()
            return await handler(request, self.bots[bearer.user_lcuid])

        return self._open(checked)

    def _invalid(
        self, request: web.Request, body: dict[str, Any], **kinds: Kind
    ) -> web.Response | None:
        """Check a body's fields: the client knows their types."""
        errors = problems(body, kinds)
        if not errors:
            return None
        self.violation(f"wrong body at {request.path}: {', '.join(errors)}")
        return invalid(errors)

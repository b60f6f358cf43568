"""Signing in and refreshing (one session per account), and the root user."""

from dataclasses import asdict
from typing import Any
import uuid

from aiohttp import web

from . import tokens
from .fields import Fields
from .gate import FORM, Gate, Refusal

# A person does not submit the same refused form again within this time (s).
RETRY_WINDOW = 5.0

# Refused before the password is looked at, and after.
LOCKED = {
    "deleted": (410, "User is Deleted"),
    "blocked": (423, "Access denied. Account blocked"),
}
UNREADY = {
    "incomplete": (401, "Sign-up not completed"),
    "unverified": (403, "SMS verification required"),
}


class AccountCalls(Gate):
    """The calls about the session and the root user."""

    # What was refused last (name, password and what they met), and when.
    _refused: tuple[tuple[str, ...], float] = ((), 0.0)

    async def _sign_in(self, request: web.Request) -> dict[str, Any]:
        """Start the account's one session; it ends the one before."""
        self.signins += 1
        if request.content_type != FORM:
            self.violation("a sign-in that is not a form")
            fields = Fields({}, "body")
        else:
            fields = Fields(dict(await request.post()), "body")
        username, password = fields.text("username"), fields.text("password")
        self._checked(fields, request)
        now = self.clock.time()
        attempt = (username, password, self.username, self.password, self.standing)
        before, when = self._refused
        if attempt == before and now - when < RETRY_WINDOW:
            self.violation("a refused sign-in was sent again")
        try:
            self._admitted(username, password)
        except Refusal:
            self._refused = (attempt, now)
            raise
        return self._started() | {"id": self.user.root_user_id, "token_type": "bearer"}

    def _admitted(self, username: str, password: str) -> None:
        """Refuse a sign-in for the first of the six reasons that holds."""
        if username != self.username:
            raise Refusal(404, "User not found")
        if self.standing in LOCKED:
            raise Refusal(*LOCKED[self.standing])
        if password != self.password:
            raise Refusal(400, "Password is invalid")
        if self.standing in UNREADY:
            raise Refusal(*UNREADY[self.standing])

    def issue(self) -> dict[str, Any]:
        """Return the tokens of a new session, as a sign-in does."""
        return self._started()

    def _token(self, kind: tokens.Kind, token_id: str, lifetime: float) -> str:
        """Return a new token of this kind."""
        claims = tokens.Claims(
            kind, token_id, self.clock.time() + lifetime, self.generations[kind]
        )
        return tokens.issue(self.key, claims)

    def _started(self, refresh_id: str | None = None) -> dict[str, Any]:
        """Store a new refresh token's id; return both tokens and lifetimes (s)."""
        token_id = self.session.refresh_id = str(uuid.uuid4())
        access_id = str(uuid.uuid4())
        if refresh_id:
            self.session.replaced[access_id] = refresh_id
        return {
            "access_token": self._token("access", access_id, self.access_lifetime),
            "expires_in": self.access_lifetime,
            "refresh_token": self._token("refresh", token_id, self.refresh_lifetime),
            "refresh_expires_in": self.refresh_lifetime,
        }

    async def _refresh(self, request: web.Request) -> dict[str, Any]:
        """Rotate the refresh token; one that is not the stored one ends the session."""
        fields = await self._json_body(request)
        token = fields.text("refresh_token")
        self._checked(fields, request)
        read_token = tokens.read(self.key, token, "refresh")
        if read_token is not None and read_token.id in self.session.spent:
            self.violation("a refresh token was used again after its successor came")
        claims = self._claims(token, "refresh")
        if self.standing == "deleted":
            raise Refusal(401, "Could not validate credentials")
        if claims.id != self.session.refresh_id:
            # "considered a duplicate login": the stored token is deleted, too.
            self.session.refresh_id = None
            raise Refusal(401, "Refresh token is not valid")
        return self._started(claims.id) | {
            "id": self.session.user_uuid,
            "token_type": "bearer",
        }

    async def _me(self, _: web.Request) -> dict[str, Any]:
        """Return the root user."""
        if self.standing == "deleted":
            raise Refusal(401, "User is Deleted")
        return asdict(self.user)

    async def _notification(self, request: web.Request) -> dict[str, int]:
        """Set the three switches; all are required."""
        fields = await self._json_body(request)
        names = (
            "is_device_muted",
            "is_device_alim_talk_enabled",
            "is_basestation_alert_enabled",
        )
        values = {name: fields.boolean(name) for name in names}
        self._checked(fields, request)
        if self.standing == "deleted":
            raise Refusal(404, "User not found")
        if self._failed("notification"):
            raise Refusal(409, "User notification update failed")
        self.set_user(**values)
        return {name: int(value) for name, value in values.items()}

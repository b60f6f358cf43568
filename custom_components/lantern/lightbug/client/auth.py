"""What Lightbug's logins answer: a token, whose it is, and when it ends."""

from datetime import datetime

from ...transport import parsing
from ...transport.errors import BadAnswer
from ...transport.http import Answer
from ...transport.jwt import claims
from ...transport.tokens import Token
from .models import Row, SignIn, as_time

_GUESSED_LIFETIME = 3600.0


def parse_sign_in(answer: Answer) -> SignIn:
    """Return the sign-in of a v2 `LoginResponse`."""
    body = parsing.as_dict(answer.json())
    token = parse_token(answer, body)
    user_id = parsing.as_int(body.get("userId")) or user_of(token.access_token)
    if user_id is None:
        raise BadAnswer(answer.endpoint, "no user")
    return SignIn(user_id, token)


def parse_token(answer: Answer, body: Row) -> Token:
    """Return the token of a v2 answer; its expiry's format is not documented."""
    access = parsing.as_str(body.get("token"))
    if access is None:
        raise BadAnswer(answer.endpoint, "no token")
    expires = _epoch(as_time(body.get("expiry")))
    if expires is None:
        expires = expiry_of(access)
    renewal_expires = _epoch(as_time(body.get("refreshTokenExpiry")))
    renewal = parsing.as_str(body.get("refreshToken"))
    return _dated(answer, access, expires, renewal, renewal_expires)


def parse_legacy_sign_in(answer: Answer) -> SignIn:
    """Return the sign-in of a v1 `accessToken`: it ends `ttl` s after `created`."""
    body = parsing.as_dict(answer.json())
    access = parsing.as_str(body.get("id"))
    user_id = parsing.as_int(body.get("userId"))
    if access is None or user_id is None:
        raise BadAnswer(answer.endpoint, "no token")
    created = as_time(body.get("created")) or answer.date
    ttl = parsing.as_float(body.get("ttl"))
    expires = None if ttl is None else created.timestamp() + ttl
    return SignIn(user_id, _dated(answer, access, expires))


def _dated(
    answer: Answer,
    access: str,
    expires: float | None,
    renewal: str | None = None,
    renewal_expires: float | None = None,
) -> Token:
    """Return a token that was just received, with its lifetime at the service."""
    lifetime = (expires or 0.0) - answer.date.timestamp()
    return Token(
        access_token=access,
        refresh_token=renewal,
        # An end that is not told, or lies in the past, is guessed.
        lifetime=lifetime if lifetime > 0 else _GUESSED_LIFETIME,
        expires=expires,
        refresh_token_expires=renewal_expires,
    )


def _epoch(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def user_of(token: str) -> int | None:
    """Return the number of the user that a JWT is for, None if it is no JWT."""
    user_id = parsing.as_int(claims(token).get("sub"))
    return user_id if user_id is not None and user_id > 0 else None


def expiry_of(token: str) -> float | None:
    """Return when a JWT ends, in epoch seconds, None if it is no JWT."""
    return parsing.as_float(claims(token).get("exp"))


def email_of(token: str) -> str | None:
    """Return the e-mail address that a JWT names, if it names one."""
    name = parsing.as_str(claims(token).get("name"))
    return name if name and "@" in name else None

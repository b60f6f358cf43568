"""Turns a service's failures into Home Assistant's, each with a translated text."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .const import DOMAIN
from .transport.errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Untrusted,
)


def translation_key(err: TransportError) -> str:
    """Return the key of the text that explains a failure."""
    match err:
        case AuthError():
            return "invalid_auth"
        case RateLimited():
            return "rate_limited"
        case BadAnswer():
            return "bad_answer"
        case Untrusted():
            return "untrusted"
        case Refused():
            return "refused"
    return "cannot_connect"


def poll_failure(err: TransportError, service: str) -> HomeAssistantError:
    """Return what a coordinator raises when a poll failed."""
    placeholders = {"service": service}
    if isinstance(err, AuthError):
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN,
            translation_key="invalid_auth",
            translation_placeholders=placeholders,
        )
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=translation_key(err),
        translation_placeholders=placeholders,
        retry_after=err.retry_after if isinstance(err, RateLimited) else None,
    )


@asynccontextmanager
async def command_failures(service: str) -> AsyncGenerator[None]:
    """Turn the failure of a command into an error for the one who gave it."""
    try:
        yield
    except TransportError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=translation_key(err),
            translation_placeholders={"service": service},
        ) from err

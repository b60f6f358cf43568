"""Turns a TransportError into Home Assistant's exceptions, with a translated text."""

import random

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

_SPREAD = 0.1


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


def _back_after(err: RateLimited) -> float:
    """Return the seconds to wait, spread so that not all installations ask at once."""
    return err.retry_after * random.uniform(1.0, 1.0 + _SPREAD)  # no secret


def to_update_failed(err: TransportError, service: str) -> HomeAssistantError:
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
        retry_after=_back_after(err) if isinstance(err, RateLimited) else None,
    )


def to_service_error(err: TransportError, service: str) -> HomeAssistantError:
    """Return the error that a failed command or action raises."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=translation_key(err),
        translation_placeholders={"service": service},
    )

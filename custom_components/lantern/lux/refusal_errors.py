"""What people are told, in words, when LUX refuses what they asked for."""

from collections.abc import Mapping

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import DOMAIN
from ..transport import parsing
from ..transport.errors import Refused, TransportError
from .client.errors import (
    AlertNotSent,
    AlertUnconfirmed,
    ChildWithoutDevice,
    DeviceTaken,
    NoPhone,
    NoSuchDevice,
    NotConnected,
    NotYours,
    SettingsNotStored,
)

_INVALID: Mapping[type[TransportError], str] = {
    ChildWithoutDevice: "child_without_device",
    DeviceTaken: "device_taken",
    NoPhone: "no_phone",
    NoSuchDevice: "no_such_device",
    NotConnected: "not_connected",
    NotYours: "not_yours",
}
# What the one who asked can do nothing about.
_FAILED: Mapping[type[TransportError], str] = {
    AlertNotSent: "alert_not_sent",
    AlertUnconfirmed: "alert_unconfirmed",
    SettingsNotStored: "settings_not_stored",
}


def refusal_error(err: TransportError) -> HomeAssistantError | None:
    """Return what a refusal means in words, None for what is no refusal of LUX's."""
    if (key := _INVALID.get(type(err))) is not None:
        return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
    if (key := _FAILED.get(type(err))) is not None:
        return HomeAssistantError(translation_domain=DOMAIN, translation_key=key)
    if isinstance(err, Refused) and (words := parsing.as_name(err.text)):
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="lux_refused",
            translation_placeholders={"reason": words},
        )
    return None

"""Describes an action: a frozen row with schema, target and handler."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID, Platform
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
import voluptuous as vol

from .const import CONF_VENDOR, DOMAIN
from .coordinator import LanternConfigEntry, LanternCoordinator
from .transport.bounds import MAX_INTEGER, is_writable

ATTR_CONFIG_ENTRY = "config_entry_id"
ATTR_CONFIRM = "confirm"
CONFIRM: dict[Any, Any] = {vol.Required(ATTR_CONFIRM): cv.boolean}
"""A field that must be turned on, to prevent accidental use."""
SHORT_TEXT = vol.All(cv.string, vol.Length(max=255))
WHOLE_NUMBER = vol.All(vol.Coerce(int), vol.Range(min=0, max=MAX_INTEGER))
"""Home Assistant can hold such numbers, and no larger ones."""


class Target(StrEnum):
    """What an action is for; the value is the name of its field."""

    DEVICE = ATTR_DEVICE_ID
    ENTRY = ATTR_CONFIG_ENTRY
    ENTITY = ATTR_ENTITY_ID


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an action: its entry, its device (Lantern's id), its fields."""

    hass: HomeAssistant
    entry: LanternConfigEntry
    device_id: str | None
    fields: Mapping[str, Any]

    @property
    def coordinator(self) -> LanternCoordinator[Any]:
        """Return the coordinator of an entry that is loaded."""
        return self.entry.runtime_data


@dataclass(frozen=True, kw_only=True)
class LanternAction:
    """Describes an action; `handler` gets the call once its target was found.

    `fields` is a schema's content besides the target. An action that is not
    `loaded_only` is also taken while the entry's set-up is being retried.
    """

    name: str
    target: Target
    handler: Callable[[Call], Awaitable[ServiceResponse]]
    fields: Mapping[Any, Any] = field(default_factory=dict)
    response: SupportsResponse = SupportsResponse.NONE
    loaded_only: bool = True


@dataclass(frozen=True, kw_only=True)
class LanternEntityAction:
    """Describes an action for entities of a platform; `handler` gets each of them.

    Home Assistant finds the entities of a target, an area for example.
    """

    name: str
    platform: Platform
    handler: Callable[[Any, Mapping[str, Any]], Awaitable[None]]
    fields: Mapping[Any, Any]
    target: ClassVar[Target] = Target.ENTITY


def _invalid(key: str) -> ServiceValidationError:
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


def _device(
    hass: HomeAssistant, registry_id: str
) -> tuple[LanternConfigEntry, str | None]:
    """Return the entry and Lantern's id of a device in the registry."""
    device, entry = dr.async_get_device_and_config_entry_for_domain(
        hass, registry_id, domain=DOMAIN, include_child_devices=False
    )
    if device is None or entry is None:
        raise _invalid("unknown_device")
    ids = [device_id for domain, device_id in device.identifiers if domain == DOMAIN]
    return entry, next(iter(ids), None)


def find_entry(hass: HomeAssistant, entry_id: str) -> LanternConfigEntry:
    """Return an entry of Lantern's; raise ServiceValidationError for any other."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        raise _invalid("unknown_entry")
    return entry


def resolve(
    hass: HomeAssistant, action: LanternAction, vendor: str, data: Mapping[str, Any]
) -> Call:
    """Return the call of an action; raise ServiceValidationError for a wrong one."""
    if not is_writable(data):
        raise _invalid("unwritable_text")
    target = data[action.target]
    device_id = None
    if action.target is Target.DEVICE:
        entry, device_id = _device(hass, target)
    else:
        entry = find_entry(hass, target)
    if entry.data[CONF_VENDOR] != vendor:
        raise _invalid("wrong_service")
    if not data.get(ATTR_CONFIRM, True):
        raise _invalid("not_confirmed")
    if action.loaded_only and entry.state is not ConfigEntryState.LOADED:
        raise _invalid("not_loaded")
    fields = {key: value for key, value in data.items() if key != action.target}
    return Call(hass, entry, device_id, fields)

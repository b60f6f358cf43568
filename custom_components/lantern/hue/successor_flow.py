"""A bridge that replaces one of ours: the entry moves once a person agrees."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import DOMAIN
from ..flow import FieldError
from ..transport.errors import AuthError, TransportError
from .client.devices import is_physical
from .client.successor import get_zigbee_addresses
from .connection import (
    CONF_BRIDGE_ID,
    CONF_CERTIFICATE,
    CONF_KEY,
    CONF_SUCCESSOR_ID,
    address_data,
    format_fingerprint,
)
from .link_flow import VENDOR, HueLinkFlow
from .repairs import forget
from .schemas import trouble

_PRO = "BSB003"


class HueSuccessorFlow(HueLinkFlow):
    """Moves an entry to the bridge that took over its house."""

    _hue_replaced: ConfigEntry | None = None

    @callback
    def _hue_find_replaced(self) -> ConfigEntry | None:
        """Return the entry that the bridge at hand took over, as far as it says.

        A Bridge Pro that took over several bridges names one of them at most: for
        the others, a person types its address into Reconfigure.
        """
        bridge = self._hue_bridge
        if (
            bridge is None
            or bridge.bridge_id is None
            or self._hue_address.certificate is None
            or self._hue_find_entry(*bridge.identities) is not None
        ):
            return None
        entry = self._hue_find_entry(bridge.replaces) if bridge.replaces else None
        if self.existing_entry is None:
            return entry
        return (
            self.existing_entry
            if self.existing_entry is entry or bridge.model_id == _PRO
            else None
        )

    async def async_step_hue_successor(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show both bridges and fingerprints; until a yes the key goes nowhere."""
        assert self._hue_replaced is not None
        errors: dict[str, str] = {}
        if user_input is not None:
            result, errors = await self.submit(self._hue_move(self._hue_replaced))
            if result is not None:
                return result
        return self.show(
            "hue_successor",
            {},
            None,
            # This form has no fields: whatever went wrong stands above it.
            {"base": next(iter(errors.values()))} if errors else {},
            name=self._hue_replaced.title,
            successor=self._hue_name,
            host=self._hue_address.host,
            stored=format_fingerprint(self._hue_replaced.data[CONF_CERTIFICATE] or "–"),
            found=format_fingerprint(self._hue_address.certificate or ""),
        )

    async def _hue_move(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Move an entry to a bridge that knows its key and most of its devices."""
        assert self._hue_bridge is not None
        # The entry may have been removed, or moved, while the form was open.
        if self.hass.config_entries.async_get_entry(entry.entry_id) is None:
            raise AbortFlow("entry_not_found")
        try:
            addresses = await get_zigbee_addresses(self._hue_http(entry.data[CONF_KEY]))
        except AuthError as err:
            raise FieldError("base", "successor_unlinked") from err
        except TransportError as err:
            raise trouble(err) from err
        lamps = self._hue_lamps(entry)
        if lamps and 2 * len(lamps & addresses) <= len(lamps):
            raise FieldError("base", "successor_other_lamps")
        forget(self.hass, entry)
        self._hue_forget_mac(entry)
        return self.async_update_reload_and_abort(
            entry,
            data_updates={
                **address_data(self._hue_address),
                CONF_SUCCESSOR_ID: self._hue_bridge.bridge_id,
            },
            reason="hue_moved",
        )

    @callback
    def _hue_lamps(self, entry: ConfigEntry) -> set[str]:
        """Return the Zigbee addresses of an entry's lamps, loaded or not."""
        entities = er.async_entries_for_config_entry(
            er.async_get(self.hass), entry.entry_id
        )
        device_ids = (
            entity.unique_id.partition("_")[0]
            for entity in entities
            if entity.domain == Platform.LIGHT
        )
        return {
            identifier.removeprefix(f"{VENDOR}:")
            for identifier in device_ids
            if is_physical(identifier)
        }

    @callback
    def _hue_forget_mac(self, entry: ConfigEntry) -> None:
        """Take the old bridge's network address from the device that goes on."""
        registry = dr.async_get(self.hass)
        bridge = registry.async_get_device_by_identifier(
            (DOMAIN, f"{VENDOR}:{entry.data[CONF_BRIDGE_ID]}"), entry.entry_id
        )
        if bridge is not None:
            registry.async_update_device(bridge.id, new_connections=set())

"""The steps that lead to a Hue bridge: typed in, discovered, mended."""

from ipaddress import IPv4Address, IPv6Address
from typing import Any, override

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntry, ConfigFlowResult
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..flow import ADVANCED, FieldError, already_configured, flat
from .client.models.bridge import read_bridge_id
from .connection import (
    CONF_CERTIFICATE,
    CONF_DEVICETYPE,
    CONF_HOST,
    is_bridge_at,
    stored_address,
)
from .link_flow import VENDOR
from .repairs import offer_address
from .schemas import checked_host, checked_wish, form_fields
from .successor_flow import HueSuccessorFlow

_USUAL_PORTS = (80, 443)


def _discovered_host(address: IPv4Address | IPv6Address, port: int | None) -> str:
    """Return `host[:port]` of an mDNS answer."""
    host = f"[{address}]" if address.version == 6 else str(address)
    return host if port in (None, *_USUAL_PORTS) else f"{host}:{port}"


def _short(bridge_id: str) -> str:
    """Return a bridge id as Home Assistant's `hue` has it: a MAC where it is one."""
    short = (bridge_id[:6] + bridge_id[10:]) if bridge_id[6:10] == "fffe" else bridge_id
    return short if len(bridge_id) == 16 else bridge_id


class HueFlow(HueSuccessorFlow):
    """Finds a bridge, then links with it."""

    async def reauth_hue(self) -> ConfigFlowResult:
        """Confirm, then link with the same bridge again."""
        data = self._get_reauth_entry().data
        self._hue_address = stored_address(data)
        self._hue_devicetype = data[CONF_DEVICETYPE]
        return await self.async_step_hue_discovered()

    async def reconfigure_hue(self) -> ConfigFlowResult:
        """Link again, with the stored values in the form."""
        data = self._get_reconfigure_entry().data
        self._hue_typed = {
            CONF_HOST: data[CONF_HOST],
            ADVANCED: {CONF_DEVICETYPE: data[CONF_DEVICETYPE]},
        }
        return await self.async_step_hue()

    async def async_step_hue(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the bridge is."""
        errors, words = self._hue_failure_told(sent=user_input is not None)
        if user_input is not None:
            self._hue_typed = user_input
            result, errors = await self.submit(self._hue_submitted(user_input))
            if result is not None:
                return result
        return self.show(
            "hue", form_fields(errors), self._hue_typed, errors, bridge_says=words
        )

    async def _hue_submitted(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        fields = flat(user_input)
        self._hue_devicetype, self._hue_username = checked_wish(fields)
        host, tls_only = checked_host(fields[CONF_HOST])
        pinned = (
            self.existing_entry.data[CONF_CERTIFICATE] if self.existing_entry else None
        )
        await self._hue_meet(host, tls_only=tls_only or pinned is not None)
        self._hue_replaced = self._hue_find_replaced()
        if self._hue_replaced is not None:
            return await self.async_step_hue_successor()
        await self._hue_abort_if_known()
        if pinned not in (None, self._hue_address.certificate):
            return await self.async_step_hue_certificate()
        return await self.async_step_hue_link()

    @override
    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Offer a bridge on the network; follow a known one to its new address.

        In plain http anybody can pretend to be it: a person is asked.
        """
        bridge_id = read_bridge_id(discovery_info.properties.get("bridgeid"))
        if bridge_id is None:
            return self.async_abort(reason="not_a_bridge")
        address = discovery_info.ip_address
        host = _discovered_host(address, discovery_info.port)
        entry = self._hue_find_entry(bridge_id)
        entry = await self.async_set_unique_id(
            entry.unique_id if entry else f"{VENDOR}:{bridge_id}"
        )
        if entry is not None:
            await self._hue_follow(entry, host, is_ipv4=address.version == 4)
        in_core = self._hue_is_in_core(bridge_id)
        if in_core and not self._hue_entries():
            return self.async_abort(reason="in_hue_integration")
        try:
            await self._hue_meet(host)
        except FieldError as err:
            return self.async_abort(reason=err.key)
        if self._hue_bridge is not None and self._hue_identity() != bridge_id:
            return self.async_abort(reason="wrong_bridge")
        self._hue_replaced = self._hue_find_replaced()
        if self._hue_replaced is not None and address.version != 4:
            raise already_configured(self._hue_replaced)
        if self._hue_replaced is None and in_core:
            return self.async_abort(reason="in_hue_integration")
        self.context["title_placeholders"] = {"name": f"Hue {self._hue_name}"}
        if self._hue_replaced is not None:
            return await self.async_step_hue_successor()
        return await self.async_step_hue_discovered()

    async def _hue_follow(
        self, entry: ConfigEntry, host: str, *, is_ipv4: bool
    ) -> None:
        """Go to the new address of a configured bridge; end the flow."""
        moved = False
        is_ignored = entry.source == SOURCE_IGNORE
        if not is_ignored and is_ipv4 and entry.data[CONF_HOST] != host:
            if entry.data[CONF_CERTIFICATE]:
                moved = await is_bridge_at(self.hass, entry.data, host)
            else:
                await offer_address(self.hass, entry, host)
        self._abort_if_unique_id_configured({CONF_HOST: host} if moved else None)

    def _hue_is_in_core(self, bridge_id: str) -> bool:
        """Return whether Home Assistant's own `hue` has the bridge already."""
        entries = self.hass.config_entries.async_entries(VENDOR, include_ignore=False)
        return any(
            _short((one.unique_id or "").lower().replace(":", "")) == _short(bridge_id)
            for one in entries
        )

"""A bridge that shows another certificate, or is another bridge: told, and mended."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_VENDOR, DOMAIN, LOGGER
from ..coordinator import LanternConfigEntry
from ..repair import ConfirmRepairFlow, isolate_failures
from ..transport.errors import TransportError
from ..transport.parsing import escape_markdown
from .client.http import Address, find
from .client.registration import get_introduction
from .connection import (
    CONF_CERTIFICATE,
    CONF_HOST,
    answering_id,
    bridge_http,
    bridge_session,
    format_fingerprint,
    is_bridge_at,
)

_CERTIFICATE = "hue_certificate"
_REPLACED = "hue_replaced"
_MOVED = "hue_moved"
_KINDS = (_CERTIFICATE, _REPLACED, _MOVED)


async def _met(hass: HomeAssistant, data: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the certificate shown at an entry's host, and whether it is the bridge.

    Nothing that is sent carries the key. Raises `TransportError`.
    """
    host = data[CONF_HOST]
    address = await find(bridge_session(hass), host, tls_only=True)
    assert address.certificate is not None
    bridge = await get_introduction(
        bridge_http(hass, Address(host, address.certificate))
    )
    return address.certificate, answering_id(data) in bridge.identities


async def tell(hass: HomeAssistant, entry: LanternConfigEntry) -> bool:
    """Tell what answers in place of the bridge; return whether that was found out."""
    stored = entry.data[CONF_CERTIFICATE]
    try:
        certificate, same = await _met(hass, entry.data) if stored else ("", False)
    except TransportError as err:
        LOGGER.debug("What answers in place of the Hue bridge is unknown: %s", err)
        return False
    kind = _CERTIFICATE if same else _REPLACED
    if same and certificate == stored:
        return True
    forget(hass, entry, kind, _MOVED)
    shown = {
        "stored": format_fingerprint(stored or ""),
        "found": format_fingerprint(certificate),
    }
    _create_issue(
        hass, entry, kind, {"certificate": certificate}, shown, is_fixable=same
    )
    return True


@isolate_failures
@callback
def _create_issue(
    hass: HomeAssistant,
    entry: LanternConfigEntry,
    kind: str,
    data: dict[str, str | int | float | None],
    placeholders: Mapping[str, str],
    *,
    is_fixable: bool,
    severity: ir.IssueSeverity = ir.IssueSeverity.ERROR,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{kind}_{entry.entry_id}",
        data={
            CONF_VENDOR: entry.data[CONF_VENDOR],
            "kind": kind,
            "entry_id": entry.entry_id,
            **data,
        },
        is_fixable=is_fixable,
        severity=severity,
        translation_key=kind,
        translation_placeholders={
            "title": escape_markdown(entry.title),
            **placeholders,
        },
    )


async def offer_address(
    hass: HomeAssistant, entry: LanternConfigEntry, host: str
) -> None:
    """Offer the address announced for a bridge in plain http while its own is silent.

    Nobody but a person may decide whether this is the bridge.
    """
    if await is_bridge_at(hass, entry.data, entry.data[CONF_HOST]):
        return
    if not await is_bridge_at(hass, entry.data, host):
        return
    shown = {
        "stored": escape_markdown(entry.data[CONF_HOST]),
        "found": escape_markdown(host),
    }
    _create_issue(
        hass,
        entry,
        _MOVED,
        {"host": host},
        shown,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
    )


@isolate_failures
@callback
def forget(hass: HomeAssistant, entry: LanternConfigEntry, *but: str) -> None:
    """Delete the issues of a bridge, but for some kinds."""
    for kind in _KINDS:
        if kind not in but:
            ir.async_delete_issue(hass, DOMAIN, f"{kind}_{entry.entry_id}")


class CertificateRepair(ConfirmRepairFlow):
    """Shows both fingerprints, and trusts the new one if the user says so."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the entry and the certificate that the issue tells of."""
        super().__init__(hass, data)
        self._entry = hass.config_entries.async_get_known_entry(data["entry_id"])
        self._certificate: str = data["certificate"]

    @override
    async def async_repair(self) -> RepairsFlowResult:
        """Look again, for what was shown is what is trusted."""
        try:
            certificate, same = await _met(self.hass, self._entry.data)
        except TransportError as err:
            LOGGER.debug("The repair could not look at the certificate: %s", err)
            return self.async_abort(reason="cannot_connect")
        if not same or certificate != self._certificate:
            return self.async_abort(reason="wrong_bridge")
        self.hass.config_entries.async_update_entry(
            self._entry, data={**self._entry.data, CONF_CERTIFICATE: certificate}
        )
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})


class MovedRepair(ConfirmRepairFlow):
    """Shows both addresses, and goes to the new one if the user says so."""

    @override
    async def async_repair(self) -> RepairsFlowResult:
        """Look again: the bridge must be there, and no longer at its old address."""
        entries = self.hass.config_entries
        entry = entries.async_get_known_entry(self.issue_data["entry_id"])
        host = self.issue_data["host"]
        if await is_bridge_at(self.hass, entry.data, entry.data[CONF_HOST]):
            forget(self.hass, entry, _CERTIFICATE, _REPLACED)
            return self.async_abort(reason="old_address_answers")
        if not await is_bridge_at(self.hass, entry.data, host):
            return self.async_abort(reason="cannot_connect")
        entries.async_update_entry(entry, data={**entry.data, CONF_HOST: host})
        entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


REPAIRS = {_CERTIFICATE: CertificateRepair, _MOVED: MovedRepair}

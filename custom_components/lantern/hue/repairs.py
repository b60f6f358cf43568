"""A bridge that shows another certificate, or is another bridge: told, and mended."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.repairs import RepairsFlowResult
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_VENDOR, DOMAIN
from ..coordinator import LanternConfigEntry
from ..repair import ConfirmRepairFlow
from ..transport.errors import TransportError
from .api import find
from .connection import (
    CONF_BRIDGE_ID,
    CONF_CERTIFICATE,
    CONF_HOST,
    bridge_api,
    bridge_session,
)
from .reading import Address

_CERTIFICATE = "hue_certificate"
_REPLACED = "hue_replaced"
_KINDS = (_CERTIFICATE, _REPLACED)


def _shown(fingerprint: str) -> str:
    """Return a SHA-256 as people compare it: in groups of eight digits."""
    return " ".join(fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8))


async def _met(hass: HomeAssistant, data: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the certificate shown at an entry's host, and whether it is the bridge.

    Nothing that is sent carries the key. Raises `TransportError`.
    """
    host = data[CONF_HOST]
    address = await find(bridge_session(hass), host, tls_only=True)
    assert address.certificate is not None
    bridge = await bridge_api(hass, Address(host, address.certificate)).introduction()
    return address.certificate, data[CONF_BRIDGE_ID] in bridge.identities


async def tell(hass: HomeAssistant, entry: LanternConfigEntry) -> bool:
    """Tell what answers in place of the bridge; return whether that was found out."""
    stored = entry.data[CONF_CERTIFICATE]
    try:
        found, same = await _met(hass, entry.data) if stored else ("", False)
    except TransportError:
        return False
    kind = _CERTIFICATE if same else _REPLACED
    if same and found == stored:
        return True
    forget(hass, entry, but=kind)
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{kind}_{entry.entry_id}",
        data={
            CONF_VENDOR: entry.data[CONF_VENDOR],
            "kind": kind,
            "entry_id": entry.entry_id,
            "certificate": found,
        },
        is_fixable=same,
        severity=ir.IssueSeverity.ERROR,
        translation_key=kind,
        translation_placeholders={
            "title": entry.title,
            "stored": _shown(stored or ""),
            "found": _shown(found),
        },
    )
    return True


@callback
def forget(
    hass: HomeAssistant, entry: LanternConfigEntry, but: str | None = None
) -> None:
    """Take the issues of a bridge back."""
    for kind in _KINDS:
        if kind != but:
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
            found, same = await _met(self.hass, self._entry.data)
        except TransportError:
            return self.async_abort(reason="cannot_connect")
        if not same or found != self._certificate:
            return self.async_abort(reason="wrong_bridge")
        self.hass.config_entries.async_update_entry(
            self._entry, data={**self._entry.data, CONF_CERTIFICATE: found}
        )
        self.hass.config_entries.async_schedule_reload(self._entry.entry_id)
        return self.async_create_entry(data={})


REPAIRS = {_CERTIFICATE: CertificateRepair}

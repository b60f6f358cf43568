"""Linking with a bridge: the part of the flow that all of its ways share."""

import asyncio
from time import monotonic
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow

from ..const import CONF_VENDOR, LOGGER
from ..flow import VendorFlow
from ..transport.errors import AuthError, Refused, TimedOut, TransportError, Unreachable
from .client.errors import NO_PARAMETER, BridgeError, ButtonNotPressed
from .client.http import Address, HueHttp, find
from .client.models.bridge import Bridge, names_hardware
from .client.registration import get_config, get_introduction, register
from .connection import (
    CONF_BRIDGE_ID,
    CONF_CERTIFICATE,
    CONF_DEVICETYPE,
    CONF_KEY,
    address_data,
    answering_id,
    bridge_http,
    bridge_session,
    deregister_key,
    format_fingerprint,
    stored_address,
)
from .schemas import DEFAULT_DEVICETYPE, trouble

VENDOR = "hue"

_WAIT = 60.0
_ASK_EVERY = 1.0
_LOST_TRIES = 3


class HueLinkFlow(VendorFlow):
    """Links with the bridge at an address once somebody presses its button."""

    _hue_address: Address
    _hue_bridge: Bridge | None = None
    _hue_devicetype: str = DEFAULT_DEVICETYPE
    _hue_username: str | None = None
    _hue_typed: dict[str, Any] | None = None
    _hue_failure: TransportError | None = None
    _hue_key: str = ""
    _hue_ended: bool = False

    def _hue_http(self, key: str = "") -> HueHttp:
        rate_limit = self.get_rate_limit(VENDOR, self._hue_address.host)
        return bridge_http(self.hass, self._hue_address, key, rate_limit)

    @property
    def _hue_name(self) -> str:
        """Return what people call the bridge, as far as it said."""
        if self._hue_bridge is not None and self._hue_bridge.name:
            return self._hue_bridge.name
        return (
            self.existing_entry.title if self.existing_entry else self._hue_address.host
        )

    @callback
    def _hue_entries(self) -> list[ConfigEntry]:
        """Return the entries of all bridges."""
        entries = self._async_current_entries(include_ignore=False)
        return [entry for entry in entries if entry.data[CONF_VENDOR] == VENDOR]

    @callback
    def _hue_find_entry(self, *identities: str) -> ConfigEntry | None:
        """Return the entry of the bridge that has one of these identities."""
        entries = self._hue_entries()
        return next(
            (entry for entry in entries if answering_id(entry.data) in identities), None
        )

    def _hue_identity(self) -> str:
        """Return the bridge id that unique ids are made of.

        An emulator has a MAC, or its host; a successor has its predecessor's id.
        """
        identities = self._hue_bridge.identities if self._hue_bridge else ()
        stored = self.existing_entry.data[CONF_BRIDGE_ID] if self.existing_entry else ""
        if (entry := self._hue_find_entry(*identities)) is not None:
            return str(entry.data[CONF_BRIDGE_ID])
        if stored and not identities and not names_hardware(stored):
            return str(stored)
        return identities[0] if identities else self._hue_address.host

    async def _hue_meet(self, host: str, *, tls_only: bool = False) -> None:
        """Read certificate and introduction; from here on the certificate is pinned."""
        try:
            self._hue_address = await find(
                bridge_session(self.hass), host, tls_only=tls_only
            )
            await self._hue_ask_who()
        except TransportError as err:
            raise trouble(err) from err

    async def _hue_ask_who(self) -> None:
        """Let the bridge introduce itself; a silent one does so once it is linked."""
        try:
            self._hue_bridge = await get_introduction(self._hue_http())
        except (AuthError, Refused, TimedOut) as err:
            LOGGER.debug("The Hue bridge did not introduce itself: %s", err)
            self._hue_bridge = None

    async def _hue_abort_if_known(self) -> None:
        """End here if this bridge is set up already, or is not the one to mend.

        So does a second dialog; one that only offers a discovered bridge is none.
        """
        await self.async_set_unique_id(
            f"{VENDOR}:{self._hue_identity()}", raise_on_progress=False
        )
        if self._hue_bridge is not None:
            if self.existing_entry is not None:
                self._abort_if_unique_id_mismatch(reason="wrong_bridge")
            else:
                self._abort_if_unique_id_configured()
        for flow in self._async_in_progress(
            match_context={"unique_id": self.unique_id}
        ):
            if flow["step_id"] != "hue_discovered":
                raise AbortFlow("already_in_progress")

    async def async_step_hue_link(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show that the button is to be pressed, until it was."""
        return self.wait("hue_link", self._hue_wait_for_press, name=self._hue_name)

    async def _hue_wait_for_press(self) -> str:
        """Ask once a second for at most 60 s; return the next step."""
        start, lost = monotonic(), 0
        while (age := monotonic() - start) < _WAIT:
            self.async_update_progress(age / _WAIT)
            try:
                await self._hue_register()
            except ButtonNotPressed:
                lost = 0
            except Unreachable as err:
                LOGGER.debug("The Hue bridge could not be asked for a key: %s", err)
                lost += 1
                if lost >= _LOST_TRIES:
                    return self._hue_failed(err)
            except TransportError as err:
                LOGGER.debug("The Hue bridge gave no key: %s", err)
                return self._hue_failed(err)
            else:
                return "hue_linked"
            await asyncio.sleep(_ASK_EVERY)
        return "hue_link_timeout"

    async def _hue_register(self) -> None:
        """Take an application key; who did not say its name yet must do so now."""
        if not self._hue_key:
            # Its answer counts also when the dialog was closed meanwhile.
            await asyncio.shield(
                self.hass.async_create_background_task(
                    self._hue_ask_for_key(), "lantern hue registration"
                )
            )
        if self._hue_bridge is None:
            self._hue_bridge = await get_config(self._hue_http(self._hue_key))

    async def _hue_ask_for_key(self) -> None:
        """Register with the bridge; give the key back if nobody waits for it."""
        try:
            self._hue_key = await self._hue_new_key()
        except TransportError:
            if not self._hue_ended:
                raise
        if self._hue_ended:
            self._hue_give_back()

    async def _hue_new_key(self) -> str:
        """Return an application key; bridges of today choose it themselves."""
        http = self._hue_http()
        try:
            return await register(http, self._hue_devicetype, self._hue_username)
        except BridgeError as err:
            if (err.code, err.address) != (NO_PARAMETER, "/username"):
                raise
        self._hue_username = None
        return await register(http, self._hue_devicetype, None)

    @callback
    @override
    def async_remove(self) -> None:
        """Give back what no entry uses when the flow ends or its dialog is closed."""
        super().async_remove()
        self._hue_ended = True
        self._hue_give_back()

    @callback
    def _hue_give_back(self) -> None:
        """Deregister the new key where it is from, unless an entry uses it."""
        key = self._hue_key
        if not key or any(
            entry.data.get(CONF_KEY) == key for entry in self._async_current_entries()
        ):
            return
        self._hue_key = ""
        self._hue_deregister(self._hue_http(key), key)

    @callback
    def _hue_deregister(self, http: HueHttp, key: str) -> None:
        self.hass.async_create_background_task(
            deregister_key(http, key), "lantern hue deregistration"
        )

    def _hue_failed(self, err: TransportError) -> str:
        """Keep what went wrong and return the form that tells it."""
        self._hue_failure = err
        self._hue_give_back()
        return "hue" if self._hue_typed is not None else "hue_discovered"

    def _hue_failure_told(self, *, sent: bool) -> tuple[dict[str, str], str]:
        """Return what went wrong while linking, and the bridge's own words.

        It stands there until the form is sent again: the dialog may be opened anew.
        """
        if sent:
            self._hue_failure = None
        err = self._hue_failure
        if err is None:
            return {}, ""
        failure = trouble(err)
        said = err.text if failure.key == "unknown" and isinstance(err, Refused) else ""
        return {failure.field: failure.key}, f"“{said}”" if said else ""

    async def async_step_hue_linked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Create the entry, or mend it.

        The old key goes nowhere but to the stored address, over its certificate.
        """
        data = {
            **address_data(self._hue_address),
            CONF_KEY: self._hue_key,
            CONF_BRIDGE_ID: self._hue_identity(),
            CONF_DEVICETYPE: self._hue_devicetype,
        }
        old = dict(self.existing_entry.data) if self.existing_entry else data
        result = await self.finish(
            VENDOR,
            self._hue_identity(),
            f"Hue {self._hue_name}",
            data,
            mismatch="wrong_bridge",
        )
        if old[CONF_KEY] != data[CONF_KEY]:
            old_http = bridge_http(self.hass, stored_address(old), old[CONF_KEY])
            self._hue_deregister(old_http, old[CONF_KEY])
        return result

    async def async_step_hue_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show both fingerprints before another certificate is trusted."""
        if user_input is not None:
            return await self.async_step_hue_link()
        assert self.existing_entry is not None
        return self.show(
            "hue_certificate",
            {},
            None,
            {},
            name=self._hue_name,
            stored=format_fingerprint(self.existing_entry.data[CONF_CERTIFICATE]),
            found=format_fingerprint(self._hue_address.certificate or ""),
        )

    async def async_step_hue_link_timeout(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer another try after nobody pressed the button."""
        if user_input is not None:
            return await self.async_step_hue_link()
        return self.show("hue_link_timeout", {}, None, {}, name=self._hue_name)

    async def async_step_hue_discovered(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a yes before linking with a bridge whose address is known."""
        errors, words = self._hue_failure_told(sent=user_input is not None)
        if user_input is not None:
            result, errors = await self.submit(self._hue_confirmed())
            if result is not None:
                return result
        return self.show(
            "hue_discovered",
            {},
            None,
            # This form has no fields: whatever went wrong stands above it.
            {"base": next(iter(errors.values()))} if errors else {},
            name=self._hue_name,
            host=self._hue_address.host,
            bridge_says=words,
        )

    async def _hue_confirmed(self) -> ConfigFlowResult:
        """Go on if it is the right bridge that answers."""
        try:
            await self._hue_ask_who()
        except TransportError as err:
            raise trouble(err) from err
        await self._hue_abort_if_known()
        return await self.async_step_hue_link()

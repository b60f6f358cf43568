"""Linking with a bridge: the part of the flow that all of its ways share."""

from time import monotonic
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import AbortFlow

from ..const import LOGGER
from ..flow import VendorFlow
from ..transport.errors import AuthError, Refused, TimedOut, TransportError, Unreachable
from .answers import NO_PARAMETER, BridgeError, ButtonNotPressed
from .api import HueApi, find
from .connection import (
    CONF_BRIDGE_ID,
    CONF_DEVICETYPE,
    CONF_KEY,
    address_data,
    bridge_api,
    bridge_session,
)
from .form import DEFAULT_DEVICETYPE, trouble
from .models import Bridge, names_hardware
from .reading import Address

VENDOR = "hue"

_WAIT = 60.0
_ASK_EVERY = 1.0
_LOST_TRIES = 3


class HueLinking(VendorFlow):
    """Links with the bridge at an address once somebody presses its button."""

    _hue_address: Address
    _hue_bridge: Bridge | None = None
    _hue_devicetype: str = DEFAULT_DEVICETYPE
    _hue_username: str | None = None
    _hue_typed: dict[str, Any] | None = None
    _hue_failure: TransportError | None = None
    _hue_key: str = ""

    def _hue_api(self, key: str = "") -> HueApi:
        return bridge_api(self.hass, self._hue_address, key)

    @property
    def _hue_name(self) -> str:
        """Return what people call the bridge, as far as it said."""
        if self._hue_bridge is not None and self._hue_bridge.name:
            return self._hue_bridge.name
        return self.mended.title if self.mended else self._hue_address.host

    def _hue_identity(self) -> str:
        """Return the bridge id; an emulator's MAC, or its host."""
        told = self._hue_bridge.identities if self._hue_bridge else ()
        stored = self.mended.data[CONF_BRIDGE_ID] if self.mended else ""
        if stored in told or (stored and not told and not names_hardware(stored)):
            return str(stored)
        return told[0] if told else self._hue_address.host

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
            self._hue_bridge = await self._hue_api().introduction()
        except AuthError, Refused, TimedOut:
            self._hue_bridge = None

    async def _hue_abort_if_known(self) -> None:
        """End here if this bridge is set up already, or is not the one to mend."""
        await self.async_set_unique_id(
            f"{VENDOR}:{self._hue_identity()}", raise_on_progress=False
        )
        if self.mended is not None:
            self._abort_if_unique_id_mismatch(reason="wrong_bridge")
        else:
            self._abort_if_unique_id_configured()

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
                lost += 1
                if lost >= _LOST_TRIES:
                    return self._hue_failed(err)
            except TransportError as err:
                return self._hue_failed(err)
            else:
                return "hue_linked"
            await self.pause(_ASK_EVERY)
        return "hue_link_timeout"

    async def _hue_register(self) -> None:
        """Take an application key; who did not say its name yet must do so now."""
        api = self._hue_api()
        if not self._hue_key:
            try:
                key = await api.register(self._hue_devicetype, self._hue_username)
            except BridgeError as err:
                if (err.code, err.address) != (NO_PARAMETER, "/username"):
                    raise
                # Bridges of today choose the key themselves.
                self._hue_username = None
                key = await api.register(self._hue_devicetype, None)
            self._hue_key = key
        if self._hue_bridge is None:
            self._hue_bridge = await self._hue_api(self._hue_key).config()

    def _hue_failed(self, err: TransportError) -> str:
        """Keep what went wrong and return the form that tells it."""
        self._hue_failure = err
        self._hue_key = ""
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
        told = trouble(err)
        said = err.text if told.key == "unknown" and isinstance(err, Refused) else ""
        return {told.field: told.key}, f"“{said}”" if said else ""

    async def async_step_hue_linked(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Create the entry, or mend it; a key that nobody needs is given back."""
        data = {
            **address_data(self._hue_address),
            CONF_KEY: self._hue_key,
            CONF_BRIDGE_ID: self._hue_identity(),
            CONF_DEVICETYPE: self._hue_devicetype,
        }
        old_key = self.mended.data[CONF_KEY] if self.mended else None
        try:
            result = await self.finish(
                VENDOR,
                self._hue_identity(),
                f"Hue {self._hue_name}",
                data,
                mismatch="wrong_bridge",
            )
        except AbortFlow:
            await self._hue_give_back(self._hue_key)
            raise
        if old_key is not None and old_key != self._hue_key:
            await self._hue_give_back(old_key)
        return result

    async def _hue_give_back(self, key: str) -> None:
        """Deregister a key that no entry uses, best effort: few bridges let us."""
        if any(one.data.get(CONF_KEY) == key for one in self._async_current_entries()):
            # The browser and we went on at once, and one of the two was first.
            return
        try:
            await self._hue_api(self._hue_key).deregister(key)
        except TransportError as err:
            LOGGER.debug("The Hue bridge keeps a key: %s", err)

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
        if self._hue_bridge is not None:
            await self._hue_abort_if_known()
        return await self.async_step_hue_link()

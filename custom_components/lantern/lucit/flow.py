"""The steps that pair Home Assistant with Lucit as a player."""

import asyncio
from collections.abc import Mapping
import re
from time import monotonic
from typing import Any
from uuid import uuid4

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigFlowResult
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..const import CONF_BASE_URL, LOGGER
from ..credentials import token_data
from ..flow import (
    ADVANCED,
    TEXT,
    URL_TEXT,
    FieldError,
    VendorFlow,
    advanced,
    already_configured,
    checked_base_url,
    flat,
    transport_error,
)
from ..session import async_get_session
from ..transport.errors import (
    AuthError,
    BadAnswer,
    RateLimited,
    Refused,
    TransportError,
    Unreachable,
)
from ..transport.tokens import Token
from .client.api import DEFAULT_URL, LucitApi, PairingExpired, PlayerGone
from .client.models import Credentials, PairingRequest
from .coordinator import (
    CONF_APP_ID,
    CONF_BOT_SECRET,
    CONF_BOT_TOKEN,
    CONF_DEVICE_LCUID,
    CONF_DEVICE_UUID,
    DEFAULT_TITLE,
)
from .repairs import is_player_gone

CONF_WIDTH = "width"
CONF_HEIGHT = "height"
CONF_ATTACH_TO = "attach_to"

_UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_APP_ID = re.compile(rf"LCUID-LAP-{_UUID}")
_DEVICE_ID = re.compile(rf"LCUID-LD-{_UUID}")
_LARGEST = 100_000
_CHECK_EVERY = 5.0
_PIXELS = NumberSelector(
    NumberSelectorConfig(mode=NumberSelectorMode.BOX, step=1, unit_of_measurement="px")
)


def _player_fields() -> dict[Any, Any]:
    return {
        vol.Required(CONF_APP_ID): TEXT,
        vol.Required(CONF_WIDTH, default=1920): _PIXELS,
        vol.Required(CONF_HEIGHT, default=1080): _PIXELS,
    }


def _advanced_fields(errors: Mapping[str, str]) -> dict[Any, Any]:
    fields: dict[Any, Any] = {
        vol.Optional(CONF_ATTACH_TO): TEXT,
        vol.Optional(CONF_BASE_URL, default=DEFAULT_URL): URL_TEXT,
    }
    return advanced(fields, errors)


def _checked(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's values; raise FieldError where one cannot be right."""
    fields = flat(user_input)
    app_id = fields[CONF_APP_ID].strip()
    if not _APP_ID.fullmatch(app_id):
        raise FieldError(CONF_APP_ID, "invalid_app_id")
    for name in (CONF_WIDTH, CONF_HEIGHT):
        if not 1 <= fields[name] <= _LARGEST:
            raise FieldError(name, "invalid_size")
    attach_to = (fields.get(CONF_ATTACH_TO) or "").strip()
    if attach_to and not _DEVICE_ID.fullmatch(attach_to):
        raise FieldError(ADVANCED, "invalid_attach_to")
    return {
        CONF_APP_ID: app_id,
        CONF_WIDTH: int(fields[CONF_WIDTH]),
        CONF_HEIGHT: int(fields[CONF_HEIGHT]),
        CONF_ATTACH_TO: attach_to or None,
        CONF_BASE_URL: checked_base_url(fields, DEFAULT_URL),
    }


class LucitFlow(VendorFlow):
    """Pairs by a code that a person types in at Lucit."""

    _lucit: dict[str, Any]
    _lucit_typed: dict[str, Any] | None = None
    _lucit_uuid: str
    _pairing: PairingRequest
    _paired: Credentials | None = None
    _player_gone = False
    _lucit_errors: Mapping[str, str] = {}

    async def reauth_lucit(self) -> ConfigFlowResult:
        """Try the stored credentials once more, silently, then pair again."""
        entry = self._get_reauth_entry()
        bot = Credentials(
            entry.data[CONF_DEVICE_LCUID],
            entry.data[CONF_BOT_TOKEN],
            entry.data[CONF_BOT_SECRET],
        )
        try:
            api = self._lucit_api(entry.data)
            token = await api.auth(bot)
            api.sign_in_as(bot, token, lambda _: None)
            await api.player(bot.device_lcuid)
        except TransportError as err:
            LOGGER.debug("The stored credentials are not used again: %s", err)
            self._player_gone = isinstance(err, PlayerGone)
            return await self.async_step_lucit_again()
        return self.async_update_reload_and_abort(entry, data_updates=token_data(token))

    async def reconfigure_lucit(self) -> ConfigFlowResult:
        """Pair again, with the stored values in the form."""
        entry_id = self._get_reconfigure_entry().entry_id
        self._player_gone = is_player_gone(self.hass, entry_id)
        return await self.async_step_lucit_again()

    def _lucit_api(self, data: Mapping[str, Any]) -> LucitApi:
        return LucitApi(
            async_get_session(self.hass),
            data[CONF_BASE_URL],
            data[CONF_APP_ID],
            self.get_rate_limit("lucit", data[CONF_BASE_URL]),
        )

    def _lucit_stored(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's values of the entry that is paired again."""
        return {
            CONF_APP_ID: data[CONF_APP_ID],
            CONF_WIDTH: data[CONF_WIDTH],
            CONF_HEIGHT: data[CONF_HEIGHT],
            ADVANCED: {
                # Nobody can attach to a player that is gone.
                CONF_ATTACH_TO: "" if self._player_gone else data[CONF_DEVICE_LCUID],
                CONF_BASE_URL: data[CONF_BASE_URL],
            },
        }

    async def async_step_lucit(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the application and the size of the screen."""
        errors = dict(self._lucit_errors)
        if user_input is not None:
            self._lucit_typed = user_input
            result, errors = await self.submit(self._lucit_submitted(user_input))
            if result is not None:
                return result
        fields = _player_fields() | _advanced_fields(errors)
        return self.show("lucit", fields, self._lucit_typed, errors)

    async def async_step_lucit_again(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Pair the entry's player again; ask only for what may have changed."""
        entry, errors = self.existing_entry, dict(self._lucit_errors)
        assert entry is not None
        values = self._lucit_typed or self._lucit_stored(entry.data)
        if user_input is not None:
            values = self._lucit_typed = values | user_input
            result, errors = await self.submit(self._lucit_submitted(values))
            if result is not None:
                return result
        fields = _player_fields()
        if self.source != SOURCE_RECONFIGURE and not errors.keys() & fields.keys():
            fields.clear()
        fields |= _advanced_fields(errors)
        return self.show("lucit_again", fields, values, errors, name=entry.title)

    async def _lucit_submitted(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        self._lucit = _checked(user_input)
        entry = self.existing_entry
        attach_to = self._lucit[CONF_ATTACH_TO]
        if attach_to:
            # Attaching would end the credentials of the entry that holds it.
            self._abort_if_lucit_device_known(attach_to)
        self._lucit_uuid = entry.data[CONF_DEVICE_UUID] if entry else str(uuid4())
        return await self._lucit_ask_for_code()

    def _abort_if_lucit_device_known(self, lcuid: str) -> None:
        for other in self._async_current_entries(include_ignore=False):
            is_held = other.data.get(CONF_DEVICE_LCUID) == lcuid
            if is_held and other is not self.existing_entry:
                raise already_configured(other)

    async def _lucit_ask_for_code(self) -> ConfigFlowResult:
        try:
            self._pairing = await self._lucit_api(self._lucit).request_code(
                self._lucit_uuid, self._lucit[CONF_WIDTH], self._lucit[CONF_HEIGHT]
            )
        except (AuthError, Refused) as err:
            raise FieldError(CONF_APP_ID, "invalid_app_id") from err
        if self._pairing.device_uuid not in (None, self._lucit_uuid):
            return self.async_abort(reason="wrong_device")
        return await self.async_step_lucit_pair()

    async def async_step_lucit_pair(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the code until it was typed in at Lucit."""
        known = self._pairing.existing_name
        return self.wait(
            "lucit_pair",
            self._wait_for_approval,
            action="lucit_pair_known" if known else None,
            code=self._pairing.code,
            expires=dt_util.as_local(self._pairing.expires).strftime("%H:%M"),
            existing=known or "",
        )

    async def _wait_for_approval(self) -> str:
        """Ask every 5 s until the code was approved or ended; return the next step.

        The first 200 is the last call: every further one would end the
        credentials that it brought.
        """
        api = self._lucit_api(self._lucit)
        pairing = self._pairing
        start = monotonic()
        while (age := monotonic() - start) < pairing.lifetime:
            self.async_update_progress(min(age / pairing.lifetime, 1.0))
            pause = _CHECK_EVERY
            self._lucit_errors = {}
            try:
                found = await api.check_for_device(pairing, self._lucit[CONF_ATTACH_TO])
            except PairingExpired as err:
                LOGGER.debug("The code was not approved in time: %s", err)
                break
            except (RateLimited, Unreachable, BadAnswer) as err:
                LOGGER.debug("Lucit could not be asked for the player: %s", err)
                # It is told with the next form, if this was the last try.
                self._lucit_errors = {"base": transport_error(err)}
                if isinstance(err, RateLimited):
                    pause = max(err.retry_after, pause)
            except TransportError as err:
                LOGGER.debug("Lucit refused the player: %s", err)
                return self._lucit_refused(err)
            else:
                if found is not None:
                    self._paired = found
                    return "lucit_paired"
            await asyncio.sleep(pause)
        return "lucit_pair_expired"

    def _lucit_refused(self, err: TransportError) -> str:
        """Return the step that tells why there will be no player."""
        if isinstance(err, Refused) and err.code == 422:
            self._lucit_errors = {ADVANCED: "attach_refused"}
            return "lucit" if self.existing_entry is None else "lucit_again"
        self._lucit_errors = {"base": transport_error(err)}
        return "lucit_pair_expired"

    async def async_step_lucit_paired(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Store the credentials at once: they exist nowhere else."""
        assert self._paired is not None
        self._abort_if_lucit_device_known(self._paired.device_lcuid)
        return await self.finish(
            "lucit",
            self._lucit_uuid,
            DEFAULT_TITLE,
            {
                CONF_APP_ID: self._lucit[CONF_APP_ID],
                CONF_DEVICE_UUID: self._lucit_uuid,
                CONF_DEVICE_LCUID: self._paired.device_lcuid,
                CONF_BOT_TOKEN: self._paired.bot_user_token,
                CONF_BOT_SECRET: self._paired.bot_user_secret,
                CONF_WIDTH: self._lucit[CONF_WIDTH],
                CONF_HEIGHT: self._lucit[CONF_HEIGHT],
                CONF_BASE_URL: self._lucit[CONF_BASE_URL],
                **token_data(Token(access_token="")),
            },
            mismatch="wrong_device",
        )

    async def async_step_lucit_pair_expired(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer a new code once the old one has ended, or Lucit cannot be asked."""
        errors = dict(self._lucit_errors)
        if user_input is not None:
            result, errors = await self.submit(self._lucit_ask_for_code())
            if result is not None:
                return result
            # This form has no fields: whatever went wrong stands above it.
            errors = {"base": next(iter(errors.values()))}
        return self.show("lucit_pair_expired", {}, None, errors)

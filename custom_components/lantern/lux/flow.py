"""The step that signs in to LUX."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PASSWORD, CONF_USERNAME
from homeassistant.core import callback
import voluptuous as vol

from ..const import CONF_BASE_URL
from ..credentials import token_data
from ..flow import (
    ADVANCED,
    EMAIL,
    PASSWORD,
    URL_TEXT,
    FieldError,
    VendorFlow,
    advanced,
    checked_base_url,
    flat,
    masked_email,
)
from ..session import async_get_session
from ..transport.errors import AuthError, Refused
from ..transport.tokens import Token
from .client.api import DEFAULT_URL, LuxApi
from .client.errors import USER_DELETED, USER_NOT_FOUND
from .coordinator import CONF_ROOT_USER_ID

# What a refused sign-in means, by status: the field and the error.
_REFUSALS = {
    400: (CONF_PASSWORD, "invalid_auth"),
    401: ("base", "account_incomplete"),
    403: ("base", "account_incomplete"),
    410: ("base", "account_deleted"),
    422: ("base", "invalid_auth"),
    423: ("base", "account_blocked"),
}


def _address(errors: Mapping[str, str]) -> dict[Any, Any]:
    field = vol.Optional(CONF_BASE_URL, default=DEFAULT_URL)
    return advanced({field: URL_TEXT}, errors)


class LuxFlow(VendorFlow):
    """Signs in with e-mail and password; the password is sent once per submit."""

    async def reauth_lux(self) -> ConfigFlowResult:
        """Sign in again: somebody else's sign-in may have ended our session."""
        return await self._lux_again()

    async def reconfigure_lux(self) -> ConfigFlowResult:
        """Sign in again, with the stored address in the form."""
        return await self._lux_again()

    async def _lux_again(self) -> ConfigFlowResult:
        # Entries of earlier versions do not hold the email.
        if (
            self.existing_entry is not None
            and CONF_USERNAME in self.existing_entry.data
        ):
            return await self.async_step_lux_password()
        return await self.async_step_lux()

    async def async_step_lux(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for e-mail and password."""
        values, errors = user_input, self._lux_reason()
        if user_input is not None:
            result, errors = await self.submit(self._lux_submitted(user_input))
            if result is not None:
                return result
        elif (entry := self.existing_entry) is not None:
            values = {ADVANCED: {CONF_BASE_URL: entry.data[CONF_BASE_URL]}}
        return self._lux_form(values, errors)

    async def async_step_lux_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the password of the entry's account, and for nothing else."""
        entry, errors = self.existing_entry, self._lux_reason()
        assert entry is not None
        values = {
            CONF_USERNAME: entry.data[CONF_USERNAME],
            ADVANCED: {CONF_BASE_URL: entry.data[CONF_BASE_URL]},
        }
        if user_input is not None:
            values |= user_input
            result, errors = await self.submit(self._lux_submitted(values))
            if result is not None:
                return result
            if CONF_USERNAME in errors:
                return self._lux_form(values, errors)  # the account has another one
        fields: dict[Any, Any] = {vol.Required(CONF_PASSWORD): PASSWORD}
        if self.source == SOURCE_RECONFIGURE:
            fields |= _address(errors)
        values.pop(CONF_PASSWORD, None)
        name = values[CONF_USERNAME]
        return self.show("lux_password", fields, values, errors, name=name)

    def _lux_reason(self) -> dict[str, str]:
        """Return why somebody is asked at all: LUX keeps one session per account."""
        return {"base": "session_ended"} if self.source == SOURCE_REAUTH else {}

    def _lux_form(
        self, values: Mapping[str, Any] | None, errors: dict[str, str]
    ) -> ConfigFlowResult:
        fields = {
            vol.Required(CONF_USERNAME): EMAIL,
            vol.Required(CONF_PASSWORD): PASSWORD,
            **_address(errors),
        }
        typed = {k: v for k, v in (values or {}).items() if k != CONF_PASSWORD}
        return self.show("lux", fields, typed, errors)

    async def _lux_submitted(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        typed = flat(user_input)
        base_url = checked_base_url(typed, DEFAULT_URL)
        username = typed[CONF_USERNAME].strip()
        api = LuxApi(
            async_get_session(self.hass), base_url, self.get_rate_limit("lux", base_url)
        )
        token = await _signed_in(api, username, typed[CONF_PASSWORD])
        root_user_id = await _root_user_id(api)
        self._lux_hand_over(root_user_id, base_url, token)
        return await self.finish(
            "lux",
            str(root_user_id),
            f"LUX {masked_email(username)}",
            {
                **token_data(token),
                CONF_USERNAME: username,
                CONF_ROOT_USER_ID: root_user_id,
                CONF_BASE_URL: base_url,
            },
        )

    @callback
    def _lux_hand_over(self, root_user_id: int, base_url: str, token: Token) -> None:
        """Give the new session to the entry whose session it has just ended."""
        for entry in self._async_current_entries(include_ignore=False):
            if (
                entry is not self.existing_entry
                and entry.unique_id == f"lux:{root_user_id}"
                and entry.data[CONF_BASE_URL] == base_url
            ):
                self.hass.config_entries.async_update_entry(
                    entry, data={**entry.data, **token_data(token)}
                )
                self.hass.config_entries.async_schedule_reload(entry.entry_id)


async def _signed_in(api: LuxApi, username: str, password: str) -> Token:
    """Sign in and return the tokens; raise FieldError for what LUX refuses."""
    try:
        token = await api.sign_in(username, password)
    except Refused as err:
        if err.code == 404 and err.text == USER_NOT_FOUND:
            raise FieldError(CONF_USERNAME, "invalid_auth") from None
        if refusal := _REFUSALS.get(err.code):
            raise FieldError(*refusal) from None
        raise
    api.use(token)
    return token


async def _root_user_id(api: LuxApi) -> int:
    """Return whose account was signed in to."""
    try:
        return (await api.get_account()).root_user_id
    except AuthError as err:
        if err.text == USER_DELETED:
            raise FieldError("base", "account_deleted") from None
        raise

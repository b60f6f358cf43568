"""The step that signs in to LUX."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlowResult
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


def _fields(errors: Mapping[str, str]) -> dict[Any, Any]:
    return {
        vol.Required(CONF_USERNAME): EMAIL,
        vol.Required(CONF_PASSWORD): PASSWORD,
        **advanced(
            {vol.Optional(CONF_BASE_URL, default=DEFAULT_URL): URL_TEXT}, errors
        ),
    }


class LuxFlow(VendorFlow):
    """Signs in with e-mail and password; the password is sent once per submit."""

    async def reauth_lux(self) -> ConfigFlowResult:
        """Sign in again: somebody else's sign-in may have ended our session."""
        return await self.async_step_lux()

    async def reconfigure_lux(self) -> ConfigFlowResult:
        """Sign in again, with the stored address in the form."""
        return await self.async_step_lux()

    async def async_step_lux(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for e-mail and password."""
        errors: dict[str, str] = {}
        values: dict[str, Any] | None = None
        if user_input is not None:
            result, errors = await self.submit(self._lux_submitted(user_input))
            if result is not None:
                return result
            values = {k: v for k, v in user_input.items() if k != CONF_PASSWORD}
        elif (entry := self.existing_entry) is not None:
            values = {ADVANCED: {CONF_BASE_URL: entry.data[CONF_BASE_URL]}}
            if self.source == SOURCE_REAUTH:
                # Why one is asked at all: LUX keeps one session per account.
                errors = {"base": "session_ended"}
        return self.show("lux", _fields(errors), values, errors)

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

"""The steps that sign in to Lightbug: by login, by token, or by the old login."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
import voluptuous as vol

from ..const import CONF_BASE_URL
from ..credentials import token_data
from ..flow import (
    ADVANCED,
    EMAIL,
    PASSWORD,
    SECRET,
    TEXT,
    URL_TEXT,
    FieldError,
    VendorFlow,
    advanced,
    checked_base_url,
    flat,
    masked_email,
)
from ..session import async_get_session
from ..transport import parsing
from ..transport.errors import AuthError, Refused
from ..transport.tokens import Token
from .client.api import DEFAULT_URL, LightbugApi
from .client.auth import email_of, expiry_of, user_of
from .client.models import SignIn
from .coordinator import (
    AUTH_LEGACY,
    AUTH_REFRESHABLE,
    AUTH_TOKEN,
    CONF_AUTH,
    CONF_USER_ID,
)

CONF_USERNAME = "username"
CONF_PASSWORD = "password"
CONF_TOKEN = "token"

_MENU = ["lightbug_login", "lightbug_token", "lightbug_legacy_login"]
_SECRETS = (CONF_PASSWORD, CONF_TOKEN)

type Login = Callable[[LightbugApi, str, str], Awaitable[SignIn]]


def _base_url_field(errors: Mapping[str, str]) -> dict[Any, Any]:
    return advanced(
        {vol.Optional(CONF_BASE_URL, default=DEFAULT_URL): URL_TEXT}, errors
    )


def _login_fields(errors: Mapping[str, str]) -> dict[Any, Any]:
    return {
        vol.Required(CONF_USERNAME): EMAIL,
        vol.Required(CONF_PASSWORD): PASSWORD,
        **_base_url_field(errors),
    }


def _token_fields(errors: Mapping[str, str]) -> dict[Any, Any]:
    return {
        vol.Required(CONF_TOKEN): SECRET,
        vol.Optional(CONF_USER_ID): TEXT,
        **_base_url_field(errors),
    }


def _checked_base_url(typed: Mapping[str, Any]) -> str:
    """Return what both APIs' addresses share: the documents name each of them."""
    base_url = checked_base_url(typed, DEFAULT_URL)
    return base_url.removesuffix("/api").removesuffix("/v2")


def _checked_token(typed: str) -> str:
    """Return a pasted token as the header can carry it."""
    token = typed.strip()
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise FieldError(CONF_TOKEN, "invalid_token")
    return token


def _typed_user(typed: str) -> int | None:
    """Return the number of the user that was typed, None if none was."""
    if not typed.strip():
        return None
    user_id = parsing.as_int(typed.strip())
    if user_id is None or user_id <= 0:
        raise FieldError(CONF_USER_ID, "invalid_user_id")
    return user_id


class LightbugFlow(VendorFlow):
    """Signs in to an account; the password is used once and not kept."""

    async def reauth_lightbug(self) -> ConfigFlowResult:
        """Sign in again, in any of the three ways."""
        return await self.async_step_lightbug()

    async def reconfigure_lightbug(self) -> ConfigFlowResult:
        """Change the way of signing in, or the address of the service."""
        return await self.async_step_lightbug()

    def _lightbug_api(self, base_url: str) -> LightbugApi:
        """Return a client; a pause that the service asked for holds in all of them."""
        rate_limit = self.get_rate_limit("lightbug", base_url)
        return LightbugApi(async_get_session(self.hass), base_url, rate_limit)

    async def async_step_lightbug(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user choose how to sign in."""
        return self.async_show_menu(step_id="lightbug", menu_options=_MENU)

    async def async_step_lightbug_login(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account; the session is renewed without a person."""
        return await self._lightbug_form(
            "lightbug_login",
            _login_fields,
            user_input,
            lambda typed: self._lightbug_signed_in(
                typed, AUTH_REFRESHABLE, LightbugApi.login
            ),
        )

    async def async_step_lightbug_legacy_login(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account; the session ends after two weeks."""
        return await self._lightbug_form(
            "lightbug_legacy_login",
            _login_fields,
            user_input,
            lambda typed: self._lightbug_signed_in(
                typed, AUTH_LEGACY, LightbugApi.legacy_login
            ),
        )

    async def async_step_lightbug_token(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a token that the user made at Lightbug."""
        return await self._lightbug_form(
            "lightbug_token", _token_fields, user_input, self._lightbug_pasted
        )

    async def _lightbug_form(
        self,
        step_id: str,
        fields_of: Callable[[Mapping[str, str]], dict[Any, Any]],
        user_input: dict[str, Any] | None,
        work: Callable[[dict[str, Any]], Awaitable[ConfigFlowResult]],
    ) -> ConfigFlowResult:
        """Show a form until what was typed works; secrets do not come back."""
        errors: dict[str, str] = {}
        values: dict[str, Any] | None = None
        if user_input is not None:
            result, errors = await self.submit(work(flat(user_input)))
            if result is not None:
                return result
            values = {k: v for k, v in user_input.items() if k not in _SECRETS}
        elif (entry := self.existing_entry) is not None:
            values = {ADVANCED: {CONF_BASE_URL: entry.data[CONF_BASE_URL]}}
        return self.show(step_id, fields_of(errors), values, errors)

    async def _lightbug_signed_in(
        self, typed: dict[str, Any], auth: str, login: Login
    ) -> ConfigFlowResult:
        base_url = _checked_base_url(typed)
        username = typed[CONF_USERNAME].strip()
        api = self._lightbug_api(base_url)
        found = await login(api, username, typed[CONF_PASSWORD])
        return await self._lightbug_finish(found, auth, base_url, username)

    async def _lightbug_pasted(self, typed: dict[str, Any]) -> ConfigFlowResult:
        """Take a token once two small requests showed that it works, and for whom."""
        base_url = _checked_base_url(typed)
        access = _checked_token(typed[CONF_TOKEN])
        user_id = _typed_user(typed.get(CONF_USER_ID) or "") or user_of(access)
        known = self.existing_entry if user_id is None else None
        if known is not None:
            user_id = known.data[CONF_USER_ID]
        if user_id is None:
            raise FieldError(CONF_USER_ID, "user_id_needed")
        token = Token(access_token=access, expires=expiry_of(access))
        api = self._lightbug_api(base_url)
        api.sign_in_as(token)
        try:
            await api.check_token()
        except AuthError as err:
            raise FieldError(CONF_TOKEN, "invalid_token") from err
        try:
            await api.check_owner(user_id)
        except (AuthError, Refused) as err:
            if known is not None:
                return self.async_abort(reason="wrong_account")
            raise FieldError(CONF_USER_ID, "wrong_user_id") from err
        return await self._lightbug_finish(
            SignIn(user_id, token), AUTH_TOKEN, base_url, email_of(access)
        )

    async def _lightbug_finish(
        self, found: SignIn, auth: str, base_url: str, email: str | None
    ) -> ConfigFlowResult:
        name = masked_email(email) if email else str(found.user_id)
        return await self.finish(
            "lightbug",
            str(found.user_id),
            f"Lightbug {name}",
            {
                CONF_AUTH: auth,
                CONF_USER_ID: found.user_id,
                CONF_BASE_URL: base_url,
                **token_data(found.token),
            },
        )

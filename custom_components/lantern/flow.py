"""What the vendors' config flows share: endings, waiting, fields, errors."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime
from functools import wraps
from ipaddress import ip_address
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.data_entry_flow import (
    AbortFlow,
    FlowResultType,
    SectionConfig,
    UnknownFlow,
    section,
)
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol
from yarl import URL

from .const import CONF_BASE_URL, CONF_VENDOR, LOGGER
from .coordinator import get_rate_limit
from .transport.errors import AuthError, RateLimited, TransportError
from .transport.parsing import as_name, escape_markdown
from .transport.rate_limit import RateLimit

ADVANCED = "advanced"
_STEP = "async_step_"
_PATIENCE = 10.0
"""So many seconds a browser has to take a flow on that waited for something."""

TEXT = TextSelector()
EMAIL = TextSelector(
    TextSelectorConfig(type=TextSelectorType.EMAIL, autocomplete="username")
)
URL_TEXT = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))


class FieldError(Exception):
    """What was typed cannot be right: an error key for one field of the form."""

    def __init__(self, field: str, key: str) -> None:
        """Name the field (or `base`, or `advanced`) and the error."""
        super().__init__(key)
        self.field = field
        self.key = key


def _schema(fields: dict[Any, Any]) -> Any:
    """Return a form's schema; at run time voluptuous is Home Assistant's probatio."""
    return vol.Schema(fields)


def advanced(fields: dict[Any, Any], errors: Mapping[str, str]) -> dict[Any, Any]:
    """Return the collapsed section; it is open when one of its fields is wrong."""
    options = SectionConfig(collapsed=ADVANCED not in errors)
    return {vol.Required(ADVANCED): section(_schema(fields), options)}


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's fields with those of its advanced section among them."""
    fields = {key: value for key, value in user_input.items() if key != ADVANCED}
    return fields | dict(user_input.get(ADVANCED, {}))


def _is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by name or address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base_url(fields: Mapping[str, Any], default: str) -> str:
    """Return the base URL that was typed; passwords do not travel in the clear."""
    typed = (fields.get(CONF_BASE_URL) or default).strip().rstrip("/")
    try:
        url = URL(typed)
        host = url.host
    except ValueError:
        raise FieldError(ADVANCED, "invalid_url") from None
    # Paths are added to it, and what authenticates us is asked for elsewhere.
    more = url.user or url.password or url.query_string or url.fragment
    if not host or more or url.scheme not in ("http", "https"):
        raise FieldError(ADVANCED, "invalid_url")
    if url.scheme == "http" and not _is_loopback(host):
        raise FieldError(ADVANCED, "insecure_url")
    return typed


def masked_email(email: str) -> str:
    """Return `a…@example.org`: entry titles are logged."""
    name, at, host = email.strip().partition("@")
    return f"{name[:1]}…{at}{host}" if at else f"{name[:1]}…"


def _escaped(placeholders: Mapping[str, str]) -> dict[str, str]:
    """Return a text's placeholders for a dialog: anybody can name a bridge."""
    return {key: escape_markdown(value) for key, value in placeholders.items()}


def already_configured(entry: ConfigEntry) -> AbortFlow:
    """Return the end of a flow for what an entry has already, by the entry's name."""
    return AbortFlow("already_configured", _escaped({"name": entry.title}))


def transport_error(err: TransportError) -> str:
    """Return the form's error key for a failed request."""
    match err:
        case AuthError():
            return "invalid_auth"
        case RateLimited():
            return "rate_limited"
    return "cannot_connect"


type Step = Callable[..., Awaitable[ConfigFlowResult]]


def _submitted_if_shown(step: Step, step_id: str) -> Step:
    """Return a step that takes input only for the form that it showed last.

    Home Assistant runs the step after a progress with the input of the step before:
    taken for a click, it would send the form that nobody has seen, again and again.
    """

    @wraps(step)
    async def run(self: VendorFlow, user_input: object = None, /) -> ConfigFlowResult:
        shown = self.cur_step
        # Without a step the flow begins here, with the reason.
        if shown is not None and (shown["type"], shown["step_id"]) != (
            FlowResultType.FORM,
            step_id,
        ):
            user_input = None
        return await step(self, user_input)

    return run


class VendorFlow(ConfigFlow):
    """The part of the config flow that every vendor's steps build on."""

    _task: asyncio.Task[str] | None = None
    _cancel_timer: CALLBACK_TYPE | None = None

    @override
    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Let the vendor's steps take only what was typed into their own forms."""
        super().__init_subclass__(**kwargs)
        for name, step in list(vars(cls).items()):
            if name.startswith(_STEP):
                setattr(cls, name, _submitted_if_shown(step, name.removeprefix(_STEP)))

    @property
    def existing_entry(self) -> ConfigEntry | None:
        """Return the entry that is reauthenticated or reconfigured, if any."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    def get_rate_limit(self, vendor: str, base_url: str) -> RateLimit:
        """Return a service's rate limit; its pause outlives form and dialog."""
        entry = self.existing_entry
        if entry is not None and entry.data.get(CONF_BASE_URL) == base_url:
            return get_rate_limit(self.hass, entry.entry_id)
        return get_rate_limit(self.hass, f"{vendor} {base_url}")

    @callback
    @override
    def _abort_if_unique_id_configured(
        self,
        updates: dict[str, Any] | None = None,
        reload_on_update: bool = True,
        **_: Any,
    ) -> None:
        """End the flow if there is an entry already, and name it."""
        entries = self.hass.config_entries
        entry = entries.async_entry_for_domain_unique_id(
            self.handler, self.unique_id or ""
        )
        names = _escaped({"name": entry.title}) if entry else None
        super()._abort_if_unique_id_configured(
            updates, reload_on_update, description_placeholders=names
        )

    async def submit(
        self, work: Awaitable[ConfigFlowResult]
    ) -> tuple[ConfigFlowResult | None, dict[str, str]]:
        """Return what a submitted form leads to, or the errors to show in it."""
        try:
            return await work, {}
        except FieldError as err:
            return None, {err.field: err.key}
        except TransportError as err:
            LOGGER.debug("A form is shown again: %s", err)
            return None, {"base": transport_error(err)}
        except AbortFlow:
            raise
        except Exception as err:  # noqa: BLE001  # whatever it is, the form must come back
            # Only its type is logged: the text of an error can hold what was typed.
            LOGGER.error("Unexpected %s in the config flow", type(err).__name__)
            return None, {"base": "unknown"}

    def show(
        self,
        step_id: str,
        fields: dict[Any, Any],
        values: Mapping[str, Any] | None,
        errors: dict[str, str],
        **placeholders: str,
    ) -> ConfigFlowResult:
        """Show a form with the values that were typed or stored before."""
        self._cancel_waiting()
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(_schema(fields), values),
            errors=errors,
            description_placeholders=_escaped(placeholders),
        )

    async def finish(
        self,
        vendor: str,
        identity: str,
        title: str,
        data: Mapping[str, Any],
        mismatch: str = "wrong_account",
    ) -> ConfigFlowResult:
        """Create the entry, or update the one that this flow was started for."""
        await self.async_set_unique_id(f"{vendor}:{identity}", raise_on_progress=False)
        stored = {CONF_VENDOR: vendor, **data}
        if (entry := self.existing_entry) is not None:
            self._abort_if_unique_id_mismatch(reason=mismatch)
            return self.async_update_reload_and_abort(entry, data_updates=stored)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(title=as_name(title) or title, data=stored)

    def wait(
        self,
        step_id: str,
        work: Callable[[], Coroutine[Any, Any, str]],
        action: str | None = None,
        **placeholders: str,
    ) -> ConfigFlowResult:
        """Show progress while `work` runs, then go to the step that it returns.

        `action` names the text, where it is not the step's own.
        """
        self._cancel_waiting()
        if self._task is None:
            self._task = self.hass.async_create_background_task(
                work(), f"lantern {step_id}"
            )
        if not self._task.done():
            return self.async_show_progress(
                step_id=step_id,
                progress_action=action or step_id,
                progress_task=self._task,
                description_placeholders=_escaped(placeholders),
            )
        task, self._task = self._task, None
        self._cancel_timer = async_call_later(self.hass, _PATIENCE, self._async_go_on)
        return self.async_show_progress_done(next_step_id=task.result())

    async def _async_go_on(self, _: datetime) -> None:
        """Go on without the user's browser, which does so unless it went away."""
        self._cancel_timer = None
        if self.cur_step and self.cur_step["type"] is FlowResultType.SHOW_PROGRESS_DONE:
            with suppress(UnknownFlow):
                await self.hass.config_entries.flow.async_configure(self.flow_id)

    @callback
    @override
    def async_remove(self) -> None:
        """Leave nothing behind when the flow ends or its dialog is closed."""
        self._cancel_waiting()

    @callback
    def _cancel_waiting(self) -> None:
        """Stop waiting for the browser."""
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

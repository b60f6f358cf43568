"""Run background work: log what failed, and try again later."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, LOGGER
from .repair import isolate_failures
from .storage import short_hash
from .transport.parsing import escape_markdown

BACKGROUND_FAILING = "background_failing"

_FIRST_WAIT = 5.0
_LONGEST_WAIT = 900.0
_IS_WELL = 600.0
"""Seconds after which running work counts as working again."""
_CREATE_ISSUE_AFTER = 3600.0


class BackgroundWork:
    """Work of one entry that runs beside everything else.

    An unexpected failure is logged by its type alone: its text could hold anything.
    After an hour of failing, an issue is created.
    """

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, name: str) -> None:
        """Name the work; `name` is what the log says."""
        self._hass = hass
        self._entry = entry
        self._name = f"{name} of {entry.entry_id}"
        self._failing_since: float | None = None
        self._failures = 0

    @callback
    def async_start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Do the work until it returns; try again after a failure."""
        return self._entry.async_create_background_task(
            self._hass, self._async_repeat(work), self._name
        )

    async def async_try(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do the work once; return True if it did not fail."""
        started = monotonic()
        well = self._failing_since is not None and self._hass.loop.call_later(
            _IS_WELL, self._delete_issue
        )
        try:
            await work()
        except asyncio.CancelledError:
            self._delete_issue()
            raise
        except Exception as err:  # noqa: BLE001  # the one place where anything may end
            self._handle_failure(err, started)
            return False
        finally:
            if well:
                well.cancel()
        self.async_clear()
        return True

    @callback
    def async_clear(self) -> None:
        """Delete the issue: the work is no longer wanted."""
        self._failing_since, self._failures = None, 0
        self._delete_issue()

    async def _async_repeat(self, work: Callable[[], Awaitable[None]]) -> None:
        while not await self.async_try(work):
            wait = min(_FIRST_WAIT * 2 ** (self._failures - 1), _LONGEST_WAIT)
            try:
                await asyncio.sleep(wait)
            except asyncio.CancelledError:
                self._delete_issue()
                raise

    @callback
    def _handle_failure(self, err: Exception, started: float) -> None:
        now = monotonic()
        if self._failing_since is None or now - started >= _IS_WELL:
            self._failing_since, self._failures = now, 0
            self._delete_issue()
        self._failures = min(self._failures + 1, 20)
        if self._failures == 1:
            LOGGER.error("The %s failed: %s", self._name, type(err).__name__)
        else:
            LOGGER.debug("The %s failed again: %s", self._name, type(err).__name__)
        if now - self._failing_since >= _CREATE_ISSUE_AFTER:
            self._create_issue()

    @isolate_failures
    def _create_issue(self) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            self._issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=BACKGROUND_FAILING,
            translation_placeholders={"title": escape_markdown(self._entry.title)},
        )

    @property
    def _issue_id(self) -> str:
        return f"{BACKGROUND_FAILING}_{short_hash(self._name)}"

    @isolate_failures
    @callback
    def _delete_issue(self) -> None:
        ir.async_delete_issue(self._hass, DOMAIN, self._issue_id)

"""What people can do about treatment logs that do not go."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .coordinator import LuxCoordinator
from .disk import short_hash
from .issues import LEFT, show_issues
from .logs import TreatmentLog
from .queue import LuxQueue, Trouble, Waiting, queue_named, queue_of

_WAYS = {
    Trouble.GAP: ["send_anyway", "delete"],
    Trouble.BLOCKED: ["send_again", "delete"],
    Trouble.STUCK: ["send_again", "delete"],
}


class QueueRepair(RepairsFlow):
    """Asks what becomes of a device's logs: they go, or they are deleted."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the issue's data."""
        self._kind = Trouble(str(data["kind"]))
        self._entry_id = str(data["entry_id"])
        self._device = str(data["device"])

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show what can be done."""
        return self.async_show_menu(step_id="init", menu_options=_WAYS[self._kind])

    async def async_step_send_again(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Try again now."""
        await self._queue().send_again(self._device_id)
        return self._done()

    async def async_step_send_anyway(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Send in spite of the missing numbers."""
        await self._queue().send_anyway(self._device_id)
        return self._done()

    async def async_step_delete(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Delete what waits, once that was confirmed."""
        if user_input is None:
            return self._ask_first("delete")
        queue = self._queue()
        waiting = queue.devices[self._device_id]
        await queue.delete(self._device_id, self._condemned(waiting))
        return self._done()

    def _ask_first(self, step: str) -> RepairsFlowResult:
        return self.async_show_form(step_id=step)

    def _condemned(self, waiting: Waiting) -> tuple[TreatmentLog, ...]:
        """Return what is deleted: the log that was refused, else all that wait."""
        if self._kind is Trouble.BLOCKED:
            return (waiting.refused,) if waiting.refused else ()
        return waiting.logs

    @property
    def _device_id(self) -> str:
        """Return the device; an issue's data hold no serial, but its hash."""
        known = self._queue().devices
        return next(one for one in known if short_hash(one) == self._device)

    def _queue(self) -> LuxQueue:
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        return queue_of(self.hass, entry.unique_id or "")

    def _done(self) -> RepairsFlowResult:
        """Go on with what is left."""
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        if entry.state is ConfigEntryState.LOADED:
            coordinator: LuxCoordinator = entry.runtime_data
            coordinator.show(self._device_id)
            coordinator.sender.kick()
        else:
            show_issues(self.hass, entry, self._queue())
        return self.async_create_entry(data={})


class LeftRepair(RepairsFlow):
    """Deletes the logs that wait for an account that was removed."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the issue's data."""
        # What an earlier version left holds the id itself.
        self._account = str(data.get("account") or short_hash(str(data["account_id"])))

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask before anything is deleted."""
        if user_input is None:
            form = "init"
            return self.async_show_form(step_id=form)
        await queue_named(self.hass, self._account).remove()
        return self.async_create_entry(data={})


REPAIRS = {**dict.fromkeys(map(str, Trouble), QueueRepair), LEFT: LeftRepair}

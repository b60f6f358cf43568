"""What people can do about treatment logs that do not go."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..repair import ConfirmRepairFlow
from ..storage import short_hash
from .client.treatment_log import TreatmentLog
from .coordinator import LuxCoordinator
from .device_queue import DeviceQueue
from .issues import LEFT, Problem, async_update_issues
from .upload_queue import UploadQueue, get_queue, get_queue_by_hash

_WAYS = {
    Problem.GAP: ["send_anyway", "delete"],
    Problem.BLOCKED: ["send_again", "delete"],
    Problem.STUCK: ["send_again", "delete"],
    Problem.UNNUMBERED: ["send_again", "delete"],
    Problem.MOVED: ["keep", "delete"],
}


class QueueRepair(RepairsFlow):
    """Asks what becomes of a device's logs: they go, or they are deleted."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Take the issue's data."""
        self._kind = Problem(str(data["kind"]))
        self._entry_id = str(data["entry_id"])
        self._device = str(data["device"])
        self._shown: tuple[TreatmentLog, ...] = ()

    async def async_step_init(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Show what can be done."""
        self._shown = self._to_delete(self._queue().devices[self._device_id])
        return self.async_show_menu(step_id="init", menu_options=_WAYS[self._kind])

    async def async_step_send_again(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Try again now."""
        await self._queue().async_send_again(self._device_id)
        return self._done()

    async def async_step_send_anyway(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Send in spite of the missing numbers."""
        await self._queue().async_send_anyway(self._device_id)
        return self._done()

    async def async_step_keep(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Keep logs of another child, and do not ask again."""
        await self._queue().async_mark(self._device_id, self._shown, is_held_on=True)
        return self._done()

    async def async_step_delete(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Delete what was shown, once that was confirmed; what came later stays."""
        if user_input is None:
            return self.async_show_form(step_id="delete")
        await self._queue().async_delete(self._device_id, self._shown)
        return self._done()

    def _to_delete(self, waiting: DeviceQueue) -> tuple[TreatmentLog, ...]:
        """Return what would be deleted: the log that was refused, else all that wait."""
        if self._kind is Problem.BLOCKED:
            return (waiting.refused,) if waiting.refused else ()
        return waiting.held if self._kind is Problem.MOVED else waiting.current

    @property
    def _device_id(self) -> str:
        """Return the device; an issue's data hold no serial, but its hash."""
        devices = self._queue().devices
        return next(
            device_id for device_id in devices if short_hash(device_id) == self._device
        )

    def _queue(self) -> UploadQueue:
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        return get_queue(self.hass, entry.unique_id or "")

    def _done(self) -> RepairsFlowResult:
        """Go on with what is left."""
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        if entry.state is ConfigEntryState.LOADED:
            coordinator: LuxCoordinator = entry.runtime_data
            coordinator.async_show(self._device_id)
            coordinator.uploader.async_start()
        else:
            async_update_issues(self.hass, entry, self._queue())
        return self.async_create_entry(data={})


class LeftRepair(ConfirmRepairFlow):
    """Deletes the logs that wait for an account that was removed."""

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Find the account's queue."""
        super().__init__(hass, data)
        # What an earlier version left holds the id itself.
        account = str(data.get("account") or short_hash(str(data["account_id"])))
        self._queue = get_queue_by_hash(hass, account)
        self._shown: dict[str, tuple[TreatmentLog, ...]] = {}

    @override
    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remember what the form is about."""
        await self._queue.async_load()
        self._shown = {
            device_id: each.logs for device_id, each in self._queue.devices.items()
        }
        return await super().async_step_init()

    @override
    async def async_repair(self) -> RepairsFlowResult:
        """Delete the logs that were shown; the same account may have new ones."""
        for device_id, logs in self._shown.items():
            await self._queue.async_delete(device_id, logs)
        if not self._is_used():
            await self._queue.async_remove()
        return self.async_create_entry(data={})

    def _is_used(self) -> bool:
        """Return True if the account was added again, or if logs are left."""
        entries = self.hass.config_entries.async_entries(DOMAIN)
        queues = [get_queue(self.hass, entry.unique_id or "") for entry in entries]
        return self._queue in queues or bool(self._queue.unsent)


REPAIRS = {**dict.fromkeys(map(str, Problem), QueueRepair), LEFT: LeftRepair}

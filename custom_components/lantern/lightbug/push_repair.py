"""The repair that lets a person trust another AWS account than Lightbug's."""

from typing import override

from homeassistant.components.repairs import RepairsFlowResult

from ..const import LOGGER
from ..repair import ConfirmRepairFlow
from ..transport.errors import TransportError
from .coordinator import LightbugCoordinator
from .repairs import PUSH_ACCOUNT


class PushAccountRepair(ConfirmRepairFlow):
    """Confirms the subscription that waits; the form shows the account's number."""

    @override
    async def async_repair(self) -> RepairsFlowResult:
        """Trust the account; a subscription that cannot be confirmed is kept."""
        entry = self.hass.config_entries.async_get_entry(
            str(self.issue_data["entry_id"])
        )
        coordinator = getattr(entry, "runtime_data", None)
        if isinstance(coordinator, LightbugCoordinator):
            account = str(self.issue_data["account"])
            try:
                if await coordinator.push.async_accept_offered(account):
                    return self.async_create_entry(data={})
            except TransportError as err:
                LOGGER.debug("Push: not subscribed: %s", err)
                return self.async_abort(reason="cannot_connect")
        # The entry was reloaded while the form was open.
        return self.async_abort(reason="offer_gone")


REPAIRS = {PUSH_ACCOUNT: PushAccountRepair}

"""What the repairs of all vendors share."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .const import DOMAIN, LOGGER


def isolate_failures[**ParamsT](
    update: Callable[ParamsT, None],
) -> Callable[ParamsT, None]:
    """Let what creates or deletes issues fail nothing else: no poll, no set-up."""

    @wraps(update)
    def isolated(*args: ParamsT.args, **kwargs: ParamsT.kwargs) -> None:
        try:
            update(*args, **kwargs)
        except Exception as err:  # noqa: BLE001  # whatever it is, an issue is not worth it
            LOGGER.error("Unexpected %s in the repairs", type(err).__name__)

    return isolated


class ConfirmRepairFlow(RepairsFlow):
    """A repair that shows one form and acts only once the form was submitted.

    Home Assistant starts a repair with `{"issue_id": …}` as the input of its first
    step. So `init` never takes its input for a click: it leads to `confirm`.
    """

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Keep the issue's data."""
        self.hass = hass
        self.issue_data = data

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the form, whatever the input is."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the form; act once it was submitted."""
        if user_input is not None:
            return await self.async_repair()
        # At run time voluptuous is Home Assistant's own engine.
        no_fields: Any = vol.Schema({})
        return self.async_show_form(
            step_id="confirm",
            data_schema=no_fields,
            description_placeholders=self.get_placeholders(),
        )

    def get_placeholders(self) -> dict[str, str]:
        """Return the placeholders of the form; by default those of the issue."""
        if issue := ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id):
            return dict(issue.translation_placeholders or {})
        return {}

    @abstractmethod
    async def async_repair(self) -> RepairsFlowResult:
        """Do what the form says."""

"""The actions that tell Lucit what became of a remote instruction."""

from typing import Any, cast

from homeassistant.core import ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from ..action import Call, LanternAction, Target
from ..const import DOMAIN
from ..transport.errors import Refused
from .coordinator import LucitCoordinator
from .instructions import Reply, TooManyReplies

ATTR_INSTRUCTION = "instruction_lcuid"
ATTR_MESSAGE = "message"

_INSTRUCTION: dict[Any, Any] = {
    # It becomes a part of a path.
    vol.Required(ATTR_INSTRUCTION): cv.matches_regex(r"^[A-Za-z0-9-]{1,100}$")
}
_MESSAGE = vol.All(cv.string, vol.Length(max=2000))


async def _reply(call: Call, reply: Reply) -> None:
    coordinator = cast("LucitCoordinator", call.coordinator)
    try:
        await coordinator.instructions.reply(call.fields[ATTR_INSTRUCTION], reply)
    except TooManyReplies as err:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="lucit_too_many_replies"
        ) from err
    except Refused as err:
        if err.code != 404:
            raise
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="lucit_unknown_instruction"
        ) from err


async def _acknowledge(call: Call) -> ServiceResponse:
    await _reply(call, {"verb": "acknowledge"})
    return None


async def _fail(call: Call) -> ServiceResponse:
    await _reply(call, {"verb": "fail", "message": call.fields.get(ATTR_MESSAGE)})
    return None


ACTIONS = (
    LanternAction(
        name="lucit_acknowledge_instruction",
        target=Target.DEVICE,
        handler=_acknowledge,
        fields=_INSTRUCTION,
    ),
    LanternAction(
        name="lucit_fail_instruction",
        target=Target.DEVICE,
        handler=_fail,
        fields=_INSTRUCTION | {vol.Optional(ATTR_MESSAGE): _MESSAGE},
    ),
)

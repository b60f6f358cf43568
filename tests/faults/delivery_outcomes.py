"""Checks of what must arrive despite faults: replies to Lucit, and logs for LUX."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.lucit.test_instructions import reply
from tests.lux.carrying import hand_over, stored, treatment
from tests.lux.conftest import BLUE_ID

from .kinds import Kind
from .life import Life


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is handed over: `send` returns its name, `arrived` how often it is there."""

    send: Callable[[Life], Awaitable[Any]]
    arrived: Callable[[Life, Any], int]


def _reply(action: str) -> Delivery:
    async def send(life: Life) -> str:
        lcuid: str = life.service.queue_instruction()
        await reply(life.hass, life.entry, action, instruction_lcuid=lcuid)
        return lcuid

    def arrived(life: Life, lcuid: str) -> int:
        """Return whether Lucit has it; a reply may come twice, and says the same."""
        (one,) = [each for each in life.service.instructions if each.lcuid == lcuid]
        return int(one.failed if action == "fail" else one.status == 2)

    return Delivery(send, arrived)


async def _upload(life: Life) -> int:
    number: int = life.service.devices[BLUE_ID].last_log_file_id + 1
    await hand_over(life.hass, life.entry, treatment(number))
    return number


DELIVERIES = {
    "acknowledge": _reply("acknowledge"),
    "failed": _reply("fail"),
    "devlog": Delivery(
        _upload, lambda life, number: stored(life.service).count(number)
    ),
}


async def delivered_once(life: Life, kind: Kind, key: str, delivery: Delivery) -> None:
    """Expect it stored, and delivered once."""
    name = await life.live(delivery.send(life))
    await life.poll()
    life.is_quiet()
    await life.end()
    await (life.peace() if kind.waits else life.poll())
    assert delivery.arrived(life, name) == 1, (
        f"arrived {delivery.arrived(life, name)} times"
    )
    assert all(level == "INFO" for level, _ in life.lines()[1:]), "logged"
    life.is_quiet()


async def delivered_after_sign_in(
    life: Life, kind: Kind, key: str, delivery: Delivery
) -> None:
    """Expect it stored until somebody has signed in again."""
    name = await life.live(delivery.send(life))
    assert len(life.flows) == 1, f"{len(life.flows)} asked to sign in"
    await life.end()
    await life.reload()
    await life.poll()
    assert delivery.arrived(life, name) == 1, (
        f"arrived {delivery.arrived(life, name)} times"
    )
    life.is_quiet()


async def delivery_refused(
    life: Life, kind: Kind, key: str, delivery: Delivery
) -> None:
    """Expect an error of the action at once, and nothing sent again."""
    with pytest.raises(HomeAssistantError) as told:
        await life.live(delivery.send(life))
    words = told.value.translation_key
    assert words in ("refused", "lucit_unknown_instruction"), f"told: {words}"
    asked = life.service.count(key)
    await life.end()
    await life.poll()
    assert life.service.count(key) == asked, "sent again"
    life.is_quiet()

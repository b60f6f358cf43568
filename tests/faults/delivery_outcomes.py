"""Checks of what must arrive despite faults."""

from homeassistant.exceptions import HomeAssistantError
import pytest

from .kinds import Kind
from .life import Life
from .requests import Delivery


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
    with pytest.raises(HomeAssistantError) as raised:
        await life.live(delivery.send(life))
    words = raised.value.translation_key
    assert words in ("refused", delivery.refused), f"told: {words}"
    asked = life.service.count(key)
    await life.end()
    await life.poll()
    assert life.service.count(key) == asked, "sent again"
    life.is_quiet()

"""What a request is about: a command, a delivery, a part of a poll, a renewal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
import re
from typing import Any

from homeassistant.helpers import device_registry as dr

from custom_components.lantern.const import DOMAIN
from tests.common import entity_id

from .kinds import Kind
from .life import Life

type Act = Callable[[Life], Awaitable[Any]]

_NONE = r"$^"


@dataclass(frozen=True, slots=True)
class Command:
    """What a person does; `words` are the keys of errors where they are its own."""

    act: Act
    words: Mapping[Kind, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is handed over: `send` returns its name, `arrived` how often it is there.

    `refused` is the key of the error where the service says no for good.
    """

    send: Act
    arrived: Callable[[Life, Any], int]
    refused: str = "refused"


@dataclass(frozen=True, slots=True)
class OptionalRequest:
    """A request beside a poll.

    `part` matches the unique ids that show what it brings, and lapse without it if
    it `lapses`; `stir` makes it due, and changes what `stirs` matches; it is due
    anyway after `every` seconds, where that is not each poll.
    """

    part: str = _NONE
    lapses: bool = True
    stirs: str = _NONE
    stir: Callable[[Life], object] = lambda _: None
    every: float | None = None

    def has(self, unique_id: str) -> bool:
        """Return True if an entity shows what the request brings."""
        return re.search(self.part, unique_id) is not None


@dataclass(frozen=True, slots=True)
class Renewal:
    """What makes a renewal due, and what a person does when it failed for good."""

    due: Callable[[Any], object]
    sign_in: Callable[[Life], Awaitable[object]] = Life.reload


def entity_action(platform: str, service: str, unique_id: str, **data: Any) -> Act:
    """Return what calls an action for an entity."""

    async def act(life: Life) -> None:
        target = {"entity_id": entity_id(life.hass, platform, unique_id)}
        await life.hass.services.async_call(
            platform, service, target | data, blocking=True
        )

    return act


def device_action(
    device: str, action: str, *, answers: bool = False, **data: Any
) -> Act:
    """Return what calls one of Lantern's actions for a device."""

    async def act(life: Life) -> Any:
        registered = dr.async_get(life.hass).async_get_device_by_identifier(
            (DOMAIN, device), life.entry.entry_id
        )
        assert registered is not None
        return await life.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": registered.id, **data},
            blocking=True,
            return_response=answers,
        )

    return act


def entry_action(action: str, *, answers: bool = False, **data: Any) -> Act:
    """Return what calls one of Lantern's actions for the entry."""

    async def act(life: Life) -> Any:
        return await life.hass.services.async_call(
            DOMAIN,
            action,
            {"config_entry_id": life.entry.entry_id, **data},
            blocking=True,
            return_response=answers,
        )

    return act

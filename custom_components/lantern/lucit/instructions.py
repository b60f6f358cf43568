"""Remote instructions: each is told once, each reply reaches Lucit once.

What happens to an instruction is on disk before it happens. One that arrived
waits there until somebody can hear it; it counts as told just before it is
fired, because an automation that runs twice is worse than one that a crash in
that very moment leaves out. A reply waits there until Lucit took or refused it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
import json
from typing import Any, Final

from homeassistant.core import callback

from ..background import BackgroundWork
from ..const import LOGGER
from ..coordinator import LanternCoordinator
from ..transport.errors import Refused, TransportError
from .client.models import Instruction

EVENT_KEY: Final = "instruction"
EVENT_TYPES: Final = ("reload", "other")

_MOST_WAITING = 100
_MOST_TOLD = 1000
_MOST_REPLIES = 1000
_MOST_BYTES = 256 * 1024
"""What waits is written to disk as a whole, each time that something changes."""

type Reply = dict[str, str | None]
"""What Lucit is told: `verb` (acknowledge, fail) and perhaps a `message`."""
type SendReply = Callable[[str, Reply], Awaitable[None]]


class TooManyReplies(Exception):
    """So many replies wait for Lucit that no other one can be kept."""


class Instructions:
    """The instructions of one player: arrived, told, replied to."""

    def __init__(
        self, coordinator: LanternCoordinator[Any], player_id: str, send: SendReply
    ) -> None:
        """Work for a coordinator; `send` gives Lucit the reply to an instruction."""
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._player_id = player_id
        self._send = send
        self._telling = asyncio.Lock()
        self._replying = asyncio.Lock()
        self._replies_work = BackgroundWork(
            coordinator.hass, self._entry, "Lucit replies"
        )

    def _section(self, name: str) -> MutableMapping[str, Any]:
        return self._coordinator.store.section(f"instructions_{name}")

    @property
    def _waiting(self) -> MutableMapping[str, dict[str, Any]]:
        """The attributes of those that arrived and were not told, by lcuid."""
        return self._section("waiting")

    @property
    def _told(self) -> MutableMapping[str, str | None]:
        """The verb of the reply that Lucit took, or None, by lcuid."""
        return self._section("told")

    @property
    def _replies(self) -> MutableMapping[str, Reply]:
        """The replies that Lucit did not take yet, by lcuid."""
        return self._section("replies")

    async def _write(self) -> None:
        self._coordinator.store.save()
        await self._coordinator.store.flush()

    async def _surely(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what an unload must wait for: the next set-up reads what it writes."""
        task = self._entry.async_create_task(self._coordinator.hass, work)
        await asyncio.shield(task)

    @callback
    def drop_unreadable(self) -> None:
        """Forget what an earlier run did not write like this."""
        for name, key in (("waiting", "instruction"), ("replies", "verb")):
            section = self._section(name)
            for lcuid, row in list(section.items()):
                if not isinstance(row, dict) or key not in row:
                    del section[lcuid]
        told = self._section("told")
        for lcuid, verb in list(told.items()):
            if not isinstance(verb, str | None):
                del told[lcuid]

    # --- from Lucit ---

    async def arrived(self, found: Instruction) -> None:
        """Keep an instruction that is new, then tell it."""
        if found.lcuid not in self._told and found.lcuid not in self._waiting:
            self._waiting[found.lcuid] = {
                "instruction": found.name,
                "parameters": found.parameters,
                "run_at": found.run_at and found.run_at.isoformat(),
                "instruction_lcuid": found.lcuid,
            }
            dropped = _keep_newest(self._waiting, _MOST_WAITING)
            if dropped:
                LOGGER.warning(
                    "Nothing can hear Lucit's instructions; dropped the oldest: %s",
                    dropped,
                )
            await self._write()
        await self._tell()

    @callback
    def tell_soon(self) -> None:
        """Tell what waits, if somebody can hear it now."""
        if self._waiting and self._is_heard():
            self._entry.async_create_task(self._coordinator.hass, self._tell())

    def _is_heard(self) -> bool:
        """Tell whether the event entity is shown and automations are running."""
        return self._coordinator.outbox.can_deliver(self._player_id, EVENT_KEY)

    async def _tell(self) -> None:
        async with self._telling:
            for lcuid in list(self._waiting):
                if not self._is_heard():
                    return
                attributes = self._waiting.pop(lcuid)
                self._told[lcuid] = None
                _keep_newest(self._told, _MOST_TOLD)
                await self._write()
                if not self._is_heard():
                    # It went away during the write: another time, then.
                    self._waiting[lcuid] = attributes
                    del self._told[lcuid]
                    await self._write()
                    return
                name = attributes["instruction"]
                kind = name if name in EVENT_TYPES else "other"
                self._coordinator.outbox.async_fire(
                    self._player_id, EVENT_KEY, kind, attributes
                )

    # --- to Lucit ---

    async def reply(self, lcuid: str, reply: Reply) -> None:
        """Give Lucit a reply; what it cannot be given now is sent with a later poll.

        Raises Refused where Lucit does not take it, TooManyReplies where it cannot be
        kept. The same reply once more is no request.
        """
        if self._told.get(lcuid) == reply["verb"]:
            return
        waiting = {**self._replies, lcuid: reply}
        if len(waiting) > _MOST_REPLIES or _size(waiting) > _MOST_BYTES:
            raise TooManyReplies
        self._replies[lcuid] = reply
        await self._write()
        task = self._entry.async_create_background_task(
            self._coordinator.hass, self._deliver(lcuid), "lantern lucit reply"
        )
        await asyncio.wait([task])
        # An unload ends the task; the reply is on disk, and the next set-up sends it.
        if not task.cancelled():
            task.result()

    @callback
    def reply_soon(self) -> None:
        """Send the replies that wait."""
        if self._replies:
            self._replies_work.async_start(self._deliver_all)

    async def _deliver_all(self) -> None:
        for lcuid in list(self._replies):
            try:
                if not await self._deliver(lcuid):
                    return
            except Refused as err:
                LOGGER.warning("Lucit does not take a reply: %s", err)

    async def _deliver(self, lcuid: str) -> bool:
        """Send a reply that waits; tell whether Lucit could be asked."""
        async with self._replying:
            if (reply := self._replies.get(lcuid)) is None:
                return True
            try:
                await self._send(lcuid, reply)
            except Refused:
                await self._surely(self._replied(lcuid, None))
                raise
            except TransportError as err:
                LOGGER.debug("A reply to Lucit waits: %s", err)
                return False
            await self._surely(self._replied(lcuid, reply["verb"]))
            return True

    async def _replied(self, lcuid: str, verb: str | None) -> None:
        self._replies.pop(lcuid, None)
        if verb is not None:
            self._told[lcuid] = verb
            _keep_newest(self._told, _MOST_TOLD)
        await self._write()


def _size(value: object) -> int:
    """Return how many bytes a value takes on disk, about."""
    return len(json.dumps(value))


def _keep_newest(section: MutableMapping[str, Any], most: int) -> int:
    """Forget the oldest of a section that grew too long; return how many."""
    sizes = {key: _size(value) for key, value in section.items()}
    size, before = sum(sizes.values()), len(section)
    for key in list(section)[:-1]:
        if len(section) <= most and size <= _MOST_BYTES:
            break
        size -= sizes[key]
        del section[key]
    return before - len(section)

"""Remote instructions: each is told once, each reply reaches Lucit once.

What happens to an instruction is on disk before it happens. One that arrived waits
in the outbox until somebody can hear it; a reply waits here until Lucit took or
refused it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from ..background import BackgroundWork
from ..const import LOGGER
from ..coordinator import LanternCoordinator
from ..durable_events import DurableEvent
from ..storage import DurableStore, RowReader, StorageWriteError, unknown_keys
from ..transport import parsing
from ..transport.errors import Refused, TransportError
from .client.models import Instruction

EVENT_KEY: Final = "instruction"
EVENT_TYPES: Final = ("reload", "other")

_MOST_TAKEN = 1000
_MOST_REPLIES = 1000
_MOST_BYTES = 256 * 1024
"""What waits is written to disk as a whole, each time that something changes."""
# Where version 1.0 kept them, in Home Assistant's own kind of file.
_OLD_SECTIONS = tuple(f"instructions_{one}" for one in ("waiting", "told", "replies"))

type Reply = Mapping[str, str | None]
"""What Lucit is told: `verb` (acknowledge, fail) and perhaps a `message`."""
type SendReply = Callable[[str, Reply], Awaitable[None]]


class TooManyReplies(Exception):
    """So many replies wait for Lucit that no other one can be kept."""


@dataclass(frozen=True, slots=True)
class _Replies:
    """The replies of one player, by the lcuid of their instruction.

    `waiting` are those that Lucit did not take yet, `taken` the verbs of the others.
    """

    waiting: Mapping[str, Reply] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the replies as JSON has them."""
        return {**self.extra, "waiting": self.waiting, "taken": self.taken}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], reader: RowReader) -> _Replies:
        """Return what `as_dict` wrote."""
        return cls(
            reader.read_dict(_parse_reply, content["waiting"]),
            reader.read_dict(_parse_verb, content["taken"]),
            unknown_keys(content, ("waiting", "taken")),
        )

    def with_waiting(self, lcuid: str, reply: Reply) -> _Replies:
        """Return the replies with one that is to be sent."""
        return _Replies({**self.waiting, lcuid: reply}, self.taken, self.extra)

    def without(self, lcuid: str, reply: Reply, verb: str | None) -> _Replies:
        """Return the replies without one that Lucit took (`verb`), or refused."""
        waiting = {key: one for key, one in self.waiting.items() if one is not reply}
        taken = dict(self.taken)
        if verb is not None:
            taken.pop(lcuid, None)
            taken[lcuid] = verb
            taken = dict(list(taken.items())[-_MOST_TAKEN:])
        return _Replies(waiting, taken, self.extra)


def _parse_reply(row: Any, _: RowReader, __: str) -> Reply:
    message = row.get("message")
    if not isinstance(row["verb"], str) or not isinstance(message, str | None):
        raise TypeError("no reply")  # one way out
    reply: Reply = row
    return reply


def _parse_verb(row: Any, _: RowReader, __: str) -> str:
    if not isinstance(row, str):
        raise TypeError("no verb")  # one way out
    return row


def replies_store(hass: HomeAssistant, entry_id: str) -> DurableStore[_Replies]:
    """Return the file of a player's replies."""
    name = f"lucit_replies.{entry_id}"
    return DurableStore(hass, name, _Replies(), _Replies.from_dict, _Replies.as_dict)


def _event(lcuid: str, attributes: Mapping[str, Any]) -> DurableEvent:
    name = attributes["instruction"]
    kind = name if name in EVENT_TYPES else "other"
    return DurableEvent(event_id=lcuid, event_type=kind, attributes=attributes)


class Instructions:
    """The instructions of one player, and the replies to them."""

    def __init__(
        self, coordinator: LanternCoordinator[Any], player_id: str, send: SendReply
    ) -> None:
        """Work for a coordinator; `send` gives Lucit the reply to an instruction."""
        self._coordinator = coordinator
        self._entry = coordinator.config_entry
        self._player_id = player_id
        self._send = send
        self._replying = asyncio.Lock()
        self._store = replies_store(coordinator.hass, self._entry.entry_id)
        # What Lucit took, or not, while the disk refused to be told so.
        self._unsaved: dict[str, tuple[Reply, str | None]] = {}
        self._replies_work = BackgroundWork(
            coordinator.hass, self._entry, "Lucit replies"
        )

    async def async_load(self) -> None:
        """Read the replies of an earlier run; raise StorageError."""
        await self._store.async_load()
        await self._async_migrate()

    async def _async_migrate(self) -> None:
        """Move what version 1.0 kept to where nothing is lost."""
        kept = self._coordinator.store
        waiting, told, replies = (dict(kept.section(one)) for one in _OLD_SECTIONS)
        if not (waiting or told or replies):
            return
        rows = {key: parsing.as_dict(one) for key, one in waiting.items()}
        await self._coordinator.outbox.async_adopt(
            self._player_id,
            EVENT_KEY,
            [_event(key, one) for key, one in rows.items() if "instruction" in one],
            told,
        )
        reader = RowReader()
        old = _Replies(
            reader.read_dict(_parse_reply, replies),
            {key: verb for key, verb in told.items() if isinstance(verb, str)},
        )

        def adopt(new: _Replies) -> _Replies:
            taken = {**old.taken, **new.taken}
            left = {key: one for key, one in old.waiting.items() if key not in taken}
            return _Replies({**left, **new.waiting}, taken, new.extra)

        await self._store.async_update(adopt)
        for name in _OLD_SECTIONS:
            kept.section(name).clear()
        kept.async_delay_save()
        await kept.async_flush()

    async def _surely(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what an unload must wait for: the next set-up reads what it writes."""
        task = self._entry.async_create_task(self._coordinator.hass, work)
        await asyncio.shield(task)

    # --- from Lucit ---

    async def arrived(self, found: Instruction) -> None:
        """Tell an instruction, once: Lucit may hand it out again."""
        attributes = {
            "instruction": found.name,
            "parameters": found.parameters,
            "run_at": found.run_at and found.run_at.isoformat(),
            "instruction_lcuid": found.lcuid,
        }
        await self._coordinator.outbox.async_fire_durable(
            self._player_id, EVENT_KEY, _event(found.lcuid, attributes)
        )

    # --- to Lucit ---

    async def reply(self, lcuid: str, reply: Reply) -> None:
        """Give Lucit a reply; what it cannot be given now is sent with a later poll.

        Raises Refused where Lucit does not take it, TooManyReplies or StorageError
        where it cannot be kept. The same reply once more is no request.
        """
        if self._store.value.taken.get(lcuid) == reply["verb"]:
            return
        after = self._store.value.with_waiting(lcuid, reply).waiting
        if len(after) > _MOST_REPLIES or len(json.dumps(after)) > _MOST_BYTES:
            raise TooManyReplies
        await self._store.async_update(lambda one: one.with_waiting(lcuid, reply))
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
        if self._store.value.waiting:
            self._replies_work.async_start(self._deliver_all)

    async def _deliver_all(self) -> None:
        for lcuid in list(self._store.value.waiting):
            try:
                if not await self._deliver(lcuid):
                    return
            except Refused as err:
                LOGGER.warning("Lucit does not take a reply: %s", err)

    async def _deliver(self, lcuid: str) -> bool:
        """Send a reply that waits; return True if Lucit could be asked."""
        async with self._replying:
            if (reply := self._store.value.waiting.get(lcuid)) is None:
                return True
            known, verb = self._unsaved.get(lcuid, (None, None))
            if known is not reply:
                verb = reply["verb"]
                try:
                    await self._send(lcuid, reply)
                except Refused:
                    await self._surely(self._replied(lcuid, reply, None))
                    raise
                except TransportError as err:
                    LOGGER.debug("A reply to Lucit waits: %s", err)
                    return False
            await self._surely(self._replied(lcuid, reply, verb))
            return True

    async def _replied(self, lcuid: str, reply: Reply, verb: str | None) -> None:
        self._unsaved[lcuid] = reply, verb
        try:
            await self._store.async_update(lambda one: one.without(lcuid, reply, verb))
        except StorageWriteError:
            LOGGER.debug("The disk refuses that Lucit took a reply; tried again later")
        else:
            del self._unsaved[lcuid]

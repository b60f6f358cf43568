"""What stays, and what goes, when a LUX entry is removed."""

from contextlib import suppress

from homeassistant.core import HomeAssistant

from ..coordinator import LanternConfigEntry
from .disk import NotKept
from .issues import say_what_is_left
from .queue import queue_of
from .treatments import Treatments


async def farewell(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Forget the treatments; logs that wait stay, and a repair says so."""
    queue = queue_of(hass, entry.unique_id or "")
    with suppress(NotKept, OSError):
        await queue.load()
        say_what_is_left(hass, entry, queue)
        if not queue.unsent:
            await queue.remove()
    with suppress(OSError):
        await Treatments(hass, entry.entry_id).remove()

"""What stays, and what goes, when a LUX entry is removed."""

from contextlib import suppress

from homeassistant.core import HomeAssistant

from ..coordinator import LanternConfigEntry
from .disk import NotKept
from .issues import say_what_is_left
from .statistics import clear_statistics
from .treatment_store import TreatmentStore
from .upload_queue import queue_of


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Forget treatments and statistics; logs that wait stay, and a repair says so."""
    queue = queue_of(hass, entry.unique_id or "")
    with suppress(NotKept, OSError):
        await queue.load()
        say_what_is_left(hass, entry, queue)
        if not queue.unsent:
            await queue.remove()
    treatments = TreatmentStore(hass, entry.entry_id)
    with suppress(NotKept, OSError):
        await treatments.load()
        clear_statistics(hass, treatments.device_ids)
        await treatments.remove()

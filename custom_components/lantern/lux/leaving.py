"""What stays, and what goes, when a LUX entry is removed."""

from contextlib import suppress

from homeassistant.core import HomeAssistant

from ..coordinator import LanternConfigEntry
from ..storage import StorageError
from .issues import say_what_is_left
from .statistics import clear_statistics
from .treatment_store import TreatmentStore
from .upload_queue import queue_of


async def async_revoke(hass: HomeAssistant, entry: LanternConfigEntry) -> None:
    """Forget treatments and statistics; logs that wait stay, and a repair says so."""
    queue = queue_of(hass, entry.unique_id or "")
    with suppress(StorageError):
        await queue.load()
        say_what_is_left(hass, entry, queue)
        if not queue.unsent:
            # Logs that could not be read were promised, too: a person decides.
            await queue.remove(keep_unreadable=True)
    treatments = TreatmentStore(hass, entry.entry_id)
    with suppress(StorageError):
        await treatments.load()
        clear_statistics(hass, treatments.keys)
        await treatments.remove()

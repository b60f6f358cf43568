"""What stays, and what goes, when a LUX entry is removed."""

from contextlib import suppress

from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..coordinator import LanternConfigEntry
from ..storage import StorageError, short_hash, stored_names
from .issues import create_left_issue, is_left_shown, say_what_is_left
from .statistics import clear_statistics
from .treatment_store import TreatmentStore
from .upload_queue import queue_named, queue_of


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


async def async_show_left(hass: HomeAssistant) -> None:
    """Say again that logs wait without an entry.

    A repair that was confirmed while Lantern was not loaded did nothing: Home
    Assistant closes it by itself then.
    """
    entries = hass.config_entries.async_entries(DOMAIN)
    accounts = {short_hash(one.unique_id or "") for one in entries}
    for name in await hass.async_add_executor_job(stored_names, hass, "lux_queue."):
        account = name.removeprefix("lux_queue.")
        if account in accounts or "." in account or is_left_shown(hass, account):
            continue
        queue = queue_named(hass, account)
        with suppress(StorageError):
            await queue.load()
            create_left_issue(hass, account, "LUX", queue)

"""The store of what must not be lost, where Home Assistant's loop is concerned."""

import threading
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.lantern.storage import DurableStore, RowReader


async def test_json_is_made_beside_the_loop(hass: HomeAssistant) -> None:
    """Years of rows become JSON, and come from it, in an executor's thread."""
    threads: set[int] = set()

    def from_dict(stored: Any, _: RowReader) -> list[int]:
        threads.add(threading.get_ident())
        return list(stored)

    def as_dict(value: list[int]) -> list[int]:
        threads.add(threading.get_ident())
        return value

    store = DurableStore[list[int]](hass, "made_up", [], from_dict, as_dict)
    await store.async_update(lambda value: [*value, 1])
    other = DurableStore[list[int]](hass, "made_up", [], from_dict, as_dict)
    await other.async_load()
    assert other.value == [1]
    assert threads
    assert threading.get_ident() not in threads

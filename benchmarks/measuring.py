"""How things are measured: CPU time, medians, sides taking turns."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
import gc
from statistics import median
from time import thread_time_ns

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback

type Work = Callable[[], Awaitable[object]]


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector from striking one side only.

    What is there already is frozen: to look at it each time would take longer than
    what is measured.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


async def cpu_us(hass: HomeAssistant, work: Work) -> float:
    """Return the loop's CPU time (µs) of some work and all that it leads to."""
    start = thread_time_ns()
    await work()
    await hass.async_block_till_done()
    return (thread_time_ns() - start) / 1000


async def in_turns(
    hass: HomeAssistant,
    rounds: int,
    sides: Mapping[str, Callable[[], Work]],
    row: int = 1,
) -> dict[str, float]:
    """Return each side's median CPU time (µs).

    A side is called for each piece of work, and gives it to be timed: what it
    prepares is not in the figure. The sides take turns, so that a slow moment of
    the machine hits all; `row` is how many pieces a side does in a row.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    with no_collection():
        for number in range(rounds + 2):
            for name, prepare in sides.items():
                works = [prepare() for _ in range(row)]
                taken = [await cpu_us(hass, work) for work in works]
                if number > 1:  # the first two warm the caches up
                    times[name] += taken
    return {name: median(measured) for name, measured in times.items()}


async def state_events(hass: HomeAssistant, work: Work) -> list[str]:
    """Return the entities of the state_changed events that some work leads to."""
    seen: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        seen.append(event.data["entity_id"])

    remove = hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    await work()
    await hass.async_block_till_done()
    remove()
    return seen

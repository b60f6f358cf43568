"""The tables of docs/development/performance.md, out of what was measured."""

from collections.abc import Iterable, Sequence
from pathlib import Path
import re

from .at_rest import Day
from .beside import Beside, Burst, Waits
from .growth import Grown, slope
from .limit import Limit
from .loop import Blocked
from .memory import Weight
from .path import Polled
from .refresh import Refreshed
from .startup import Started
from .treatments import Added, Backlog

PAGE = Path(__file__).parents[1] / "docs" / "development" / "performance.md"
_OTHERS = ("scorpiontrack", "traccar_server", "hue")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _us(value: float) -> str:
    return f"{value:,.0f}"


def _changed(changed: int, devices: int) -> str:
    return {0: "nothing", devices: "all"}.get(changed, f"{changed} device")


def refresh(found: list[Refreshed]) -> str:
    """Return one refresh: µs, ratios, events."""
    return table(
        (
            "entities",
            "changed",
            "Lantern, µs",
            *(f"{n}, µs" for n in _OTHERS),
            *tuple(f"{n} / Lantern" for n in _OTHERS),
            "state events",
            *(f"of {n}" for n in _OTHERS),
        ),
        (
            (
                one.entities,
                _changed(one.changed, one.entities // 4),
                _us(one.us["lantern"]),
                *(_us(one.us[n]) for n in _OTHERS),
                *tuple(f"{one.us[n] / one.us['lantern']:.1f}" for n in _OTHERS),
                one.events["lantern"],
                *(one.events[n] for n in _OTHERS),
            )
            for one in found
        ),
    )


def path(found: list[Polled]) -> str:
    """Return the whole path of a Hue poll."""
    return table(
        (
            "lamps",
            "changed",
            "Lantern, µs",
            "hue, µs",
            "Lantern / hue",
            "Lantern's requests",
            "hue's requests",
        ),
        (
            (
                one.lamps,
                "one lamp" if one.changed else "nothing",
                _us(one.us["lantern"]),
                _us(one.us["hue"]),
                f"{one.us['lantern'] / one.us['hue']:.2f}",
                one.requests["lantern"],
                one.requests["hue"],
            )
            for one in found
        ),
    )


def growth(found: list[Grown]) -> str:
    """Return how a refresh grows."""
    rows = [(f"{one.trackers:,}", _us(one.nothing), _us(one.one)) for one in found]
    text = table(("trackers", "nothing changed, µs", "one changed, µs"), rows)
    return f"{text}\n\nEach further tracker: {slope(found):.2f} µs."


def startup(found: dict[str, Started], requests: dict[str, int]) -> str:
    """Return what set-up and imports cost."""
    rows = [
        (name, f"{one.loaded:.0f}", f"{one.package:.0f}", f"{one.flow:.0f}")
        for name, one in found.items()
    ]
    text = table(
        ("", "400 entities loaded, ms", "package, ms", "config flow, ms"), rows
    )
    return (
        f"{text}\n\nRequests until a Hue house of 100 lamps is loaded: Lantern "
        f"{requests['lantern']}, hue {requests['hue']}."
    )


def memory(found: dict[str, Weight], growth: int) -> str:
    """Return the bytes per tracker."""
    rows = [(name, _us(one.whole), _us(one.model)) for name, one in found.items()]
    text = table(("", "with four entities, bytes", "model alone, bytes"), rows)
    return (
        f"{text}\n\nBetween the 1,000th and the 10,000th refresh, Lantern grew by "
        f"{growth:,} bytes."
    )


def treatments(found: tuple[list[Added], Backlog]) -> str:
    """Return what one more treatment takes, and what a backlog does."""
    added, backlog = found
    rows = [
        (
            f"one more treatment, {one.stored:,} stored",
            f"{one.loop:.1f}",
            f"{one.block:.1f}",
            2,
        )
        for one in added
    ]
    waited = f"{backlog.logs:,} logs that have waited"
    row = (waited, f"{backlog.loop * 1000:.0f}", "", backlog.requests)
    head = ("", "loop's CPU time, ms", "longest block, ms", "requests")
    return table(head, [*rows, row])


def loop(found: Blocked) -> str:
    """Return the longest blocks."""
    rows = [
        ("decoding the largest answer of 20,000 trackers", f"{found.decode:.0f}"),
        ("a refresh of 20,000 trackers, 1 % changed", f"{found.fleet:.0f}"),
        ("reading 10,000 treatments, writing statistics", f"{found.diary:.0f}"),
    ]
    return table(("", "longest block, ms"), rows)


def at_rest(found: list[Day]) -> str:
    """Return the requests per day."""
    rows = [(one.account, f"{one.interval:.0f}", _us(one.requests)) for one in found]
    return table(("account", "polled every, s", "requests a day"), rows)


def limit(found: list[Limit]) -> str:
    """Return how near a refresh comes to what cannot be saved."""
    rows = [
        (
            _changed(one.changed, 100),
            _us(one.decode),
            _us(one.writes),
            _us(one.refresh),
            f"{one.ratio:.2f}",
        )
        for one in found
    ]
    head = ("changed", "orjson, µs", "state writes, µs", "Lantern's whole refresh, µs")
    return table((*head, "ratio"), rows)


def beside(found: dict[str, Beside], foreign: int) -> str:
    """Return Lantern and hue on API v2."""

    def burst(one: Burst) -> str:
        return (
            f"{one.puts} requests, {one.wrong} wrong at the end, {one.failed} failed, "
            f"{one.paced} times faster than the bridge's maker allows"
        )

    def waits(one: Waits) -> str:
        return f"{one.median:.1f} ({one.worst:.0f})"

    both = [found["lantern"], found["hue"]]
    rows = [
        ("requests an hour at rest", *(one.requests for one in both)),
        ("of these, writes", *(one.writes for one in both)),
        ("bytes an hour at rest", *(f"{one.size:,}" for one in both)),
        (
            "ms from an event to the state: median (worst of 200)",
            *(waits(one.quiet) for one in both),
        ),
        (
            "the same while 12 lamps change ten times a second",
            *(waits(one.busy) for one in both),
        ),
        (
            "CPU per event, from the socket to the states, µs",
            *(_us(one.event_us) for one in both),
        ),
        ("200 changes of one lamp", *(burst(one.one_lamp) for one in both)),
        ("200 changes across all lamps", *(burst(one.all_lamps) for one in both)),
        (
            "ten lamps and their room in one call",
            *(f"{one.area[0]} requests, {one.area[1]:.2f} s" for one in both),
        ),
    ]
    text = table(("", "Lantern", "hue"), rows)
    return (
        f"{text}\n\nA second bridge with another certificate at the same address got "
        f"{foreign} requests with the key."
    )


def write(name: str, text: str) -> None:
    """Put a table into its place in the page."""
    page = PAGE.read_text()
    place = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not place.search(page):
        raise ValueError(f"docs/development/performance.md has no place for {name}")
    PAGE.write_text(place.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", page))

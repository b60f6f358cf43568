"""The tables of docs/development/performance.md, out of what was measured."""

from collections.abc import Iterable, Sequence
from pathlib import Path
import re

from .at_rest import Day
from .beside import Beside, Burst, Waits
from .events import Applied
from .growth import Grown, slope
from .limit import Limit
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


def whole(results: list[Refreshed]) -> str:
    """Return a refresh from bytes to states: µs, ratios."""
    return table(
        (
            "entities",
            "changed",
            "Lantern, µs",
            *(f"{n}, µs" for n in _OTHERS),
            *tuple(f"{n} / Lantern" for n in _OTHERS),
        ),
        (
            (
                result.entities,
                _changed(result.changed, result.entities // 4),
                _us(result.us["lantern"]),
                *(_us(result.us[n]) for n in _OTHERS),
                *tuple(f"{result.us[n] / result.us['lantern']:.1f}" for n in _OTHERS),
            )
            for result in results
        ),
    )


def refresh(results: list[Refreshed]) -> str:
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
                result.entities,
                _changed(result.changed, result.entities // 4),
                _us(result.us["lantern"]),
                *(_us(result.us[n]) for n in _OTHERS),
                *tuple(f"{result.us[n] / result.us['lantern']:.1f}" for n in _OTHERS),
                result.events["lantern"],
                *(result.events[n] for n in _OTHERS),
            )
            for result in results
        ),
    )


def path(results: list[Polled]) -> str:
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
                result.lamps,
                "one lamp" if result.changed else "nothing",
                _us(result.us["lantern"]),
                _us(result.us["hue"]),
                f"{result.us['lantern'] / result.us['hue']:.2f}",
                result.requests["lantern"],
                result.requests["hue"],
            )
            for result in results
        ),
    )


def events(applied: list[Applied]) -> str:
    """Return an event from its bytes to the states, and a full read."""
    head = ("lamps", "Lantern, µs", "of that, state writes", "hue, µs")
    more = ("of that, state writes", "full read: Lantern, ms", "hue, ms")
    return table(
        (*head, *more),
        (
            (
                one.lamps,
                *(
                    _us(part)
                    for name in ("lantern", "hue")
                    for part in (one.event[name], one.writes[name])
                ),
                *(f"{one.read[name] / 1000:.1f}" for name in ("lantern", "hue")),
            )
            for one in applied
        ),
    )


def growth(results: list[Grown]) -> str:
    """Return how a refresh grows."""
    rows = [
        (f"{result.trackers:,}", _us(result.nothing), _us(result.changed))
        for result in results
    ]
    text = table(("trackers", "nothing changed, µs", "one changed, µs"), rows)
    return f"{text}\n\nEach further tracker: {slope(results):.2f} µs."


def startup(results: dict[str, Started], requests: dict[str, int]) -> str:
    """Return what set-up and imports cost."""
    rows = [
        (
            name,
            _us(result.entities),
            _us(result.first),
            _us(result.again),
            f"{result.package:.0f}",
            f"{result.flow:.0f}",
        )
        for name, result in results.items()
    ]
    each = ("first set-up, µs each", "again, µs each")
    text = table(
        ("", "registered", *each, "package, ms", "config flow, ms"),
        rows,
    )
    return (
        f"{text}\n\nRequests until a Hue house of 100 lamps is loaded: Lantern "
        f"{requests['lantern']}, hue {requests['hue']}."
    )


def memory(results: dict[str, Weight], growth: int) -> str:
    """Return the bytes per tracker."""
    rows = [
        (name, _us(result.whole), _us(result.model)) for name, result in results.items()
    ]
    text = table(("", "with four entities, bytes", "model alone, bytes"), rows)
    return (
        f"{text}\n\nBetween the 1,000th and the 10,000th refresh, Lantern grew by "
        f"{growth:,} bytes."
    )


def treatments(results: tuple[list[Added], Backlog]) -> str:
    """Return what one more treatment takes, and what a backlog does."""
    added, backlog = results
    rows = [
        (
            f"one more treatment, {result.stored:,} stored",
            f"{result.loop:.1f}",
            f"{result.block:.1f}",
            2,
        )
        for result in added
    ]
    waited = f"{backlog.logs:,} logs that have waited"
    row = (waited, f"{backlog.loop * 1000:.0f}", "", backlog.requests)
    head = ("", "loop's CPU time, ms", "longest block, ms", "requests")
    return table(head, [*rows, row])


def loop(result: dict[str, float]) -> str:
    """Return the longest blocks."""
    rows = [(name, f"{block:.0f}") for name, block in result.items()]
    return table(("", "longest block, ms"), rows)


def at_rest(results: list[Day]) -> str:
    """Return the requests per day."""
    rows = [
        (result.account, f"{result.interval:.0f}", _us(result.requests))
        for result in results
    ]
    return table(("account", "polled every, s", "requests a day"), rows)


def limit(results: list[Limit]) -> str:
    """Return how near a refresh comes to what cannot be saved."""
    rows = [
        (
            _changed(result.changed, 100),
            _us(result.decode),
            _us(result.writes),
            _us(result.refresh),
            f"{result.ratio:.2f}",
        )
        for result in results
    ]
    head = ("changed", "orjson, µs", "state writes, µs", "Lantern's whole refresh, µs")
    return table((*head, "ratio"), rows)


def beside(results: dict[str, Beside], foreign: int) -> str:
    """Return Lantern and hue on API v2."""

    def burst(result: Burst) -> str:
        return (
            f"{result.puts} requests, {result.wrong} wrong at the end, {result.failed} failed, "
            f"{result.paced} times faster than the bridge's maker allows"
        )

    def waits(result: Waits) -> str:
        return f"{result.median:.1f} ({result.worst:.0f})"

    both = [results["lantern"], results["hue"]]
    rows = [
        ("requests an hour at rest", *(result.requests for result in both)),
        ("of these, writes", *(result.writes for result in both)),
        ("bytes an hour at rest", *(f"{result.size:,}" for result in both)),
        (
            "ms from an event to the state: median (worst of 200)",
            *(waits(result.quiet) for result in both),
        ),
        (
            "the same while 12 lamps change ten times a second",
            *(waits(result.busy) for result in both),
        ),
        (
            "CPU per event, from the socket to the states, µs",
            *(_us(result.event_us) for result in both),
        ),
        ("200 changes of one lamp", *(burst(result.one_lamp) for result in both)),
        ("200 changes across all lamps", *(burst(result.all_lamps) for result in both)),
        (
            "ten lamps and their room in one call",
            *(f"{result.area[0]} requests, {result.area[1]:.2f} s" for result in both),
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
    PAGE.write_text(place.sub(lambda match: f"{match[1]}\n{text}\n\n{match[2]}", page))

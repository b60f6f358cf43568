"""How many requests a service may get in bad times: what the page says, and the tests."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from custom_components.lantern.vendors import VENDORS


class Case(StrEnum):
    """What happens for an hour."""

    NORMAL = "nothing: a normal hour"
    BUSY = "503 to everything"
    SILENT = "no answer to anything"
    LIMITED = "429 with `Retry-After: 3600`, once"
    STARTING = "503 to everything, while Home Assistant starts"
    STARTING_LIMITED = "429 with `Retry-After: 3600`, once, while Home Assistant starts"


class Figures(NamedTuple):
    """Requests at most: in the hour, and in the quarter of an hour after it."""

    hour: int
    quarter: int

    def hold(self, hour: int, quarter: int) -> bool:
        """Return whether the figures are true, and no larger than they need to be.

        A pause of about the polls' own rhythm takes none of them or every other one,
        as the fractions of a second of an entry have it.
        """
        return all(
            most * 0.45 - 2 <= counted <= most
            for most, counted in ((self.hour, hour), (self.quarter, quarter))
        )


# One pair for each vendor, in the order of `VENDORS`.
def _row(*figures: tuple[int, int]) -> dict[str, Figures]:
    rows = (Figures(*one) for one in figures)
    # A vendor that has none yet is told by the tests, one by one.
    return dict(zip(VENDORS, rows, strict=False))


# A bridge is polled every 10 s here: this one has no event stream.
FIGURES = {
    Case.NORMAL: _row((1110, 280), (12, 3), (36, 9), (8, 2)),
    Case.BUSY: _row((370, 280), (12, 3), (12, 9), (4, 2)),
    Case.SILENT: _row((220, 280), (12, 3), (12, 9), (4, 2)),
    Case.LIMITED: _row((1, 280), (1, 3), (1, 9), (1, 2)),
    Case.STARTING: _row((20, 280), (12, 3), (12, 20), (12, 3)),
    Case.STARTING_LIMITED: _row((1, 280), (1, 3), (1, 20), (1, 3)),
}


class Retry(StrEnum):
    """What is tried again by itself."""

    STREAM_REFUSED = "the Hue event stream, answered with 500"
    STREAM_ENDS = "the Hue event stream, which ends as soon as it has begun"
    ONE_LOG = "a treatment log for LUX, answered with 500"
    MANY_LOGS = "a hundred treatment logs for LUX, answered with 500"


MOST_TRIES = {
    Retry.STREAM_REFUSED: 95,
    Retry.STREAM_ENDS: 95,
    Retry.ONE_LOG: 13,
    Retry.MANY_LOGS: 13,
}
"""So many tries in an hour."""

HOMES = 20
MOST_AT_ONCE = 4
"""Of so many entries that were all told to wait until the same second."""

NAMES = {vendor: row.coordinator.service for vendor, row in VENDORS.items()}


def section() -> Iterator[str]:
    """Yield the lines of the page."""
    yield from (
        (
            "Requests of one entry in an hour, and in the quarter of an hour after it, "
            "when all is well again. Hue is without its event stream here, and polled "
            "every 10 s; with it, every ten minutes."
        ),
        "",
        f"| what happens for an hour | {' | '.join(NAMES.values())} |",
        f"| --- |{' --- |' * len(NAMES)}",
    )
    for case, row in FIGURES.items():
        cells = [f"≤ {one.hour:,}, then ≤ {one.quarter}" for one in row.values()]
        yield f"| {case} | {' | '.join(cells)} |"
    yield from ("", "| what is tried again | tries in an hour |", "| --- | --- |")
    for retry, most in MOST_TRIES.items():
        yield f"| {retry} | ≤ {most} |"
    yield from (
        "",
        (
            f"{HOMES} entries of one service that are all told to wait until the same "
            "second do not come back in it: those that are unavailable by then spread "
            "over a tenth of the time that was left, so that there are at most "
            f"{MOST_AT_ONCE} requests in any one second. A pause outlives a reload and "
            "Home Assistant's own set-up retries, and commands keep it, too."
        ),
        "",
        "To repeat: `scripts/test tests/faults/test_load.py`.",
    )

"""How many requests a service may get in bad times: what the page says, and the tests."""

from collections.abc import Iterator
from enum import StrEnum

from custom_components.lantern.vendors import VENDORS
from tests.contracts import CONTRACTS

from .rules import Case, Figures

FIGURES = {
    case: {
        vendor: Figures(*contract.faults.load[case])
        for vendor, contract in CONTRACTS.items()
    }
    for case in Case
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
        cells = [f"≤ {cell.hour:,}, then ≤ {cell.quarter}" for cell in row.values()]
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

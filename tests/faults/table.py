"""The page's sections on faults and on load, from what the tests assert.

`python -m tests.faults.table` writes it into docs/development/reliability.md.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from . import load
from .kinds import KINDS
from .outcomes import EXPLAINED
from .routes import ALL
from .rules import Role, Route

PAGE = Path(__file__).parents[2] / "docs" / "development" / "reliability.md"
BEGIN = "<!-- Written by `python -m tests.faults.table` from what the tests assert. -->"
END = "<!-- Up to here. -->"

type Column = tuple[str, ...]


def _columns(routes: Iterable[Route]) -> dict[tuple[Role, Column], list[str]]:
    """Return the names of the routes that fare alike, by role and outcomes."""
    grouped: dict[tuple[Role, Column], list[str]] = {}
    for route in routes:
        outcomes = tuple(route.outcome(kind).value for kind in KINDS)
        grouped.setdefault((route.role, outcomes), []).append(f"`{route.name}`")
    return grouped


def _rows(columns: Iterable[Column]) -> dict[Column, list[str]]:
    """Return the names of the faults that do alike, by their row."""
    names: dict[Column, list[str]] = {}
    for kind, row in zip(KINDS, zip(*columns, strict=True), strict=True):
        names.setdefault(row, []).append(kind.name)
    return names


def _table(vendor: str) -> Iterator[str]:
    columns = _columns(route for route in ALL if route.vendor == vendor)
    heads = [f"{role}: {', '.join(names)}" for (role, _), names in columns.items()]
    yield from ("", f"### {load.NAMES[vendor]}", "")
    yield f"| | {' | '.join(heads)} |"
    yield f"| --- |{' --- |' * len(heads)}"
    for row, names in _rows([outcomes for _, outcomes in columns]).items():
        yield f"| {'; '.join(names)} | {' | '.join(row)} |"


def faults() -> Iterator[str]:
    """Yield the lines of the section on faults."""
    cells = len(ALL) * len(KINDS)
    yield from (
        (
            f"{len(ALL)} requests that Lantern makes, each on {len(KINDS)} kinds of bad day: "
            f"{cells:,} cells. Each is one life of an entry through real HTTP: the fault "
            "comes, polls and commands go on meanwhile, the fault goes. At the end of each "
            "the entry is loaded, nothing in the log has a traceback, the service has "
            "nothing to complain about, and no other host was ever asked. A body of "
            "200 MB is read up to 8 MiB (Lightbug: 32 MiB), counted after decompression."
        ),
        "",
        *(f"- *{name}*: {text}." for name, text in EXPLAINED.items()),
        *(line for vendor in load.NAMES for line in _table(vendor)),
        "",
        "To repeat: `scripts/test tests/faults`.",
    )


SECTIONS = {"Faults": faults, "Load on the services": load.section}


def updated(page: str) -> str:
    """Return the page with the sections as they are now."""
    for title, lines in SECTIONS.items():
        head, title, rest = page.partition(f"## {title}\n")
        _, _, tail = rest.partition(f"{END}\n") if BEGIN in rest else ("", "", rest)
        written = "\n".join([BEGIN, "", *lines(), "", END])
        page = f"{head}{title}\n{written}\n{tail}"
    return page


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text()))

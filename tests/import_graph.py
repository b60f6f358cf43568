"""Draws the packages from their imports: floors, and arrows from one to another.

`python -m tests.import_graph` writes the drawing into the page on architecture.
"""

from collections.abc import Iterator, Mapping

from custom_components.lantern.vendors import VENDORS

from .test_imports import LANTERN, ROOT, own

PAGE = ROOT / "docs" / "development" / "architecture.md"
BEGIN, END = "<!-- drawn by tests/import_graph.py -->\n", "<!-- end of the drawing -->"
TABLE = "vendors"


def graph() -> dict[str, set[str]]:
    """Return the modules of Lantern that each module imports."""
    modules = {
        ".".join(path.relative_to(LANTERN).with_suffix("").parts): path
        for path in sorted(LANTERN.glob("**/*.py"))
    }
    return {name: own(path) & modules.keys() for name, path in modules.items()}


def reached(modules: Mapping[str, set[str]], name: str) -> set[str]:
    """Return all modules that a module imports, by others too."""
    seen, left = set(), [name]
    while left:
        new = modules[left.pop()] - seen
        seen |= new
        left.extend(new)
    return seen


def package(modules: Mapping[str, set[str]], name: str) -> str:
    """Return the package that a module is drawn in."""
    first, *rest = name.split(".")
    if first in VENDORS:
        return f"{first}/client" if rest and rest[0] == "client" else first
    if first == "transport" or name == TABLE:
        return first if rest or first == "transport" else f"{TABLE}.py"
    return "platforms" if TABLE in reached(modules, name) else "shared"


def arrows(modules: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the packages that each package imports."""
    pairs: dict[str, set[str]] = {}
    for name, others in modules.items():
        source = package(modules, name)
        targets = {package(modules, other) for other in others}
        pairs.setdefault(source, set()).update(targets - {source})
    return pairs


def floors(below: Mapping[str, set[str]]) -> dict[str, int]:
    """Return each package's floor, above all that it imports; raise on a circle."""
    floor: dict[str, int] = {}
    while left := below.keys() - floor.keys():
        ready = {name for name in left if below[name] <= floor.keys()}
        if not ready:
            raise ValueError(f"a circle among {sorted(left)}")
        for name in ready:
            floor[name] = 1 + max((floor[other] for other in below[name]), default=-1)
    return floor


def drawing() -> Iterator[str]:
    """Yield the lines of the drawing: the top floor first."""
    below = arrows(graph())
    floor = floors(below)
    ids = {name: f"p{number}" for number, name in enumerate(sorted(floor))}
    levels = sorted(set(floor.values()), reverse=True)
    yield from ("| floor | package | imports |", "| --- | --- | --- |")
    for level in levels:
        for name in sorted(name for name in floor if floor[name] == level):
            yield f"| {level} | {name} | {', '.join(sorted(below[name])) or '—'} |"
    yield from ("", "```mermaid", "flowchart TB")
    for level in levels:
        names = sorted(name for name in floor if floor[name] == level)
        yield f'    subgraph f{level} ["floor {level}"]'
        yield from (f'        {ids[name]}["{name}"]' for name in names)
        yield "    end"
    for name in sorted(floor):
        # The arrows that reach farther down are in the table.
        next_floor = sorted(
            other for other in below[name] if floor[other] == floor[name] - 1
        )
        yield from (f"    {ids[name]} --> {ids[other]}" for other in next_floor)
    yield "```"


def section() -> str:
    """Return the page's section."""
    return BEGIN + "\n".join(drawing()) + "\n" + END


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + section() + rest.partition(END)[2])

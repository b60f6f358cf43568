"""Who may import whom."""

import ast
from pathlib import Path

import pytest

from custom_components.lantern.vendors import VENDORS

ROOT = Path(__file__).parent.parent
PACKAGE = "custom_components.lantern"
COMPONENTS = "homeassistant.components"
LANTERN = ROOT / "custom_components" / "lantern"
SHARED = {
    "action",
    "background",
    "batching",
    "cards",
    "const",
    "coordinator",
    "credentials",
    "durable_events",
    "entity",
    "errors",
    "event_outbox",
    "flow",
    "optional_request",
    "repair",
    "storage",
    "session",
    "store",
    "transport",
}


def imports(path: Path) -> set[str]:
    """Return the absolute names of the modules that a file imports."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = list(parts[: -node.level]) if node.level else []
            module = ".".join([*above, *((node.module or "").split("."))]).strip(".")
            names.add(module)
            if node.module in (None, COMPONENTS) or module == PACKAGE:
                names.update(f"{module}.{alias.name}" for alias in node.names)
    return names


def own(path: Path) -> set[str]:
    """Return what a file imports of Lantern, relative to it: `hue.api`."""
    prefix = f"{PACKAGE}."
    return {name.removeprefix(prefix) for name in imports(path) if prefix in name}


def files(pattern: str) -> list[Path]:
    """Return Lantern's files of a pattern; an empty list would prove nothing."""
    paths = sorted(path.resolve() for path in LANTERN.glob(pattern))
    assert paths, f"no file matches {pattern}"
    return paths


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendors_do_not_import_each_other(vendor: str) -> None:
    """A vendor imports its own modules and the shared ones, nothing else."""
    for path in files(f"{vendor}/*.py"):
        for name in own(path):
            first = name.split(".")[0]
            assert first == vendor or first in SHARED, f"{path}: {name}"


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendors_have_the_same_files(vendor: str) -> None:
    """Every vendor has the files that a newcomer looks for."""
    folder = LANTERN / vendor
    names = {path.name for path in folder.glob("*.py")}
    assert {"coordinator.py", "flow.py", "entities.py"} <= names
    client = {path.stem for path in (folder / "client").iterdir()}
    assert "models" in client
    assert {"api"} <= client or {"http", "v1", "v2"} <= client


@pytest.mark.parametrize(
    "pattern",
    [
        "*/client/**/*.py",
        "transport/*.py",
        "../../simulator/**/*.py",
    ],
)
def test_home_assistant_is_not_needed(pattern: str) -> None:
    """Clients, models, transport and simulator know nothing of Home Assistant."""
    for path in files(pattern):
        assert not {name for name in imports(path) if name.startswith("homeassistant")}


def test_clients_and_models_use_the_transport_alone() -> None:
    """A client folder imports itself and `transport`."""
    for path in files("*/client/**/*.py"):
        vendor = path.relative_to(LANTERN).parts[0]
        for name in own(path):
            inside = name.startswith((f"{vendor}.client", "transport"))
            assert inside, f"{path}: {name}"


def test_transport_stands_alone() -> None:
    """`transport` imports nothing else of Lantern."""
    for path in files("transport/*.py"):
        assert all(name.startswith("transport") for name in own(path)), path


def test_the_simulator_does_not_share_our_mistakes() -> None:
    """The simulator imports nothing of the integration."""
    for path in files("../../simulator/**/*.py"):
        assert not {name for name in imports(path) if name.startswith("custom_comp")}


def test_only_the_table_and_the_flow_import_all_vendors() -> None:
    """A fifth vendor is one row and one name."""
    for path in files("*.py"):
        vendors = {name.split(".")[0] for name in own(path)} & set(VENDORS)
        assert not vendors or path.name in ("vendors.py", "config_flow.py"), path


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_is_tested(vendor: str) -> None:
    """Each vendor has tests of its own."""
    assert list((ROOT / "tests" / vendor).glob("test_*.py"))


def test_no_circles() -> None:
    """Following imports never leads back."""
    graph = {
        ".".join(path.relative_to(LANTERN).with_suffix("").parts): own(path)
        for path in files("**/*.py")
    }
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"circle: {above} -> {name}"
        if name in done or name not in graph:
            return
        for other in graph[name]:
            visit(other, (*above, name))
        done.add(name)

    for name in graph:
        visit(name, ())


def test_background_tasks_end_in_one_place() -> None:
    """No task runs in the background whose failure nobody would hear of."""
    start = "async_create_background_task("
    starting = {path.name for path in files("**/*.py") if start in path.read_text()}
    # A dialog waits for its task; an action for the reply that it sends.
    assert starting == {"background.py", "flow.py", "instructions.py", "link_flow.py"}


def names(node: ast.AST) -> set[str]:
    """Return all names that are used below a node."""
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def failures(trees: dict[Path, ast.Module]) -> set[str]:
    """Return the names of all errors that a request can end in."""
    errors, before = {"TransportError"}, 0
    while len(errors) > before:
        before = len(errors)
        for tree in trees.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    bases = set().union(*map(names, node.bases))
                    errors |= {node.name} if bases & errors else set()
    return errors


def test_no_failure_is_passed_over_in_silence() -> None:
    """Who catches a failed request raises another error, or logs a line."""
    trees = {path: ast.parse(path.read_text()) for path in files("**/*.py")}
    # These two are answers to a question; each request has its line anyway.
    errors = failures(trees) - {"ButtonNotPressed", "DeviceTaken"}
    assert {"Refused", "PlayerGone", "BridgeError", "AlertUnconfirmed"} < errors
    silent = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                caught = names(node.type)
                is_reported = bool({"LOGGER", "_LOGGER"} & names(node)) or any(
                    isinstance(child, ast.Raise) for child in ast.walk(node)
                )
            elif isinstance(node, ast.Call) and names(node.func) == {"suppress"}:
                caught, is_reported = names(node), False
            else:
                continue
            if caught & errors and not is_reported:
                silent.append(f"{path.relative_to(LANTERN)}:{node.lineno}")
    assert not silent

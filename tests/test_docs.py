"""The documents: links that lead somewhere, examples that work, nothing left out."""

from collections.abc import Iterator
import json
from pathlib import Path
import re

from homeassistant.helpers import config_validation as cv
import pytest
import yaml

from custom_components.lantern.coordinator import LanternCoordinator
from custom_components.lantern.vendors import VENDORS
from simulator.service import Service

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SECTIONS = [
    "Supported devices",
    "Before you start",
    "Add it",
    "What you get",
    "Actions",
    "Automations",
    "How data is updated",
    "Known limits",
    "Troubleshooting",
    "Remove it",
]
FORMS = ".github/ISSUE_TEMPLATE"
LANTERN = ROOT / "custom_components" / "lantern"
ACTIONS = set(yaml.safe_load((LANTERN / "services.yaml").read_text()))


def prose(page: Path) -> str:
    """Return a page without its code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


def examples(page: Path) -> Iterator[str]:
    """Yield a page's YAML examples."""
    yield from re.findall(
        r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL
    )


def named_actions(page: Path) -> set[str]:
    """Return the actions of Lantern that a page names."""
    vendors = "|".join(VENDORS)
    return set(re.findall(rf"lantern\.((?:{vendors})_\w+)\b(?!\.<)", page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    """A link within the repository leads to a file, and to a heading of it."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", prose(page))
    for path, anchor in links:
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("name", ["SECURITY.md", "docs/development/reliability.md"])
def test_claims_name_their_tests(name: str) -> None:
    """A test that a claim names is there, and each claim in a list or table has one."""
    text = (ROOT / name).read_text()
    for path, test in re.findall(r"(tests/[\w/.]*\w)(?:::(\w+))?", text):
        assert (ROOT / path).exists(), path
        if test:
            code = (ROOT / path).read_text()
            assert re.search(rf"^(async def |def )?{test}\b", code, re.MULTILINE), test
    verified = re.findall(r"^- \*\*.*", text, re.MULTILINE)
    tables = re.findall(r"^\|.* test \|\n\|[-| ]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    assert rows
    assert [cell for cell in (*rows, *verified) if "::" not in cell] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples(page: Path) -> None:
    """Examples are what Home Assistant takes: actions, conditions, lists of them."""
    for text in examples(page):
        example = yaml.safe_load(text)
        if "action" in example:
            example = {"actions": [example]}
        if "actions" in example:
            cv.SCRIPT_SCHEMA(example["actions"])
            cv.CONDITIONS_SCHEMA(example.get("conditions", []))
            assert all("trigger" in trigger for trigger in example.get("triggers", []))
    assert named_actions(page) <= ACTIONS


@pytest.mark.parametrize("vendor", VENDORS)
def test_vendor_page(vendor: str) -> None:
    """Each vendor's page has all sections in their order, and all of its actions."""
    page = ROOT / "docs" / f"{vendor}.md"
    headings = re.findall(r"^## (.+)$", prose(page), re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS
    assert {
        action for action in ACTIONS if action.startswith(f"{vendor}_")
    } <= named_actions(page)
    assert list(examples(page)), "no example"


@pytest.mark.parametrize("vendor", VENDORS)
def test_length(vendor: str) -> None:
    """People read the page in a few minutes; the rest is in the reference."""
    text = re.sub(r"\]\([^)]*\)", "]", prose(ROOT / "docs" / f"{vendor}.md"))
    assert sum(bool(re.search(r"\w", word)) for word in text.split()) <= 1000


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "SECURITY.md",
        *(f"{FORMS}/{form}.yml" for form in ("bug", "feature", "device")),
    ],
)
def test_every_service_is_named(path: str) -> None:
    """Pages and forms that go through the services leave none out."""
    text = (ROOT / path).read_text()
    for row in VENDORS.values():
        assert row.coordinator.service in text


def test_changelog() -> None:
    """The version that is released next is in the changelog, and linked."""
    version = json.loads((LANTERN / "manifest.json").read_text())["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"\n## [{version}]\n" in changelog
    assert f"\n[{version}]: https://" in changelog


def test_pictures_are_used_and_small() -> None:
    """Each picture is shown on a page, and loads quickly."""
    texts = "".join(page.read_text() for page in PAGES)
    pictures = list((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    for picture in pictures:
        assert f"images/{picture.name})" in texts, picture
        assert picture.stat().st_size < 200_000, picture


def test_every_repair_is_explained() -> None:
    """The table of repairs has a row for each that there is."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    (section,) = re.findall(r"^## Repairs\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (?!repair |---)", section, re.MULTILINE)
    texts = json.loads((LANTERN / "translations" / "en.json").read_text())
    assert len(rows) == len(texts["issues"])


def test_my_links() -> None:
    """The badges lead to this repository and to this integration."""
    manifest = json.loads((LANTERN / "manifest.json").read_text())
    readme = (ROOT / "README.md").read_text()
    links = re.findall(r"\]\(https://my\.home-assistant\.io/redirect/([^)]+)\)", readme)
    owner, name = manifest["documentation"].split("/")[-2:]
    assert links == [
        f"hacs_repository/?owner={owner}&repository={name}&category=integration",
        f"config_flow_start/?domain={manifest['domain']}",
    ]


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "docs/development/architecture.md"]
)
def test_code_that_is_named_exists(name: str) -> None:
    """A developer finds each file that is named, and each method to override."""
    text = (ROOT / name).read_text()
    files = {
        str(path)
        for folder in ("custom_components", "demo", "simulator", "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
    named = set(re.findall(r"`([\w/]+\.py)`", text))
    assert named
    # The made-up vendor's files are nowhere.
    missing = {path for path in named if not any(f.endswith(f"/{path}") for f in files)}
    assert {path for path in missing if "kettle" not in path} == set()
    overridden = re.findall(r"@override\n\s+(?:async )?def (\w+)", text)
    inherited = {*dir(LanternCoordinator), *dir(Service)}
    assert set(overridden) <= inherited

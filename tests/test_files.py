"""Manifest, texts and icons against the code that uses them."""

import ast
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.const import Platform
import pytest
import yaml

from custom_components.lantern.entity import LanternDescription
from custom_components.lantern.vendors import VENDORS

LANTERN = Path(__file__).parent.parent / "custom_components" / "lantern"
TEXTS = json.loads((LANTERN / "translations" / "en.json").read_text())
ICONS = json.loads((LANTERN / "icons.json").read_text())
FLOWS = [
    path
    for path in (LANTERN / "config_flow.py", *LANTERN.glob("*/*.py"))
    if "async_step_" in path.read_text()
]
# Home Assistant has these texts itself.
CORE_ABORTS = {"reauth_successful", "reconfigure_successful"}
# Steps that never show anything: they dispatch, create or abort.
HANDLERS = {"reauth", "reconfigure", "zeroconf"}


def literals(path: Path) -> set[str]:
    """Return all string literals of a module."""
    tree = ast.parse(path.read_text())
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


FLOW_LITERALS = set().union(
    *(literals(path) for path in LANTERN.glob("*/*.py")), *map(literals, FLOWS)
)
LITERALS = set().union(*(literals(path) for path in LANTERN.rglob("*.py")))


def steps() -> set[str]:
    """Return the names of the flow's steps."""
    found = set()
    for path in FLOWS:
        found |= set(re.findall(r"async_step_(\w+)\(", path.read_text()))
    return found


def descriptions() -> list[tuple[Platform, LanternDescription[Any]]]:
    """Return every description of every vendor, with its platform."""
    return [
        (platform, one)
        for vendor in VENDORS.values()
        for platform, some in vendor.entities.items()
        for one in some
    ]


def texts(value: Any) -> list[str]:
    """Return all texts below a value."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    return [value]


def test_every_shown_step_has_its_texts() -> None:
    """Each step that is shown has a title, each field a label and an explanation."""
    told = TEXTS["config"]["step"]
    shown = {step for step in steps() if step in FLOW_LITERALS} - HANDLERS
    assert set(told) <= steps(), "texts of steps that do not exist"
    for step in shown & set(told):
        assert told[step]["title"], step
    for step, one in told.items():
        parts = [one, *one.get("sections", {}).values()]
        for part in parts:
            assert set(part.get("data", {})) == set(part.get("data_description", {})), (
                step
            )


def test_every_form_and_progress_step_is_told() -> None:
    """A step that is named in `show`, a menu or a progress has texts."""
    named = set()
    # A repair's steps have their texts beside its issue.
    for path in (one for one in FLOWS if one.name != "repairs.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found = [
                    one.value
                    for one in [*node.args, *(k.value for k in node.keywords)]
                    if isinstance(one, ast.Constant) and one.value in steps()
                ]
                if node.func.attr in ("show", "wait", "async_show_menu"):
                    named |= set(found)
    assert named, "the test finds no step"
    assert named <= set(TEXTS["config"]["step"])
    assert set(TEXTS["config"]["progress"]) <= LITERALS


@pytest.mark.parametrize("section", ["error", "abort"])
def test_no_text_without_use(section: str) -> None:
    """Every error and abort text belongs to a key that the code names."""
    unused = set(TEXTS["config"][section]) - LITERALS - CORE_ABORTS
    assert unused <= {"already_in_progress", "already_configured"}


def test_every_abort_has_a_text() -> None:
    """Each reason a flow can end with is explained."""
    reasons = set()
    for path in FLOWS:
        reasons |= set(re.findall(r'(?:reason|mismatch)="(\w+)"', path.read_text()))
        reasons |= set(re.findall(r'AbortFlow\("(\w+)"', path.read_text()))
    assert reasons, "the test finds no reason"
    assert reasons <= set(TEXTS["config"]["abort"])


def test_every_field_error_has_a_text() -> None:
    """Each error under a field is explained."""
    keys = {"invalid_auth", "rate_limited", "cannot_connect", "unknown"}
    for path in [*FLOWS, *LANTERN.glob("*/*.py")]:
        keys |= set(re.findall(r'FieldError\([^,()]+, "(\w+)"', path.read_text()))
    assert keys <= set(TEXTS["config"]["error"])


def test_every_exception_has_a_text() -> None:
    """Each translated exception is explained."""
    keys = set()
    for path in LANTERN.rglob("*.py"):
        keys |= set(re.findall(r'translation_key="(\w+)"', path.read_text()))
    entity_keys = {one.translation_key for _, one in descriptions()}
    assert keys - entity_keys <= set(TEXTS["exceptions"])


@pytest.mark.parametrize(
    ("platform", "description"), descriptions(), ids=lambda value: str(value)[:40]
)
def test_every_entity_has_a_name(
    platform: Platform, description: LanternDescription[Any]
) -> None:
    """Each entity is named by us, by its device class, or after its device."""
    key = description.translation_key or description.key
    told = TEXTS["entity"].get(platform, {}).get(key, {})
    named = "name" in told or description.name is None or description.device_class
    assert named, f"{platform}.{key} has no name"
    icon = ICONS["entity"].get(platform, {}).get(key)
    pictured = platform in (Platform.LIGHT, Platform.DEVICE_TRACKER)
    assert icon or description.device_class or pictured, f"{platform}.{key}: no icon"
    for option in getattr(description, "options", None) or ():
        assert option in told["state"], f"{platform}.{key}: no text for {option}"


def test_no_text_or_icon_of_an_entity_that_is_not() -> None:
    """Texts and icons name entities that exist."""
    known = {(p, one.translation_key or one.key) for p, one in descriptions()}
    for told in (TEXTS["entity"], ICONS["entity"]):
        assert {(p, key) for p, keys in told.items() for key in keys} <= known


def test_texts_are_for_people() -> None:
    """No text holds HTML, an address, or a reference that nobody resolves."""
    for text in texts(TEXTS):
        assert not re.search(r"https?://|</?\w+>|\[%key", text), text


def test_manifest() -> None:
    """The manifest's keys are in the order that Home Assistant wants."""
    manifest = json.loads((LANTERN / "manifest.json").read_text())
    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert manifest["requirements"] == []
    for service in ("Hue", "Lucit", "Lightbug", "LUX"):
        assert service in manifest["name"]


def test_quality_scale() -> None:
    """All 54 rules are there; what is not done says why."""
    rules = yaml.safe_load((LANTERN / "quality_scale.yaml").read_text())["rules"]
    assert len(rules) == 54
    for name, rule in rules.items():
        assert rule == "done" or (
            rule["status"] in ("todo", "exempt") and rule["comment"]
        ), name

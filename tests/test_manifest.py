"""What Home Assistant and HACS read before any code runs.

hassfest, HACS and hasscheck check the rest, and the tests of each feature check that
a rule of the quality scale is met.
"""

from configparser import ConfigParser
from importlib import import_module
import json
from pathlib import Path
import re
from typing import Any

import homeassistant
import yaml

from custom_components.lantern.vendors import VENDORS

from .test_files import LANTERN

ROOT = LANTERN.parent.parent
MANIFEST: dict[str, Any] = json.loads((LANTERN / "manifest.json").read_text())
RULES: dict[str, Any] = yaml.safe_load((LANTERN / "quality_scale.yaml").read_text())[
    "rules"
]
# Bronze, silver, gold, platinum; Home Assistant's package does not have this list.
SCALE = [
    "action-setup",
    "appropriate-polling",
    "brands",
    "common-modules",
    "config-flow",
    "config-flow-test-coverage",
    "dependency-transparency",
    "docs-actions",
    "docs-conditions",
    "docs-high-level-description",
    "docs-installation-instructions",
    "docs-removal-instructions",
    "docs-triggers",
    "entity-event-setup",
    "entity-unique-id",
    "has-entity-name",
    "runtime-data",
    "test-before-configure",
    "test-before-setup",
    "unique-config-entry",
    "action-exceptions",
    "config-entry-unloading",
    "docs-configuration-parameters",
    "docs-installation-parameters",
    "entity-unavailable",
    "integration-owner",
    "log-when-unavailable",
    "parallel-updates",
    "reauthentication-flow",
    "test-coverage",
    "devices",
    "diagnostics",
    "discovery",
    "discovery-update-info",
    "docs-data-update",
    "docs-examples",
    "docs-known-limitations",
    "docs-supported-devices",
    "docs-supported-functions",
    "docs-troubleshooting",
    "docs-use-cases",
    "dynamic-devices",
    "entity-category",
    "entity-device-class",
    "entity-disabled-by-default",
    "entity-translations",
    "exception-translations",
    "icon-translations",
    "reconfiguration-flow",
    "repair-issues",
    "stale-devices",
    "async-dependency",
    "inject-websession",
    "strict-typing",
]


def test_found_by_every_service() -> None:
    """A search for a service finds Lantern."""
    for row in VENDORS.values():
        assert row.coordinator.service in MANIFEST["name"]


def test_what_dependencies_install() -> None:
    """Lantern loads only once their requirements are installed: the recorder's alone."""
    components = Path(homeassistant.__file__).parent / "components"
    for domain in MANIFEST["dependencies"] + MANIFEST["after_dependencies"]:
        manifest = json.loads((components / domain / "manifest.json").read_text())
        assert domain == "recorder" or not manifest.get("requirements"), domain


def test_oldest_home_assistant() -> None:
    """HACS offers Lantern from the oldest version on that it is tested with."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    tested = (ROOT / "requirements_test.txt").read_text()
    oldest = re.search(r"Home Assistant (\d+\.\d+)\.\d+", tested)
    assert oldest is not None
    assert hacs["homeassistant"] == f"{oldest[1]}.0"


def test_accepted_findings() -> None:
    """Each finding of hasscheck that is accepted has a reason."""
    baseline = yaml.safe_load((ROOT / "hasscheck-baseline.yaml").read_text())
    accepted = baseline["accepted_findings"]
    assert accepted
    assert not [finding["rule_id"] for finding in accepted if not finding["reason"]]


def test_quality_scale() -> None:
    """All 54 rules are answered: done, or exempt for a reason."""
    assert len(SCALE) == 54
    assert sorted(RULES) == sorted(SCALE)
    for name, rule in RULES.items():
        assert rule == "done" or (
            rule["status"] == "exempt" and rule["comment"].endswith(".")
        ), name


def test_exempt() -> None:
    """The exempt rules do not apply: nothing was added that they are about."""
    exempt = {name for name, rule in RULES.items() if rule != "done"}
    assert exempt == {
        *("async-dependency", "dependency-transparency"),
        *("docs-conditions", "docs-triggers"),
    }
    assert MANIFEST["requirements"] == []
    assert not [
        name for name in ("condition", "trigger") if list(LANTERN.glob(f"{name}*"))
    ]


def test_options_are_documented() -> None:
    """A vendor with options explains each of them on its page, by its name."""
    texts = json.loads((LANTERN / "translations" / "en.json").read_text())
    pages = [
        (ROOT / "docs" / f"{vendor}.md").read_text()
        for vendor, row in VENDORS.items()
        if row.options_flow is not None
    ]
    assert pages
    for step in texts["options"]["step"].values():
        for name in step["data"].values():
            assert any(name in page for page in pages), name


def test_parallel_updates() -> None:
    """Every platform says how many entities may act at once."""
    platforms = {platform for row in VENDORS.values() for platform in row.entities}
    for platform in platforms:
        module = import_module(f"custom_components.lantern.{platform}")
        assert module.PARALLEL_UPDATES == 0, platform


def test_typed_and_covered() -> None:
    """Types are offered to others, and each config flow is tested."""
    assert (LANTERN / "py.typed").exists()
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup.getint("coverage:report", "fail_under") >= 95
    for vendor in VENDORS:
        assert (ROOT / "tests" / vendor / "test_flow.py").exists()

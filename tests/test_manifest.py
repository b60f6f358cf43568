"""What Home Assistant and HACS read before any code runs."""

import json
import re
from typing import Any

from homeassistant.const import Platform
import yaml

from custom_components.lantern.const import DOMAIN
from custom_components.lantern.vendors import VENDORS

from .test_files import LANTERN

ROOT = LANTERN.parent.parent
MANIFEST: dict[str, Any] = json.loads((LANTERN / "manifest.json").read_text())
RULES: dict[str, Any] = yaml.safe_load((LANTERN / "quality_scale.yaml").read_text())[
    "rules"
]
TIERS = [
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


def test_manifest() -> None:
    """The manifest has what a custom integration needs, in the order it is wanted."""
    keys = list(MANIFEST)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert MANIFEST["domain"] == DOMAIN == LANTERN.name
    assert MANIFEST["requirements"] == []
    assert MANIFEST["codeowners"]
    assert MANIFEST["config_flow"] is True
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])
    for key in ("documentation", "issue_tracker"):
        assert MANIFEST[key].startswith("https://github.com/")


def test_found_by_every_service() -> None:
    """Whoever searches for a service finds Lantern."""
    for row in VENDORS.values():
        assert row.coordinator.service in MANIFEST["name"]


def test_hacs() -> None:
    """HACS knows the name, and from which Home Assistant on it is for."""
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert set(hacs) == {"name", "homeassistant"}
    assert MANIFEST["name"].startswith(hacs["name"])
    tested = (ROOT / "requirements_test.txt").read_text()
    oldest = re.search(r"Home Assistant (\d+\.\d+)\.\d+", tested)
    assert oldest is not None
    assert hacs["homeassistant"] == f"{oldest[1]}.0"
    assert [one.name for one in LANTERN.parent.iterdir() if one.is_dir()] == [DOMAIN]


def test_what_hasscheck_is_wrong_about() -> None:
    """Each finding that is accepted says why."""
    baseline = yaml.safe_load((ROOT / "hasscheck-baseline.yaml").read_text())
    accepted = baseline["accepted_findings"]
    assert accepted
    assert not [one["rule_id"] for one in accepted if not one["reason"]]


def test_every_rule_is_there() -> None:
    """All 54 rules are answered: done, or exempt for a reason."""
    assert sorted(RULES) == sorted(TIERS)
    assert len(RULES) == 54
    for name, rule in RULES.items():
        assert rule == "done" or (
            rule["status"] == "exempt" and rule["comment"].endswith(".")
        ), name


def exists(*paths: str) -> bool:
    """Tell whether all of these are in the repository."""
    return all((ROOT / path).exists() for path in paths)


def in_code(pattern: str) -> bool:
    """Tell whether the integration has such code."""
    return any(re.search(pattern, path.read_text()) for path in LANTERN.rglob("*.py"))


def in_docs(pattern: str) -> bool:
    """Tell whether each service's page has it."""
    return all(
        re.search(
            pattern,
            (ROOT / "docs" / f"{vendor}.md").read_text(),
            re.IGNORECASE | re.MULTILINE,
        )
        for vendor in VENDORS
    )


def platforms() -> list[Platform]:
    """Return the platforms that Lantern has entities on."""
    return sorted({one for row in VENDORS.values() for one in row.entities})


def on_every_platform(text: str) -> bool:
    """Tell whether each platform's file has it."""
    return all(text in (LANTERN / f"{one}.py").read_text() for one in platforms())


def described(**values: Any) -> bool:
    """Tell whether some entity's description says other than this."""
    return any(
        getattr(one, field) != value
        for field, value in values.items()
        for row in VENDORS.values()
        for some in row.entities.values()
        for one in some
    )


def in_readme(pattern: str) -> bool:
    """Tell whether the front page has it."""
    text = (ROOT / "README.md").read_text()
    return re.search(pattern, text, re.IGNORECASE | re.MULTILINE) is not None


def flow_tests() -> tuple[str, ...]:
    """Return where the config flow is tested."""
    return tuple(f"tests/{vendor}/test_flow.py" for vendor in VENDORS)


EVIDENCE = {
    # Bronze
    "action-setup": lambda: in_code(r"def async_setup\("),
    "appropriate-polling": lambda: in_code("update_interval"),
    "brands": lambda: exists("custom_components/lantern/brand/icon.png"),
    "common-modules": lambda: exists(
        *(f"custom_components/lantern/{one}.py" for one in ("coordinator", "entity"))
    ),
    "config-flow": lambda: MANIFEST["config_flow"],
    "config-flow-test-coverage": lambda: exists(*flow_tests()),
    "docs-actions": lambda: all(
        one.name in (ROOT / "docs" / f"{vendor}.md").read_text()
        for vendor, row in VENDORS.items()
        for one in row.actions
    ),
    "docs-high-level-description": lambda: all(map(in_readme, VENDORS)),
    "docs-installation-instructions": lambda: in_readme("^## Install"),
    "docs-removal-instructions": lambda: in_docs("^## Remove it"),
    "entity-event-setup": lambda: in_code("def async_added_to_hass"),
    "entity-unique-id": lambda: in_code("_attr_unique_id = "),
    "has-entity-name": lambda: in_code("_attr_has_entity_name = True"),
    "runtime-data": lambda: in_code("entry.runtime_data = "),
    "test-before-configure": lambda: in_code('"cannot_connect"'),
    "test-before-setup": lambda: in_code(r"async_config_entry_first_refresh\("),
    "unique-config-entry": lambda: in_code(r"_abort_if_unique_id_configured\("),
    # Silver
    "action-exceptions": lambda: in_code(r"ServiceValidationError\("),
    "config-entry-unloading": lambda: in_code(r"def async_unload_entry\("),
    "docs-installation-parameters": lambda: in_docs("^## Add it"),
    "entity-unavailable": lambda: in_code(r"def available\("),
    "integration-owner": lambda: MANIFEST["codeowners"],
    "log-when-unavailable": lambda: in_code(r"UpdateFailed\("),
    "parallel-updates": lambda: on_every_platform("PARALLEL_UPDATES = 0"),
    "reauthentication-flow": lambda: in_code(r"def async_step_reauth\("),
    "test-coverage": lambda: "fail_under = 95" in (ROOT / "setup.cfg").read_text(),
    # Gold
    "devices": lambda: in_code(r"DeviceInfo\("),
    "diagnostics": lambda: exists("custom_components/lantern/diagnostics.py"),
    "discovery": lambda: MANIFEST["zeroconf"],
    "discovery-update-info": lambda: in_code(r"def async_step_zeroconf\("),
    "docs-data-update": lambda: in_docs("^## How data is updated"),
    "docs-examples": lambda: in_docs("^```yaml"),
    "docs-known-limitations": lambda: in_docs("^## Known limits"),
    "docs-supported-devices": lambda: in_docs("^## Supported devices"),
    "docs-supported-functions": lambda: in_docs("^## What you get"),
    "docs-troubleshooting": lambda: in_docs("^## Troubleshooting"),
    "docs-use-cases": lambda: in_readme("^## Automations"),
    "dynamic-devices": lambda: on_every_platform("make_setup_entry"),
    "entity-category": lambda: described(entity_category=None),
    "entity-device-class": lambda: described(device_class=None),
    "entity-disabled-by-default": lambda: described(
        entity_registry_enabled_default=True
    ),
    "entity-translations": lambda: exists("tests/test_translations.py"),
    "exception-translations": lambda: in_code("translation_domain=DOMAIN"),
    "icon-translations": lambda: exists("tests/test_icons.py"),
    "reconfiguration-flow": lambda: in_code(r"def async_step_reconfigure\("),
    "repair-issues": lambda: in_code(r"ir\.async_create_issue\("),
    "stale-devices": lambda: in_code(r"def async_remove_config_entry_device\("),
    # Platinum
    "inject-websession": lambda: in_code(r"async_create_clientsession\("),
    "strict-typing": lambda: exists("custom_components/lantern/py.typed"),
    # Why the exempt ones are.
    "async-dependency": lambda: MANIFEST["requirements"] == [],
    "dependency-transparency": lambda: MANIFEST["requirements"] == [],
    "docs-conditions": lambda: not exists("custom_components/lantern/condition.py"),
    "docs-configuration-parameters": lambda: not in_code("OptionsFlow"),
    "docs-triggers": lambda: not exists("custom_components/lantern/trigger.py"),
}


def test_every_rule_has_evidence() -> None:
    """No rule is answered on trust."""
    assert set(EVIDENCE) == set(RULES)


def test_evidence() -> None:
    """A rule that is done can be seen to be; one that is exempt does not apply."""
    assert not [rule for rule, seen in EVIDENCE.items() if not seen()]

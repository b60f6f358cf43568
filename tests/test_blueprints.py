"""All blueprints: what Home Assistant takes, and how people find them."""

import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.util.yaml import load_yaml_dict
import pytest

from custom_components.lantern.lightbug.alerts import KINDS

from .automations import BLUEPRINTS

ROOT = Path(__file__).parent.parent
FILES = sorted(BLUEPRINTS.glob("*.yaml"))
DOCS = (ROOT / "docs" / "blueprints.md").read_text()
REPOSITORY = "https://github.com/lantern-ha/lantern"


def read(path: Path) -> dict[str, Any]:
    """Return a blueprint as Home Assistant reads it."""
    blueprint: dict[str, Any] = BLUEPRINT_SCHEMA(load_yaml_dict(path))["blueprint"]
    return blueprint


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_blueprint(path: Path) -> None:
    """Each is understood, told in words, and asks for an entity of Lantern's."""
    blueprint = read(path)
    assert blueprint["domain"] == "automation"
    oldest = json.loads((ROOT / "hacs.json").read_text())["homeassistant"]
    assert blueprint["homeassistant"]["min_version"] == oldest
    assert blueprint["description"]
    filters = []
    for name, field in blueprint["input"].items():
        assert field["name"], name
        selector = field["selector"]
        filters += (selector.get("entity") or {}).get("filter", ())
        filters += (selector.get("device") or {}).get("filter", ())
        filters += filter(None, [selector.get("config_entry")])
    assert any(condition.get("integration") == "lantern" for condition in filters)
    assert all(
        "domain" in condition or "integration" in condition for condition in filters
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_badge(path: Path) -> None:
    """Each has a badge that imports it from the repository's own place."""
    badges = re.findall(r"\]\((https://my\.home-assistant\.io/\S+)\)", DOCS)
    imported = [parse_qs(urlsplit(badge).query)["blueprint_url"][0] for badge in badges]
    assert f"{REPOSITORY}/blob/main/{path.relative_to(ROOT).as_posix()}" in imported
    assert len(imported) == len(FILES)


def test_every_kind_of_alert_can_be_chosen() -> None:
    """The choice of alerts is the one that trackers have, each with its words."""
    path = BLUEPRINTS / "lightbug_alert.yaml"
    options = read(path)["input"]["kinds"]["selector"]["select"]["options"]
    assert {option["value"] for option in options} == set(KINDS)
    assert set(load_yaml_dict(path)["actions"][0]["variables"]["words"]) == set(KINDS)

"""Rules of Home Assistant's hassfest that a change can break.

hassfest is in Home Assistant's repository, and in no package that could be installed:
.github/workflows/validate.yml runs it. What it asks of texts, icons and actions beyond
this is in test_translations, test_files, test_icons and test_services.
"""

import json
from pathlib import Path
import re
from string import Formatter
from typing import Any

from homeassistant import components
from homeassistant.const import Platform
from homeassistant.helpers import config_validation as cv, selector
from homeassistant.requirements import DISCOVERY_INTEGRATIONS
from homeassistant.util.yaml import load_yaml_dict
import voluptuous as vol

from custom_components.lantern.const import DOMAIN

from .test_files import ICONS, LANTERN
from .test_imports import COMPONENTS, imports
from .test_manifest import MANIFEST

CORE = Path(components.__path__[0])
# hassfest lets anybody import these without naming them.
ALWAYS_ALLOWED = {"homeassistant", "persistent_notification", "system_health"}
KEY = re.compile(r"(?![_-])(?!.*[_-]{2})[a-z0-9_-]+(?<![_-])")
LANGUAGES = sorted((LANTERN / "translations").glob("*.json"))


def text(value: Any) -> str:
    """Return a text; raise Invalid for what Home Assistant cannot fill or show."""
    checked: str = cv.string_with_no_html(value)
    for _, name, _, _ in Formatter().parse(checked):
        if name and not name.isidentifier():
            raise vol.Invalid(f"no placeholder: {name}")
    if re.search(r"'{\w+}'", checked):
        raise vol.Invalid("a placeholder in single quotes")
    return checked


def key(value: Any) -> str:
    """Return a key; raise Invalid for one that is none."""
    if not (isinstance(value, str) and KEY.fullmatch(value)):
        raise vol.Invalid(f"no key: {value}")
    return value


def optional(**parts: Any) -> Any:
    """Return a schema whose parts may be left out, with no others."""
    return vol.Schema({vol.Optional(name): part for name, part in parts.items()})


TEXTS = {key: text}
FORM = optional(name=text, description=text, data=TEXTS, data_description=TEXTS)
STEP = optional(
    title=text,
    description=text,
    data=TEXTS,
    data_description=TEXTS,
    menu_options=TEXTS,
    menu_option_descriptions=TEXTS,
    submit=text,
    sections={key: FORM},
)
FLOW = optional(
    flow_title=text,
    step={key: STEP},
    error=TEXTS,
    abort=TEXTS,
    progress=TEXTS,
    create_entry=TEXTS,
)
NAMED = optional(name=text, description=text)
ENTITY = optional(
    name=text,
    state=TEXTS,
    state_attributes={key: optional(name=text, state=TEXTS)},
    unit_of_measurement=text,
)
TRANSLATIONS = optional(
    config=FLOW,
    options=FLOW,
    entity={vol.In([*Platform]): {key: ENTITY}},
    exceptions={key: optional(message=text)},
    issues={key: optional(title=text, description=text, fix_flow=FLOW)},
    selector={
        key: optional(options=TEXTS, fields={key: NAMED}, unit_of_measurement=TEXTS)
    },
    services={
        key: optional(
            name=text, description=text, fields={key: NAMED}, sections={key: NAMED}
        )
    },
    system_health=optional(info=TEXTS),
)
SERVICES = vol.Schema(
    {
        cv.slug: {
            vol.Optional("target"): selector.TargetSelector.CONFIG_SCHEMA,
            vol.Optional("fields"): {
                cv.slug: {
                    vol.Optional("example"): object,
                    vol.Optional("default"): object,
                    vol.Optional("required"): bool,
                    vol.Optional("filter"): dict,
                    vol.Required("selector"): selector.validate_selector,
                }
            },
        }
    }
)
ICON = vol.Match(r"mdi:[a-z0-9-]+$")
ICON_SCHEMA = optional(
    entity={
        vol.In([*Platform]): {
            key: optional(
                default=ICON,
                state={key: ICON},
                state_attributes={key: optional(default=ICON, state={key: ICON})},
            )
        }
    },
    services={key: optional(service=ICON, sections={key: ICON})},
)
MANIFEST_SCHEMA = vol.Schema(
    {
        vol.Required("domain"): DOMAIN,
        vol.Required("name"): str,
        vol.Required("codeowners"): [vol.Match(r"@[\w-]+$")],
        vol.Required("config_flow"): True,
        vol.Required("documentation"): vol.Match("https://"),
        vol.Required("issue_tracker"): vol.Match("https://"),
        vol.Required("integration_type"): vol.In(
            ["device", "entity", "hardware", "helper", "hub", "service", "system"]
        ),
        vol.Required("iot_class"): vol.In(
            ["cloud_polling", "cloud_push", "local_polling", "local_push"]
        ),
        vol.Required("requirements"): [],
        vol.Required("version"): vol.Match(r"\d+\.\d+\.\d+$"),
        vol.Optional("dependencies"): [str],
        vol.Optional("after_dependencies"): [str],
        vol.Optional("zeroconf"): [vol.Match(r"_[a-z0-9-]+\._(tcp|udp)\.local\.$")],
    }
)


def test_manifest() -> None:
    """The manifest has what Home Assistant reads: domain, name, then by the alphabet."""
    MANIFEST_SCHEMA(MANIFEST)
    assert list(MANIFEST)[:2] == ["domain", "name"]
    assert list(MANIFEST)[2:] == sorted(list(MANIFEST)[2:])
    assert LANTERN.name == DOMAIN
    assert not (CORE / DOMAIN).exists()


def imported(path: Path) -> set[str]:
    """Return the integrations of Home Assistant that a file imports."""
    return {
        name.removeprefix(f"{COMPONENTS}.").split(".")[0]
        for name in imports(path)
        if name.startswith(f"{COMPONENTS}.")
    }


def test_dependencies() -> None:
    """Integrations that are imported are named in the manifest, once, and exist."""
    named = [*MANIFEST["dependencies"], *MANIFEST["after_dependencies"]]
    assert len(named) == len(set(named))
    assert all((CORE / name / "manifest.json").exists() for name in named)
    allowed = {*named, *Platform, *ALWAYS_ALLOWED}
    allowed |= {
        name
        for name, parts in DISCOVERY_INTEGRATIONS.items()
        if not MANIFEST.keys().isdisjoint(parts)
    }
    # A file of the same name is a platform of that integration.
    allowed |= {path.stem for path in LANTERN.glob("*.py")}
    uses = {name for path in LANTERN.rglob("*.py") for name in imported(path)}
    assert "webhook" in uses
    assert uses <= allowed


def test_translations() -> None:
    """Texts lie where Home Assistant looks for them, under keys that it can read."""
    assert len(LANGUAGES) > 1
    for path in LANGUAGES:
        texts = json.loads(path.read_text())
        TRANSLATIONS(texts)
        for flow in (texts["config"], texts["options"]):
            for step in flow["step"].values():
                explained = step.get("data_description", {}).keys()
                assert explained <= step.get("data", {}).keys(), path


def test_services() -> None:
    """The forms of actions consist of selectors that Home Assistant has."""
    services = load_yaml_dict(str(LANTERN / "services.yaml"))
    assert services
    SERVICES(services)


def test_icons() -> None:
    """Icons lie where Home Assistant looks for them."""
    ICON_SCHEMA(ICONS)
